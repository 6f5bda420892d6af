package lanes_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bauta/redis"
	"bauta/redis/lanes/lanestest"
	"bauta/redis/redistest"
	"bauta/webhook"
)

// A master that no replica follows may have been replaced by another. Nothing is
// delivered on its word, neither the next event of a lane nor the first; when it has its
// replica again, what waits is due with the next look, in its order and once.
func TestNothingIsDeliveredOnTheWordOfAMasterThatWasLeft(t *testing.T) {
	t.Parallel()
	set := redistest.Pair(t)
	store := set.Servers[0].Open(t, redis.Options{Acknowledge: redis.Replica, AcknowledgeTimeout: 3 * time.Second})
	w := &world{T: t, store: store, ring: lanestest.NewRing(t)}
	l, other := w.node(long), w.node(long)
	who := lanestest.Customer()
	var items []webhook.Item
	for i, id := range []string{"evt_1", "evt_2", "evt_3"} {
		items = append(items, w.ring.Item(t, who, id, uint64(i+1), "crm"))
	}
	head := webhook.Leased{Lease: w.append(l, items...)[0].Leases[0], Delivery: items[0].Delivery}
	head, ok := w.finish(l, head.Lease, webhook.Verdict{Outcome: webhook.Delivered}, long)
	if !ok || head.Delivery.ID != "evt_2" {
		t.Fatalf("with a replica the next is %q, %v", head.Delivery.ID, ok)
	}
	old, next := set.Part(t)
	for range 2 {
		more, ok, err := l.Finish(t.Context(), head.Lease, webhook.Verdict{Outcome: webhook.Delivered}, long)
		if ok || !errors.Is(err, redis.ErrUnproven) {
			t.Errorf("left alone it goes on with %q, %v, %v, want ErrUnproven", more.Delivery.ID, ok, err)
		}
	}
	if due, err := l.Due(t.Context(), 10); err != nil || len(due) != 1 {
		t.Fatalf("due are %v, %v, want the lane that was leased to nobody", due, err)
	}
	if taken, ok, err := other.Take(t.Context(), lane(who, "crm"), long); ok || !errors.Is(err, redis.ErrUnproven) {
		t.Errorf("left alone it leases %q, %v, %v, want ErrUnproven", taken.Delivery.ID, ok, err)
	}
	// It was no fail-over: the replica comes back.
	set.Rejoin(t, next, old)
	if due, err := other.Due(t.Context(), 10); err != nil || len(due) != 1 {
		t.Fatalf("with its replica again due are %v, %v, want the lane", due, err)
	}
	head = w.take(other, lane(who, "crm"), long)
	if diff := cmp.Diff([]string{"evt_3"}, w.drain(other, head)); diff != "" {
		t.Errorf("what was left (-want +got):\n%s", diff)
	}
	w.empty()
}
