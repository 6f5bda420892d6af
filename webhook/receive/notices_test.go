package receive_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"bauta/webhook/receive"
)

// clock is a time that a test sets.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// Whoever sets an app up and mistakes something finds it in the log, with what to do;
// strangers cannot fill it.
func TestWhatKeepsWebhooksOutIsTold(t *testing.T) {
	t.Parallel()
	body := []byte(`{"from":"` + probe + `"}`)
	handshake := func(query string) func() *http.Request {
		return func() *http.Request {
			return httptest.NewRequest(http.MethodGet, "/webhooks/main?hub.mode=subscribe&hub.challenge=1"+query, http.NoBody)
		}
	}
	for name, row := range map[string]struct {
		request func() *http.Request
		want    []string // words of the line; none: no line
	}{
		"a wrong app secret": {
			func() *http.Request { return post("/webhooks/main", body, "X-Hub-Signature-256", sign([]byte("y"))) },
			[]string{"fits none of the app's app_secrets", "App settings, Basic", "app=main", "reason=bad_signature"},
		},
		"no signature": {
			func() *http.Request { return post("/webhooks/main", body) },
			[]string{"no X-Hub-Signature-256", "app=main", "reason=no_signature"},
		},
		"a wrong verify token": {
			handshake("&hub.verify_token=" + probe), []string{"differs from the app's verify_token", "app=main", "reason=wrong_verify_token"},
		},
		"a webhook for an app that is none": {
			func() *http.Request { return post("/webhooks/"+probe, body, "X-Hub-Signature-256", sign(body)) },
			[]string{"not configured", `configured="main, second"`, "reason=unknown_app"},
		},
		"a handshake of an app that is none": {
			func() *http.Request { return httptest.NewRequest(http.MethodGet, "/webhooks/"+probe, http.NoBody) },
			[]string{"not configured", `configured="main, second"`, "reason=unknown_app"},
		},
		"somebody who opens the URL":   {handshake(""), nil},
		"a right handshake":            {handshake("&hub.verify_token=" + verifyToken), nil},
		"a webhook that fits a secret": {func() *http.Request { return signed(body) }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := &clock{at: time.Unix(1789000000, 0)}
			b := newBench(t, stored, func(o *receive.Options) {
				o.Now = at.now
				o.Apps = append(o.Apps, receive.App{ID: "second", VerifyToken: "x", Verifier: verifier{}})
			})
			warnings := func() int { return strings.Count(b.log.String(), "level=WARN") }
			for _, step := range []struct {
				after time.Duration
				lines int
			}{{0, 1}, {0, 1}, {time.Minute - time.Nanosecond, 1}, {time.Nanosecond, 2}} {
				at.pass(step.after)
				b.serve(row.request())
				if want := min(step.lines, step.lines*len(row.want)); warnings() != want {
					t.Fatalf("%d lines, want %d: %s", warnings(), want, b.log)
				}
			}
			for _, want := range row.want {
				if !strings.Contains(b.log.String(), want) {
					t.Errorf("no word of %q: %s", want, b.log)
				}
			}
			for _, private := range []string{probe, verifyToken, secret} {
				if strings.Contains(b.log.String(), private) {
					t.Errorf("%s is in the log: %s", private, b.log)
				}
			}
		})
	}
}

// One app's mistake does not hide another's, nor one reason another.
func TestNoticesAreOfOneAppAndReason(t *testing.T) {
	t.Parallel()
	b := newBench(t, stored, func(o *receive.Options) {
		o.Apps = append(o.Apps, receive.App{ID: "second", VerifyToken: "x", Verifier: verifier{}})
	})
	for range 3 {
		for _, app := range []string{"main", "second", "made-up", "another"} {
			b.serve(post("/webhooks/"+app, []byte("x"), "X-Hub-Signature-256", sign([]byte("y"))))
			b.serve(post("/webhooks/"+app, []byte("x")))
		}
	}
	if got := strings.Count(b.log.String(), "level=WARN"); got != 5 {
		t.Errorf("%d lines, want 2 for each app and one for all that are none: %s", got, b.log)
	}
}
