package reply_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"bauta/webhook/graph"
	"bauta/webhook/outbound"
	"bauta/webhook/reply"
)

// calls that send something, change something, and only read.
func (r *rig) three() map[string]call {
	return map[string]call{
		"send":   {path: messages(), body: r.text()},
		"change": {path: "/" + phone + "/whatsapp_business_profile", body: `{"messaging_product":"whatsapp","about":"open"}`},
		"read":   {method: http.MethodGet, path: "/" + phone},
	}
}

// What it is told where the platform does not answer, by what the call does.
func TestAPlatformThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	type want struct {
		status, code int
		name, says   string
	}
	const broke, unread = "broke before its answer had come", "The platform's answer could not be read."
	unavailable, bad := want{503, 2, "unavailable", broke}, want{502, 131000, "bad_answer", unread}
	lost, unknown := want{500, 131000, "outcome_unknown", broke}, want{500, 131000, "outcome_unknown", unread}
	for name, row := range map[string]struct {
		platform           http.HandlerFunc
		send, change, read want
	}{
		"it hangs up after it took the call": {
			func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, lost, unavailable, unavailable,
		},
		"it breaks off in the middle": {
			func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Length", "1000")
				_, _ = w.Write([]byte(`{"messages":[{"id":"wamid.` + hiddenPerson().Number))
			}, lost, unavailable, unavailable,
		},
		"it says nothing": {func(http.ResponseWriter, *http.Request) {}, unknown, bad, bad},
		"it sends the caller elsewhere": {
			func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, "/x?to="+hiddenPerson().Number, http.StatusFound)
			}, unknown, bad, bad,
		},
		"it talks HTML": {
			func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/html")
				_, _ = w.Write([]byte("<html>Sorry, " + hiddenPerson().Number + "</html>"))
			}, unknown, bad, bad,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.platformSays(row.platform)
			for kind, want := range map[string]want{"send": row.send, "change": row.change, "read": row.read} {
				got := r.do(t, r.three()[kind])
				f := wantFault(t, got, want.status, want.code, want.name)
				if retry := got.header.Get("Retry-After"); (retry != "") != (want.status == 503) {
					t.Errorf("%s: Retry-After %q", kind, retry)
				}
				if !strings.Contains(f.Error.Data.Details, want.says) {
					t.Errorf("%s: no word of %q: %s", kind, want.says, f.Error.Data.Details)
				}
				if kind != "read" && strings.Contains(f.Error.Data.Details, "Nothing was sent") {
					t.Errorf("%s: it promises too much: %s", kind, f.Error.Data.Details)
				}
			}
		})
	}
}

// deaf is a platform that fails as the client says.
type deaf struct {
	reply.Platform
	fault error
}

func (d deaf) Call(context.Context, graph.Request) (*graph.Answer, error) { return nil, d.fault }

func TestWhatWasNotSentCanBeSentAgain(t *testing.T) {
	t.Parallel()
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	unreachable, err := graph.New(graph.Options{URL: closed.URL, Version: "v25.0", HTTP: graph.NewHTTP(), RetryFor: time.Nanosecond})
	if err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]struct {
		platform reply.Platform
		status   int
		code     int
		fault    string
		retry    string
	}{
		"nobody listens":                 {unreachable, 503, 2, "unavailable", "1"},
		"the breaker is open":            {deaf{fault: &graph.Error{Kind: graph.BreakerOpen, RetryAfter: 6500 * time.Millisecond}}, 503, 2, "unavailable", "7"},
		"the access token cannot be one": {deaf{fault: &graph.Error{Kind: graph.TokenRefused}}, 500, 3, "platform_token", ""},
		"no URL can be built":            {deaf{fault: &graph.Error{Kind: graph.Refused}}, 400, 100, "not_found", ""},
		"the client breaks":              {deaf{fault: errors.New("out of luck")}, 500, 1, "internal", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, func(s *settings) { s.options.Platform = row.platform })
			got := r.do(t, call{path: messages(), body: r.text()})
			wantFault(t, got, row.status, row.code, row.fault)
			if got.header.Get("Retry-After") != row.retry {
				t.Errorf("Retry-After %q, want %q", got.header.Get("Retry-After"), row.retry)
			}
		})
	}
}

// The platform's own errors come through with status, code and headers (webhooks.md
// 6.6), and nothing of a number in their texts.
func TestTheErrorsOfThePlatformAreItsOwn(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ status, code int }{
		{403, 10},
		{403, 131005},
		{403, 368},
		{400, 131048},
		{400, 1},
		{503, 2},
		{500, 131016},
		{500, 131000},
		{400, 100},
		{400, 131008},
		{400, 131009},
		{400, 131026},
		{400, 131042},
		{400, 131047},
		{400, 131049},
		{400, 131050},
		{400, 131051},
		{404, 132001},
		{400, 132000},
		{400, 131062},
	} {
		t.Run(fmt.Sprint(row.code), func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.platformSays(func(w http.ResponseWriter, _ *http.Request) {
				header := w.Header()
				header.Set("Retry-After", "17")
				header.Set("X-Business-Use-Case-Usage", `{"1":[]}`)
				header.Set("X-Fb-Trace-Id", "secret")
				w.WriteHeader(row.status)
				_, _ = fmt.Fprintf(w, `{"error":{"message":"(#%d) to +%s","type":"OAuthException","code":%d,"error_data":{"messaging_product":"whatsapp","details":"%s is not"},"fbtrace_id":"A1"}}`,
					row.code, hiddenPerson().Number, row.code, hiddenPerson().UserID)
			})
			got := r.do(t, call{path: messages(), body: r.text()})
			var f fault
			if err := json.Unmarshal([]byte(got.body), &f); err != nil {
				t.Fatal(err)
			}
			if got.status != row.status || f.Error.Code != row.code || got.header.Get("Bauta-Error") != "" {
				t.Errorf("%d %s", got.status, got.body)
			}
			if got.header.Get("Retry-After") != "17" || got.header.Get("X-Business-Use-Case-Usage") != `{"1":[]}` {
				t.Errorf("headers %v", got.header)
			}
			wantHeaders(t, got)
			if strings.Contains(r.log.String(), "level=WARN") {
				t.Errorf("it warns: %s", r.log)
			}
		})
	}
}

// Some messages go to numbers only: the platform says so and has sent nothing.
func TestWhereAUserIDIsNotTakenTheNumberIs(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.platformSays(func(w http.ResponseWriter, request *http.Request) {
		var body struct{ To, Recipient string }
		_ = json.NewDecoder(request.Body).Decode(&body)
		if body.Recipient != "" {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = w.Write([]byte(`{"error":{"message":"(#131062)","type":"OAuthException","code":131062,"fbtrace_id":"A"}}`))
			return
		}
		_, _ = fmt.Fprintf(w, `{"messaging_product":"whatsapp","contacts":[{"input":"%s","wa_id":"%s"}],"messages":[{"id":"wamid.HBgMMzkzMzMxMTEyMjMzFQIAERgSN0Q0RjA5QkE4M0M4QjQ3QTk5AA=="}]}`,
			body.To, hiddenPerson().Number)
	})
	got := r.do(t, call{path: messages(), body: r.text()})
	_, sent := r.platformCalls()
	if got.status != 200 || len(sent) != 2 || !strings.Contains(sent[0], hiddenPerson().UserID) || !strings.Contains(sent[1], `"+`+hiddenPerson().Number+`"`) {
		t.Errorf("%d %s\n%s", got.status, got.body, sent)
	}
}

// told tells when an answer was masked.
type told struct {
	*outbound.Translator
	back chan int
}

func (t told) Back(ctx context.Context, o *outbound.Outgoing, status int, body []byte) outbound.Answer {
	if ctx.Err() != nil {
		status = 0
	}
	t.back <- status
	return t.Translator.Back(ctx, o, status, body)
}

// Once the platform was called, what it did is remembered, whoever hangs up.
func TestWhatWasBegunIsFinishedWhenTheCallerHangsUp(t *testing.T) {
	t.Parallel()
	back := make(chan int, 1)
	r := newRig(t, func(s *settings) {
		s.wrap = func(real *outbound.Translator) reply.Translator { return told{real, back} }
	})
	ctx, hangUp := context.WithCancel(t.Context())
	arrived, finish := make(chan struct{}), make(chan struct{})
	r.platformSays(func(w http.ResponseWriter, request *http.Request) {
		close(arrived)
		<-finish
		r.platform.ServeHTTP(w, request)
	})
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, r.url+messages(), strings.NewReader(r.text()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	gone := make(chan error)
	go func() {
		response, err := r.client.Do(request)
		if err == nil {
			_ = response.Body.Close()
		}
		gone <- err
	}()
	<-arrived
	hangUp()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	close(finish)
	if status := <-back; status != http.StatusOK {
		t.Errorf("the answer was lost: %d", status)
	}
}

func TestEveryCallIsCounted(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.do(t, call{path: messages(), body: r.text()})
	r.do(t, call{path: messages(), body: strings.ReplaceAll(r.text(), "ciao", "error 131047")})
	r.do(t, call{path: messages(), body: "{"})
	r.do(t, call{path: "/" + phone + "/unheard_of", body: "{}"})
	r.do(t, call{path: "/", bearer: "none"})
	r.do(t, call{path: "/", bearer: "made-up"})
	want := `
# HELP bauta_reply_auth_failures_total Calls that were not let in, by reason.
# TYPE bauta_reply_auth_failures_total counter
bauta_reply_auth_failures_total{reason="ambiguous"} 0
bauta_reply_auth_failures_total{reason="invalid"} 1
bauta_reply_auth_failures_total{reason="missing"} 1
bauta_reply_auth_failures_total{reason="source_limited"} 0
bauta_reply_auth_failures_total{reason="unconfigured"} 0
# HELP bauta_reply_requests_total Calls of businesses by route and outcome: ok, platform_error, or the name of Bauta's own error.
# TYPE bauta_reply_requests_total counter
bauta_reply_requests_total{business="acme",outcome="bad_body",route="messages_send"} 1
bauta_reply_requests_total{business="acme",outcome="ok",route="messages_send"} 1
bauta_reply_requests_total{business="acme",outcome="platform_error",route="messages_send"} 1
bauta_reply_requests_total{business="acme",outcome="unknown_path",route="none"} 1
`
	if err := testutil.GatherAndCompare(r.registry, strings.NewReader(want), "bauta_reply_auth_failures_total", "bauta_reply_requests_total"); err != nil {
		t.Error(err)
	}
}
