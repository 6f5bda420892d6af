package forward_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"bauta/webhook/forward"
)

func TestNewNamesEveryFault(t *testing.T) {
	t.Parallel()
	none, empty, odd, plain, wait := crm(), crm(), crm(), crm(), crm()
	none.ID, none.Secrets = "none", nil
	empty.ID, empty.Secrets = "empty", []string{"a", ""}
	odd.ID, odd.Secrets = "odd", []string{"whsec_n0t!base64"}
	plain.ID, plain.URL = "plain", "http://crm.example/?token=t0p"
	wait.ID, wait.Retry.Schedule = "wait", append(wait.Retry.Schedule, 0)
	s := newStore()
	_, err := forward.New(forward.Options{Lanes: s, Pauses: s, Businesses: acme(none, empty, odd, plain, wait, crm(), crm())})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		`endpoint "none": no secret`, `endpoint "empty": secret 2 is empty`, `endpoint "odd": secret 1: what follows whsec_ is not base64`,
		`endpoint "plain": egress: refused (scheme)`, `endpoint "wait": retry.schedule: wait 4`, `endpoint "crm": it is there twice`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in: %v", want, err)
		}
	}
	for _, bad := range []string{"n0t!", "t0p", "crm.example"} {
		if strings.Contains(err.Error(), bad) {
			t.Errorf("the error holds %q", bad)
		}
	}
	if _, err := forward.New(forward.Options{}); err == nil || !strings.Contains(err.Error(), "no Lanes") || !strings.Contains(err.Error(), "no Pauses") {
		t.Errorf("an empty Options gives %v", err)
	}
}

// The whole way once with a socket: the default transport, a real server, and
// an answer that is longer than what is read.
func TestOverARealConnection(t *testing.T) {
	t.Parallel()
	got := make(chan string, 8)
	var answers atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		got <- r.Header.Get("Webhook-Id") + " " + string(b)
		if answers.Add(1) == 1 {
			_, _ = io.WriteString(w, strings.Repeat("x", 1<<20))
		}
	}))
	t.Cleanup(srv.Close)
	e := crm()
	e.URL, e.AllowHTTP, e.AllowPrivate = srv.URL, true, true
	s, reg := newStore(), prometheus.NewRegistry()
	f, err := forward.New(forward.Options{Businesses: acme(e), Lanes: s, Pauses: s, Wakes: s, Registerer: reg})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- f.Run(ctx) }()
	n := &node{Forwarder: f, store: s}
	n.accept(toCRM("ada"), "a", "b")
	for _, want := range []string{`a {"id":"a"}`, `b {"id":"b"}`} {
		if g := <-got; g != want {
			t.Errorf("got %q, want %q", g, want)
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if s.waiting() != 0 {
		t.Errorf("%d events wait after the end", s.waiting())
	}
	const want = `
# HELP bauta_forward_attempts_total Requests to endpoints, by how they ended.
# TYPE bauta_forward_attempts_total counter
bauta_forward_attempts_total{business="acme",endpoint="crm",reason="ok"} 2
# HELP bauta_forward_events_total Verdicts on events: delivered, again, dead, aside, dropped, expired.
# TYPE bauta_forward_events_total counter
bauta_forward_events_total{business="acme",endpoint="crm",outcome="delivered",reason="ok"} 2
`
	if err := testutil.GatherAndCompare(reg, strings.NewReader(want), "bauta_forward_attempts_total", "bauta_forward_events_total"); err != nil {
		t.Error(err)
	}
}

func TestTheGuardStandsBeforeTheDefaultTransport(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("a private address was reached")
	}))
	t.Cleanup(srv.Close)
	e := crm()
	e.URL, e.AllowHTTP = srv.URL, true
	s := newStore()
	_, err := forward.New(forward.Options{Businesses: acme(e), Lanes: s, Pauses: s})
	if err == nil || !strings.Contains(err.Error(), "refused (loopback)") {
		t.Fatalf("error %v, want a refusal of loopback", err)
	}
}
