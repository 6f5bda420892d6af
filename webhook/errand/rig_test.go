package errand_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"bauta/masking"
	"bauta/masking/keys"
	"bauta/masking/sharing"
	"bauta/webhook"
	"bauta/webhook/errand"
	"bauta/webhook/graph"
	"bauta/webhook/meta"
	"bauta/webhook/simulator"
)

const (
	waba     = "102290129340398"
	phone    = "106540352242922"
	groupID  = "Y2FwaV9ncm91cDox"
	token    = "EAAacmeplatformtoken"
	adaID    = "ADAADAADAADAADAADAADAA"
	question = "QUESTIONQUESTION"
)

func ada() simulator.Person {
	return simulator.Person{Number: "393331112233", UserID: "IT.1349120865530274", Name: "Ada"}
}

// rig is the Runner with a real client and real sockets to a stand-in for the
// platform; what is stored is memory, whose every step can fail.
type rig struct {
	t        *testing.T
	runner   *errand.Runner
	platform *simulator.Graph
	pace     *errand.Pace
	client   *graph.Client
	tokens   *sharing.Tokens
	registry *prometheus.Registry
	log      *text
	store    *store
	business *webhook.Business
	// token is acme's access token.
	token string

	mu    sync.Mutex
	now   time.Time
	calls []simulator.Call
}

func (r *rig) Now() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now
}

func (r *rig) pass(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now = r.now.Add(d)
}

// arrived are the calls that the platform got, of messages alone.
func (r *rig) arrived() (out []simulator.Call) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.calls {
		if strings.HasSuffix(c.Path, "/messages") {
			out = append(out, c)
		}
	}
	return out
}

// reached are the messages on ada's phone.
func (r *rig) reached() []simulator.Delivered { return r.platform.Phone(ada()) }

func newRig(t *testing.T, change ...func(*webhook.Business)) *rig {
	t.Helper()
	set, err := keys.Generate()
	if err != nil {
		t.Fatal(err)
	}
	texts, faults := sharing.NewTexts(nil, nil)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	r := &rig{
		t: t, now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC), registry: prometheus.NewRegistry(), log: &text{},
		tokens: sharing.NewTokens(set), token: token,
		business: &webhook.Business{
			ID: "acme", Name: "Acme Shoes", WABAs: []string{waba}, PhoneNumbers: []string{phone},
			Groups:  map[string]webhook.Group{groupID: {ID: groupID, Name: "Lisbon runners", Hide: true}},
			Sharing: webhook.SharingPolicy{Expires: 72 * time.Hour, Texts: texts, Rate: 20},
		},
	}
	for _, f := range change {
		f(r.business)
	}
	r.platform = simulator.NewGraph(simulator.GraphOptions{
		AccessToken: token, Now: r.Now, People: []simulator.Person{ada()},
		Accounts: []simulator.Account{{Business: simulator.Business{WABA: waba, PhoneNumberID: phone, Number: "15550783881"}, Name: "Acme"}},
		Observe: func(c simulator.Call) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.calls = append(r.calls, c)
		},
	})
	if _, err := r.platform.Say(phone, simulator.Text(ada(), "hello")); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(r.platform)
	t.Cleanup(server.Close)
	r.client, err = graph.New(graph.Options{URL: server.URL, Version: "v25.0", HTTP: graph.NewHTTP(), RetryFor: time.Nanosecond})
	if err != nil {
		t.Fatal(err)
	}
	r.store = newStore(t, masking.NewHandles(set), r.Now)
	r.pace = errand.NewPace(r.Now)
	r.build(r.client)
	t.Cleanup(r.sweep)
	return r
}

// build makes the Runner, as a node does when it starts.
func (r *rig) build(platform errand.Platform) {
	r.t.Helper()
	var err error
	r.registry = prometheus.NewRegistry()
	r.runner, err = errand.New(errand.Options{
		Businesses: webhook.NewDirectory([]webhook.Business{*r.business}), AccessToken: func(string) string { return r.token },
		Records: r.store, Consents: r.store, Audit: r.store, Tokens: r.tokens, Platform: platform, Pace: r.pace,
		Registerer: r.registry, Now: r.Now,
		Logger: slog.New(slog.NewTextHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		r.t.Fatal(err)
	}
}

// carry makes one attempt at an errand, within two seconds.
func (r *rig) carry(id string, e webhook.Errand) webhook.Carried {
	r.t.Helper()
	return r.replay(id, e, 0)
}

// replay carries an errand that was accepted some time ago.
func (r *rig) replay(id string, e webhook.Errand, ago time.Duration) webhook.Carried {
	r.t.Helper()
	body, err := json.Marshal(e)
	if err != nil {
		r.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(r.t.Context(), 2*time.Second)
	defer cancel()
	lane := webhook.Lane{Business: "acme", Endpoint: webhook.PlatformEndpoint, Conversation: adaID}
	return r.runner.Carry(ctx, lane, &webhook.Delivery{ID: id, Body: body, Accepted: r.Now().Add(-ago)})
}

func (r *rig) want(name string, got webhook.Carried, outcome webhook.Outcome, reason string) {
	r.t.Helper()
	if got.Verdict.Outcome != outcome || got.Verdict.Reason != reason {
		r.t.Errorf("%s: outcome %d, reason %q; want %d, %q", name, got.Verdict.Outcome, got.Verdict.Reason, outcome, reason)
	}
}

// sweep looks for what may be nowhere, after every test.
func (r *rig) sweep() {
	families, err := r.registry.Gather()
	if err != nil {
		r.t.Error(err)
	}
	r.store.mu.Lock()
	defer r.store.mu.Unlock()
	told := r.log.String() + fmt.Sprint(families) + fmt.Sprint(r.store.notes)
	for _, secret := range []string{ada().Number, ada().Number[2:], ada().UserID, ada().UserID[3:], token, "wamid.", adaID} {
		if strings.Contains(told, secret) {
			r.t.Errorf("log, metrics or audit hold %s", secret)
		}
	}
}

type text struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (t *text) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.b.Write(p)
}

func (t *text) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.b.String()
}

var errStore = errors.New("the store is away")

// store is Records, Consents and Audit in memory: what errands need of them.
type store struct {
	mu       sync.Mutex
	now      func() time.Time
	customer *webhook.Customer
	erased   bool
	notes    []webhook.Reversal
	// said is what Consents were told.
	said    []string
	stanzas []string
	// step is asked before each step by its name; an error is its outcome, and with
	// errLost the step is done all the same.
	step func(name string) error
}

// errLost: done, but the answer was lost.
var errLost = errors.New("the answer was lost")

func newStore(t *testing.T, handles *masking.Handles, now func() time.Time) *store {
	t.Helper()
	number, ok := masking.ParseNumber(ada().Number)
	id, ok2 := masking.ParseUserID(ada().UserID)
	if !ok || !ok2 {
		t.Fatal("ada has no identity")
	}
	at := now()
	c := &webhook.Customer{
		ID: adaID, Business: "acme", Version: 1, InboundAt: at, Inbound: phone, Scopes: map[string]*webhook.Standing{},
		Links: []webhook.Link{
			{Identity: masking.Identity{Number: number}, Since: at}, {Identity: masking.Identity{UserID: id}, Since: at},
		},
	}
	for i, scope := range []string{webhook.Direct, groupID} {
		h, err := handles.Mint(bytes.NewReader(bytes.Repeat([]byte{byte(17 + i)}, 64)), "IT")
		if err != nil {
			t.Fatal(err)
		}
		c.Scopes[scope] = &webhook.Standing{Handle: h, Visibility: webhook.Hidden, Sharing: webhook.Sharing{
			State: sharing.Asked, Question: webhook.Question{ID: question, By: "bauta", WordedBy: "bauta", Begun: at, Expires: at.Add(72 * time.Hour)},
		}}
	}
	return &store{now: now, customer: c}
}

func (s *store) fails(name string) error {
	if s.step == nil {
		return nil
	}
	return s.step(name)
}

func (s *store) do(name string, f func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	fault := s.fails(name)
	if fault != nil && !errors.Is(fault, errLost) {
		return fault
	}
	if err := f(); err != nil {
		return err
	}
	return fault
}

func (s *store) Customer(_ context.Context, business, id string) (c *webhook.Customer, err error) {
	return c, s.do("customer", func() error {
		if business != "acme" || id != adaID || s.erased {
			return webhook.ErrErased
		}
		c = s.clone()
		return nil
	})
}

func (s *store) clone() *webhook.Customer {
	c := *s.customer
	c.Links, c.Scopes = slices.Clone(c.Links), maps.Clone(c.Scopes)
	for scope, standing := range c.Scopes {
		own := *standing
		c.Scopes[scope] = &own
	}
	return &c
}

func (s *store) Rewrite(_ context.Context, c *webhook.Customer) error {
	return s.do("rewrite", func() error {
		if s.erased || c.Version != s.customer.Version {
			return webhook.ErrStale
		}
		c.Version++
		own := *c
		s.customer = &own
		s.customer = s.clone()
		return nil
	})
}

// change is another writer.
func (s *store) change(f func(c *webhook.Customer)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(s.customer)
	s.customer.Version++
}

func (s *store) Sent(_ context.Context, b *webhook.Business, c *webhook.Customer, told webhook.Told) error {
	e, m, stanza := told.Errand, told.Message, told.Stanza
	return s.do("sent", func() error {
		s.said, s.stanzas = append(s.said, "sent "+string(e.Kind)), append(s.stanzas, stanza)
		if c.ID != adaID || b.ID != "acme" || m.Body == "" {
			return errors.New("told of somebody, or something, else")
		}
		if standing := s.customer.Scopes[e.Scope]; e.Kind == webhook.ErrandQuestion {
			standing.Sharing.Question.Sent, standing.Sharing.Question.Stanza = s.now(), stanza
			s.customer.Version++
		}
		return nil
	})
}

func (s *store) Failed(_ context.Context, _ *webhook.Business, _ *webhook.Customer, e webhook.Errand, why webhook.Failure) error {
	return s.do("failed", func() error {
		s.said = append(s.said, fmt.Sprintf("failed %s %d", e.Kind, why))
		s.customer.Scopes[e.Scope].Sharing.State = sharing.Expired
		s.customer.Version++
		return nil
	})
}

func (s *store) Erase(_ context.Context, _ *webhook.Business, _ *webhook.Customer, by, action string) (webhook.Receipt, error) {
	return webhook.Receipt{}, s.do("erase", func() error {
		s.said, s.erased = append(s.said, "erased by "+by+" "+action), true
		return nil
	})
}

func (s *store) Note(_ context.Context, rs []webhook.Reversal) error {
	return s.do("audit", func() error {
		s.notes = append(s.notes, rs...)
		return nil
	})
}

func (s *store) told() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.said)
}

func (s *store) tried() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.customer.Tried
}

func ask() webhook.Errand {
	return webhook.Errand{Kind: webhook.ErrandQuestion, Question: question, PhoneNumberID: phone}
}

// sayOf is a message as it arrived at the platform.
type sayOf struct {
	To        string `json:"to"`
	Recipient string `json:"recipient"`
	Callback  string `json:"biz_opaque_callback_data"`
	Type      string `json:"type"`
	Text      struct {
		Body string `json:"body"`
	} `json:"text"`
	Interactive struct {
		Type string `json:"type"`
		Body struct {
			Text string `json:"text"`
		} `json:"body"`
		Action struct {
			Name    string `json:"name"`
			Buttons []struct {
				Reply struct {
					ID    string `json:"id"`
					Title string `json:"title"`
				} `json:"reply"`
			} `json:"buttons"`
		} `json:"action"`
	} `json:"interactive"`
}

// say is the only message that arrived.
func (r *rig) say() (s sayOf) {
	r.t.Helper()
	all := r.arrived()
	if len(all) != 1 {
		r.t.Fatalf("%d messages arrived, want one", len(all))
	}
	if err := json.Unmarshal(all[0].Body, &s); err != nil {
		r.t.Fatal(err)
	}
	return s
}

// stanza is the own id of the first message that ada has.
func (r *rig) stanza() string {
	r.t.Helper()
	id, err := meta.ParseID(r.reached()[0].ID)
	if err != nil {
		r.t.Fatal(err)
	}
	return id.Stanza()
}

// platformFunc stands in for the client.
type platformFunc func(ctx context.Context, r graph.Request) (*graph.Answer, error)

func (f platformFunc) Call(ctx context.Context, r graph.Request) (*graph.Answer, error) {
	return f(ctx, r)
}
