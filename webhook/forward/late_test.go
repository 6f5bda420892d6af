package forward_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"bauta/webhook"
	"bauta/webhook/forward"
	"bauta/webhook/meta"
)

// stages is Progress in memory, by its contract.
type stages struct {
	mu     sync.Mutex
	sent   map[uint64]int
	busy   time.Time
	broken int
}

func (s *stages) Advance(_ context.Context, _ webhook.Lease, d *webhook.Delivery) (bool, time.Duration, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken > 0 {
		s.broken--
		return false, 0, errStore
	}
	rank, always := d.Stage.Rank()
	if rank < s.sent[d.Message] && !always {
		return true, 0, nil
	}
	if wait := time.Until(s.busy); wait > 0 {
		return false, wait, nil
	}
	s.sent[d.Message] = max(rank, s.sent[d.Message])
	return false, 0, nil
}

func newStages() *stages { return &stages{sent: map[uint64]int{}} }

// late runs a node whose endpoint has options for late events.
func late(t *testing.T, rt http.RoundTripper, p *stages, change func(*webhook.Endpoint)) (*node, *prometheus.Registry) {
	t.Helper()
	reg := prometheus.NewRegistry()
	return run(t, newStore(), rt, func(o *forward.Options) {
		e := crm()
		change(&e)
		o.Businesses, o.Progress, o.Registerer = acme(e), p, reg
	}), reg
}

func (n *node) send(l webhook.Lane, ds ...webhook.Delivery) {
	for _, d := range ds {
		d.Body = []byte(`{}`)
		if head, ok := n.store.append(l, 20*time.Second, d); ok {
			n.Offer(head)
		}
	}
}

func expired(t *testing.T, reg *prometheus.Registry, reason string) float64 {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for _, f := range families {
		if f.GetName() != "bauta_forward_events_total" {
			continue
		}
		for _, m := range f.GetMetric() {
			labels := map[string]string{}
			for _, l := range m.GetLabel() {
				labels[l.GetName()] = l.GetValue()
			}
			if labels["outcome"] == "expired" && labels["reason"] == reason {
				sum += m.GetCounter().GetValue()
			}
		}
	}
	return sum
}

func of(id string, stage meta.Stage) webhook.Delivery {
	return webhook.Delivery{ID: id, Kind: "status", Stage: stage, Message: 1}
}

func TestStatusesGoForwardOnlyWhereTheEndpointWantsIt(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		only bool
		want []string
	}{
		"by default all of them come": {false, []string{"sent", "read", "delivered", "failed"}},
		"forward only":                {true, []string{"sent", "read", "failed"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				rc := newReceiver(always(200))
				n, reg := late(t, rc, newStages(), func(e *webhook.Endpoint) { e.ForwardOnly = row.only })
				n.send(toCRM("ada"), of("sent", meta.Sent), of("read", meta.Read), of("delivered", meta.Delivered), of("failed", meta.Failed))
				pass(time.Second)
				if d := cmp.Diff(row.want, rc.ids()); d != "" {
					t.Errorf("arrivals (-want +got):\n%s", d)
				}
				if got := expired(t, reg, "overtaken"); got != float64(4-len(row.want)) || n.store.waiting() != 0 || len(n.store.letters()) != 0 {
					t.Errorf("%v counted as expired, %d wait, %d dead letters", got, n.store.waiting(), len(n.store.letters()))
				}
			})
		})
	}
}

// A status that failed and stepped aside comes later than what followed it: too late.
func TestAStatusThatSteppedAsideIsOvertaken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rc := newReceiver(func(id string, _ int) (*http.Response, error) {
			if id == "delivered" {
				return says(500), nil
			}
			return says(200), nil
		})
		n, reg := late(t, rc, newStages(), func(e *webhook.Endpoint) { e.ForwardOnly, e.HoldLane = true, 20*time.Second })
		n.send(toCRM("ada"), of("delivered", meta.Delivered), of("read", meta.Read))
		pass(10 * time.Minute)
		ids := rc.ids()
		if len(ids) < 3 || ids[len(ids)-1] != "read" {
			t.Errorf("arrivals %v: something came after the read", ids)
		}
		if expired(t, reg, "overtaken") != 1 || n.store.waiting() != 0 {
			t.Errorf("%v expired, %d wait; want the one that stepped aside expired", expired(t, reg, "overtaken"), n.store.waiting())
		}
	})
}

func TestAStatusWaitsWhereItsStageIsNotNoted(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]func(*stages){
		"the store is away":                    func(s *stages) { s.broken = 3 },
		"one may be under way beside the lane": func(s *stages) { s.busy = time.Now().Add(3 * time.Second) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				rc, s := newReceiver(always(200)), newStages()
				p(s)
				n, _ := late(t, rc, s, func(e *webhook.Endpoint) { e.ForwardOnly = true })
				n.send(toCRM("ada"), of("delivered", meta.Delivered))
				pass(2 * time.Second)
				if len(rc.arrivals()) != 0 {
					t.Fatal("it was sent all the same")
				}
				pass(2 * time.Second)
				if len(rc.arrivals()) != 1 || n.store.waiting() != 0 {
					t.Errorf("%d arrivals, %d wait; want it sent once that is over", len(rc.arrivals()), n.store.waiting())
				}
			})
		})
	}
}

// How old an event is counts from when it happened: what the platform could not deliver
// for a day is of yesterday, although it was accepted now.
func TestEventsOlderThanTheirKindsMaxAgeAreNotSent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rc := newReceiver(always(200))
		n, reg := late(t, rc, newStages(), func(e *webhook.Endpoint) {
			e.MaxAge = map[string]time.Duration{"status": time.Hour, "account": time.Minute}
		})
		yesterday, now := time.Now().Add(-24*time.Hour), time.Now()
		n.send(toCRM("ada"),
			webhook.Delivery{ID: "status-of-yesterday", Kind: "status", Accepted: yesterday},
			webhook.Delivery{ID: "status-that-came-late", Kind: "status", Accepted: now, At: yesterday},
			webhook.Delivery{ID: "message-of-yesterday", Kind: "message", Accepted: yesterday, At: yesterday},
			webhook.Delivery{ID: "status", Kind: "status", Accepted: now, At: now.Add(-time.Minute)},
			webhook.Delivery{ID: "status-of-a-fast-clock", Kind: "status", Accepted: now, At: now.Add(time.Hour)},
			webhook.Delivery{ID: "number_shared", Kind: "number_shared", Accepted: yesterday},
		)
		pass(time.Second)
		want := []string{"message-of-yesterday", "status", "status-of-a-fast-clock", "number_shared"}
		if d := cmp.Diff(want, rc.ids()); d != "" {
			t.Errorf("arrivals (-want +got):\n%s", d)
		}
		if got := expired(t, reg, "too_old"); got != 2 || len(n.store.letters()) != 0 {
			t.Errorf("%v expired with %d dead letters, want 2 without any", got, len(n.store.letters()))
		}
	})
}

func TestAnEndpointThatWantsStatusesForwardOnlyNeedsProgress(t *testing.T) {
	t.Parallel()
	e := crm()
	e.ForwardOnly = true
	s := newStore()
	_, err := forward.New(forward.Options{Businesses: acme(e), Lanes: s, Pauses: s})
	if err == nil || !strings.Contains(err.Error(), "Options.Progress") {
		t.Errorf("error %v, want one that names Progress", err)
	}
}

// A head that cannot be read may be readable for a newer node; after hold_lane it is a
// dead letter, and its lane goes on.
func TestAnUnreadableEventHoldsItsLaneForHoldLane(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rc := newReceiver(always(200))
		n, _ := late(t, rc, newStages(), func(e *webhook.Endpoint) { e.HoldLane = time.Hour })
		n.send(toCRM("ada"), webhook.Delivery{ID: "unreadable_1", Unreadable: true}, event("a"))
		pass(59 * time.Minute)
		if len(rc.arrivals()) != 0 || len(n.store.letters()) != 0 {
			t.Fatalf("%v arrived, %d dead letters within the hour", rc.ids(), len(n.store.letters()))
		}
		pass(2 * time.Minute)
		want := []webhook.DeadLetter{{ID: "unreadable_1", Reason: "unreadable"}}
		if d := cmp.Diff(want, n.store.letters()); d != "" {
			t.Errorf("dead letters (-want +got):\n%s", d)
		}
		if d := cmp.Diff([]string{"a"}, rc.ids()); d != "" {
			t.Errorf("arrivals (-want +got):\n%s", d)
		}
	})
}
