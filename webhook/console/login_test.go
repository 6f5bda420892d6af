package console_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"bauta/webhook"
	"bauta/webhook/access"
	"bauta/webhook/console"
)

func TestNobodySeesAnythingWithoutASession(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for name, prepare := range map[string]func(*browser){ //nolint:paralleltest // they share a clock
		"who has no cookie":                 func(*browser) {},
		"who has an empty one":              func(b *browser) { b.set("") },
		"who has made one up":               func(b *browser) { b.set("e30.e30.AAAA") },
		"who sends the token instead":       func(b *browser) { token, _ := r.issue(webhook.AllBusinesses, access.Console); b.set(token) },
		"whose session is over":             func(b *browser) { b.set(r.session()); r.pass(9 * time.Hour) },
		"whose token was revoked":           func(b *browser) { b.set(r.session()); r.registry.revoke(r.last()) },
		"whose session another key signed":  func(b *browser) { b.set(foreign(t, r)) },
		"whose session has a changed claim": func(b *browser) { b.set(strings.Replace(r.session(), ".", "A.", 1)) },
	} {
		t.Run(name, func(t *testing.T) {
			b := r.browser()
			prepare(b)
			for _, path := range append(everyPage(), "live/overview/_/6") {
				got := b.get(path)
				if strings.HasPrefix(path, "live/") {
					if got.code != http.StatusUnauthorized {
						t.Errorf("the stream was answered %d", got.code)
					}
					continue
				}
				if got.code != http.StatusSeeOther || !strings.HasPrefix(got.header.Get("Location"), console.Base+"login") {
					t.Errorf("%q was answered %d to %s", path, got.code, got.header.Get("Location"))
				}
			}
			if got := b.post("endpoints/resume", url.Values{"of": {"acme"}, "endpoint": {"crm"}}); got.code != http.StatusSeeOther {
				t.Errorf("an action was answered %d", got.code)
			}
			if done := r.desk.acts(); len(done) > 0 {
				t.Errorf("somebody without a session did %q", done)
			}
		})
	}
}

func (b *browser) set(value string) {
	b.cookies["bauta_session"] = &http.Cookie{Name: "bauta_session", Value: value}
}

// session is the cookie of somebody who logged in.
func (r *rig) session() string {
	return r.loggedIn(webhook.AllBusinesses).cookies["bauta_session"].Value
}

// last is the grant of the token that was issued last: the registry has no other.
func (r *rig) last() webhook.Grant {
	r.registry.mu.Lock()
	defer r.registry.mu.Unlock()
	r.registry.known = map[string]bool{}
	return webhook.Grant{}
}

type otherKeys struct{}

func (otherKeys) PRF(string, ...string) [32]byte { return [32]byte{1} }

func foreign(t *testing.T, r *rig) string {
	t.Helper()
	_, g := r.issue(webhook.AllBusinesses, access.Console)
	value, _, err := access.NewSessions(access.Options{Keys: otherKeys{}, Registry: r.registry, Now: r.clock}).Open(g)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func TestASessionIsACookieThatOnlyTheConsoleGets(t *testing.T) {
	t.Parallel()
	b := newRig(t).loggedIn(webhook.AllBusinesses)
	c := b.cookies["bauta_session"]
	if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != console.Base || c.MaxAge != int((8*time.Hour).Seconds()) {
		t.Errorf("the cookie is %s", c)
	}
	if got := b.get(""); got.code != http.StatusOK || strings.Contains(got.body, c.Value) {
		t.Errorf("the overview was answered %d, or has the session in it", got.code)
	}
	b.post("logout", url.Values{})
	if _, still := b.cookies["bauta_session"]; still {
		t.Error("who logged out still has the cookie")
	}
}

func TestASessionEndsWithItsToken(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := r.browser()
	token, g, err := r.tokens.Issue(t.Context(), webhook.Grant{Business: "acme", Scopes: []string{access.Console}, Expires: r.clock().Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	b.post("login", url.Values{"token": {token}})
	if age := b.cookies["bauta_session"].MaxAge; age != 3600 {
		t.Errorf("a session of a token for an hour lasts %d s", age)
	}
	if got := b.get(""); got.code != http.StatusOK {
		t.Fatalf("the overview was answered %d", got.code)
	}
	r.registry.revoke(g)
	if got := b.get(""); got.code != http.StatusSeeOther || !strings.Contains(got.header.Get("Location"), "why=ended") {
		t.Errorf("after the token was revoked the overview was answered %d to %s", got.code, got.header.Get("Location"))
	}
}

func TestTheLoginSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	messages, _ := r.issue("acme", "messages", access.Manage)
	for name, row := range map[string]struct {
		token string
		code  int
		want  string
	}{
		"nothing":                     {"", http.StatusUnauthorized, "Paste a token first"},
		"a token that is none":        {hostile, http.StatusUnauthorized, "not in force"},
		"a token of the other scopes": {messages, http.StatusForbidden, "does not open the console"},
	} {
		got := r.browser().post("login", url.Values{"token": {row.token}, "to": {"//evil.example"}})
		if got.code != row.code || !strings.Contains(got.body, row.want) || strings.Contains(got.body, "evil.example") {
			t.Errorf("%s was answered %d: %s %s", name, got.code, got.body, r.log)
		}
		safe(t, name, got)
		if row.token != "" && strings.Contains(got.body+r.log.String(), row.token) {
			t.Errorf("%s: what was sent is shown or logged", name)
		}
	}
	r.registry.fail(errStore)
	good, _ := r.issue("acme", access.Console)
	if got := r.browser().post("login", url.Values{"token": {good}}); got.code != http.StatusServiceUnavailable || strings.Contains(got.body, "10.1.2.3") {
		t.Errorf("while the registry is away the login was answered %d: %s", got.code, got.body)
	}
}

func TestGuessingIsSlowedDown(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	refused := 0
	for range 30 {
		if got := r.browser().post("login", url.Values{"token": {"a.b.c"}}); got.code == http.StatusTooManyRequests {
			refused++
		}
	}
	if refused < 15 {
		t.Errorf("of 30 wrong tokens at once %d were refused unread", refused)
	}
	r.pass(time.Minute)
	r.loggedIn("acme")
}

func TestTheLoginLeadsToPagesOfTheConsoleOnly(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	token, _ := r.issue("acme", access.Console)
	for to, want := range map[string]string{"held": "/console/held", "": "/console/", "//evil.example": "/console/", "../v1": "/console/", "held?x": "/console/"} {
		if got := r.browser().post("login", url.Values{"token": {token}, "to": {to}}); got.header.Get("Location") != want {
			t.Errorf("%q leads to %q, not %q", to, got.header.Get("Location"), want)
		}
	}
}
