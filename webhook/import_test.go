package webhook_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"bauta/masking"
	"bauta/masking/keys"
	"bauta/webhook"
)

// shelf is a store that keeps customers by their numbers.
type shelf struct {
	mu      sync.Mutex
	there   map[masking.Number]webhook.Found
	minted  []*webhook.Customer
	lookups int
	// So many handles are taken; fault is the answer to everything, late that to
	// minting.
	taken       int
	fault, late error
}

func (s *shelf) Recall(_ context.Context, lookups []webhook.Lookup) ([]webhook.Found, error) {
	s.lookups += len(lookups)
	found := make([]webhook.Found, len(lookups))
	for i, l := range lookups {
		found[i] = s.there[l.Identity.Number.Canonical()]
	}
	return found, s.fault
}

func (s *shelf) Mint(_ context.Context, c *webhook.Customer) (*webhook.Customer, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.late != nil {
		return nil, false, s.late
	}
	if s.taken > 0 {
		s.taken--
		return nil, false, webhook.ErrHandleTaken
	}
	s.minted = append(s.minted, c)
	s.there[c.Links[0].Identity.Number.Canonical()] = webhook.Found{Customer: c}
	return c, true, nil
}

func (s *shelf) Update(context.Context, *webhook.Customer) error {
	return errors.New("nobody is changed")
}

func numbersOf(t *testing.T, texts ...string) []masking.Number {
	t.Helper()
	out := make([]masking.Number, len(texts))
	for i, text := range texts {
		n, ok := masking.ParseNumber(text)
		if !ok {
			t.Fatalf("%q is no number", text)
		}
		out[i] = n
	}
	return out
}

func importer(t *testing.T, s *shelf, now time.Time) *webhook.Importer {
	t.Helper()
	set, err := keys.Generate()
	if err != nil {
		t.Fatal(err)
	}
	return webhook.NewImporter(s, masking.NewHandles(set), func() time.Time { return now })
}

func TestAnImportedCustomerIsVisibleFromTheBeginning(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	s := &shelf{there: map[masking.Number]webhook.Found{}, taken: 1}
	numbers := numbersOf(t, "390612345678")
	if err := importer(t, s, now).Known(t.Context(), "acme", numbers); err != nil {
		t.Fatal(err)
	}
	if len(s.minted) != 1 {
		t.Fatalf("%d customers, want 1", len(s.minted))
	}
	c := s.minted[0]
	if c.Business != "acme" || len(c.ID) != 22 || !c.Created.Equal(now) || !c.SentOpen || c.Envelope != (masking.Identity{Number: numbers[0]}) {
		t.Errorf("the customer is %+v", c)
	}
	want := []webhook.Link{{Identity: masking.Identity{Number: numbers[0]}, Evidence: "imported"}}
	if len(c.Links) != 1 || c.Links[0] != want[0] {
		t.Errorf("linked by %+v, want %+v", c.Links, want)
	}
	standing := *c.Scopes[webhook.Direct]
	if standing.Handle.Country != "IT" || standing.Handle.Key() == "" {
		t.Errorf("the handle is %+v", standing.Handle)
	}
	standing.Handle = masking.Handle{}
	if diff := cmp.Diff(webhook.Standing{Visibility: webhook.Visible, Reason: webhook.ReasonKnown, Decided: now, RawIDs: true}, standing, cmpopts.EquateComparable(masking.Number{})); diff != "" {
		t.Error(diff)
	}
}

// Whoever is there stays as they are, and nothing tells that they were.
func TestWhoIsThereStaysAsTheyAre(t *testing.T) {
	t.Parallel()
	numbers := numbersOf(t, "390612345678", "493012345678", "34911234567", "5511987654321", "551187654321", "551132345678")
	there := map[masking.Number]webhook.Found{
		numbers[0]: {Customer: &webhook.Customer{Scopes: map[string]*webhook.Standing{webhook.Direct: {Visibility: webhook.Hidden}}}},
		numbers[1]: {Marked: true},
		// Known in a group alone: still somebody.
		numbers[2]: {Customer: &webhook.Customer{Scopes: map[string]*webhook.Standing{"group": {Visibility: webhook.Hidden}}}},
	}
	s := &shelf{there: there}
	if err := importer(t, s, time.Now()).Known(t.Context(), "acme", numbers); err != nil {
		t.Fatal(err)
	}
	// The two notations of one Brazilian mobile number are one person.
	if len(s.minted) != 2 || s.lookups != 5 {
		t.Errorf("%d customers of %d numbers, want 2 of 5", len(s.minted), s.lookups)
	}
	for i, n := range numbers[:3] {
		if c := there[n].Customer; c != nil && (len(c.Scopes) != 1 || len(c.Links) != 0) {
			t.Errorf("number %d was changed: %+v", i, c)
		}
	}
	if err := importer(t, s, time.Now()).Known(t.Context(), "acme", numbers); err != nil || len(s.minted) != 2 {
		t.Errorf("a second time: %d customers (%v), want the same 2", len(s.minted), err)
	}
}

func TestAnImportThatFailsSaysSo(t *testing.T) {
	t.Parallel()
	fault := errors.New("the store is away")
	numbers := numbersOf(t, "390612345678")
	for name, s := range map[string]*shelf{
		"nobody can be recalled": {fault: fault},
		"nobody can be minted":   {there: map[masking.Number]webhook.Found{}, late: fault},
	} {
		if err := importer(t, s, time.Now()).Known(t.Context(), "acme", numbers); !errors.Is(err, fault) {
			t.Errorf("%s: %v", name, err)
		}
	}
	s := &shelf{there: map[masking.Number]webhook.Found{}, taken: 100}
	if err := importer(t, s, time.Now()).Known(t.Context(), "acme", numbers); !errors.Is(err, webhook.ErrHandleTaken) {
		t.Errorf("no handle is free: %v", err)
	}
}
