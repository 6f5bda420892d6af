package console_test

import (
	"crypto/tls"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"bauta/webhook"
	"bauta/webhook/access"
	"bauta/webhook/console"
	"bauta/webhook/operate"
)

func TestALinkThatIsUsedTwiceOpensTwoSessionsThatEndWithItsToken(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	token, g := r.issue("acme", access.Console)
	first, second := r.browser(), r.browser()
	for _, b := range []*browser{first, second} {
		if got := b.post("login", url.Values{"token": {token}}); got.code != http.StatusSeeOther {
			t.Fatalf("the login was answered %d", got.code)
		}
	}
	first.post("logout", url.Values{})
	if got := second.get(""); got.code != http.StatusOK {
		t.Errorf("the other one logged out, and the overview was answered %d", got.code)
	}
	r.registry.revoke(g)
	if got := second.get(""); got.code != http.StatusSeeOther {
		t.Errorf("after the token was revoked the overview was answered %d", got.code)
	}
	if got := r.browser().post("login", url.Values{"token": {token}}); got.code != http.StatusUnauthorized {
		t.Errorf("after the token was revoked its link was answered %d", got.code)
	}
}

func TestALinkEndsWithItsToken(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	token, _ := r.issue("acme", access.Console)
	r.pass(12*time.Hour + time.Second)
	if got := r.browser().post("login", url.Values{"token": {token}}); got.code != http.StatusUnauthorized {
		t.Errorf("a second after its end the link was answered %d", got.code)
	}
}

func TestATokenIsTakenFromAFormAlone(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	token, _ := r.issue("acme", access.Console)
	for _, path := range []string{"login?token=" + token, "?token=" + token} {
		b := r.browser()
		got := b.get(path)
		if len(b.cookies) > 0 || strings.Contains(got.header.Get("Location"), token) {
			t.Errorf("a token in an address opened a session, or is led on with: %d %v", got.code, got.header)
		}
	}
	b := r.browser()
	b.post("login?token="+token, url.Values{})
	if len(b.cookies) > 0 {
		t.Error("a token in the address of a form opened a session")
	}
}

func TestNoOtherPageLogsInOrOut(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	token, _ := r.issue("acme", access.Console)
	for _, path := range []string{"login", "logout"} {
		for _, header := range []http.Header{{"Sec-Fetch-Site": {"cross-site"}}, {"Origin": {"https://evil.example"}}, {"Sec-Fetch-Site": {"same-site"}}} {
			b := r.browser()
			b.header = header
			if got := b.post(path, url.Values{"token": {token}}); got.code != http.StatusForbidden || len(b.cookies) > 0 {
				t.Errorf("%s with %v was answered %d with %d cookies", path, header, got.code, len(b.cookies))
			}
		}
	}
}

func TestNoAnswerIsKeptOrFramed(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	token, _ := r.issue("acme", access.Console)
	in, out := r.loggedIn(webhook.AllBusinesses), r.browser()
	answers := map[string]answer{
		"the login page": out.get("login"), "the way to it": out.get("held"), "a login": r.browser().post("login", url.Values{"token": {token}}),
		"a wrong login": out.post("login", url.Values{"token": {"x"}}), "a page": in.get("held"), "a page that is not there": in.get("nowhere"),
		"a refused form": in.post("held/drop", url.Values{}), "a refused stream": out.get("live/overview/_/6"), "another name": func() answer {
			b := r.browser()
			b.header.Set("Host", "evil.example")
			return b.get("")
		}(),
	}
	for what, got := range answers {
		for name, want := range map[string]string{
			"Cache-Control": "no-store", "X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
		} {
			if got.header.Get(name) != want {
				t.Errorf("%s (%d): %s is %q, not %q", what, got.code, name, got.header.Get(name), want)
			}
		}
		if !strings.Contains(got.header.Get("Content-Security-Policy"), "frame-ancestors 'none'") {
			t.Errorf("%s (%d) can be framed: %q", what, got.code, got.header.Get("Content-Security-Policy"))
		}
		for name := range got.header {
			if strings.HasPrefix(name, "Access-Control-") {
				t.Errorf("%s (%d) has %s", what, got.code, name)
			}
		}
	}
}

func TestOtherMethodsDoNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := r.loggedIn(webhook.AllBusinesses)
	word := url.Values{"form": {b.word()}, "sure": {"yes"}, "id": {"acme/1"}, "of": {"acme"}, "endpoint": {"crm"}, "token": {"x"}}
	for _, method := range []string{http.MethodHead, http.MethodOptions, http.MethodPut, http.MethodDelete, http.MethodPatch, http.MethodTrace, "BREW"} {
		for _, path := range []string{"", "held", "held/drop", "endpoints/pause", "configuration/reload", "login", "logout", "live/overview/_/6"} {
			got := b.do(method, path+"?"+word.Encode(), nil)
			if strings.HasPrefix(path, "live/") && got.code != http.StatusMethodNotAllowed && got.code != http.StatusNotFound {
				t.Errorf("%s %s was answered %d", method, path, got.code)
			}
			if b.cookies["bauta_session"] == nil {
				t.Fatalf("%s %s ended the session", method, path)
			}
		}
	}
	if done := r.desk.acts(); len(done) > 0 {
		t.Errorf("somebody did %q", done)
	}
}

func TestBehindTLSTheSessionGoesOverTLSAlone(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	token, _ := r.issue("acme", access.Console)
	for name, row := range map[string]struct {
		prepare func(*http.Request)
		want    bool
	}{
		"by HTTP":                             {func(*http.Request) {}, false},
		"by TLS":                              {func(q *http.Request) { q.TLS = &tls.ConnectionState{} }, true},
		"by a proxy that ends TLS":            {func(q *http.Request) { q.Header.Set("X-Forwarded-Proto", "https") }, true},
		"by a proxy that was asked by HTTP":   {func(q *http.Request) { q.Header.Set("X-Forwarded-Proto", "http") }, false},
		"by TLS, whatever somebody makes up ": {func(q *http.Request) { q.TLS = &tls.ConnectionState{}; q.Header.Set("X-Forwarded-Proto", "http") }, true},
	} {
		for _, path := range []string{"login", "logout"} {
			q := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://127.0.0.1:9090"+console.Base+path, strings.NewReader(url.Values{"token": {token}}.Encode()))
			q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			row.prepare(q)
			w := httptest.NewRecorder()
			r.console.ServeHTTP(w, q)
			cookies := w.Result().Cookies()
			if len(cookies) != 1 || cookies[0].Secure != row.want || !cookies[0].HttpOnly || cookies[0].SameSite != http.SameSiteStrictMode {
				t.Errorf("%s %s: the cookies are %v", path, name, cookies)
			}
		}
	}
}

func TestSomebodyWhoOpensManyPagesLeavesRoomForOthers(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *console.Options) { o.Every = time.Hour })
	server := httptest.NewServer(r.console)
	t.Cleanup(server.Close)
	open := func(b *browser) *http.Response {
		t.Helper()
		q, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+console.Base+"live/jobs/_", nil)
		if err != nil {
			t.Fatal(err)
		}
		q.AddCookie(b.cookies["bauta_session"])
		got, err := server.Client().Do(q)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = got.Body.Close() })
		return got
	}
	greedy := r.loggedIn(webhook.AllBusinesses)
	var first *http.Response
	for i := range 4 {
		got := open(greedy)
		if got.StatusCode != http.StatusOK {
			t.Fatalf("page %d was answered %d", i+1, got.StatusCode)
		}
		if first == nil {
			first = got
		}
	}
	if got := open(greedy); got.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("the fifth page of one token was answered %d", got.StatusCode)
	}
	if got := open(r.loggedIn("acme")); got.StatusCode != http.StatusOK {
		t.Errorf("somebody else's page was answered %d", got.StatusCode)
	}
	// Who closes a page has room for another one.
	if err := first.Body.Close(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); open(greedy).StatusCode != http.StatusOK; {
		if time.Now().After(deadline) {
			t.Fatal("the page that was closed is counted for ever")
		}
	}
	others := 0
	for range 100 {
		if got := open(r.loggedIn("acme")); got.StatusCode != http.StatusOK {
			break
		}
		others++
	}
	if others > 64-5 {
		t.Errorf("%d pages more than 64 are live at once", others-59)
	}
}

func TestAStreamOfWhatIsNotTheirsIsRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := r.loggedIn("acme")
	r.desk.fault = errStore
	for _, path := range []string{"live/overview/other/6", "live/endpoints/other", "live/jobs/other"} {
		if got := b.get(path); got.code != http.StatusServiceUnavailable || strings.Contains(got.body, "10.1.2.3") {
			t.Errorf("%s was answered %d: %s", path, got.code, got.body)
		}
	}
}

func TestASessionSaysWhoseItIsAndWhenItEnds(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := r.loggedIn("acme")
	got := b.get("held").body
	for _, want := range []string{"You see acme alone", b.grant.ID, "This session ends Nov 23, 17:30", "Log out"} {
		if !strings.Contains(got, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if strings.Contains(got, "log out and in again") || strings.Contains(got, `href="/console/configuration"`) {
		t.Error("the page says that the session ends soon, or leads to what is not theirs")
	}
	r.pass(7*time.Hour + 50*time.Minute)
	if got := b.get("held").body; !strings.Contains(got, "This session ends in 10 min") {
		t.Errorf("ten minutes before its end the page does not say so: %s", got)
	}
}

func TestTheBusinessThatWasChosenIsKeptFromPageToPage(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := r.loggedIn(webhook.AllBusinesses)
	if got := b.get("held?business=acme").body; !strings.Contains(got, `href="/console/dead-letters?business=acme"`) {
		t.Error("the links of the navigation forget the business")
	}
	for _, path := range []string{"held", "held?business=_main"} {
		if got := b.get(path).body; strings.Contains(got, `href="/console/dead-letters?`) {
			t.Errorf("%s: the links of the navigation name a business that has no such page", path)
		}
	}
}

func TestEveryActionAndReasonHasWords(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := r.loggedIn(webhook.AllBusinesses)
	for _, language := range []string{"en", "it"} {
		b.language = language
		journal := b.get("journal").body
		for _, what := range []string{
			operate.ActPause, operate.ActResume, operate.ActRelease, operate.ActDropHeld, operate.ActTest, operate.ActHandshake, operate.ActReload, operate.ActCancel,
			operate.ActIssue, operate.ActRevoke, "dead_letter_replay", "dead_letter_drop",
		} {
			if strings.Contains(journal, ">"+what+"<") {
				t.Errorf("%s: the journal says %q", language, what)
			}
		}
		if !strings.Contains(journal, map[string]string{"en": ">a command<", "it": ">un comando<"}[language]) { //nolint:misspell // Italian
			t.Errorf("%s: the journal does not say that a command did it", language)
		}
		letters := b.get("dead-letters").body
		for _, reason := range []string{"server_error", "odd_status", "too_old"} {
			if !strings.Contains(letters, `value="`+reason+`"`) || strings.Contains(letters, ">"+reason) {
				t.Errorf("%s: the filter says %q", language, reason)
			}
		}
	}
}

func TestTheJournalIsReadBackToItsBeginning(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := r.loggedIn("acme")
	for i := range 700 {
		// Somebody else's may lie between the two lines of one.
		a := operate.Action{At: r.clock().Add(time.Duration(i) * time.Second), Business: "acme", By: "somebody", What: operate.ActPause, On: fmt.Sprintf("endpoint=e%d.", i), Outcome: operate.Begun}
		r.desk.actions = append(r.desk.actions, a)
		if i > 0 {
			a.On, a.Outcome = fmt.Sprintf("endpoint=e%d. more", i-1), operate.Done
			r.desk.actions = append(r.desk.actions, a)
		}
	}
	seen := map[string]bool{}
	path := "journal"
	for page := 1; path != ""; page++ {
		got := b.get(path)
		if got.code != http.StatusOK || page > 20 {
			t.Fatalf("page %d was answered %d", page, got.code)
		}
		for _, on := range regexp.MustCompile(`endpoint=e\d+`).FindAllString(got.body, -1) {
			seen[on] = true
		}
		if begun, want := strings.Count(got.body, ">begun<"), map[bool]int{true: 1, false: 0}[page == 1]; begun != want {
			t.Errorf("page %d has %d actions without an outcome, not %d", page, begun, want)
		}
		path = ""
		if older := regexp.MustCompile(`class="button small" href="/console/(journal\?[^"]*before=[^"]*)"`).FindStringSubmatch(got.body); older != nil {
			path = html.UnescapeString(older[1])
		}
	}
	if len(seen) != 700 {
		t.Errorf("of 700 actions the journal has %d", len(seen))
	}
}

func TestTheJournalHasOneLineForAnAction(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := r.loggedIn("acme")
	got := b.get("journal").body
	if strings.Contains(got, ">begun<") {
		t.Errorf("an action whose outcome is known is shown as begun: %s", got)
	}
}
