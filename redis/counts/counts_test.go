package counts_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bauta/redis"
	"bauta/redis/counts"
	"bauta/redis/lanes"
	"bauta/redis/lanes/lanestest"
	"bauta/redis/redistest"
	"bauta/webhook"
)

// ledger is a store with events in it.
type ledger struct {
	*testing.T
	store  *redis.Store
	ring   *lanestest.Ring
	lanes  *lanes.Lanes
	counts *counts.Counts
}

func each(t *testing.T, test func(l *ledger)) {
	t.Helper()
	redistest.Each(t, func(t *testing.T, store *redis.Store) {
		t.Helper()
		ring := lanestest.NewRing(t)
		test(&ledger{
			T: t, store: store, ring: ring, counts: counts.New(store),
			lanes: lanes.New(lanes.Options{Store: store, Keys: ring, Lease: func(webhook.EndpointKey) time.Duration { return time.Minute }}),
		})
	})
}

// accept appends an event of a new customer that was accepted at a time.
func (l *ledger) accept(at time.Time, id string, ends ...string) webhook.Appended {
	l.Helper()
	item := l.ring.Item(l, lanestest.Customer(), id, 1, ends...)
	item.Delivery.Accepted = at
	out, err := l.lanes.Append(l.Context(), []webhook.Item{item})
	if err != nil {
		l.Fatal(err)
	}
	return out[0]
}

func (l *ledger) finish(lease webhook.Lease, o webhook.Outcome) {
	l.Helper()
	if _, _, err := l.lanes.Finish(l.Context(), lease, webhook.Verdict{Outcome: o, Reason: "refused"}, time.Minute); err != nil {
		l.Fatal(err)
	}
}

func TestMinutesSumOverAllShards(t *testing.T) {
	t.Parallel()
	each(t, func(l *ledger) {
		noon := time.Date(2026, 11, 22, 12, 59, 0, 0, time.UTC)
		for i := range 5 {
			a := l.accept(noon.Add(30*time.Second), fmt.Sprintf("evt_%d", i), "crm", "bot")
			l.finish(a.Leases[0], webhook.Delivered)
		}
		dead := l.accept(noon.Add(time.Minute), "evt_6", "crm")
		l.finish(dead.Leases[0], webhook.Dead)
		l.accept(noon.Add(time.Hour), "evt_7", "crm")
		got, err := l.counts.Minutes(l.Context(), "acme", noon.Add(10*time.Second), noon.Add(time.Hour))
		if err != nil {
			l.Fatal(err)
		}
		want := []counts.Minute{{At: noon, In: 10, Out: 5}, {At: noon.Add(time.Minute), In: 1, Dead: 1}}
		if diff := cmp.Diff(want, got); diff != "" {
			l.Errorf("minutes (-want +got):\n%s", diff)
		}
		if none, err := l.counts.Minutes(l.Context(), "other", noon, noon.Add(time.Hour)); len(none) != 0 || err != nil {
			l.Errorf("of another business: %v %v", none, err)
		}
	})
}

func TestALongerSpanThanCountersLiveIsRefused(t *testing.T) {
	t.Parallel()
	c := counts.New(redistest.Embedded(t, redis.Options{}))
	now := time.Now()
	if _, err := c.Minutes(t.Context(), "acme", now.Add(-9*24*time.Hour), now); err == nil {
		t.Error("nine days were taken")
	}
}

func TestWaitingTellsHowMuchAndSinceWhen(t *testing.T) {
	t.Parallel()
	each(t, func(l *ledger) {
		start := time.Now().Truncate(time.Millisecond)
		old := l.accept(start.Add(-time.Hour), "evt_1", "crm")
		l.accept(start.Add(-time.Minute), "evt_2", "crm")
		l.accept(start, "evt_3", "crm", "bot")
		crm, bot := webhook.EndpointKey{Business: "acme", Endpoint: "crm"}, webhook.EndpointKey{Business: "acme", Endpoint: "bot"}
		l.waiting("before", counts.Waiting{Endpoint: bot, Events: 1, Oldest: start}, counts.Waiting{Endpoint: crm, Events: 3, Oldest: start.Add(-time.Hour)})
		l.finish(old.Leases[0], webhook.Aside)
		l.waiting("after it stepped aside", counts.Waiting{Endpoint: bot, Events: 1, Oldest: start}, counts.Waiting{Endpoint: crm, Events: 3, Oldest: start.Add(-time.Hour)})
		due, err := l.lanes.Due(l.Context(), 10)
		if err != nil || len(due) != 1 {
			l.Fatalf("due: %v %v", due, err)
		}
		head, ok, err := l.lanes.Take(l.Context(), due[0], time.Minute)
		if err != nil || !ok {
			l.Fatalf("take: %v %v", ok, err)
		}
		l.finish(head.Lease, webhook.Delivered)
		l.waiting("after its delivery", counts.Waiting{Endpoint: bot, Events: 1, Oldest: start}, counts.Waiting{Endpoint: crm, Events: 2, Oldest: start.Add(-time.Minute)})
	})
}

func (l *ledger) waiting(when string, want ...counts.Waiting) {
	l.Helper()
	got, err := l.counts.Waiting(l.Context())
	if err != nil {
		l.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		l.Errorf("%s (-want +got):\n%s", when, diff)
	}
}

func TestNothingWaitsInAnEmptyStore(t *testing.T) {
	t.Parallel()
	each(t, func(l *ledger) {
		if got, err := l.counts.Waiting(l.Context()); len(got) != 0 || err != nil {
			l.Errorf("waiting: %v %v", got, err)
		}
	})
}
