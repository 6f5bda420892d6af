package console_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"bauta/webhook"
	"bauta/webhook/access"
	"bauta/webhook/console"
)

// hostile is a name that would be more than a name where somebody forgot to escape it:
// HTML, an attribute's end, and a change of the direction of writing.
const hostile = `"><img src=x onerror=alert(1)>` + "\u202e\u0627\u0644"

// rig is a console with a desk that remembers what it was told to do.
type rig struct {
	testing.TB
	desk     *desk
	registry *registry
	tokens   *access.Tokens
	sessions *access.Sessions
	console  *console.Console
	health   *health
	log      *lockedBuilder

	mu  sync.Mutex
	now time.Time
}

func newRig(t testing.TB, adjust ...func(*console.Options)) *rig {
	t.Helper()
	r := &rig{
		TB: t, now: time.Date(2026, 11, 23, 9, 30, 20, 0, time.UTC), registry: &registry{known: map[string]bool{}}, health: &health{}, log: &lockedBuilder{},
	}
	r.desk = &desk{now: r.clock}
	o := access.Options{Keys: keys{}, Registry: r.registry, Now: r.clock}
	r.tokens, r.sessions = access.New(o), access.NewSessions(o)
	options := console.Options{
		Desk: r.desk, Tokens: r.tokens, Sessions: r.sessions, Brake: access.NewLimiter(access.Limits{Now: r.clock}), Health: r.health,
		Logger: slog.New(slog.NewJSONHandler(r.log, nil)), Now: r.clock, Every: 10 * time.Millisecond,
	}
	for _, a := range adjust {
		a(&options)
	}
	c, err := console.New(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	r.console = c
	return r
}

func (r *rig) clock() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now
}

func (r *rig) pass(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now = r.now.Add(d)
}

// issue makes a token for a business.
func (r *rig) issue(business string, scopes ...string) (string, webhook.Grant) {
	r.Helper()
	token, g, err := r.tokens.Issue(r.Context(), webhook.Grant{Business: business, Scopes: scopes, Expires: r.clock().Add(12 * time.Hour)})
	if err != nil {
		r.Fatal(err)
	}
	return token, g
}

// browser is somebody with cookies, in one language.
type browser struct {
	*rig

	cookies  map[string]*http.Cookie
	language string
	// header is sent with every request.
	header http.Header
	grant  webhook.Grant
}

func (r *rig) browser() *browser {
	return &browser{rig: r, cookies: map[string]*http.Cookie{}, language: "en", header: http.Header{}}
}

// loggedIn is a browser with a session of a business, or of all.
func (r *rig) loggedIn(business string) *browser {
	r.Helper()
	b := r.browser()
	token, g := r.issue(business, access.Console)
	b.grant = g
	if got := b.post("login", url.Values{"token": {token}}); got.code != http.StatusSeeOther {
		r.Fatalf("the login was answered %d: %s", got.code, got.body)
	}
	return b
}

type answer struct {
	code   int
	header http.Header
	body   string
}

// do makes a request to a path below the console's.
func (b *browser) do(method, path string, form url.Values) answer {
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r := httptest.NewRequestWithContext(b.Context(), method, "http://127.0.0.1:9090"+console.Base+path, body)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("Accept-Language", b.language)
	maps.Copy(r.Header, b.header)
	if host := b.header.Get("Host"); host != "" {
		r.Host = host
	}
	for _, c := range b.cookies {
		r.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
	}
	w := httptest.NewRecorder()
	b.console.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
			continue
		}
		b.cookies[c.Name] = c
	}
	return answer{w.Code, w.Header(), w.Body.String()}
}

func (b *browser) get(path string) answer { return b.do(http.MethodGet, path, nil) }

func (b *browser) post(path string, form url.Values) answer {
	return b.do(http.MethodPost, path, form)
}

// word is that of the session, as its pages' forms have it.
func (b *browser) word() string {
	b.Helper()
	found := regexp.MustCompile(`name="form" value="([^"]+)"`).FindStringSubmatch(b.get("held").body)
	if found == nil {
		b.Fatal("no form of the page of held events has the session's word")
	}
	return found[1]
}

// act posts a form of this session's pages.
func (b *browser) act(path string, form url.Values) answer {
	b.Helper()
	all := url.Values{"form": {b.word()}}
	maps.Copy(all, form)
	return b.post(path, all)
}

type keys struct{}

func (keys) PRF(label string, parts ...string) (sum [32]byte) {
	mac := hmac.New(sha256.New, []byte("of tests"))
	_, _ = mac.Write([]byte(label + "\n" + strings.Join(parts, "\n")))
	copy(sum[:], mac.Sum(nil))
	return sum
}

// registry is the list of the tokens that are in force.
type registry struct {
	mu    sync.Mutex
	known map[string]bool
	fault error
}

func (r *registry) Add(_ context.Context, g webhook.Grant) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.known[g.Business+"/"+g.ID] = true
	return nil
}

func (r *registry) Known(_ context.Context, business, id string) (bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.known[business+"/"+id], r.fault
}

func (r *registry) revoke(g webhook.Grant) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.known, g.Business+"/"+g.ID)
}

func (r *registry) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fault = err
}

// health is what /readyz says.
type health struct {
	ready    error
	warnings []string
}

func (h *health) Ready(context.Context) error { return h.ready }
func (h *health) Warnings() []string          { return h.warnings }

type lockedBuilder struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lockedBuilder) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lockedBuilder) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

var errStore = errors.New("connect to redis at 10.1.2.3: refused")
