package graph_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"bauta/webhook/graph"
)

const (
	adID  = "120226305854810726"
	token = "EAAsecrettoken"
)

// trip is a far side without a network.
type trip func(*http.Request) (*http.Response, error)

func (t trip) RoundTrip(r *http.Request) (*http.Response, error) { return t(r) }

func answer(status int, body string) *http.Response {
	recorder := httptest.NewRecorder()
	recorder.WriteHeader(status)
	_, _ = recorder.WriteString(body)
	return recorder.Result()
}

func client(t *testing.T, url string, transport http.RoundTripper) *graph.Client {
	t.Helper()
	c, err := graph.New(graph.Options{URL: url, Version: "v25.0", HTTP: &http.Client{Transport: transport}, Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func wantKind(t *testing.T, err error, kind graph.Kind) {
	t.Helper()
	var e *graph.Error
	if !errors.As(err, &e) {
		t.Fatalf("error %v, want a *graph.Error", err)
	}
	if e.Kind != kind {
		t.Errorf("kind %s, want %s (%v)", e.Kind, kind, err)
	}
	for _, secret := range []string{token, adID, "quoted", "http://"} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("the error tells %q: %v", secret, err)
		}
	}
}

func TestAdAsksAsDocumented(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || r.URL.Path != "/v25.0/"+adID {
			t.Errorf("%s %s", r.Method, r.URL.Path)
		}
		if got := r.Header.Get("Authorization"); got != "Bearer "+token {
			t.Error("the token is not in the Authorization header")
		}
		if strings.Contains(r.URL.RawQuery, token) {
			t.Error("the token is in the URL")
		}
		if fields := r.URL.Query().Get("fields"); !strings.Contains(fields, "adset{destination_type}") {
			t.Errorf("fields %s: destination_type is on the ad set", fields)
		}
		_, _ = fmt.Fprintf(w, `{"id":"%s","account_id":"11","campaign_id":"22","adset_id":"33","effective_status":"ACTIVE",
			"adset":{"id":"33","destination_type":"WHATSAPP"}}`, adID)
	}))
	defer server.Close()
	got, err := client(t, server.URL+"/", server.Client().Transport).Ad(t.Context(), token, adID)
	if err != nil {
		t.Fatal(err)
	}
	want := graph.Ad{ID: adID, Account: "11", Campaign: "22", AdSet: "33", Destination: "WHATSAPP", Status: "ACTIVE"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAnswersAreClassified(t *testing.T) {
	t.Parallel()
	refused := func(code int) string {
		return fmt.Sprintf(`{"error":{"message":"quoted text","type":"OAuthException","code":%d,"error_subcode":33,"fbtrace_id":"quoted"}}`, code)
	}
	for name, row := range map[string]struct {
		status int
		body   string
		want   graph.Kind
	}{
		"190: the token":                {400, refused(190), graph.TokenRefused},
		"102: the session":              {400, refused(102), graph.TokenRefused},
		"200: the permission":           {403, refused(200), graph.Forbidden},
		"10: the permission":            {400, refused(10), graph.Forbidden},
		"100: unknown or inaccessible":  {400, refused(100), graph.NotFound},
		"803: unknown":                  {404, refused(803), graph.NotFound},
		"80004: too many calls":         {400, refused(80004), graph.RateLimited},
		"17: too many of a user":        {400, refused(17), graph.RateLimited},
		"4: too many of the app":        {403, refused(4), graph.RateLimited},
		"613: too many of a kind":       {400, refused(613), graph.RateLimited},
		"1: temporary":                  {400, refused(1), graph.Unavailable},
		"2: temporary":                  {500, refused(2), graph.Unavailable},
		"another code":                  {400, refused(368), graph.Refused},
		"another code with a 5xx":       {503, refused(368), graph.Unavailable},
		"401 without a body":            {401, "", graph.TokenRefused},
		"403 without a body":            {403, "", graph.Forbidden},
		"429 without a body":            {429, "", graph.RateLimited},
		"502 with a page":               {502, "<html>quoted</html>", graph.Unavailable},
		"400 with garbage":              {400, "{", graph.Refused},
		"a redirect":                    {302, "", graph.Unreadable},
		"an answer that is no JSON":     {200, "<html>quoted</html>", graph.Unreadable},
		"an answer without an id":       {200, "{}", graph.Unreadable},
		"an answer about another ad":    {200, `{"id":"1"}`, graph.Unreadable},
		"an answer of another type":     {200, `{"id":"` + adID + `","account_id":{}}`, graph.Unreadable},
		"an answer of more than 256 KB": {200, `{"id":"` + adID + `"}` + strings.Repeat(" ", 256<<10), graph.Unreadable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			calls := 0
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				calls++
				if row.status == http.StatusFound {
					w.Header().Set("Location", "/elsewhere")
				}
				w.WriteHeader(row.status)
				_, _ = w.Write([]byte(row.body))
			}))
			defer server.Close()
			got, err := client(t, server.URL, server.Client().Transport).Ad(t.Context(), token, adID)
			wantKind(t, err, row.want)
			if got != (graph.Ad{}) || calls != 1 {
				t.Errorf("got %+v after %d calls", got, calls)
			}
		})
	}
}

func TestCallsWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	t.Run("nobody listens", func(t *testing.T) {
		t.Parallel()
		server := httptest.NewServer(http.NotFoundHandler())
		server.Close()
		_, err := client(t, server.URL, &http.Transport{}).Ad(t.Context(), token, adID)
		wantKind(t, err, graph.Unreachable)
	})
	t.Run("the body breaks off", func(t *testing.T) {
		t.Parallel()
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte("{"))
		}))
		defer server.Close()
		_, err := client(t, server.URL, server.Client().Transport).Ad(t.Context(), token, adID)
		wantKind(t, err, graph.Unreachable)
	})
	t.Run("an id that is none makes no call", func(t *testing.T) {
		t.Parallel()
		c := client(t, "http://127.0.0.1:1", trip(func(*http.Request) (*http.Response, error) {
			t.Error("a call was made")
			return nil, errors.New("unreachable")
		}))
		for _, id := range []string{"", "me", "1/../2", "1?x=y", "12 3", strings.Repeat("1", 33)} {
			_, err := c.Ad(t.Context(), token, id)
			wantKind(t, err, graph.NotFound)
		}
	})
	t.Run("too slow", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			c := client(t, "https://graph.example", trip(func(r *http.Request) (*http.Response, error) {
				<-r.Context().Done()
				return nil, r.Context().Err()
			}))
			started := time.Now()
			_, err := c.Ad(t.Context(), token, adID)
			wantKind(t, err, graph.TooSlow)
			if took := time.Since(started); took != time.Second || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%v after %v, want a deadline after 1 s", err, took)
			}
		})
	})
	t.Run("a time-out of the transport's own", func(t *testing.T) {
		t.Parallel()
		c := client(t, "https://graph.example", trip(func(*http.Request) (*http.Response, error) { return nil, slow{} }))
		_, err := c.Ad(t.Context(), token, adID)
		wantKind(t, err, graph.TooSlow)
	})
}

type slow struct{}

func (slow) Error() string { return "quoted " + adID }
func (slow) Timeout() bool { return true }

func TestTheBreakerOpensAndCloses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		calls, status := 0, http.StatusInternalServerError
		c := client(t, "https://graph.example", trip(func(*http.Request) (*http.Response, error) {
			calls++
			return answer(status, `{"id":"`+adID+`"}`), nil
		}))
		for range 5 {
			_, err := c.Ad(t.Context(), token, adID)
			wantKind(t, err, graph.Unavailable)
		}
		_, err := c.Ad(t.Context(), token, adID)
		wantKind(t, err, graph.BreakerOpen)
		if calls != 5 {
			t.Errorf("%d calls, want 5: an open breaker makes none", calls)
		}
		status = http.StatusOK
		time.Sleep(16 * time.Second) // virtual: the synctest bubble's clock
		if _, err := c.Ad(t.Context(), token, adID); err != nil {
			t.Errorf("after the breaker's time: %v", err)
		}
	})
}

func TestAnswersAndCancelsDoNotOpenTheBreaker(t *testing.T) {
	t.Parallel()
	calls := 0
	c := client(t, "https://graph.example", trip(func(r *http.Request) (*http.Response, error) {
		calls++
		if r.Context().Err() != nil {
			return nil, r.Context().Err()
		}
		return answer(http.StatusBadRequest, `{"error":{"code":190}}`), nil
	}))
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for range 20 {
		_, err := c.Ad(gone, token, adID)
		wantKind(t, err, graph.Canceled)
		if !errors.Is(err, context.Canceled) {
			t.Error("the caller's cancel cannot be told")
		}
		_, err = c.Ad(t.Context(), token, adID)
		wantKind(t, err, graph.TokenRefused)
	}
	if calls != 40 {
		t.Errorf("%d calls, want 40", calls)
	}
}

func TestNewNamesEveryFault(t *testing.T) {
	t.Parallel()
	_, err := graph.New(graph.Options{URL: "ftp://x", Version: "25", Timeout: -1})
	if err == nil {
		t.Fatal("no error")
	}
	for _, word := range []string{"graph_url", "graph_version", "HTTP client", "timeout"} {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%q is missing in: %v", word, err)
		}
	}
	for _, url := range []string{"", "://", "https://", "https://u:p@x", "https://x?y=z"} {
		if _, err := graph.New(graph.Options{URL: url, Version: "v25.0", HTTP: &http.Client{}}); err == nil {
			t.Errorf("URL %q is taken", url)
		}
	}
	if _, err := graph.New(graph.Options{URL: "https://graph.facebook.com", Version: "v25.0", HTTP: &http.Client{}}); err != nil {
		t.Error(err)
	}
}
