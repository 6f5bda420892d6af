package forward_test

import (
	"context"
	"fmt"
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
	"bauta/webhook/forward"
)

// carrier notes what it was given, and answers by delivery id and how often it came.
type carrier struct {
	mu     sync.Mutex
	start  time.Time
	got    []arrival
	lanes  []webhook.Lane
	within time.Duration
	answer func(id string, n int) webhook.Carried
}

func (c *carrier) Carry(ctx context.Context, lane webhook.Lane, d *webhook.Delivery) webhook.Carried {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.got = append(c.got, arrival{d.ID, time.Since(c.start)})
	c.lanes = append(c.lanes, lane)
	if end, ok := ctx.Deadline(); ok {
		c.within = time.Until(end)
	}
	n := 0
	for _, a := range c.got {
		if a.ID == d.ID {
			n++
		}
	}
	return c.answer(d.ID, n)
}

func (c *carrier) arrivals() []arrival {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]arrival(nil), c.got...)
}

// platform is the endpoint that stands for the platform: no URL, no secrets.
func platform() webhook.Endpoint {
	e := crm()
	e.ID, e.URL, e.Secrets, e.Platform = webhook.PlatformEndpoint, "", nil, true
	return e
}

func toPlatform(customer string) webhook.Lane {
	return webhook.Lane{Business: "acme", Endpoint: webhook.PlatformEndpoint, Conversation: webhook.Conversation(customer)}
}

// carrying runs a node whose endpoint is carried.
func carrying(t *testing.T, e webhook.Endpoint, answer func(id string, n int) webhook.Carried, change func(*forward.Options)) (*node, *carrier) {
	t.Helper()
	c := &carrier{start: time.Now(), answer: answer}
	never := wire(func(*http.Request) (*http.Response, error) {
		t.Error("an errand went over HTTP")
		return says(500), nil
	})
	return run(t, newStore(), never, func(o *forward.Options) {
		o.Businesses, o.Carrier = acme(e), c
		if change != nil {
			change(o)
		}
	}), c
}

func verdict(v webhook.Verdict) func(string, int) webhook.Carried {
	return func(string, int) webhook.Carried { return webhook.Carried{Verdict: v} }
}

func seconds(ns ...int) (out []time.Duration) {
	for _, n := range ns {
		out = append(out, time.Duration(n)*time.Second)
	}
	return out
}

func times(as []arrival) (out []time.Duration) {
	for _, a := range as {
		out = append(out, a.At.Round(time.Second))
	}
	return out
}

func TestTheCarrierCarriesWhatGoesToThePlatform(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		reg := prometheus.NewRegistry()
		var log strings.Builder
		n, c := carrying(t, platform(), verdict(webhook.Verdict{Outcome: webhook.Delivered, Reason: "sent"}), func(o *forward.Options) {
			o.Registerer, o.Log = reg, slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		})
		n.accept(toPlatform("ada"), "q1", "q2")
		pass(time.Second)
		n.stop()
		if d := cmp.Diff([]string{"q1 1 sent", "q2 1 sent"}, n.store.verdicts()); d != "" {
			t.Errorf("verdicts (-want +got):\n%s", d)
		}
		if c.lanes[0] != toPlatform("ada") || c.within != 10*time.Second {
			t.Errorf("carried %v within %v, want ada's lane within the endpoint's timeout", c.lanes[0], c.within)
		}
		const want = `
# HELP bauta_forward_attempts_total Requests to endpoints, by how they ended.
# TYPE bauta_forward_attempts_total counter
bauta_forward_attempts_total{business="acme",endpoint="_platform",reason="sent"} 2
# HELP bauta_forward_events_total Verdicts on events: delivered, again, dead, aside, dropped, expired.
# TYPE bauta_forward_events_total counter
bauta_forward_events_total{business="acme",endpoint="_platform",outcome="delivered",reason="sent"} 2
`
		if err := testutil.GatherAndCompare(reg, strings.NewReader(want), "bauta_forward_attempts_total", "bauta_forward_events_total"); err != nil {
			t.Error(err)
		}
		if !strings.Contains(log.String(), "delivery_id=q1 attempt=1 outcome=delivered reason=sent") {
			t.Errorf("the log does not tell of the attempt:\n%s", log.String())
		}
	})
}

func TestACarriersVerdictIsApplied(t *testing.T) {
	t.Parallel()
	again := webhook.Verdict{Reason: "later", Counted: true}
	for _, c := range []struct {
		name    string
		verdict webhook.Verdict
		change  func(*webhook.Endpoint)
		at      []time.Duration // of the attempts within 100 s
		left    int             // events in lanes after that
		dead    []string
	}{
		{name: "dropped is gone without a dead letter", verdict: webhook.Verdict{Outcome: webhook.Dropped, Reason: "outdated"}, at: seconds(0)},
		{name: "dead is a dead letter", verdict: webhook.Verdict{Outcome: webhook.Dead, Reason: "no"}, at: seconds(0), dead: []string{"no"}},
		{name: "again without a time comes by the schedule", verdict: again, at: seconds(0, 1, 6, 36, 66, 96), left: 1},
		{
			name: "again with a time comes then", verdict: webhook.Verdict{Reason: "later", After: 40 * time.Second},
			at: seconds(0, 40, 80), left: 1,
		},
		{
			name: "nothing comes again after max_age", verdict: again, at: seconds(0, 1, 6, 36), dead: []string{"expired"},
			change: func(e *webhook.Endpoint) { e.Retry.MaxAge = 30 * time.Second },
		},
		{
			name: "nor does what names its own time", verdict: webhook.Verdict{Reason: "later", After: 40 * time.Second},
			at: seconds(0, 40), dead: []string{"expired"},
			change: func(e *webhook.Endpoint) { e.Retry.MaxAge = 30 * time.Second },
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				e := platform()
				if c.change != nil {
					c.change(&e)
				}
				n, got := carrying(t, e, verdict(c.verdict), nil)
				n.accept(toPlatform("ada"), "q")
				pass(100 * time.Second)
				if d := cmp.Diff(c.at, times(got.arrivals())); d != "" {
					t.Errorf("attempts (-want +got):\n%s", d)
				}
				var dead []string
				for _, l := range n.store.letters() {
					dead = append(dead, l.Reason)
				}
				if d := cmp.Diff(c.dead, dead); d != "" || n.store.waiting() != c.left {
					t.Errorf("%d wait, want %d; dead letters (-want +got):\n%s", n.store.waiting(), c.left, d)
				}
			})
		})
	}
}

func TestAnErrandThatHoldsItsLaneStepsAside(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := platform()
		e.HoldLane = 5 * time.Second
		n, _ := carrying(t, e, func(id string, _ int) webhook.Carried {
			if id == "next" {
				return webhook.Carried{Verdict: webhook.Verdict{Outcome: webhook.Delivered, Reason: "sent"}}
			}
			return webhook.Carried{Verdict: webhook.Verdict{Reason: "later", Counted: true}}
		}, nil)
		n.accept(toPlatform("ada"), "stuck", "next")
		pass(10 * time.Second)
		want := []string{"stuck 0 later", "stuck 0 later", "stuck 3 later", "next 1 sent"}
		if d := cmp.Diff(want, n.store.verdicts()); d != "" {
			t.Fatalf("verdicts (-want +got):\n%s", d)
		}
	})
}

func TestFaultsOfThePlatformPauseItAndAProbeEndsThat(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := platform()
		e.Concurrency = 1
		down := true
		n, c := carrying(t, e, func(string, int) webhook.Carried {
			if down {
				return webhook.Carried{Fault: true, Verdict: webhook.Verdict{Reason: "unreachable", Counted: true}}
			}
			return webhook.Carried{Verdict: webhook.Verdict{Outcome: webhook.Delivered, Reason: "sent"}}
		}, nil)
		for _, id := range names("q", 20) {
			n.accept(toPlatform(id), id)
		}
		pass(29 * time.Second)
		if got := len(c.arrivals()); got != 5 {
			t.Fatalf("%d attempts before the first pause is over, want the 5 that opened the breaker", got)
		}
		key := toPlatform("").Target()
		if p := n.store.pauses[key]; p == nil || p.Reason != "unreachable" {
			t.Fatalf("pause %+v, want one with the carrier's reason", p)
		}
		c.mu.Lock()
		down = false
		c.mu.Unlock()
		pass(2 * time.Minute)
		if n.store.waiting() != 0 || n.store.pauses[key] != nil {
			t.Errorf("%d wait, pause %+v; want none after a probe succeeded", n.store.waiting(), n.store.pauses[key])
		}
	})
}

// What never came to the platform says neither that it works nor that it does not.
func TestAnAttemptThatDidNotCallThePlatformEndsNoPauseAndBeginsNone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := platform()
		e.Concurrency = 1
		untried := webhook.Carried{Untried: true, Verdict: webhook.Verdict{Reason: "rate", After: time.Second}}
		n, c := carrying(t, e, func(string, int) webhook.Carried { return untried }, nil)
		key := toPlatform("").Target()
		for _, id := range names("q", 20) {
			n.accept(toPlatform(id), id)
		}
		pass(20 * time.Second)
		if n.store.pauses[key] != nil {
			t.Fatalf("pause %+v, want none", n.store.pauses[key])
		}
		if err := n.store.Pause(t.Context(), key, webhook.Pause{Left: time.Minute, Reason: "unreachable", Count: 1}); err != nil {
			t.Fatal(err)
		}
		pass(time.Second)
		before := len(c.arrivals())
		pass(5 * time.Minute)
		if n.store.pauses[key] == nil {
			t.Error("an attempt that did not call the platform ended its pause")
		}
		if got := len(c.arrivals()) - before; got == 0 || got > 25 {
			t.Errorf("%d attempts in 5 minutes of a pause, want probes alone", got)
		}
	})
}

func TestNewWantsACarrierForThePlatform(t *testing.T) {
	t.Parallel()
	s := newStore()
	_, err := forward.New(forward.Options{Lanes: s, Pauses: s, Businesses: acme(crm(), platform())})
	if err == nil || !strings.Contains(err.Error(), `endpoint "_platform": it is the platform, and there is no Carrier: set Options.Carrier`) {
		t.Errorf("error %v, want one that says what is missing", err)
	}
	bad := platform()
	bad.Retry.Schedule = []time.Duration{0}
	_, err = forward.New(forward.Options{Lanes: s, Pauses: s, Businesses: acme(bad), Carrier: &carrier{}})
	if err == nil || !strings.Contains(fmt.Sprint(err), "retry.schedule: wait 1") {
		t.Errorf("error %v, want the schedule's fault", err)
	}
}
