package reply_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"bauta/masking/keys"
	"bauta/webhook"
	"bauta/webhook/access"
	"bauta/webhook/graph"
	"bauta/webhook/meta"
	"bauta/webhook/outbound"
	"bauta/webhook/receive"
	"bauta/webhook/reply"
)

// refuser takes its time and refuses.
type refuser struct {
	reply.Translator
	took time.Duration
	why  error
}

func (r refuser) Out(ctx context.Context, _ outbound.Call) (*outbound.Outgoing, error) {
	select {
	case <-time.After(r.took):
	case <-ctx.Done():
	}
	return nil, r.why
}

// quiet is a handler without sockets, which have no place in a bubble.
func quiet(tb testing.TB, translator reply.Translator, platform reply.Platform) http.Handler {
	tb.Helper()
	return logging(tb, translator, platform, io.Discard)
}

// logging is quiet with a log.
func logging(tb testing.TB, translator reply.Translator, platform reply.Platform, log io.Writer) http.Handler {
	tb.Helper()
	set, err := keys.Generate()
	if err != nil {
		tb.Fatal(err)
	}
	logger := slog.New(slog.NewTextHandler(log, nil))
	o := reply.Options{
		Businesses: webhook.NewDirectory(businesses()), AccessToken: func(string) string { return platformToken },
		API: meta.NewAPI(), Tokens: newTokens(), Limiter: access.NewLimiter(access.Limits{TokenRate: 1e9, TokenBurst: 1e9}),
		Translator: translator, Platform: platform, Once: &onceInMemory{kept: map[string]*kept{}},
		Rolls: &store{rolls: map[[3]string]bool{}}, Requests: &decided{}, Audit: &decided{}, Pace: &decided{}, Sealer: set, Registerer: prometheus.NewRegistry(), Logger: logger, Now: time.Now,
	}
	h, err := reply.New(o)
	if err != nil {
		tb.Fatal(err)
	}
	e := receive.NewEcho(logger, nil)
	h.Register(e)
	return e
}

func post(ctx context.Context, h http.Handler, path, bearer, body string) *httptest.ResponseRecorder {
	request := httptest.NewRequestWithContext(ctx, http.MethodPost, path, strings.NewReader(body))
	request.Header.Set("Authorization", "Bearer "+bearer)
	request.Header.Set("Content-Type", "application/json")
	recorder := httptest.NewRecorder()
	h.ServeHTTP(recorder, request)
	return recorder
}

// How long a refusal takes must not tell how much there was to look up.
func TestRefusalsTakeMultiplesOfATime(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		why        error
		took, want time.Duration
	}{
		{outbound.ErrRawRecipient, 0, 50 * time.Millisecond},
		{outbound.ErrRawRecipient, time.Millisecond, 50 * time.Millisecond},
		{outbound.ErrRawRecipient, 49 * time.Millisecond, 50 * time.Millisecond},
		{outbound.ErrRawRecipient, 51 * time.Millisecond, 100 * time.Millisecond},
		{webhook.ErrUnknownHandle, 3 * time.Millisecond, 50 * time.Millisecond},
		{outbound.ErrUnknownMessage, 3 * time.Millisecond, 50 * time.Millisecond},
		{errors.New("store"), 3 * time.Millisecond, 50 * time.Millisecond},
	} {
		synctest.Test(t, func(t *testing.T) {
			h := quiet(t, refuser{took: row.took, why: row.why}, deaf{})
			begun := time.Now()
			if got := post(t.Context(), h, messages(), token, "{}"); got.Code < 400 {
				t.Errorf("%d %s", got.Code, got.Body)
			}
			if took := time.Since(begun); took != row.want {
				t.Errorf("%v after %v of work took %v, want %v", row.why, row.took, took, row.want)
			}
		})
	}
}

// slowly comes in after some time.
type slowly struct {
	after time.Duration
	io.Reader
}

func (s *slowly) Read(p []byte) (int, error) {
	time.Sleep(s.after)
	s.after = 0
	return s.Reader.Read(p)
}

// A caller who lets the last byte come just before the time is up turns a little more
// work into a whole step.
func TestASlowBodyDoesNotMagnifyALookUp(t *testing.T) {
	t.Parallel()
	for _, took := range []time.Duration{0, time.Millisecond, 5 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			h := quiet(t, refuser{took: took, why: outbound.ErrRawRecipient}, deaf{})
			begun := time.Now()
			request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, messages(), &slowly{48 * time.Millisecond, strings.NewReader("{}")})
			request.Header.Set("Authorization", "Bearer "+token)
			request.Header.Set("Content-Type", "application/json")
			h.ServeHTTP(httptest.NewRecorder(), request)
			if got, want := time.Since(begun), 98*time.Millisecond; got != want {
				t.Errorf("%v of work took %v, want %v", took, got, want)
			}
		})
	}
}

func TestNobodyWaitsForACallerWhoHasGone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := quiet(t, refuser{took: 0, why: outbound.ErrRawRecipient}, deaf{})
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		begun := time.Now()
		post(ctx, h, messages(), token, "{}")
		if took := time.Since(begun); took != 10*time.Millisecond {
			t.Errorf("it took %v", took)
		}
	})
}

// directory is a platform that lists phone numbers, and counts how often.
type directory struct {
	deaf
	asked int
	ids   []string
	fault error
}

func (d *directory) PhoneNumbers(context.Context, string, string) ([]graph.PhoneNumber, error) {
	d.asked++
	var found []graph.PhoneNumber
	for _, id := range d.ids {
		found = append(found, graph.PhoneNumber{ID: id})
	}
	return found, d.fault
}

// The phone numbers of a business that configures none are the platform's list.
func TestPhoneNumbersAreAskedForSeldom(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		platform := &directory{ids: []string{otherPhone}, fault: &graph.Error{Kind: graph.Unavailable}}
		h := quiet(t, refuser{took: 0, why: outbound.ErrRawRecipient}, platform)
		send := func(id string) string {
			got := post(t.Context(), h, "/"+id+"/messages", otherToken, "{}")
			return got.Header().Get("Bauta-Error") + got.Header().Get("Retry-After")
		}
		for _, step := range []struct {
			pass  time.Duration
			id    string
			fault error
			gone  bool
			want  string
			asked int
		}{
			{0, otherPhone, platform.fault, false, "unavailable3", 1},
			{2 * time.Second, otherPhone, nil, false, "unavailable1", 1},
			{time.Second, otherPhone, nil, false, "raw_recipient", 2},
			{0, otherPhone, nil, false, "raw_recipient", 2},
			{0, "900000000000001", nil, false, "not_found", 2},
			{2 * time.Minute, "900000000000001", nil, false, "not_found", 3},
			{time.Minute, otherPhone, nil, false, "raw_recipient", 3},
			{time.Hour, otherPhone, platform.fault, false, "raw_recipient", 4},
			{2 * time.Minute, otherPhone, nil, true, "not_found", 5},
		} {
			time.Sleep(step.pass) // virtual: the synctest bubble's clock
			platform.fault = step.fault
			if step.gone {
				platform.ids = nil
			}
			if got := send(step.id); got != step.want || platform.asked != step.asked {
				t.Errorf("%+v: %s, asked %d times", step, got, platform.asked)
			}
		}
	})
}

// Why the phone numbers are not known is said, and decides when they are asked for again.
func TestWhyPhoneNumbersAreNotKnownIsSaid(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		fault  graph.Error
		want   string
		says   []string
		again  time.Duration
		status int
	}{
		"Meta cannot be reached":    {graph.Error{Kind: graph.Unreachable}, "unavailable3", []string{"Bauta cannot reach Meta", "Retry-After"}, 3 * time.Second, 503},
		"Meta does not answer":      {graph.Error{Kind: graph.TooSlow}, "unavailable3", []string{"did not answer in time"}, 3 * time.Second, 503},
		"the breaker is open":       {graph.Error{Kind: graph.BreakerOpen, RetryAfter: 9 * time.Second}, "unavailable9", []string{"failed of late"}, 9 * time.Second, 503},
		"there were too many calls": {graph.Error{Kind: graph.RateLimited}, "unavailable60", []string{"takes no more calls"}, time.Minute, 503},
		"Meta refuses the token": {
			graph.Error{Kind: graph.TokenRefused, Status: 401, Code: 190, Subcode: 463},
			"platform_token",
			[]string{"Meta refuses the access token", "Bauta's own token is fine", "Meta's code 190, subcode 463."},
			time.Minute, 500,
		},
		"the token lacks a permission": {graph.Error{Kind: graph.Forbidden, Code: 200}, "platform_token", []string{"lacks a permission", "Meta's code 200."}, time.Minute, 500},
		"the account is another's":     {graph.Error{Kind: graph.NotFound, Code: 100, Subcode: 33}, "platform_token", []string{"wabas", "Meta's code 100, subcode 33."}, time.Minute, 500},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				platform := &directory{ids: []string{otherPhone}, fault: &row.fault}
				var log text
				h := logging(t, refuser{took: 0, why: outbound.ErrRawRecipient}, platform, &log)
				send := func() *httptest.ResponseRecorder {
					return post(t.Context(), h, "/"+otherPhone+"/messages", otherToken, "{}")
				}
				got := send()
				if got.Code != row.status || got.Header().Get("Bauta-Error")+got.Header().Get("Retry-After") != row.want {
					t.Errorf("%d %v %s", got.Code, got.Header(), got.Body)
				}
				for _, want := range row.says {
					if !strings.Contains(got.Body.String(), want) {
						t.Errorf("no word of %q: %s", want, got.Body)
					}
				}
				if again := send(); strings.Count(log.String(), "level=WARN") != 1 || again.Code != row.status ||
					!strings.Contains(log.String(), "phone_number_ids") || !strings.Contains(log.String(), "kind="+string(row.fault.Kind)) {
					t.Errorf("%d, log %s", again.Code, &log)
				}
				platform.fault = nil
				time.Sleep(row.again - time.Nanosecond) // virtual: the synctest bubble's clock
				if early := send(); early.Code != row.status || platform.asked != 1 {
					t.Errorf("asked %d times: %s", platform.asked, early.Body)
				}
				time.Sleep(time.Nanosecond) // virtual
				if mended := send(); mended.Header().Get("Bauta-Error") != "raw_recipient" || platform.asked != 2 {
					t.Errorf("asked %d times: %s", platform.asked, mended.Body)
				}
			})
		})
	}
}
