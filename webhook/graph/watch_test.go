package graph_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"bauta/webhook"
	"bauta/webhook/graph"
)

const (
	ourApp  = `{"whatsapp_business_api_data":{"id":"1","name":"Bauta"}}`
	itsApp  = `{"whatsapp_business_api_data":{"id":"2","name":"Other"}}`
	ledAway = `{"override_callback_uri":"https://secret.example/hook?quoted","whatsapp_business_api_data":{"id":"1","name":"Bauta"}}`
)

func list(items ...string) string { return `{"data":[` + strings.Join(items, ",") + `]}` }

// watched is what the platform says of the WABA; a path without an answer fails.
type watched struct {
	mu            sync.Mutex
	apps, numbers string
	calls         int
}

// rounds counts the rounds of two calls.
func (w *watched) rounds() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.calls / 2
}

func (w *watched) RoundTrip(r *http.Request) (*http.Response, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls++
	body := w.apps
	if strings.HasSuffix(r.URL.Path, "/phone_numbers") {
		body = w.numbers
	}
	if body == "" {
		return answer(403, refused(200)), nil
	}
	return answer(200, body), nil
}

func TestWhatAWatchWarnsOf(t *testing.T) {
	t.Parallel()
	place := ": business acme, WABA " + waba + ": "
	for name, row := range map[string]struct {
		apps, numbers string
		want          []string // their beginnings
		gauge         string   // "": not set
	}{
		"one app and nothing else": {list(ourApp), list(`{"id":"106"}`), nil, "0"},
		"a second app":             {list(ourApp, itsApp), list(), []string{"other_apps" + place + "2 apps get the raw webhooks"}, "1"},
		"a callback of the WABA":   {list(ledAway), list(), []string{"waba_callback" + place + "1 apps"}, "1"},
		"a callback of a number": {
			list(ourApp), list(`{"id":"106","webhook_configuration":{"phone_number":"https://secret.example/hook?quoted"}}`),
			[]string{"number_callback" + place + "1 phone numbers"},
			"1",
		},
		"no app":                          {list(), list(), []string{"no_app" + place}, "0"},
		"apps that may not be asked for":  {"", list(), []string{"not_asked" + place + "Meta could not be asked about its subscribed apps (forbidden): the access token lacks the permission whatsapp_business_management; Bauta asks again by itself"}, ""},
		"numbers that may not be":         {list(ourApp, itsApp), "", []string{"other_apps" + place, "not_asked" + place + "Meta could not be asked about the callbacks"}, ""},
		"everything that can be the case": {list(ledAway, itsApp, ledAway), list(`{"id":"1","webhook_configuration":{"phone_number":"x"}}`), []string{"other_apps", "waba_callback", "number_callback"}, "5"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var log bytes.Buffer
				registry := prometheus.NewRegistry()
				far := &watched{apps: row.apps, numbers: row.numbers}
				w := newWatch(t, far, &log, registry)
				ctx, cancel := context.WithCancel(t.Context())
				go w.Run(ctx)
				synctest.Wait()
				got := w.Warnings()
				if len(got) != len(row.want) {
					t.Fatalf("%q, want %q", got, row.want)
				}
				for i, want := range row.want {
					if !strings.HasPrefix(got[i], want) {
						t.Errorf("%q, want %q", got[i], want)
					}
				}
				if n := strings.Count(log.String(), `"level":"WARN"`); n != len(row.want) {
					t.Errorf("%d lines of log, want %d", n, len(row.want))
				}
				if all := log.String() + strings.Join(got, ""); strings.Contains(all, "secret.example") || strings.Contains(all, token) {
					t.Errorf("a URL or token is told: %s", all)
				}
				want := ""
				if row.gauge != "" {
					want = "# HELP bauta_other_apps Apps beside the first, and callbacks of their own, that may get the raw webhooks of a business.\n" +
						"# TYPE bauta_other_apps gauge\nbauta_other_apps{business=\"acme\"} " + row.gauge + "\n"
				}
				if err := testutil.GatherAndCompare(registry, strings.NewReader(want), "bauta_other_apps"); err != nil {
					t.Error(err)
				}
				cancel()
				synctest.Wait()
			})
		})
	}
}

func newWatch(t *testing.T, far http.RoundTripper, log *bytes.Buffer, registry prometheus.Registerer) *graph.Watch {
	t.Helper()
	w, err := graph.NewWatch(graph.WatchOptions{
		Client: newClient(t, far.RoundTrip),
		Businesses: func() []*webhook.Business {
			return []*webhook.Business{{ID: "acme", WABAs: []string{waba}}, {ID: "tokenless", WABAs: []string{"1"}}}
		},
		Token: func(business string) string {
			if business == "acme" {
				return token
			}
			return ""
		},
		Logger: slog.New(slog.NewJSONHandler(log, nil)), Registerer: registry,
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// Daily, and what failed after 1, 2, 4 ... 60 minutes: a warning of it must not outlast
// an outage by much. The log is told once.
func TestAWatchAsksAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		far := &watched{apps: "", numbers: list()}
		w := newWatch(t, far, &log, nil)
		ctx, cancel := context.WithCancel(t.Context())
		go w.Run(ctx)
		var rounds []int
		after := func(waits ...time.Duration) {
			for _, wait := range waits {
				time.Sleep(wait) // virtual: the synctest bubble's clock
				synctest.Wait()
				rounds = append(rounds, far.rounds())
			}
		}
		after(0, 59*time.Second, 2*time.Second, 2*time.Minute, 4*time.Minute, 8*time.Minute, 16*time.Minute, 32*time.Minute, time.Hour, time.Hour)
		if n := strings.Count(log.String(), `"level":"WARN"`); n != 1 {
			t.Errorf("%d lines for one question that fails for hours: %s", n, &log)
		}
		far.mu.Lock()
		far.apps = list(ourApp)
		far.mu.Unlock()
		after(time.Hour, 23*time.Hour, time.Hour, 24*time.Hour)
		if diff := cmp.Diff([]int{1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 11, 12}, rounds); diff != "" {
			t.Error(diff)
		}
		if got := w.Warnings(); got != nil {
			t.Errorf("all is well, and still %q", got)
		}
		cancel()
		synctest.Wait()
	})
}

// A program starts before its network: the questions of the watch fail, and the first
// message, for which the phone numbers are asked for, is not held up by that; nor does
// what a business calls about its account hold it up.
func TestTheWatchHoldsNoMessageUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		down := true
		far := trip(func(r *http.Request) (*http.Response, error) {
			switch {
			case down:
				return nil, errors.New("no route to host")
			case strings.HasSuffix(r.URL.Path, "/phone_numbers"):
				return answer(200, list(`{"id":"106","display_phone_number":"x"}`)), nil
			}
			return answer(503, refused(2)), nil
		})
		client := newClient(t, far.RoundTrip)
		w, err := graph.NewWatch(graph.WatchOptions{
			Client: client, Businesses: func() []*webhook.Business { return []*webhook.Business{{ID: "acme", WABAs: []string{waba}}} },
			Token: func(string) string { return token }, Logger: slog.New(slog.DiscardHandler),
		})
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			w.Check(t.Context(), &webhook.Business{ID: "acme", WABAs: []string{waba}})
		}
		down = false
		for range 10 {
			_, _ = client.Call(t.Context(), graph.Request{Token: token, Object: waba, Edge: "message_templates", Method: http.MethodGet})
		}
		if numbers, err := client.PhoneNumbers(t.Context(), token, waba); err != nil || len(numbers) != 1 {
			t.Errorf("%v %v", numbers, err)
		}
	})
}

func TestAWatchThatEndsSaysNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		far := trip(func(r *http.Request) (*http.Response, error) { <-r.Context().Done(); return nil, r.Context().Err() })
		w := newWatch(t, far, &log, nil)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		w.Run(ctx)
		if got := w.Warnings(); got != nil || log.Len() > 0 {
			t.Errorf("%q, %s", got, log.String())
		}
	})
}

func TestAWatchNeedsItsParts(t *testing.T) {
	t.Parallel()
	if _, err := graph.NewWatch(graph.WatchOptions{}); err == nil {
		t.Error("a watch without a client was made")
	}
}

func TestMetricsNameOutcomesOnly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		registry := prometheus.NewPedanticRegistry()
		metrics, err := graph.NewMetrics(registry)
		if err != nil {
			t.Fatal(err)
		}
		status, body := 200, "{}"
		c, err := graph.New(graph.Options{URL: "https://graph.example", Version: "v25.0", Metrics: metrics, HTTP: &http.Client{
			Transport: trip(func(*http.Request) (*http.Response, error) { return answer(status, body), nil }),
		}})
		if err != nil {
			t.Fatal(err)
		}
		call := func() { _, _ = c.Call(t.Context(), send()) }
		call()
		status, body = 400, refused(130429)
		call()
		body = refused(131056)
		call()
		body = refused(131047)
		call()
		status = 503
		body = refused(2)
		for range 20 {
			call()
		}
		want := `# HELP bauta_graph_breakers Breakers that are not closed.
# TYPE bauta_graph_breakers gauge
bauta_graph_breakers{state="half_open"} 0
bauta_graph_breakers{state="open"} 1
# HELP bauta_graph_calls_total Calls of the platform's API, by how they ended.
# TYPE bauta_graph_calls_total counter
bauta_graph_calls_total{outcome="breaker_open"} 15
bauta_graph_calls_total{outcome="canceled"} 0
bauta_graph_calls_total{outcome="forbidden"} 0
bauta_graph_calls_total{outcome="not_found"} 0
bauta_graph_calls_total{outcome="ok"} 1
bauta_graph_calls_total{outcome="rate_limited"} 0
bauta_graph_calls_total{outcome="refused"} 3
bauta_graph_calls_total{outcome="source_broken"} 0
bauta_graph_calls_total{outcome="token_refused"} 0
bauta_graph_calls_total{outcome="too_slow"} 0
bauta_graph_calls_total{outcome="unavailable"} 5
bauta_graph_calls_total{outcome="unreachable"} 0
bauta_graph_calls_total{outcome="unreadable"} 0
# HELP bauta_graph_retries_total Repetitions of calls, by why.
# TYPE bauta_graph_retries_total counter
bauta_graph_retries_total{reason="connection"} 0
bauta_graph_retries_total{reason="pair_limit"} 1
bauta_graph_retries_total{reason="rate_limit"} 2
`
		if err := testutil.GatherAndCompare(registry, strings.NewReader(want), "bauta_graph_calls_total", "bauta_graph_retries_total", "bauta_graph_breakers"); err != nil {
			t.Error(err)
		}
		time.Sleep(16 * time.Second) // virtual
		want = `# HELP bauta_graph_breakers Breakers that are not closed.
# TYPE bauta_graph_breakers gauge
bauta_graph_breakers{state="half_open"} 1
bauta_graph_breakers{state="open"} 0
`
		if err := testutil.GatherAndCompare(registry, strings.NewReader(want), "bauta_graph_breakers"); err != nil {
			t.Error(err)
		}
		if _, err := graph.NewMetrics(registry); err == nil {
			t.Error("a second set was registered")
		}
	})
}
