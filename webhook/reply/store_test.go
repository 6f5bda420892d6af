package reply_test

import (
	"context"
	"sync"
	"testing"

	"bauta/masking"
	"bauta/webhook"
	"bauta/webhook/simulator"
)

// store is customers and rolls in memory.
type store struct {
	mu        sync.Mutex
	customers map[masking.Identity]*webhook.Customer
	byHandle  map[string]*webhook.Customer
	rolls     map[[3]string]bool
	forms     map[string]string
	// fault is the answer to everything, if it is not nil.
	fault error
	// looked counts look-ups of people.
	looked int
	// numberOnly are the templates that only go to numbers.
	numberOnly map[string]bool
}

func newStore(tb testing.TB, handles *masking.Handles) *store {
	tb.Helper()
	s := &store{
		customers: map[masking.Identity]*webhook.Customer{}, byHandle: map[string]*webhook.Customer{},
		rolls: map[[3]string]bool{}, forms: map[string]string{}, numberOnly: map[string]bool{},
	}
	random := deterministic()
	for _, row := range []struct {
		person     simulator.Person
		visibility webhook.Visibility
		scope      string
	}{
		{hiddenPerson(), webhook.Hidden, webhook.Direct},
		{hiddenPerson(), webhook.Hidden, groupID},
		{visiblePerson(), webhook.Visible, webhook.Direct},
	} {
		handle, err := handles.Mint(random, "IT")
		if err != nil {
			tb.Fatal(err)
		}
		c := s.customer(tb, row.person)
		c.Scopes[row.scope] = &webhook.Standing{
			Handle: handle, Visibility: row.visibility, Reason: webhook.ReasonKnown, RawIDs: row.visibility == webhook.Visible,
		}
		s.byHandle[handle.Key()] = c
	}
	return s
}

func (s *store) customer(tb testing.TB, p simulator.Person) *webhook.Customer {
	tb.Helper()
	c := &webhook.Customer{ID: "c-" + p.Name, Business: "acme", Version: 1, DataKey: dataKey{}, Scopes: map[string]*webhook.Standing{}}
	for _, text := range []string{p.Number, p.UserID} {
		identity, ok := masking.IdentityOf(text)
		if !ok {
			tb.Fatalf("%s is no identity", text)
		}
		if known := s.customers[identity]; known != nil {
			return known
		}
		c.Links = append(c.Links, webhook.Link{Identity: identity, Evidence: "message"})
		s.customers[identity] = c
	}
	c.Envelope = c.Links[0].Identity
	return c
}

// handle is a customer's handle in a scope, as a business sees it by default.
func (s *store) handle(p simulator.Person, scope string) string {
	identity, _ := masking.IdentityOf(p.Number)
	return s.customers[identity].Scopes[scope].Handle.In(masking.View{Shape: masking.ShapeUserID, ShowCountry: true})
}

func (s *store) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = err
}

// ByHandle implements outbound.Directory.
func (s *store) ByHandle(_ context.Context, business, key string) (*webhook.Customer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.looked++
	if s.fault != nil {
		return nil, s.fault
	}
	c := s.byHandle[key]
	if c == nil || c.Business != business {
		return nil, webhook.ErrUnknownHandle
	}
	return c, nil
}

// Bearer implements webhook.Handles.
func (s *store) Bearer(ctx context.Context, business, key string) (*webhook.Customer, error) {
	return s.ByHandle(ctx, business, key)
}

// Recall implements outbound.Directory.
func (s *store) Recall(_ context.Context, lookups []webhook.Lookup) ([]webhook.Found, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.looked += len(lookups)
	if s.fault != nil {
		return nil, s.fault
	}
	found := make([]webhook.Found, len(lookups))
	for i, l := range lookups {
		if c := s.customers[l.Identity]; c != nil && c.Business == l.Business {
			found[i].Customer = c
		}
	}
	return found, nil
}

// Form implements webhook.FormReader.
func (s *store) Form(_ context.Context, c *webhook.Customer, stanza string) (string, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	tag, ok := s.forms[c.ID+"\x00"+stanza]
	return tag, ok, s.fault
}

// Remember implements webhook.Forms.
func (s *store) Remember(_ context.Context, c *webhook.Customer, forms []webhook.Form) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range forms {
		s.forms[c.ID+"\x00"+f.Stanza] = f.Tag
	}
	return s.fault
}

// Enter implements webhook.Rolls.
func (s *store) Enter(_ context.Context, business string, roll webhook.Roll, ids []string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids {
		s.rolls[[3]string{business, string(roll), id}] = true
	}
	return s.fault
}

// On implements webhook.Rolls.
func (s *store) On(_ context.Context, business string, roll webhook.Roll, ids []string) ([]bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fault != nil {
		return nil, s.fault
	}
	on := make([]bool, len(ids))
	for i, id := range ids {
		on[i] = s.rolls[[3]string{business, string(roll), id}]
	}
	return on, nil
}

// NumberOnly implements outbound.Templates.
func (s *store) NumberOnly(_ context.Context, _ *webhook.Business, name, _ string) bool {
	return s.numberOnly[name]
}
