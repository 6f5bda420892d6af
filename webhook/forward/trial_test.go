package forward_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"bauta/webhook"
	"bauta/webhook/forward"
)

const trialSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// tester tries one endpoint; a nil wire has the guard that deliveries have.
func tester(e webhook.Endpoint, w http.RoundTripper) *forward.Tester {
	var transport func(webhook.Endpoint) http.RoundTripper
	if w != nil {
		transport = func(webhook.Endpoint) http.RoundTripper { return w }
	}
	return forward.NewTester(func(k webhook.EndpointKey) *webhook.Endpoint {
		if k != toCRM("").Target() {
			return nil
		}
		return &e
	}, transport, "1.2.3")
}

func crmKey() webhook.EndpointKey { return toCRM("").Target() }

func trialed() webhook.Endpoint {
	return webhook.Endpoint{ID: "crm", URL: "https://crm.example/hooks?tenant=7", Secrets: []string{trialSecret}, Timeout: 3 * time.Second}
}

// A test event is signed as every delivery is, names the endpoint and nobody, and comes
// under an id of its own.
func TestATestEventIsSigned(t *testing.T) {
	t.Parallel()
	var heads []http.Header
	var body []byte
	var to, method string
	w := wire(func(r *http.Request) (*http.Response, error) {
		heads, to, method = append(heads, r.Header.Clone()), r.URL.String(), r.Method
		body, _ = io.ReadAll(r.Body)
		return says(204), nil
	})
	began := time.Now()
	for range 2 {
		got, err := tester(trialed(), w).Send(t.Context(), crmKey())
		if err != nil || !got.OK || got.Status != 204 || got.Reason != "ok" || got.Detail != "" || got.At.Before(began.Add(-time.Second)) || got.Took < 0 {
			t.Fatalf("%+v, %v", got, err)
		}
	}
	head := heads[1]
	var event struct {
		Type      string
		Timestamp time.Time
		Data      map[string]string
	}
	if err := json.Unmarshal(body, &event); err != nil || event.Type != "endpoint_test" || event.Timestamp.Before(began.Add(-time.Second)) || len(event.Data) != 1 || event.Data["endpoint"] != "crm" {
		t.Errorf("the event is %s, %v", body, err)
	}
	m := hmac.New(sha256.New, []byte(trialSecret))
	m.Write(body)
	id, stamp := head.Get("Webhook-Id"), head.Get("Webhook-Timestamp")
	for name, want := range map[string]string{
		"Content-Type": "application/json", "User-Agent": "Bauta/1.2.3", "X-Hub-Signature-256": "sha256=" + hex.EncodeToString(m.Sum(nil)),
		"Webhook-Signature": standard(t, trialSecret, id, stamp, body),
	} {
		if head.Get(name) != want {
			t.Errorf("%s: %q, want %q", name, head.Get(name), want)
		}
	}
	for name := range head {
		if strings.HasPrefix(name, "Bauta-") {
			t.Errorf("it has %s, as if it were about somebody", name)
		}
	}
	if id == "" || id == heads[0].Get("Webhook-Id") || to != trialed().URL || method != http.MethodPost {
		t.Errorf("%s to %s under %q", method, to, id)
	}
}

// As the platform's own (webhooks.md 1): GET with hub.mode, hub.challenge, hub.verify_token.
func TestAHandshakeIsThePlatforms(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		answer func(challenge string) (int, string)
		ok     bool
		reason string
	}{
		"the challenge":              {func(c string) (int, string) { return 200, c }, true, "ok"},
		"the challenge and a break":  {func(c string) (int, string) { return 200, c + "\r\n" }, true, "ok"},
		"something else":             {func(string) (int, string) { return 200, "ok" }, false, "wrong_challenge"},
		"nothing":                    {func(string) (int, string) { return 200, "" }, false, "wrong_challenge"},
		"more than the challenge":    {func(c string) (int, string) { return 200, c + c }, false, "wrong_challenge"},
		"the challenge in a page":    {func(c string) (int, string) { return 200, "<p>" + c }, false, "wrong_challenge"},
		"the challenge behind much":  {func(c string) (int, string) { return 200, strings.Repeat(" ", 1<<20) + c }, false, "wrong_challenge"},
		"the challenge, but refused": {func(c string) (int, string) { return 403, c }, false, "refused"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := wire(func(r *http.Request) (*http.Response, error) {
				q := r.URL.Query()
				if r.Method != http.MethodGet || r.Body != nil || q.Get("hub.mode") != "subscribe" || q.Get("hub.verify_token") != "a & b" || q.Get("tenant") != "7" || len(q.Get("hub.challenge")) < 20 {
					t.Errorf("it asks %s %v", r.Method, q)
				}
				if r.Header.Get("X-Hub-Signature-256") != "" {
					t.Error("the handshake is signed: who answers it could have anything signed")
				}
				code, text := row.answer(q.Get("hub.challenge"))
				a := says(code)
				a.Body = io.NopCloser(strings.NewReader(text))
				return a, nil
			})
			got, err := tester(trialed(), w).Shake(t.Context(), crmKey(), "a & b")
			if err != nil || got.OK != row.ok || got.Reason != row.reason || (got.Detail == "") != row.ok {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}

func TestWhatHasNoURLIsNotTried(t *testing.T) {
	t.Parallel()
	w := wire(func(*http.Request) (*http.Response, error) { t.Error("somebody was asked"); return says(200), nil })
	platform := trialed()
	platform.Platform = true
	for name, row := range map[string]struct {
		e webhook.Endpoint
		k webhook.EndpointKey
	}{"the platform": {platform, crmKey()}, "an endpoint that is not": {trialed(), webhook.EndpointKey{Business: "acme", Endpoint: "nothing"}}} {
		if _, err := tester(row.e, w).Send(t.Context(), row.k); !errors.Is(err, forward.ErrNoURL) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := tester(row.e, w).Shake(t.Context(), row.k, ""); !errors.Is(err, forward.ErrNoURL) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// hush is what no answer, URL or secret may be found in.
const hush = "393331234567"

func silent(t *testing.T, got webhook.Trial, err error) {
	t.Helper()
	if text := fmt.Sprintf("%+v %v", got, err); strings.Contains(text, hush) || strings.Contains(text, trialSecret) || strings.Contains(text, "/hooks") {
		t.Errorf("it tells %s", text)
	}
}

// Of the answer nothing is shown but the status; what it means and what to do is said.
func TestATrialSaysTheStatusAndNothingElse(t *testing.T) {
	t.Parallel()
	for status, row := range map[int]struct {
		ok     bool
		reason string
	}{
		200: {true, "ok"}, 299: {true, "ok"}, 302: {false, "redirect"}, 401: {false, "refused"}, 404: {false, "refused"}, 410: {false, "gone"},
		429: {false, "throttled"}, 500: {false, "server_error"}, 503: {false, "server_error"}, 600: {false, "odd_status"},
	} {
		for name, try := range trials() {
			e := trialed()
			e.URL += "&to=" + hush
			w := wire(func(r *http.Request) (*http.Response, error) {
				a := says(status, "Location", "https://elsewhere.example/"+hush, "X-Echo", hush)
				a.Status = fmt.Sprint(status, " ", hush)
				a.Body = io.NopCloser(strings.NewReader(r.URL.Query().Get("hub.challenge")))
				return a, nil
			})
			got, err := try(t.Context(), tester(e, w))
			if err != nil || got.OK != row.ok || got.Status != status || got.Reason != row.reason {
				t.Errorf("%s, %d: %+v, %v", name, status, got, err)
			}
			if !row.ok && got.Detail == "" {
				t.Errorf("%s, %d: nobody says what to do", name, status)
			}
			silent(t, got, err)
		}
	}
}

// trials are both kinds.
func trials() map[string]func(context.Context, *forward.Tester) (webhook.Trial, error) {
	return map[string]func(context.Context, *forward.Tester) (webhook.Trial, error){
		"a test event": func(ctx context.Context, t *forward.Tester) (webhook.Trial, error) { return t.Send(ctx, crmKey()) },
		"a handshake": func(ctx context.Context, t *forward.Tester) (webhook.Trial, error) {
			return t.Shake(ctx, crmKey(), hush)
		},
	}
}

func TestATrialEndsWithTheEndpointsTimeout(t *testing.T) {
	t.Parallel()
	for name, try := range trials() {
		for timeout, want := range map[time.Duration]time.Duration{3 * time.Second: 3 * time.Second, 0: 10 * time.Second} {
			synctest.Test(t, func(t *testing.T) {
				e := trialed()
				e.Timeout = timeout
				w := wire(func(r *http.Request) (*http.Response, error) { <-r.Context().Done(); return nil, r.Context().Err() })
				began := time.Now()
				got, err := try(t.Context(), tester(e, w))
				if took := time.Since(began); err != nil || got.OK || got.Reason != "timeout" || took != want || got.Took != want {
					t.Errorf("%s: %+v after %v, %v", name, got, took, err)
				}
			})
			// An answer that begins and does not end is no reason to wait longer.
			synctest.Test(t, func(t *testing.T) {
				e := trialed()
				e.Timeout = timeout
				w := wire(func(r *http.Request) (*http.Response, error) {
					a := says(200)
					a.Body = unending{r.Context()}
					return a, nil
				})
				began := time.Now()
				if _, err := try(t.Context(), tester(e, w)); err != nil || time.Since(began) > want {
					t.Errorf("%s: %v, %v", name, time.Since(began), err)
				}
			})
		}
	}
}

// unending is a body that says nothing until its request ends.
type unending struct{ ctx context.Context }

func (e unending) Read([]byte) (int, error) { <-e.ctx.Done(); return 0, e.ctx.Err() }

func (unending) Close() error { return nil }

// What the guard refuses for deliveries it refuses for trials: nobody looks around in the
// network by them, whatever the URL, and whoever answers.
func TestTheGuardStandsBeforeTrials(t *testing.T) {
	t.Parallel()
	asked := make(chan string, 100)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.Method
		_, _ = io.WriteString(w, r.URL.Query().Get("hub.challenge"))
	}))
	t.Cleanup(server.Close)
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]struct {
		url                      string
		private, plain, answered bool
	}{
		"a private address":                 {"http://127.0.0.1:" + port + "/" + hush, false, true, false},
		"a name of one":                     {"http://localhost:" + port + "/" + hush, false, true, false},
		"plain http":                        {"http://127.0.0.1:" + port + "/" + hush, true, false, false},
		"another spelling":                  {"http://127.1:" + port + "/" + hush, false, true, false},
		"the address of a cloud's metadata": {"http://169.254.169.254/latest/" + hush, false, true, false},
		"also where private ones may be":    {"http://169.254.169.254/latest/" + hush, true, true, false},
		"user and password":                 {"http://me:" + hush + "@127.0.0.1:" + port + "/", true, true, false},
		"no URL":                            {"http://\x00" + hush, true, true, false},
		"what may be reached":               {"http://127.0.0.1:" + port + "/", true, true, true},
	} {
		for kind, try := range trials() {
			e := trialed()
			e.URL, e.AllowPrivate, e.AllowHTTP = row.url, row.private, row.plain
			got, err := try(t.Context(), tester(e, nil))
			if err != nil || got.OK != row.answered || !row.answered && (got.Status != 0 || got.Detail == "" || got.Reason != "blocked" && got.Reason != "dns") {
				t.Errorf("%s to %s: %+v, %v", kind, name, got, err)
			}
			silent(t, got, err)
		}
	}
	if n := len(asked); n != 2 {
		t.Errorf("the server was asked %d times, want 2", n)
	}
}

// A redirect is not followed, so that nobody is sent elsewhere with a signature.
func TestATrialFollowsNoRedirect(t *testing.T) {
	t.Parallel()
	var led bytes.Buffer
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = led.WriteString(r.URL.Path)
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	}))
	t.Cleanup(server.Close)
	for kind, try := range trials() {
		led.Reset()
		e := trialed()
		e.URL, e.AllowPrivate, e.AllowHTTP = server.URL+"/here", true, true
		if got, err := try(t.Context(), tester(e, nil)); err != nil || got.Status != 307 || got.Reason != "redirect" || led.String() != "/here" {
			t.Errorf("%s went to %s: %+v, %v", kind, led.String(), got, err)
		}
	}
}

func TestATrialOfNobodySaysWhy(t *testing.T) {
	t.Parallel()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	_ = l.Close()
	e := trialed()
	e.URL, e.AllowPrivate, e.AllowHTTP = "http://"+address+"/"+hush, true, true
	for kind, try := range trials() {
		got, err := try(t.Context(), tester(e, nil))
		if err != nil || got.OK || got.Status != 0 || got.Reason != "connection" || !strings.Contains(got.Detail, "is it running") {
			t.Errorf("%s: %+v, %v", kind, got, err)
		}
		silent(t, got, err)
	}
}
