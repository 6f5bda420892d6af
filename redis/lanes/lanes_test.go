package lanes_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bauta/redis"
	"bauta/redis/lanes"
	"bauta/redis/lanes/lanestest"
	"bauta/redis/redistest"
	"bauta/webhook"
	"bauta/webhook/forward"
)

// Lanes is what the domain and the forwarder ask for.
func implementations(l *lanes.Lanes) (webhook.Queue, forward.Lanes, forward.Wakes) { return l, l, l }

// long is a lease that no test outlives.
const long = time.Minute

// world is a store with what the tests of lanes need around it.
type world struct {
	*testing.T
	store *redis.Store
	ring  *lanestest.Ring
}

func each(t *testing.T, test func(w *world)) {
	t.Helper()
	redistest.Each(t, func(t *testing.T, store *redis.Store) {
		t.Helper()
		test(&world{T: t, store: store, ring: lanestest.NewRing(t)})
	})
}

// node makes a node's lanes; an idle lane is leased for that long on appending.
func (w *world) node(lease time.Duration) *lanes.Lanes {
	l := lanes.New(lanes.Options{
		Store: w.store, Keys: w.ring,
		Lease:      func(webhook.EndpointKey) time.Duration { return lease },
		DeadLetter: func(string) time.Duration { return 720 * time.Hour },
	})
	_, _, _ = implementations(l)
	return l
}

func lane(who, end string) webhook.Lane {
	return webhook.Lane{Business: "acme", Endpoint: end, Conversation: webhook.Conversation(who)}
}

// append stores items and fails the test on an error.
func (w *world) append(l *lanes.Lanes, items ...webhook.Item) []webhook.Appended {
	w.Helper()
	out, err := l.Append(w.Context(), items)
	if err != nil {
		w.Fatalf("append: %v", err)
	}
	return out
}

// finish applies a verdict and fails the test on an error.
func (w *world) finish(l *lanes.Lanes, lease webhook.Lease, v webhook.Verdict, next time.Duration) (webhook.Leased, bool) {
	w.Helper()
	more, ok, err := l.Finish(w.Context(), lease, v, next)
	if err != nil {
		w.Fatalf("finish: %v", err)
	}
	return more, ok
}

// take polls until a lane is due on the server's own clock.
func (w *world) take(l *lanes.Lanes, lane webhook.Lane, lease time.Duration) webhook.Leased { //nolint:unparam // as Take has it
	w.Helper()
	var head webhook.Leased
	w.poll("the lane is due", func() bool {
		h, ok, err := l.Take(w.Context(), lane, lease)
		if err != nil {
			w.Fatalf("take: %v", err)
		}
		head = h
		return ok
	})
	return head
}

// poll asks every 5 ms for at most 10 s.
func (w *world) poll(what string, ask func() bool) {
	w.Helper()
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	deadline := time.After(10 * time.Second)
	for !ask() {
		select {
		case <-deadline:
			w.Fatalf("waited 10 s in vain until %s", what)
		case <-ticker.C:
		}
	}
}

// drain delivers a lane until it is empty and returns the ids in their order.
func (w *world) drain(l *lanes.Lanes, head webhook.Leased) []string {
	w.Helper()
	ids, ok := []string{}, true
	for ok {
		ids = append(ids, head.Delivery.ID)
		head, ok = w.finish(l, head.Lease, webhook.Verdict{Outcome: webhook.Delivered}, long)
	}
	return ids
}

// empty fails the test if anything but dedupe sets, counters and what belongs to
// the store itself is left.
func (w *world) empty() {
	w.Helper()
	left, err := w.store.Client().Keys(w.Context(), "bauta:{*}:[lhdea]*").Result()
	if err != nil {
		w.Fatal(err)
	}
	if diff := cmp.Diff(0, len(left)); diff != "" {
		w.Errorf("keys are left: %q", left)
	}
}
