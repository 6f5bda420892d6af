package console_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"bauta/webhook"
	"bauta/webhook/operate"
)

// everyPage are the paths of all pages, and of their states.
func everyPage() []string {
	return []string{
		"", "?hours=1", "?hours=192", "?hours=x&business=acme", "endpoints", "endpoints?business=acme",
		"deliveries", "deliveries?business=acme&handle=IT.1", "deliveries?lane=0123456789abcdef", "deliveries?endpoint=acme%2Fcrm", "deliveries?handle=IT.1",
		"held", "held?business=acme", "dead-letters", "dead-letters?business=acme", "dead-letters?business=acme&endpoint=crm&status=x&since=y&until=z&reason=" + url.QueryEscape(hostile),
		"dead-letters?endpoint=acme%2Fcrm&status=500&since=2026-11-01T10:00", "decisions", "decisions?hours=72", "sharing", "configuration", "journal", "nowhere",
		"held?said=dropped&n=3", "held?said=" + url.QueryEscape(hostile), "endpoints?said=paused&on=" + url.QueryEscape(hostile),
	}
}

func TestEveryPageEscapesWhateverItIsGiven(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(*rig){
		"with something in every list": func(*rig) {},
		"with nothing anywhere":        func(r *rig) { r.desk.empty = true },
		"while nothing is well": func(r *rig) {
			r.health.ready, r.health.warnings = errors.New(hostile), []string{hostile}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			prepare(r)
			for _, language := range []string{"en", "it"} {
				b := r.loggedIn(webhook.AllBusinesses)
				b.language = language
				for _, path := range everyPage() {
					got := b.get(path)
					if want := map[bool]int{true: http.StatusNotFound, false: http.StatusOK}[path == "nowhere"]; got.code != want {
						t.Errorf("%s %q was answered %d, not %d: %s", language, path, got.code, want, got.body)
					}
					safe(t, language+" "+path, got)
				}
			}
			if strings.Contains(r.log.String(), "could not be shown") {
				t.Errorf("a page could not be shown: %s", r.log)
			}
		})
	}
}

// safe fails for an answer that a browser could take for more than it is.
func safe(t *testing.T, what string, got answer) {
	t.Helper()
	for _, bad := range []string{"<img", "onerror=alert(1)>", "ZgotmplZ", "<no value>", "style=", "<script>", "javascript:"} {
		if strings.Contains(got.body, bad) {
			t.Errorf("%s: the page has %q", what, bad)
		}
	}
	if csp := got.header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
		t.Errorf("%s: the policy is %q", what, csp)
	}
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "Cross-Origin-Opener-Policy": "same-origin",
	} {
		if got.header.Get(name) != want {
			t.Errorf("%s: %s is %q, not %q", what, name, got.header.Get(name), want)
		}
	}
}

// What ended is told by the words of bauta events balance and of the API.
func TestTheOverviewSaysHowEventsEnded(t *testing.T) {
	t.Parallel()
	b := newRig(t).loggedIn(webhook.AllBusinesses)
	if page, want := b.get("").body, "18 ended (5 expired, 6 dropped, 7 erased)."; !strings.Contains(page, want) {
		t.Errorf("it does not say %q:\n%s", want, page)
	}
}

func TestAPageOfOneBusinessHasNothingOfOthers(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.health.warnings = []string{"raw_path_present: another"}
	b := r.loggedIn("acme")
	if got := b.get(""); strings.Contains(got.body, "another") || got.code != http.StatusOK {
		t.Errorf("the overview of one business was answered %d with the warnings of others: %s", got.code, got.body)
	}
	if got := b.get("configuration"); got.code != http.StatusForbidden {
		t.Errorf("the configuration was shown to one business: %d", got.code)
	}
}

func TestAStoreThatFailsIsSaidWithoutItsWords(t *testing.T) {
	t.Parallel()
	for fault, want := range map[error]int{
		errStore: http.StatusServiceUnavailable, operate.ErrUnknown: http.StatusNotFound, operate.ErrNotYours: http.StatusForbidden, operate.ErrUnderWay: http.StatusConflict,
	} {
		r := newRig(t)
		b := r.loggedIn(webhook.AllBusinesses)
		r.desk.fault = fault
		for _, path := range []string{"", "endpoints", "held", "dead-letters?business=acme", "decisions", "sharing", "journal"} {
			got := b.get(path)
			if got.code != want || strings.Contains(got.body+r.log.String(), "10.1.2.3") {
				t.Errorf("%v: %q was answered %d: %s", fault, path, got.code, got.body)
			}
		}
	}
}
