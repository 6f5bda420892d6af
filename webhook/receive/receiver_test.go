package receive_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"bauta/webhook/receive"
)

const (
	secret      = "test_app_secret"
	verifyToken = "a-verify-token"
	// probe must never come back in an answer or a log.
	probe = "393331234567"
)

// verifier is the documented signature over one secret.
type verifier struct{}

func (verifier) Verify(header string, body []byte) bool {
	return hmac.Equal([]byte(header), []byte(sign(body)))
}

func sign(body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

// pipeline is a fake with one function.
type pipeline func(ctx context.Context, app string, body []byte) error

func (p pipeline) Accept(ctx context.Context, app string, body []byte) error {
	return p(ctx, app, body)
}

func stored(context.Context, string, []byte) error { return nil }

// bench is a receiver with everything around it.
type bench struct {
	echo     *echo.Echo
	registry *prometheus.Registry
	log      *bytes.Buffer
}

func newBench(tb testing.TB, p pipeline, change func(*receive.Options)) *bench {
	tb.Helper()
	b := &bench{registry: prometheus.NewRegistry(), log: &bytes.Buffer{}}
	logger := slog.New(slog.NewTextHandler(b.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	options := receive.Options{
		Apps:     []receive.App{{ID: "main", VerifyToken: verifyToken, Verifier: verifier{}}},
		Pipeline: p, Registerer: b.registry, Logger: logger,
	}
	if change != nil {
		change(&options)
	}
	r, err := receive.New(options)
	if err != nil {
		tb.Fatal(err)
	}
	b.echo = receive.NewEcho(logger, nil)
	r.Register(b.echo)
	return b
}

func (b *bench) serve(request *http.Request) *httptest.ResponseRecorder {
	recorder := httptest.NewRecorder()
	b.echo.ServeHTTP(recorder, request)
	return recorder
}

func (b *bench) count(t *testing.T, app, answer string) float64 {
	t.Helper()
	families, err := b.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() != "bauta_receive_requests_total" {
			continue
		}
		for _, metric := range family.GetMetric() {
			labels := metric.GetLabel() // sorted: answer, app
			if labels[0].GetValue() == answer && labels[1].GetValue() == app {
				return metric.GetCounter().GetValue()
			}
		}
	}
	return 0
}

func post(path string, body []byte, headers ...string) *http.Request {
	request := httptest.NewRequest(http.MethodPost, path, bytes.NewReader(body))
	request.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	return request
}

func signed(body []byte) *http.Request {
	return post("/webhooks/main", body, "X-Hub-Signature-256", sign(body))
}

// The vectors of platform/webhooks.md 1.2.
func TestDocumentedSignaturesAreAccepted(t *testing.T) {
	t.Parallel()
	for body, signature := range map[string]string{
		`{"object":"whatsapp_business_account","entry":[]}`:    "dec6a680679a968e7e0319355b23599cbfc54502c0784668e9618baa0c633756",
		`{"object": "whatsapp_business_account", "entry": []}`: "56cbbaf4961c6cfdae48b7f116c047e5eb513d2c931baae63a2bc1afd26f803a",
	} {
		var got string
		b := newBench(t, func(_ context.Context, app string, body []byte) error { got = app + string(body); return nil }, nil)
		answer := b.serve(post("/webhooks/main", []byte(body), "X-Hub-Signature-256", "sha256="+signature))
		if answer.Code != http.StatusOK || got != "main"+body {
			t.Errorf("%s: %d, pipeline got %q", body, answer.Code, got)
		}
	}
}

func TestAnswersToWebhooks(t *testing.T) {
	t.Parallel()
	body := []byte(`{"object":"x","from":"` + probe + `"}`)
	large := bytes.Repeat([]byte{'x'}, receive.BodyLimit+1)
	failing := pipeline(func(context.Context, string, []byte) error { return errors.New("redis is down") })
	for name, row := range map[string]struct {
		request  *http.Request
		pipeline pipeline
		status   int
		app      string
		answer   string
	}{
		"a signed body is stored":              {signed(body), stored, 200, "main", "stored"},
		"a signed body that is no JSON":        {signed([]byte("\xff")), stored, 200, "main", "stored"},
		"a signed empty body":                  {signed(nil), stored, 200, "main", "stored"},
		"a body of exactly the limit":          {signed(large[:receive.BodyLimit]), stored, 200, "main", "stored"},
		"a signed body that cannot be stored":  {signed(body), failing, 503, "main", "not_stored"},
		"no signature":                         {post("/webhooks/main", body), nil, 401, "main", "bad_signature"},
		"a signature of another body":          {post("/webhooks/main", body, "X-Hub-Signature-256", sign([]byte("y"))), nil, 401, "main", "bad_signature"},
		"a signature without its prefix":       {post("/webhooks/main", body, "X-Hub-Signature-256", strings.TrimPrefix(sign(body), "sha256=")), nil, 401, "main", "bad_signature"},
		"a signature with something behind it": {post("/webhooks/main", body, "X-Hub-Signature-256", sign(body)+"0"), nil, 401, "main", "bad_signature"},
		"the old SHA-1 header":                 {post("/webhooks/main", body, "X-Hub-Signature", "sha1=0000000000000000000000000000000000000000"), nil, 401, "main", "bad_signature"},
		"an unknown app":                       {post("/webhooks/"+probe, body, "X-Hub-Signature-256", sign(body)), nil, 404, "unknown", "unknown_app"},
		"a body above the limit, announced":    {signed(large), nil, 413, "main", "too_large"},
		"a body above the limit, unannounced":  {unannounced(large), nil, 413, "main", "too_large"},
		"a compressed body":                    {post("/webhooks/main", body, "X-Hub-Signature-256", sign(body), "Content-Encoding", "gzip"), nil, 415, "main", "encoded"},
		"an explicit identity coding":          {post("/webhooks/main", body, "X-Hub-Signature-256", sign(body), "Content-Encoding", "identity"), stored, 200, "main", "stored"},
		"a body that breaks off":               {broken(body), nil, 408, "main", "unreadable"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			called := false
			b := newBench(t, func(ctx context.Context, app string, body []byte) error {
				called = true
				if row.pipeline == nil {
					return nil
				}
				return row.pipeline(ctx, app, body)
			}, nil)
			answer := b.serve(row.request)
			if answer.Code != row.status {
				t.Errorf("status %d, want %d", answer.Code, row.status)
			}
			if called != (row.pipeline != nil) {
				t.Errorf("the pipeline was called: %v", called)
			}
			if got := b.count(t, row.app, row.answer); got != 1 {
				t.Errorf("%s for %s counted %v times", row.answer, row.app, got)
			}
			if (row.status == 503) != (answer.Header().Get("Retry-After") == "5") {
				t.Errorf("Retry-After: %q", answer.Header().Get("Retry-After"))
			}
			if strings.Contains(answer.Body.String()+b.log.String(), probe) {
				t.Error("the request comes back in the answer or the log")
			}
		})
	}
}

func unannounced(body []byte) *http.Request {
	request := post("/webhooks/main", nil, "X-Hub-Signature-256", sign(body))
	request.Body, request.ContentLength = io.NopCloser(bytes.NewReader(body)), -1
	return request
}

func broken(body []byte) *http.Request {
	request := post("/webhooks/main", nil, "X-Hub-Signature-256", sign(body))
	request.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body[:4]), iotestErr{}))
	request.ContentLength = int64(len(body))
	return request
}

type iotestErr struct{}

func (iotestErr) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestRefusalsAreConstant(t *testing.T) {
	t.Parallel()
	b := newBench(t, stored, nil)
	first := b.serve(post("/webhooks/main", []byte("one"), "X-Hub-Signature-256", sign([]byte("x"))))
	second := b.serve(post("/webhooks/main", []byte("another"), "X-Hub-Signature-256", "short"))
	if first.Body.String() != second.Body.String() || first.Body.String() != `{"error":"unauthorized"}`+"\n" {
		t.Errorf("bodies %q and %q", first.Body, second.Body)
	}
}

func TestHandshake(t *testing.T) {
	t.Parallel()
	const right = "/webhooks/main?hub.mode=subscribe&hub.verify_token=" + verifyToken + "&hub.challenge="
	for name, row := range map[string]struct {
		target string
		status int
		body   string
		answer string
	}{
		"the right token gets the challenge, unsigned": {right + "1158201444", 200, "1158201444", "handshake"},
		"a challenge is an opaque string":              {right + "%3Cb%3E+x", 200, "<b> x", "handshake"},
		"a wrong token":                                {"/webhooks/main?hub.mode=subscribe&hub.verify_token=" + probe + "&hub.challenge=1", 403, "", "wrong_token"},
		"a longer token":                               {"/webhooks/main?hub.mode=subscribe&hub.verify_token=" + verifyToken + "x&hub.challenge=1", 403, "", "wrong_token"},
		"no token":                                     {"/webhooks/main?hub.mode=subscribe&hub.challenge=1", 403, "", "wrong_token"},
		"another mode":                                 {"/webhooks/main?hub.mode=unsubscribe&hub.verify_token=" + verifyToken + "&hub.challenge=1", 403, "", "wrong_token"},
		"no query at all":                              {"/webhooks/main", 403, "", "wrong_token"},
		"no challenge":                                 {right, 400, "", "bad_challenge"},
		"a challenge of 1 KiB":                         {right + strings.Repeat("1", 1024), 200, strings.Repeat("1", 1024), "handshake"},
		"a longer challenge":                           {right + strings.Repeat("1", 1025), 400, "", "bad_challenge"},
		"an unknown app":                               {"/webhooks/other?hub.mode=subscribe&hub.verify_token=" + verifyToken, 404, "", "unknown_app"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, stored, nil)
			answer := b.serve(httptest.NewRequest(http.MethodGet, row.target, http.NoBody))
			if answer.Code != row.status {
				t.Fatalf("status %d, want %d", answer.Code, row.status)
			}
			if row.status == 200 {
				if got := answer.Body.String(); got != row.body {
					t.Errorf("body %q, want %q", got, row.body)
				}
				if got := answer.Header().Get("Content-Type") + "|" + answer.Header().Get("X-Content-Type-Options"); got != "text/plain; charset=UTF-8|nosniff" {
					t.Errorf("a browser could take it for a page: %s", got)
				}
			}
			app := "main"
			if row.status == 404 {
				app = "unknown"
			}
			if b.count(t, app, row.answer) != 1 {
				t.Errorf("%s is not counted", row.answer)
			}
			for _, private := range []string{verifyToken, probe, "hub."} {
				if strings.Contains(b.log.String(), private) {
					t.Errorf("%s is in the log: %s", private, b.log)
				}
			}
			if !strings.Contains(b.log.String(), "route=/webhooks/:app") {
				t.Errorf("the access record has no route pattern: %s", b.log)
			}
		})
	}
}

func TestOtherMethodsAndPathsSayNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t, stored, nil)
	for target, want := range map[string]int{"PUT /webhooks/main": 405, "GET /" + probe: 404, "GET /webhooks/main/" + probe: 404, "GET /webhooks/": 404} {
		method, path, _ := strings.Cut(target, " ")
		answer := b.serve(httptest.NewRequest(method, path, http.NoBody))
		if answer.Code != want || strings.Contains(answer.Body.String(), probe) {
			t.Errorf("%s: %d %s, want %d", target, answer.Code, answer.Body, want)
		}
	}
	if strings.Contains(b.log.String(), probe) {
		t.Errorf("a path is in the log: %s", b.log)
	}
}

func TestWhatWasBegunIsFinishedWhenThePlatformHangsUp(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	b := newBench(t, func(inner context.Context, _ string, _ []byte) error {
		cancel()
		if _, bounded := inner.Deadline(); !bounded {
			return errors.New("the pipeline has no time bound")
		}
		return inner.Err()
	}, nil)
	if answer := b.serve(signed([]byte("{}")).WithContext(ctx)); answer.Code != http.StatusOK {
		t.Errorf("status %d, log %s", answer.Code, b.log)
	}
}

func TestThePipelineIsBoundedInTime(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(ctx context.Context, _ string, _ []byte) error {
		<-ctx.Done()
		return ctx.Err()
	}, func(o *receive.Options) { o.AcceptTimeout = time.Millisecond })
	if answer := b.serve(signed([]byte("{}"))); answer.Code != http.StatusServiceUnavailable {
		t.Errorf("status %d", answer.Code)
	}
}

func TestAPanicInThePipelineIsA503AndKeepsItsValueToItself(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(_ context.Context, _ string, body []byte) error { panic(string(body)) }, nil)
	answer := b.serve(signed([]byte(probe)))
	if answer.Code != http.StatusServiceUnavailable || b.count(t, "main", "not_stored") != 1 {
		t.Errorf("status %d", answer.Code)
	}
	if strings.Contains(b.log.String(), probe) || !strings.Contains(b.log.String(), "panicked with a string") {
		t.Errorf("log: %s", b.log)
	}
}

func TestAPanicInAnotherHandlerIsABare500(t *testing.T) {
	t.Parallel()
	b := newBench(t, stored, nil)
	b.echo.GET("/panic", func(echo.Context) error { panic(probe) })
	b.echo.GET("/error", func(echo.Context) error { return errors.New(probe) })
	for _, path := range []string{"/panic", "/error"} {
		answer := b.serve(httptest.NewRequest(http.MethodGet, path, http.NoBody))
		if answer.Code != 500 || answer.Body.String() != `{"error":"internal server error"}`+"\n" {
			t.Errorf("%s: %d %s", path, answer.Code, answer.Body)
		}
	}
	if strings.Contains(b.log.String(), probe) {
		t.Errorf("log: %s", b.log)
	}
}

func TestMetricsHaveNoWordOfAStranger(t *testing.T) {
	t.Parallel()
	b := newBench(t, stored, nil)
	b.serve(signed([]byte("{}")))
	b.serve(post("/webhooks/"+probe, nil))
	const want = `
# HELP bauta_receive_requests_total Requests of the platform's side by app and answer.
# TYPE bauta_receive_requests_total counter
bauta_receive_requests_total{answer="bad_challenge",app="main"} 0
bauta_receive_requests_total{answer="bad_signature",app="main"} 0
bauta_receive_requests_total{answer="encoded",app="main"} 0
bauta_receive_requests_total{answer="full",app="main"} 0
bauta_receive_requests_total{answer="handshake",app="main"} 0
bauta_receive_requests_total{answer="not_stored",app="main"} 0
bauta_receive_requests_total{answer="overloaded",app="main"} 0
bauta_receive_requests_total{answer="stored",app="main"} 1
bauta_receive_requests_total{answer="too_large",app="main"} 0
bauta_receive_requests_total{answer="unknown_app",app="unknown"} 1
bauta_receive_requests_total{answer="unreadable",app="main"} 0
bauta_receive_requests_total{answer="wrong_certificate",app="main"} 0
bauta_receive_requests_total{answer="wrong_token",app="main"} 0
`
	if err := testutil.GatherAndCompare(b.registry, strings.NewReader(want), "bauta_receive_requests_total"); err != nil {
		t.Error(err)
	}
	for _, name := range []string{"bauta_receive_ack_seconds", "bauta_receive_body_bytes"} {
		if n, err := testutil.GatherAndCount(b.registry, name); err != nil || n != 1 {
			t.Errorf("%s: %d, %v", name, n, err)
		}
	}
}

func TestNewNamesEverythingThatIsMissing(t *testing.T) {
	t.Parallel()
	_, err := receive.New(receive.Options{Apps: []receive.App{{ID: "a", Verifier: verifier{}}, {ID: "a", VerifyToken: "x"}}})
	if err == nil {
		t.Fatal("nothing was found")
	}
	for _, want := range []string{"Options.Pipeline", "Options.Registerer", "Options.Logger", "the verify token of app a", "the verifier of app a", "app a is there twice"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no word of %s in: %v", want, err)
		}
	}
}
