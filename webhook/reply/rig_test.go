package reply_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"bauta/masking"
	"bauta/masking/keys"
	"bauta/masking/sharing"
	"bauta/webhook"
	"bauta/webhook/access"
	"bauta/webhook/graph"
	"bauta/webhook/meta"
	"bauta/webhook/outbound"
	"bauta/webhook/receive"
	"bauta/webhook/reply"
	"bauta/webhook/simulator"
)

// What the businesses of a rig have.
const (
	waba    = "102290129340398"
	phone   = "106540352242922"
	groupID = "Y2FwaV9ncm91cDox"

	otherWABA  = "302290129340399"
	otherPhone = "306540352242923"

	platformToken = "EAAacmeplatformtoken"
	token         = "token-of-acme"
	otherToken    = "token-of-other"
	muteToken     = "token-of-mute"
)

// The customers of acme, and somebody whom it never heard of. They differ in no
// digit's place or country, so that lengths are equal.
func hiddenPerson() simulator.Person {
	return simulator.Person{Number: "393331112233", UserID: "IT.1349120865530274", Name: "Ida"}
}

func visiblePerson() simulator.Person {
	return simulator.Person{Number: "393334445566", UserID: "IT.2349120865530275", Name: "Vera"}
}

func unseenPerson() simulator.Person {
	return simulator.Person{Number: "393337778899", UserID: "IT.3349120865530276", Name: "Nina"}
}

// rig is the business's side as it runs, but for the store, which is memory: Echo,
// translator and client are the real ones, the platform is the stand-in.
type rig struct {
	handler  *reply.Handler
	url      string
	client   *http.Client
	platform *simulator.Graph
	// instead answers in the platform's place if it is set.
	instead  http.HandlerFunc
	store    *store
	tokens   *tokens
	decided  *decided
	log      *text
	registry *prometheus.Registry
	set      *keys.Set

	mu     sync.Mutex
	seen   []*http.Request
	bodies []string
	// answers are all that the business got, headers and bodies.
	answers []string
}

// settings are what a test changes before its rig is built.
type settings struct {
	options    *reply.Options
	businesses []webhook.Business
	graph      *graph.Options
	// wrap stands before the translator, nil for nothing.
	wrap func(*outbound.Translator) reply.Translator
}

func newRig(tb testing.TB, change ...func(*settings)) *rig {
	tb.Helper()
	set, err := keys.Generate()
	if err != nil {
		tb.Fatal(err)
	}
	r := &rig{log: &text{}, registry: prometheus.NewRegistry(), set: set, tokens: newTokens(), decided: &decided{}}
	handles := masking.NewHandles(set)
	r.store = newStore(tb, handles)
	r.platform = simulator.NewGraph(simulator.GraphOptions{
		AccessToken: platformToken,
		Accounts: []simulator.Account{
			{Business: simulator.Business{WABA: waba, PhoneNumberID: phone, Number: "15550783881"}, Name: "Acme"},
			{Business: simulator.Business{WABA: otherWABA, PhoneNumberID: otherPhone, Number: "15550783882"}, Name: "Other"},
		},
		People: []simulator.Person{hiddenPerson(), visiblePerson(), unseenPerson()},
		Groups: []simulator.Group{{ID: groupID, Subject: "Lisbon runners", PhoneNumberID: phone, People: []simulator.Person{hiddenPerson()}}},
	})
	for _, p := range []simulator.Person{hiddenPerson(), visiblePerson()} {
		if _, err := r.platform.Say(phone, simulator.Text(p, "hello")); err != nil {
			tb.Fatal(err)
		}
	}
	platform := httptest.NewServer(http.HandlerFunc(r.answer))
	tb.Cleanup(platform.Close)

	s := &settings{businesses: businesses(), graph: &graph.Options{
		URL: platform.URL, Version: "v25.0", HTTP: graph.NewHTTP(),
	}}
	logger := slog.New(slog.NewTextHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s.options = &reply.Options{
		AccessToken: func(business string) string {
			return map[string]string{"acme": platformToken, "other": platformToken}[business]
		},
		API: meta.NewAPI(), Tokens: r.tokens,
		Limiter: access.NewLimiter(access.Limits{TokenRate: 1e6, TokenBurst: 1e6, SourceRate: 1e6, SourceBurst: 1e6}),
		Once:    &onceInMemory{kept: map[string]*kept{}}, Rolls: r.store, Sealer: set,
		Requests: r.decided, Audit: r.decided, Pace: r.decided,
		Registerer: r.registry, Logger: logger, Now: time.Now,
	}
	for _, f := range change {
		f(s)
	}
	s.options.Businesses = webhook.NewDirectory(s.businesses)
	if s.options.Platform == nil {
		client, err := graph.New(*s.graph)
		if err != nil {
			tb.Fatal(err)
		}
		s.options.Platform = client
	}
	if s.options.Translator == nil {
		translator := r.translator(tb, s.options.API, handles, logger)
		s.options.Translator = translator
		if s.wrap != nil {
			s.options.Translator = s.wrap(translator)
		}
	}
	if r.handler, err = reply.New(*s.options); err != nil {
		tb.Fatal(err)
	}
	e := receive.NewEcho(logger, s.options.TrustedProxies)
	r.handler.Register(e)
	server := httptest.NewServer(e)
	tb.Cleanup(server.Close)
	r.url, r.client = server.URL, server.Client()
	tb.Cleanup(func() { r.sweep(tb) })
	return r
}

// businesses: acme, another one, and one without an access token.
func businesses() []webhook.Business {
	view := masking.View{Shape: masking.ShapeUserID, ShowCountry: true, ForeignPass: true}
	return []webhook.Business{
		{
			ID: "acme", App: "main", WABAs: []string{waba}, View: view, RawRecipients: webhook.KnownRaw,
			Groups:       map[string]webhook.Group{groupID: {ID: groupID, Name: "Lisbon runners", Hide: true}},
			PhoneNumbers: []string{phone}, Passthrough: []string{"GET /{phone_number_id}/business_compliance_info"},
		},
		{ID: "other", App: "main", WABAs: []string{otherWABA}, View: view},
		{ID: "mute", App: "main", WABAs: []string{"402290129340391"}, View: view},
	}
}

func (r *rig) translator(tb testing.TB, api *meta.API, handles *masking.Handles, logger *slog.Logger) *outbound.Translator {
	tb.Helper()
	ids := meta.NewIDMasker(r.set, handles)
	translator, err := outbound.New(outbound.Options{
		API: api, Handles: handles, IDs: ids, WayBack: webhook.NewWayBack(ids, r.store, r.store), Directory: r.store,
		Forms: r.store, Rolls: r.store, Templates: r.store, Sealer: r.set, Tokens: sharing.NewTokens(r.set), Rewriter: masking.NewRewriter(), Logger: logger,
	})
	if err != nil {
		tb.Fatal(err)
	}
	return translator
}

// answer is the platform: the stand-in, or what a test put in its place.
func (r *rig) answer(w http.ResponseWriter, request *http.Request) {
	body, _ := io.ReadAll(request.Body)
	request.Body = io.NopCloser(bytes.NewReader(body))
	r.mu.Lock()
	r.seen, r.bodies = append(r.seen, request), append(r.bodies, string(body))
	instead := r.instead
	r.mu.Unlock()
	if instead != nil {
		instead(w, request)
		return
	}
	r.platform.ServeHTTP(w, request)
}

// platformCalls are what the platform got so far, and their bodies.
func (r *rig) platformCalls() ([]*http.Request, []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]*http.Request(nil), r.seen...), append([]string(nil), r.bodies...)
}

// platformSays answers every further call of the platform so.
func (r *rig) platformSays(h http.HandlerFunc) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.instead = h
}

// call is a call as a business makes it. A body is JSON unless kind says otherwise;
// bearer "" takes acme's token, "none" none.
type call struct {
	method, path, body, kind, bearer string
	header                           map[string]string
}

type answer struct {
	status int
	header http.Header
	body   string
}

func (r *rig) do(tb testing.TB, c call) answer {
	tb.Helper()
	if c.method == "" {
		c.method = http.MethodPost
	}
	request, err := http.NewRequestWithContext(tb.Context(), c.method, r.url+c.path, strings.NewReader(c.body))
	if err != nil {
		tb.Fatal(err)
	}
	if c.body == "" {
		request.Body, request.ContentLength = http.NoBody, 0
	} else if c.kind == "" {
		c.kind = "application/json"
	}
	if c.kind != "" && c.kind != "none" {
		request.Header.Set("Content-Type", c.kind)
	}
	switch c.bearer {
	case "none":
	case "":
		request.Header.Set("Authorization", "Bearer "+token)
	default:
		request.Header.Set("Authorization", "Bearer "+c.bearer)
	}
	if c.header["Transfer-Encoding"] != "" {
		request.ContentLength = -1
	}
	for name, value := range c.header {
		request.Header.Set(name, value)
	}
	response, err := r.client.Do(request)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		tb.Fatal(err)
	}
	r.mu.Lock()
	r.answers = append(r.answers, fmt.Sprint(response.Header)+string(body))
	r.mu.Unlock()
	return answer{status: response.StatusCode, header: response.Header, body: string(body)}
}

// sweep looks for what may be nowhere, after every test that has a rig: hidden and
// unseen people and the platform's token in answers, and in log and metrics also
// whatever names anything of a call.
func (r *rig) sweep(tb testing.TB) {
	tb.Helper()
	families, err := r.registry.Gather()
	if err != nil {
		tb.Error(err)
	}
	inside := r.log.String() + fmt.Sprint(families)
	r.mu.Lock()
	outside := strings.Join(r.answers, "\n")
	r.mu.Unlock()
	var secrets []string
	for _, p := range []simulator.Person{hiddenPerson(), unseenPerson()} {
		secrets = append(secrets, p.Number, p.Number[2:], p.UserID[3:])
	}
	secrets = append(secrets, platformToken)
	for _, s := range secrets {
		if strings.Contains(outside, s) {
			tb.Errorf("an answer holds %s", s)
		}
	}
	for _, s := range append(secrets, visiblePerson().Number, visiblePerson().UserID, token, otherToken, phone, otherPhone, waba, groupID,
		mediumID, r.store.handle(hiddenPerson(), webhook.Direct)[3:], "wamid.") {
		if strings.Contains(inside, s) {
			tb.Errorf("log or metrics hold %s", s)
		}
	}
}

// text is a log that several goroutines write.
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

// tokens are grants by token.
type tokens struct {
	mu     sync.Mutex
	grants map[string]webhook.Grant
	fault  error
}

func newTokens() *tokens {
	t := &tokens{grants: map[string]webhook.Grant{}}
	for text, business := range map[string]string{token: "acme", otherToken: "other", muteToken: "mute", "token-of-nobody": "left"} {
		t.grants[text] = webhook.Grant{ID: business + "-1", Business: business, Scopes: everyFamily()}
	}
	for _, family := range everyFamily() {
		t.grants["only-"+family] = webhook.Grant{ID: "only-" + family, Business: "acme", Scopes: []string{family}}
	}
	return t
}

func everyFamily() []string {
	seen := map[string]bool{}
	var all []string
	for _, route := range meta.NewAPI().Routes() {
		if family := string(route.Family); !seen[family] {
			seen[family] = true
			all = append(all, family)
		}
	}
	return all
}

func (t *tokens) Check(_ context.Context, token string) (webhook.Grant, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.fault != nil {
		return webhook.Grant{}, t.fault
	}
	g, ok := t.grants[token]
	if !ok {
		return webhook.Grant{}, access.ErrInvalid
	}
	return g, nil
}

// fail makes every look-up fail, or mends it with nil.
func (t *tokens) fail(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.fault = err
}

// onceInMemory keeps outcomes as redis/idempotency does.
type onceInMemory struct {
	mu   sync.Mutex
	next int
	kept map[string]*kept
}

type kept struct {
	claim       string
	fingerprint [32]byte
	outcome     []byte
	// customer is under whose key the outcome lies, "" for the business's.
	customer string
}

func (o *onceInMemory) Begin(_ context.Context, business, key string, fingerprint [32]byte) (string, []byte, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	at := business + "\x00" + key
	if k, ok := o.kept[at]; ok {
		if k.fingerprint != fingerprint {
			return "", nil, webhook.ErrOtherCall
		}
		return "", k.outcome, nil
	}
	o.next++
	claim := string(rune('a' + o.next))
	o.kept[at] = &kept{claim: claim, fingerprint: fingerprint}
	return claim, nil, nil
}

func (o *onceInMemory) Finish(_ context.Context, business, key, claim string, what webhook.Kept) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if k := o.kept[business+"\x00"+key]; k != nil && k.claim == claim {
		k.outcome = bytes.Clone(what.Outcome)
		if k.customer = what.Customer; (k.customer == "") != (what.Key == nil) {
			return errors.New("a customer without a data key, or the other way round")
		}
	}
	return nil
}

func (o *onceInMemory) Release(_ context.Context, business, key, claim string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if k := o.kept[business+"\x00"+key]; k != nil && k.claim == claim {
		delete(o.kept, business+"\x00"+key)
	}
	return nil
}

// deterministic is the same draws every time.
func deterministic() io.Reader { return rand.NewChaCha8([32]byte{}) }
