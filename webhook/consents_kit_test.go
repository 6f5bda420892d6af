package webhook

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"bauta/masking"
	"bauta/masking/keys"
	"bauta/masking/sharing"
	"bauta/webhook/meta"
	"bauta/webhook/simulator"
)

const lisbon = "Y2FwaV9ncm91cDox"

var errBroken = errors.New("the store broke")

// shelf keeps copies of records, compares versions as the vault does, and breaks
// before its nth step from now.
type shelf struct {
	memory
	records map[string]Customer
	ledger  []sharing.Line
	// torn: the ledger does not hold.
	torn bool
	// index leads from identities to records.
	index map[masking.Identity]string
	// marked are the identities of who was erased.
	marked map[masking.Identity]bool
	// steps counts down to the step that breaks; below zero none does.
	steps int
	// forgotten: everybody was a customer before.
	forgotten bool
	// shows: who comes without an ad is visible.
	shows bool
	// meanwhile is what another node does between two steps of this one, after so many
	// turns.
	meanwhile func()
	turns     int
}

func (s *shelf) step() error {
	if s.meanwhile != nil {
		if s.turns--; s.turns < 0 {
			s.other()
		}
	}
	s.steps--
	if s.steps == -1 {
		return errBroken
	}
	return nil
}

// other has the other node do what it does, if it has not.
func (s *shelf) other() {
	if does := s.meanwhile; does != nil {
		s.meanwhile = nil
		does()
	}
}

func (s *shelf) Decide(ctx context.Context, c FirstContact) Decision {
	if s.shows && !c.Referral.Present {
		return Decision{Visible: true, Reason: "no_ad_default_visible"}
	}
	return s.memory.Decide(ctx, c)
}

// clone shares nothing that the domain changes.
func clone(c Customer) *Customer {
	c.Links, c.Lines, c.Due = slices.Clone(c.Links), slices.Clone(c.Lines), slices.Clone(c.Due)
	scopes := map[string]*Standing{}
	for scope, s := range c.Scopes {
		copied := *s
		copied.Former = slices.Clone(s.Former)
		scopes[scope] = &copied
	}
	c.Scopes = scopes
	return &c
}

// Recall goes by the index, as the vault does: the record says whether it is true.
func (s *shelf) Recall(_ context.Context, lookups []Lookup) ([]Found, error) {
	found, seen := make([]Found, len(lookups)), map[string]*Customer{}
	for i, l := range lookups {
		id := s.index[l.Identity.Canonical()]
		if owner := s.owner(l.Identity); owner != "" {
			if seen[owner] == nil {
				seen[owner] = clone(s.records[owner])
			}
			found[i].Customer = seen[owner]
		}
		found[i].Marked = found[i].Customer == nil && (id != "" || s.forgotten || s.marked[l.Identity.Canonical()])
	}
	return found, s.step()
}

// owner is the record that an identity leads to, "" for none.
func (s *shelf) owner(identity masking.Identity) string {
	id := s.end(s.index[identity.Canonical()])
	if c, there := s.records[id]; there && c.claims(identity) {
		return id
	}
	return ""
}

// end is the record that one became part of.
func (s *shelf) end(id string) string {
	for s.records[id].MergedInto != "" {
		id = s.records[id].MergedInto
	}
	return id
}

// keep stores a record, and leads there what leads to nobody else.
func (s *shelf) keep(c *Customer) {
	s.records[c.ID] = *clone(*c)
	if s.index == nil {
		s.index = map[masking.Identity]string{}
	}
	for _, l := range c.Links {
		if !l.Lost && c.MergedInto == "" && s.owner(l.Identity) == "" {
			s.index[l.Identity.Canonical()] = c.ID
		}
	}
}

func (s *shelf) Mint(_ context.Context, c *Customer) (*Customer, bool, error) {
	if err := s.step(); err != nil {
		return nil, false, err
	}
	for _, l := range c.Links {
		if owner := s.owner(l.Identity); owner != "" && !l.Lost {
			return clone(s.records[owner]), false, nil
		}
	}
	c.Version, c.DataKey = 1, benchKey{}
	s.keep(c)
	return c, true, nil
}

func (s *shelf) Update(_ context.Context, c *Customer) error {
	if err := s.step(); err != nil {
		return err
	}
	if s.records[c.ID].Version != c.Version {
		return ErrStale
	}
	c.Version++
	s.keep(c)
	return nil
}

func (s *shelf) Rewrite(ctx context.Context, c *Customer) error { return s.Update(ctx, c) }

func (s *shelf) Customer(_ context.Context, _, id string) (*Customer, error) {
	c, ok := s.records[s.end(id)]
	if !ok {
		return nil, ErrErased
	}
	return clone(c), nil
}

func (s *shelf) ByHandle(_ context.Context, _, key string) (*Customer, error) {
	for id := range s.records {
		c := s.records[id]
		if _, ok := c.ScopeOf(key); ok {
			return clone(s.records[s.end(id)]), nil
		}
	}
	return nil, ErrUnknownHandle
}

// Bearer is a record that was taken over, where one has the handle.
func (s *shelf) Bearer(ctx context.Context, b, key string) (*Customer, error) {
	for id := range s.records {
		c := s.records[id]
		if _, ok := c.ScopeOf(key); ok && c.MergedInto != "" {
			return clone(c), nil
		}
	}
	return s.ByHandle(ctx, b, key)
}

func (s *shelf) Opened(_ context.Context, customers []*Customer) error {
	for _, c := range customers {
		kept := s.records[c.ID]
		kept.InboundAt, kept.Inbound = c.InboundAt, c.Inbound
		s.records[c.ID] = kept
	}
	return s.step()
}

// The ledger is real as far as it matters here: once each, in order.
type book struct{ *shelf }

func (b book) Append(_ context.Context, _ string, lines []sharing.Line) (sharing.Head, error) {
	if err := b.step(); err != nil {
		return sharing.Head{}, err
	}
	if b.torn {
		return sharing.Head{}, fmt.Errorf("%w: line 1 is missing", ErrLedger)
	}
	for _, l := range lines {
		if !slices.ContainsFunc(b.ledger, func(old sharing.Line) bool { return old.ID == l.ID }) {
			b.ledger = append(b.ledger, l)
		}
	}
	return sharing.Head{Seq: int64(len(b.ledger)), Signed: "head"}, nil
}

func (s *shelf) Append(ctx context.Context, items []Item) ([]Appended, error) {
	if err := s.step(); err != nil {
		return nil, err
	}
	return s.memory.Append(ctx, items)
}

// parlour is a pipeline and the consents beside it, on one shelf, under one clock.
type parlour struct {
	*Pipeline
	consents *Consents
	shelf    *shelf
	tokens   *sharing.Tokens
	business *Business
	now      time.Time
	stanzas  int
}

func newParlour(t testing.TB, change func(*Business)) *parlour {
	t.Helper()
	set, err := keys.Generate()
	if err != nil {
		t.Fatal(err)
	}
	texts, faults := sharing.NewTexts(nil, nil)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	b := Business{
		ID: "acme", App: "main", WABAs: []string{acmeWABA}, Name: "Acme",
		View:   masking.View{ShowCountry: true, ForeignPass: true},
		Groups: map[string]Group{lisbon: {ID: lisbon, Name: "Lisbon runners", Hide: true}},
		Endpoints: []Endpoint{
			{ID: "crm", OwnEvents: true},
			{ID: PlatformEndpoint, Platform: true},
		},
		Sharing: SharingPolicy{Ask: AskFirstContact, Expires: 7 * 24 * time.Hour, BusinessWords: true, Texts: texts},
	}
	if change != nil {
		change(&b)
	}
	s := &shelf{memory: memory{held: map[uint64]bool{}, stored: map[string]bool{}}, records: map[string]Customer{}, steps: -2}
	p := &parlour{shelf: s, tokens: sharing.NewTokens(set), business: &b, now: time.Unix(1789000000, 0)}
	now := func() time.Time { return p.now }
	handles, metrics := masking.NewHandles(set), NewMetrics(prometheus.NewRegistry())
	t.Cleanup(func() { countedFromStart(t, metrics) })
	logger := slog.New(slog.DiscardHandler)
	p.consents, err = NewConsents(ConsentOptions{
		Records: s, Handles: s, Ledger: book{s}, Queue: s, Rolls: s, PRF: set, Minter: handles, Metrics: metrics, Logger: logger, Now: now,
	})
	if err != nil {
		t.Fatal(err)
	}
	p.Pipeline, err = NewPipeline(Options{
		Directory: NewDirectory([]Business{b}), Catalogue: meta.NewCatalogue(), Rewriter: masking.NewRewriter(), Tokens: p.tokens,
		IDs: meta.NewIDMasker(set, handles), Minter: handles, PRF: set,
		Vault: s, Forms: s, Rolls: s, Presence: s, Watershed: s, Keys: s, Decider: s, Queue: s, Holder: s,
		Consents: p.consents, Windows: s, Metrics: metrics, Logger: logger, Now: now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func ada() simulator.Person {
	return simulator.Person{Number: adaNumber, UserID: adaUser, Name: "Ada Rossi"}
}

// message is one of a person's, some seconds after the last.
func (p *parlour) message(from simulator.Person, content, extra string) []byte {
	p.now = p.now.Add(5 * time.Second)
	p.stanzas++
	sender := ""
	if from.Number != "" {
		sender += fmt.Sprintf(`"from":"%s",`, from.Number)
	}
	if from.UserID != "" {
		sender += fmt.Sprintf(`"from_user_id":"%s",`, from.UserID)
	}
	return change(acmeWABA, "messages", fmt.Sprintf(
		`{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"messages":[{%s"id":"%s","timestamp":"%d",%s%s}]}`,
		sender, simulator.MessageID(from, false, fmt.Sprintf("3A%016d", p.stanzas)), p.now.Unix(), extra, content))
}

func text(body string) string { return fmt.Sprintf(`"type":"text","text":{"body":"%s"}`, body) }

// tap is one on a button of the message with a stanza.
func (p *parlour) tap(from simulator.Person, token, stanza string) []byte {
	context := fmt.Sprintf(`"context":{"from":"15550783881","id":"%s"},`, simulator.MessageID(from, true, stanza))
	return p.message(from, fmt.Sprintf(`"type":"interactive","interactive":{"type":"button_reply","button_reply":{"id":"%s","title":"Share"}}`, token), context)
}

func (p *parlour) accept(t *testing.T, body []byte) []Item {
	t.Helper()
	before := len(p.shelf.items)
	if err := p.Accept(t.Context(), "main", body); err != nil {
		t.Fatal(err)
	}
	return p.shelf.items[before:]
}

// only is the one customer there is.
func (p *parlour) only(t *testing.T) *Customer {
	t.Helper()
	ids := slices.Collect(maps.Keys(p.shelf.records))
	if len(ids) != 1 {
		t.Fatalf("%d customers, want 1", len(ids))
	}
	return clone(p.shelf.records[ids[0]])
}

// ask has the present question of a scope reach the customer under a stanza, as the
// runner of errands does.
func (p *parlour) ask(t *testing.T, scope, stanza string) string {
	t.Helper()
	c := p.only(t)
	q := c.Scopes[scope].Sharing.Question
	if q.ID == "" {
		t.Fatal("nothing was asked")
	}
	e := Errand{Kind: ErrandQuestion, Scope: scope, Question: q.ID}
	if err := p.consents.Sent(t.Context(), p.business, c, Told{e, sharing.Message{Language: "en", Version: "1", Hash: "00", Body: "?"}, stanza}); err != nil {
		t.Fatal(err)
	}
	return q.ID
}

func (p *parlour) token(t *testing.T, scope string, action sharing.Action) string {
	t.Helper()
	s := p.only(t).Scopes[scope]
	return p.tokens.Issue(sharing.Claims{
		Business: "acme", Handle: s.Handle.Key(), Scope: scope, Action: action, Question: s.Sharing.Question.ID, Expires: p.now.Add(time.Hour),
	})
}

// kinds are what items are, errands with the platform's mark.
func kinds(items []Item) string {
	var out []string
	for i := range items {
		k := items[i].Delivery.Kind
		if slices.Contains(items[i].Endpoints, PlatformEndpoint) {
			k = ">" + k
		}
		out = append(out, k)
	}
	return strings.Join(out, " ")
}

func (p *parlour) lines() string {
	var out []string
	for _, l := range p.shelf.ledger {
		if l.Type != sharing.LineText {
			out = append(out, string(l.Type))
		}
	}
	return strings.Join(out, " ")
}
