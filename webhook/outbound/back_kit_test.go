package outbound_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"

	"bauta/masking"
	"bauta/masking/keys"
	"bauta/masking/leak"
	"bauta/masking/sharing"
	"bauta/webhook"
	"bauta/webhook/meta"
	"bauta/webhook/outbound"
	"bauta/webhook/simulator"
)

// The people of these tests; the numbers are fictional.
const (
	adaNumber = "15550001234"
	adaUser   = "US.1000200030004000"
	beaNumber = "393331234567"
	beaUser   = "IT.2000300040005000"
	phoneID   = "106540352242922"
	stanza    = "00112233445566AABB"
)

// back is the way back with everything real but the store.
type back struct {
	*outbound.Translator
	set     *keys.Set
	handles *masking.Handles
	masks   *meta.IDMasker
	api     *meta.API
	store   *backStore
	log     *strings.Builder
}

// backStore keeps customers and what is asked of it.
type backStore struct {
	mu        sync.Mutex // of what is counted
	customers []*webhook.Customer
	marked    []masking.Identity
	recalls   int
	forms     []webhook.Form
	rolled    []string
	away      error
	// index finds customers by number, for benchmarks.
	index map[string]*webhook.Customer
}

func (s *backStore) Recall(_ context.Context, lookups []webhook.Lookup) ([]webhook.Found, error) {
	s.mu.Lock()
	s.recalls++
	s.mu.Unlock()
	if s.away != nil {
		return nil, s.away
	}
	found := make([]webhook.Found, len(lookups))
	for i, l := range lookups {
		if s.index != nil {
			found[i].Customer = s.index[l.Identity.Number.Reveal()]
			continue
		}
		for _, c := range s.customers {
			for _, link := range c.Links {
				if !link.Lost && link.Identity.Canonical() == l.Identity.Canonical() {
					found[i].Customer = c
				}
			}
		}
		found[i].Marked = slices.Contains(s.marked, l.Identity)
	}
	return found, nil
}

func (s *backStore) ByHandle(context.Context, string, string) (*webhook.Customer, error) {
	return nil, webhook.ErrUnknownHandle
}

func (s *backStore) Remember(_ context.Context, _ *webhook.Customer, forms []webhook.Form) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forms = append(s.forms, forms...)
	return s.away
}

func (s *backStore) Enter(_ context.Context, _ string, roll webhook.Roll, ids []string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids {
		s.rolled = append(s.rolled, string(roll)+" "+id)
	}
	return s.away
}

func (s *backStore) On(_ context.Context, _ string, _ webhook.Roll, ids []string) ([]bool, error) {
	return make([]bool, len(ids)), s.away
}

func (s *backStore) MessageID(context.Context, string, string) (string, error) {
	return "", webhook.ErrUnknownHandle
}

func (s *backStore) NumberOnly(context.Context, *webhook.Business, string, string) bool { return false }

var errAway = errors.New("the store is away")

func newBack(tb testing.TB) *back {
	tb.Helper()
	set, err := keys.Generate()
	if err != nil {
		tb.Fatal(err)
	}
	return newBackOf(tb, set)
}

func newBackOf(tb testing.TB, set *keys.Set) *back {
	tb.Helper()
	b := &back{set: set, handles: masking.NewHandles(set), api: meta.NewAPI(), store: &backStore{}, log: &strings.Builder{}}
	b.masks = meta.NewIDMasker(set, b.handles)
	var err error
	b.Translator, err = outbound.New(outbound.Options{
		API: b.api, Handles: b.handles, IDs: b.masks, WayBack: b.store, Directory: b.store, Forms: b.store, Rolls: b.store,
		Templates: b.store, Sealer: set, Tokens: sharing.NewTokens(set), Rewriter: masking.NewRewriter(), Logger: slog.New(slog.NewTextHandler(b.log, nil)),
	})
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// digits gives every handle digits of its own, so that no number of a test comes up
// in one by chance.
type digits byte

func (d digits) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(d) + byte(i%2)
	}
	return len(p), nil
}

var _ io.Reader = digits(0)

func identityOf(tb testing.TB, text string) masking.Identity {
	tb.Helper()
	who, ok := masking.IdentityOf(text)
	if !ok {
		tb.Fatalf("%q is no identity", text)
	}
	return who
}

// customer is somebody of the business acme, known by these names, with a standing
// in the direct chat.
func (b *back) customer(tb testing.TB, seed byte, v webhook.Visibility, names ...string) *webhook.Customer {
	tb.Helper()
	handle, err := b.handles.Mint(digits(seed), "IT")
	if err != nil {
		tb.Fatal(err)
	}
	c := &webhook.Customer{
		ID: "c" + string('0'+rune(seed)), Business: "acme", Version: 1,
		Scopes: map[string]*webhook.Standing{webhook.Direct: {Handle: handle, Visibility: v, RawIDs: v == webhook.Visible}},
	}
	for _, name := range names {
		c.Links = append(c.Links, webhook.Link{Identity: identityOf(tb, name)})
	}
	c.Envelope = c.Links[0].Identity
	share(c)
	b.store.customers = append(b.store.customers, c)
	return c
}

func business(shape masking.Shape) *webhook.Business {
	return &webhook.Business{
		ID: "acme", App: "main", WABAs: []string{"102290129340398"},
		View: masking.View{Shape: shape, ShowCountry: true, ForeignPass: true, Own: []masking.Number{ownNumber()}},
	}
}

// ownNumber is the business's.
func ownNumber() masking.Number {
	n, _ := masking.ParseNumber("15550783881")
	return n
}

func (b *back) route(tb testing.TB, name string) *meta.Route {
	tb.Helper()
	for _, r := range b.api.Routes() {
		if r.Name == name {
			return r
		}
	}
	tb.Fatalf("no route %s", name)
	return nil
}

// call is a call on a route about the business's phone number.
func (b *back) call(tb testing.TB, route string, shape masking.Shape) outbound.Call {
	tb.Helper()
	return outbound.Call{
		Business: business(shape), Route: b.route(tb, route), Object: phoneID, Base: "https://bauta.example/v25.0",
	}
}

func handleOf(c *webhook.Customer, b *webhook.Business) string {
	return c.Scopes[webhook.Direct].Handle.In(b.View)
}

// wamid is a message that the business sent to a number or a user id.
func wamid(to string) string {
	return simulator.MessageID(simulator.Person{Number: to, UserID: to, Hides: strings.Contains(to, ".")}, true, stanza)
}

func mustBeJSON(tb testing.TB, body []byte) {
	tb.Helper()
	if !json.Valid(body) {
		tb.Errorf("no JSON: %q", body)
	}
}

// mustHide fails if any of the names can be read in a body: by a leak check of its
// own, that knows no exemption, and as plain text.
func mustHide(tb testing.TB, body []byte, names ...string) {
	tb.Helper()
	var s leak.Secrets
	for _, name := range names {
		who := identityOf(tb, name)
		if who.Number.IsZero() {
			s.UserIDs = append(s.UserIDs, who.UserID)
		} else {
			s.Numbers = append(s.Numbers, who.Number)
		}
		if strings.Contains(string(body), name) {
			tb.Errorf("%s is in %s", name, body)
		}
	}
	if found := leak.New(s).Run(body, nil); found != nil {
		tb.Errorf("can be read at %v in %s", found, body)
	}
}
