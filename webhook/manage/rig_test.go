package manage_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
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
	"bauta/redis"
	"bauta/redis/idempotency"
	"bauta/redis/redistest"
	"bauta/redis/tokens"
	"bauta/redis/vault"
	"bauta/webhook"
	"bauta/webhook/access"
	"bauta/webhook/manage"
	"bauta/webhook/receive"
)

// number is the one that a shared customer's record would hold: it is nowhere.
const number = "393331112233"

var errDown = errors.New("redis: connection refused")

// rig is the API as it runs, but for what is decided and kept of customers.
type rig struct {
	http.Handler
	people   *people
	lists    *lists
	stock    *stock
	log      *text
	registry *prometheus.Registry
	handles  *masking.Handles
	// bearers are tokens by what they are for.
	bearers map[string]string
	// tokens is the store of tokens, kept the one of Idempotency-Keys: tests break both.
	tokens *breakable
	kept   *breakable
	prf    webhook.PRF
	// madeUp: what is behind the API answers what it does not, or too much to hold each answer
	// against the document.
	madeUp bool

	mu      sync.Mutex
	answers []exchange
}

// bearer of acme, of another business, and of acme without the scope.
const (
	ofAcme   = "acme"
	ofOther  = "other"
	unscoped = "unscoped"
	managing = "managing"
	ofAll    = "all"
	ofNobody = "unconfigured"
)

func newRig(tb testing.TB, change ...func(*manage.Options)) *rig {
	tb.Helper()
	set, err := keys.Generate()
	if err != nil {
		tb.Fatal(err)
	}
	store := redistest.Embedded(tb, redis.Options{})
	r := &rig{log: &text{}, registry: prometheus.NewRegistry(), handles: masking.NewHandles(set), bearers: map[string]string{}, lists: newLists(), stock: newStock(), prf: set}
	issued := access.New(access.Options{Keys: set, Registry: tokens.New(store)})
	for name, g := range map[string]webhook.Grant{
		ofAcme:   {Business: "acme", Scopes: []string{access.Manage, access.Console}},
		managing: {Business: "acme", Scopes: []string{access.Manage}},
		ofOther:  {Business: "other", Scopes: []string{access.Manage, access.Console, "messages"}},
		unscoped: {Business: "acme", Scopes: []string{"messages"}},
		ofNobody: {Business: "left", Scopes: []string{access.Manage}},
		ofAll:    {Business: webhook.AllBusinesses, Scopes: []string{access.Console}},
	} {
		g.Expires = time.Now().Add(time.Hour)
		if r.bearers[name], _, err = issued.Issue(tb.Context(), g); err != nil {
			tb.Fatal(err)
		}
	}
	r.tokens = &breakable{Checker: issued}
	r.kept = &breakable{Once: idempotency.New(store, set, vault.New(store, set, vault.Options{}))}
	r.build(tb, change...)
	return r
}

// build makes the handler of a rig whose tokens and kept are there.
func (r *rig) build(tb testing.TB, change ...func(*manage.Options)) {
	tb.Helper()
	r.people = newPeople(tb, r.handles)
	logger := slog.New(slog.NewTextHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	directory := webhook.NewDirectory(businesses())
	o := manage.Options{
		Businesses: directory, Desk: r.stock.desk(tb, directory, r.handles, r.prf, logger),
		Decisions: r.people, Eraser: r.people, Consents: r.lists, Audit: reversals{r.lists}, Handles: r.handles, Tokens: r.tokens,
		Limiter: access.NewLimiter(access.Limits{TokenRate: 1e6, TokenBurst: 1e6, SourceRate: 1e6, SourceBurst: 1e6}),
		Once:    r.kept, Registerer: r.registry, Logger: logger,
	}
	for _, f := range change {
		f(&o)
	}
	h, err := manage.New(o)
	if err != nil {
		tb.Fatal(err)
	}
	e := receive.NewEcho(logger, nil)
	h.Register(e)
	r.Handler = e
	tb.Cleanup(func() { r.sweep(tb) })
}

// call is a call; bearer "" is acme's, "none" no token. A body is JSON unless kind
// says otherwise.
type call struct {
	method, path, body, kind, bearer, key string
}

type answer struct {
	status int
	header http.Header
	body   string
}

func (r *rig) do(tb testing.TB, c call) answer {
	tb.Helper()
	return r.send(r.made(tb.Context(), c))
}

func (r *rig) made(ctx context.Context, c call) *http.Request {
	if c.method == "" {
		c.method = http.MethodGet
	}
	request := httptest.NewRequestWithContext(ctx, c.method, c.path, strings.NewReader(c.body))
	if c.body != "" && c.kind == "" {
		c.kind = "application/json"
	}
	if c.kind != "" {
		request.Header.Set("Content-Type", c.kind)
	}
	if c.bearer == "" {
		c.bearer = ofAcme
	}
	if token, ok := r.bearers[c.bearer]; ok {
		request.Header.Set("Authorization", "Bearer "+token)
	} else if c.bearer != "none" {
		request.Header.Set("Authorization", "Bearer "+c.bearer)
	}
	if c.key != "" {
		request.Header.Set("Idempotency-Key", c.key)
	}
	return request
}

func (r *rig) send(request *http.Request) answer {
	recorder := httptest.NewRecorder()
	var sent bytes.Buffer
	if request.Body != nil {
		request.Body = struct {
			io.Reader
			io.Closer
		}{io.TeeReader(request.Body, &sent), request.Body}
	}
	r.ServeHTTP(recorder, request)
	a := answer{recorder.Code, recorder.Header(), recorder.Body.String()}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answers = append(r.answers, exchange{request.Method, request.URL.RequestURI(), request.Header, sent.String(), a})
	return a
}

// sweep looks, after every test, for the number and other ids and secrets in all that came
// out, for handles and tokens in log and metrics, and whether answers are as described.
func (r *rig) sweep(tb testing.TB) {
	tb.Helper()
	families, err := r.registry.Gather()
	if err != nil {
		tb.Error(err)
	}
	inside := r.log.String() + fmt.Sprint(families)
	r.mu.Lock()
	defer r.mu.Unlock()
	secrets := []string{number[2:], userID, messageID, customer, urlEnd, secret, verifying}
	for _, token := range r.bearers {
		secrets = append(secrets, token)
	}
	for _, e := range r.answers {
		for _, s := range secrets {
			if strings.Contains(fmt.Sprint(e.answer.header)+e.answer.body, s) {
				tb.Errorf("%s %s: the answer holds a number, an id or a secret: %.12s", e.method, e.url, s)
			}
		}
		if !r.madeUp && openAPI(tb).has(e) {
			openAPI(tb).check(tb, e)
		}
	}
	for _, h := range []masking.Handle{r.people.hidden, r.people.visible, r.people.grouped} {
		secrets = append(secrets, h.Long, h.Key())
	}
	for _, s := range secrets {
		if strings.Contains(inside, s) {
			tb.Error("log or metrics hold a number, a handle or a token")
		}
	}
}

// wantProblem reads an answer as RFC 9457 wants it.
func wantProblem(tb testing.TB, got answer, status int, name string) {
	tb.Helper()
	var p struct {
		Type, Title, Detail, Instance string
		Status                        int
	}
	if kind := got.header.Get("Content-Type"); kind != "application/problem+json" {
		tb.Fatalf("%d %q: %s", got.status, kind, got.body)
	}
	if err := json.Unmarshal([]byte(got.body), &p); err != nil {
		tb.Fatal(err)
	}
	if got.status != status || p.Status != status || p.Type != "urn:bauta:problem:"+name || p.Title == "" || p.Detail == "" {
		tb.Errorf("want %d %s, got %d: %s", status, name, got.status, got.body)
	}
	if trace := got.header.Get("Bauta-Trace"); trace == "" || p.Instance != "urn:bauta:trace:"+trace {
		tb.Errorf("instance %q, trace %q", p.Instance, trace)
	}
	if got.header.Get("Cache-Control") != "no-store" || got.header.Get("X-Content-Type-Options") != "nosniff" {
		tb.Errorf("headers: %v", got.header)
	}
}

// people stand for what package webhook decides: three customers of acme.
type people struct {
	hidden, visible, grouped masking.Handle

	mu     sync.Mutex
	fault  error
	panics bool
	seen   map[string]*webhook.Seen
	// done are the acts, in order; ids those that named them.
	done, ids []string
}

func newPeople(tb testing.TB, handles *masking.Handles) *people {
	tb.Helper()
	p := &people{seen: map[string]*webhook.Seen{}}
	for _, at := range []*masking.Handle{&p.hidden, &p.visible, &p.grouped} {
		h, err := handles.Mint(rand.Reader, "IT")
		if err != nil {
			tb.Fatal(err)
		}
		*at = h
	}
	p.seen[p.hidden.Key()] = &webhook.Seen{Handle: "IT." + p.hidden.Long, Scope: "direct", Visibility: webhook.Hidden, Reason: "the default", Askable: true}
	p.seen[p.visible.Key()] = &webhook.Seen{Handle: "IT." + p.visible.Long, Scope: "direct", Visibility: webhook.Visible, Reason: "known"}
	p.seen[p.grouped.Key()] = &webhook.Seen{Handle: "IT." + p.grouped.Long, Scope: "group:Y2Fw", Visibility: webhook.Hidden, Reason: "a member", Askable: true}
	return p
}

func (p *people) change(key string, f func(*webhook.Seen)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f(p.seen[key])
}

func (p *people) acts() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.done...)
}

func (p *people) fail(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fault = err
}

func (p *people) find(ctx context.Context, b *webhook.Business, key string) (*webhook.Seen, error) {
	switch s := p.seen[key]; {
	case p.panics:
		panic(number)
	case p.fault != nil:
		return nil, p.fault
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case s == nil || b.ID != "acme":
		return nil, webhook.ErrUnknownHandle
	default:
		return s, nil
	}
}

func (p *people) View(ctx context.Context, b *webhook.Business, key string) (webhook.Seen, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s, err := p.find(ctx, b, key)
	if err != nil {
		return webhook.Seen{}, err
	}
	return *s, nil
}

func (p *people) Request(ctx context.Context, b *webhook.Business, key, id string) (webhook.Seen, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s, err := p.find(ctx, b, key)
	switch {
	case err != nil:
		return webhook.Seen{}, err
	case s.Visibility == webhook.Visible:
		return webhook.Seen{}, webhook.ErrNotHidden
	}
	if s.State == sharing.Unasked {
		s.State, s.Since = sharing.Waiting, time.Date(2026, 9, 10, 8, 0, 0, 0, time.UTC)
		if s.Askable {
			s.State = sharing.Asked
		}
		s.Question = webhook.Question{ID: "q1q1q1q1q1q1q1q1", By: "business", WordedBy: "bauta", Language: "it", Begun: s.Since, TextHash: "hash", Stanza: "3EB0stanza"}
		p.done, p.ids = append(p.done, "asked"), append(p.ids, id)
	}
	return *s, nil
}

func (p *people) Withdraw(ctx context.Context, b *webhook.Business, key, by, id string) (webhook.Seen, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s, err := p.find(ctx, b, key)
	switch {
	case err != nil:
		return webhook.Seen{}, err
	case s.Visibility == webhook.Visible:
		return webhook.Seen{}, webhook.ErrNotHidden
	}
	if s.State == sharing.Shared {
		s.State, s.Visibility = sharing.Withdrawn, webhook.Withdrawn
		p.done, p.ids = append(p.done, "withdrawn by "+by), append(p.ids, id)
	}
	return *s, nil
}

func (p *people) EraseHandle(ctx context.Context, b *webhook.Business, key, by, action string) (webhook.Receipt, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, err := p.find(ctx, b, key); err != nil {
		return webhook.Receipt{}, err
	}
	delete(p.seen, key)
	p.done = append(p.done, "erased by "+by+" through "+action)
	return webhook.Receipt{
		Business: b.ID, ErasedAt: time.Date(2026, 9, 10, 8, 0, 0, 0, time.UTC), Ledger: "signed", ContactBook: "deleted", Dumps: "after the next rotation",
		Handles: []string{"IT." + p.hidden.Long, "IT." + p.grouped.Long},
	}, nil
}

// breakable are stores that tests break.
type breakable struct {
	access.Checker
	manage.Once

	mu    sync.Mutex
	fault error
}

func (b *breakable) fail(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fault = err
}

func (b *breakable) broken() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.fault
}

func (b *breakable) Check(ctx context.Context, token string) (webhook.Grant, error) {
	if err := b.broken(); err != nil {
		return webhook.Grant{}, err
	}
	return b.Checker.Check(ctx, token)
}

func (b *breakable) Begin(ctx context.Context, business, key string, fingerprint [32]byte) (string, []byte, error) {
	if err := b.broken(); err != nil {
		return "", nil, err
	}
	return b.Once.Begin(ctx, business, key, fingerprint)
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
