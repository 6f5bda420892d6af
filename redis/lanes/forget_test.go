package lanes_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bauta/redis"
	"bauta/redis/counts"
	"bauta/redis/lanes"
	"bauta/redis/lanes/lanestest"
	"bauta/redis/redistest"
	"bauta/webhook"

	goredis "github.com/redis/go-redis/v9"
)

// ownEvent is one of Bauta's own events in a customer's lane, under the business's key.
func (w *world) ownEvent(who string, dedupe uint64, ends ...string) webhook.Item {
	w.Helper()
	item := w.ring.Item(w, who, "own_1", dedupe, ends...)
	key, err := w.ring.BusinessKey(w.Context(), "acme")
	if err != nil {
		w.Fatal(err)
	}
	item.Customer, item.Key = "", key
	return item
}

// trace leads to everything of a customer in some conversations.
func trace(who string, in ...webhook.Conversation) *webhook.Trace {
	return &webhook.Trace{Business: "acme", Customers: []string{who}, Conversations: in, Errands: true}
}

// direct leads to what is in a customer's direct chat.
func direct(who string) *webhook.Trace { return trace(who, webhook.Conversation(who)) }

// sums are all counters of acme and how much waits for its endpoints.
func (w *world) sums() (counts.Minute, map[string]int64) {
	w.Helper()
	c := counts.New(w.store)
	minutes, err := c.Minutes(w.Context(), "acme", time.Now().Add(-24*time.Hour), time.Now().Add(time.Hour))
	if err != nil {
		w.Fatal(err)
	}
	var sum counts.Minute
	for _, m := range minutes {
		sum.In, sum.Out, sum.Dead, sum.Dropped = sum.In+m.In, sum.Out+m.Out, sum.Dead+m.Dead, sum.Dropped+m.Dropped
		sum.Erased, sum.Aside = sum.Erased+m.Erased, sum.Aside+m.Aside
	}
	waiting, err := c.Waiting(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	left := map[string]int64{}
	for _, e := range waiting {
		left[e.Endpoint.Endpoint] = e.Events
	}
	return sum, left
}

func TestWhatWaitsOfAnErasedCustomerIsForgotten(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		l, who, other := w.node(0), lanestest.Customer(), lanestest.Customer()
		names := []string{"crm", "bot", webhook.PlatformEndpoint}
		var items []webhook.Item
		for i := range 150 {
			item := w.ring.Item(t, who, fmt.Sprintf("evt_%d", i), uint64(i+1), names...)
			item.Delivery.Accepted = item.Delivery.Accepted.Add(-time.Duration(i%3) * time.Hour)
			items = append(items, item)
		}
		items = append(items, w.ownEvent(who, 1001, "crm"), w.ring.Item(t, other, "evt_x", 1, "crm"))
		group := w.ring.Item(t, who, "evt_g", 2001, "crm")
		group.Conversation = "g:Y2FwaV9ncm91cDox"
		w.append(l, append(items, group)...)
		// One steps aside, and one is being delivered.
		head := w.take(l, lane(who, "crm"), long)
		w.finish(l, head.Lease, webhook.Verdict{Outcome: webhook.Aside, After: time.Hour}, 0)
		lease := w.take(l, lane(who, "crm"), long).Lease

		if n, err := l.Kept(t.Context(), direct(who)); n != 450 || err != nil {
			w.Errorf("kept are %d, %v, want 450", n, err)
		}
		n, err := l.Forget(t.Context(), direct(who))
		if err != nil || n != 450 {
			w.Errorf("forgot %d events, %v, want 450", n, err)
		}
		if _, _, err := l.Finish(t.Context(), lease, webhook.Verdict{Outcome: webhook.Delivered}, long); !errors.Is(err, webhook.ErrLeaseLost) {
			w.Errorf("whoever held the lease: %v, want ErrLeaseLost", err)
		}
		sum, left := w.sums()
		if diff := cmp.Diff(counts.Minute{In: 453, Erased: 450, Aside: 1}, sum); diff != "" {
			w.Errorf("counters (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(map[string]int64{"crm": 3}, left); diff != "" {
			w.Errorf("waiting (-want +got):\n%s", diff)
		}
		if n, err = l.Forget(t.Context(), direct(who)); n != 0 || err != nil {
			w.Errorf("forgot %d more, %v", n, err)
		}
		if n, err = l.Kept(t.Context(), direct(who)); n != 0 || err != nil {
			w.Errorf("kept are %d, %v", n, err)
		}
		for _, c := range []webhook.Conversation{webhook.Conversation(other), group.Conversation} {
			head := w.take(l, webhook.Lane{Business: "acme", Endpoint: "crm", Conversation: c}, long)
			w.drain(l, head)
		}
		// What Bauta itself says comes when the lease would have ended.
		due := w.store.Keys().Due(w.store.Keys().Of(who), "acme", "crm")
		if err := w.store.Client().ZAdd(t.Context(), due, goredis.Z{Score: 1, Member: who}).Err(); err != nil {
			w.Fatal(err)
		}
		own := w.take(l, lane(who, "crm"), long)
		if own.Delivery.ID != "own_1" || own.Delivery.Erased || own.Delivery.Attempts != 0 {
			w.Errorf("the head is %s, erased %v, after %d attempts", own.Delivery.ID, own.Delivery.Erased, own.Delivery.Attempts)
		}
		w.drain(l, own)
		w.empty()
	})
}

func TestALaneThatOnlyWaitsIsDueOnceItsHeadIsForgotten(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		l, who := w.node(0), lanestest.Customer()
		w.append(l, w.ring.Item(t, who, "evt_1", 1, "crm"), w.ownEvent(who, 2, "crm"))
		head := w.take(l, lane(who, "crm"), long)
		w.finish(l, head.Lease, webhook.Verdict{After: time.Hour, Counted: true}, 0)
		if n, err := l.Forget(t.Context(), direct(who)); n != 1 || err != nil {
			w.Fatalf("forgot %d, %v", n, err)
		}
		next := w.take(l, lane(who, "crm"), long)
		if next.Delivery.ID != "own_1" || next.Delivery.Attempts != 0 {
			w.Errorf("the head is %s after %d attempts", next.Delivery.ID, next.Delivery.Attempts)
		}
		// Its own lease is in force: it was not the head that is forgotten now.
		w.append(l, w.ring.Item(t, who, "evt_2", 3, "crm"))
		if n, err := l.Forget(t.Context(), direct(who)); n != 1 || err != nil {
			w.Errorf("forgot %d, %v", n, err)
		}
		w.finish(l, next.Lease, webhook.Verdict{Outcome: webhook.Delivered}, 0)
		w.empty()
	})
}

func TestForgettingThatBreaksIsCompletedByTheNext(t *testing.T) {
	t.Parallel()
	fault := &redistest.Fault{}
	run := func(at int, unsent bool) (exchanges int) {
		w := &world{T: t, store: redistest.Embedded(t, redis.Options{Hooks: []goredis.Hook{fault}}), ring: lanestest.NewRing(t)}
		l, who := w.node(0), lanestest.Customer()
		for i := range 70 {
			w.append(l, w.ring.Item(t, who, fmt.Sprintf("evt_%d", i), uint64(i+1), "crm", "bot"))
		}
		w.append(l, w.ownEvent(who, 1001, "crm"))
		head := w.take(l, lane(who, "bot"), long)
		w.finish(l, head.Lease, webhook.Verdict{Outcome: webhook.Aside}, 0)
		fault.Arm(at, unsent)
		_, err := l.Forget(t.Context(), direct(who))
		exchanges = fault.Count()
		fault.Arm(0, false)
		if (at > 0) != (err != nil) {
			t.Errorf("broken at exchange %d (unsent %v): %v", at, unsent, err)
		}
		if _, err = l.Forget(t.Context(), direct(who)); err != nil {
			t.Fatal(err)
		}
		sum, left := w.sums()
		if diff := cmp.Diff(counts.Minute{In: 141, Erased: 140, Aside: 1}, sum); diff != "" {
			t.Errorf("broken at exchange %d (unsent %v), counters (-want +got):\n%s", at, unsent, diff)
		}
		if diff := cmp.Diff(map[string]int64{"crm": 1}, left); diff != "" {
			t.Errorf("broken at exchange %d (unsent %v), waiting (-want +got):\n%s", at, unsent, diff)
		}
		w.drain(l, w.take(l, lane(who, "crm"), long))
		w.empty()
		return exchanges
	}
	exchanges := run(0, false)
	for at := 1; at <= exchanges; at++ {
		for _, unsent := range []bool{true, false} {
			run(at, unsent)
		}
	}
}

// Nodes deliver while a customer is forgotten: every event has one end.
func TestForgettingWhileNodesDeliverCountsEveryEventOnce(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		l, who := w.node(long), lanestest.Customer()
		var items []webhook.Item
		for i := range 200 {
			items = append(items, w.ring.Item(t, who, fmt.Sprintf("evt_%d", i), uint64(i+1), "crm"))
		}
		lease := w.append(l, items...)[0].Leases[0]
		done := make(chan int)
		go func() {
			n := 0
			for {
				more, ok, err := l.Finish(t.Context(), lease, webhook.Verdict{Outcome: webhook.Delivered}, long)
				if errors.Is(err, webhook.ErrLeaseLost) {
					done <- n
					return
				}
				if n++; !ok {
					done <- n
					return
				}
				lease = more.Lease
			}
		}()
		forgotten, err := lanes.New(lanes.Options{Store: w.store, Keys: w.ring}).Forget(t.Context(), direct(who))
		delivered := <-done
		if err != nil || forgotten+delivered != 200 {
			w.Errorf("%d forgotten, %d delivered, %v; want 200 together", forgotten, delivered, err)
		}
		sum, left := w.sums()
		if sum.Erased != int64(forgotten) || sum.Out != int64(delivered) || len(left) != 0 {
			w.Errorf("counted %d erased and %d delivered, waiting %v", sum.Erased, sum.Out, left)
		}
		w.empty()
	})
}

// In a group's lane wait events of all members, and of one member in other scopes:
// only what is meant is forgotten, while others are delivered.
func TestWhatWaitsInAGroupIsForgottenAlone(t *testing.T) {
	t.Parallel()
	const lisbon, porto = webhook.Conversation("g:Y2FwaV9ncm91cDox"), webhook.Conversation("g:Y2FwaV9ncm91cDoy")
	each(t, func(w *world) {
		l, who, other := w.node(0), lanestest.Customer(), lanestest.Customer()
		returned := time.Now().Truncate(time.Millisecond)
		in := func(c webhook.Conversation, who, id string, dedupe uint64, accepted time.Time) webhook.Item {
			item := w.ring.Item(t, who, id, dedupe, "crm")
			item.Conversation, item.Delivery.Accepted = c, accepted
			return item
		}
		var items []webhook.Item
		for i := range 150 {
			items = append(items, in(lisbon, []string{who, other}[i%2], fmt.Sprintf("evt_%d", i), uint64(i+1), returned.Add(-time.Minute)))
		}
		items = append(items,
			in(lisbon, who, "evt_returned", 1001, returned.Add(time.Millisecond)), in(porto, who, "evt_porto", 1002, returned),
			w.ring.Item(t, who, "evt_direct", 1003, "crm"), w.ring.Item(t, who, "evt_errand", 1004, webhook.PlatformEndpoint))
		w.append(l, items...)
		erased := trace(who, lisbon)
		erased.Until, erased.Errands = returned, false
		if n, err := l.Kept(t.Context(), erased); n != 75 || err != nil {
			w.Errorf("kept are %d, %v, want 75", n, err)
		}
		if n, err := l.Forget(t.Context(), erased); n != 75 || err != nil {
			w.Errorf("forgot %d events, %v, want 75", n, err)
		}
		sum, left := w.sums()
		if diff := cmp.Diff(map[string]int64{"crm": 78, webhook.PlatformEndpoint: 1}, left); diff != "" || sum.Erased != 75 {
			w.Errorf("counted %d erased, waiting (-want +got):\n%s", sum.Erased, diff)
		}
		chat := direct(who)
		chat.Errands = false
		if n, err := l.Forget(t.Context(), chat); n != 1 || err != nil {
			w.Errorf("forgot %d events of the direct chat, %v, want 1", n, err)
		}
		if n, err := l.Forget(t.Context(), trace(who, webhook.Conversation(who), lisbon, porto)); n != 3 || err != nil {
			w.Errorf("forgot %d events everywhere, %v, want 3", n, err)
		}
		if n, err := l.Forget(t.Context(), trace(other, lisbon)); n != 75 || err != nil {
			w.Errorf("of the other member %d are left, %v, want 75", n, err)
		}
		w.empty()
	})
}

// delivers takes heads out of a lane whenever a lane is read, as a node would.
type delivers struct {
	goredis.Hook

	deliver func()
}

func (d *delivers) ProcessHook(next goredis.ProcessHook) goredis.ProcessHook {
	return func(ctx context.Context, cmd goredis.Cmder) error {
		err := next(ctx, cmd)
		d.after(cmd)
		return err
	}
}

func (d *delivers) ProcessPipelineHook(next goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []goredis.Cmder) error {
		err := next(ctx, cmds)
		d.after(cmds[0])
		return err
	}
}

func (d *delivers) after(cmd goredis.Cmder) {
	if strings.EqualFold(cmd.Name(), "lrange") && d.deliver != nil {
		d.deliver()
	}
}

func TestNothingIsPassedOverWhileTheLaneMovesOn(t *testing.T) {
	t.Parallel()
	hook := &delivers{Hook: &redistest.Fault{}}
	server, ring := redistest.Standalone(t), lanestest.NewRing(t)
	w := &world{T: t, store: server.Open(t, redis.Options{Hooks: []goredis.Hook{hook}}), ring: ring}
	l, who, other := w.node(0), lanestest.Customer(), lanestest.Customer()
	// Another node delivers: this one's round trips are held up meanwhile.
	second := (&world{T: t, store: server.Open(t, redis.Options{}), ring: ring}).node(0)
	const lisbon = webhook.Conversation("g:Y2FwaV9ncm91cDox")
	for i := range 300 {
		item := w.ring.Item(t, []string{other, who}[i/150], fmt.Sprintf("evt_%d", i), uint64(i+1), "crm")
		item.Conversation = lisbon
		w.append(l, item)
	}
	head := w.take(l, webhook.Lane{Business: "acme", Endpoint: "crm", Conversation: lisbon}, long)
	hook.deliver = func() {
		for range 20 {
			more, _, err := second.Finish(t.Context(), head.Lease, webhook.Verdict{Outcome: webhook.Delivered}, long)
			if err != nil {
				t.Fatal(err)
			}
			head = more
		}
	}
	n, err := l.Forget(t.Context(), trace(who, lisbon))
	hook.deliver = nil
	if err != nil || n != 150 {
		t.Errorf("forgot %d, %v, want all 150", n, err)
	}
}
