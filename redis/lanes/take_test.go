package lanes_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bauta/redis/lanes/lanestest"
	"bauta/webhook"
)

func TestALeaseKeepsOthersAwayUntilItsTimeIsOver(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		one, other, who := w.node(60*time.Millisecond), w.node(0), lanestest.Customer()
		lost := w.append(one, w.ring.Item(t, who, "evt_1", 1, "crm"))[0].Leases[0]
		head := w.take(other, lane(who, "crm"), long)
		if _, ok, err := one.Take(w.Context(), lane(who, "crm"), long); ok || err != nil {
			w.Errorf("a leased lane was taken: %v %v", ok, err)
		}
		_, _, err := one.Finish(w.Context(), lost, webhook.Verdict{Outcome: webhook.Delivered}, 0)
		if !errors.Is(err, webhook.ErrLeaseLost) {
			w.Errorf("a stale lease finished: %v", err)
		}
		if got := w.drain(other, head); len(got) != 1 || got[0] != "evt_1" {
			w.Errorf("delivered %q, want evt_1", got)
		}
		w.empty()
	})
}

func TestALateFinishWorksWhileNobodyTookTheLane(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		l, who := w.node(time.Millisecond), lanestest.Customer()
		lease := w.append(l, w.ring.Item(t, who, "evt_1", 1, "crm"))[0].Leases[0]
		w.poll("the lease is over", func() bool {
			due, err := l.Due(w.Context(), 10)
			return err == nil && len(due) == 1
		})
		if _, ok := w.finish(l, lease, webhook.Verdict{Outcome: webhook.Delivered}, long); ok {
			w.Error("there was more")
		}
		w.empty()
	})
}

func TestARepeatedFinishChangesNothing(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		l, who := w.node(long), lanestest.Customer()
		lease := w.append(l, w.ring.Item(t, who, "evt_1", 1, "crm"), w.ring.Item(t, who, "evt_2", 2, "crm"))[0].Leases[0]
		w.finish(l, lease, webhook.Verdict{Outcome: webhook.Delivered}, long)
		_, _, err := l.Finish(w.Context(), lease, webhook.Verdict{Outcome: webhook.Delivered}, long)
		if !errors.Is(err, webhook.ErrLeaseLost) {
			w.Errorf("the second time: %v, want ErrLeaseLost", err)
		}
		if n := w.length(lane(who, "crm")); n != 1 {
			w.Errorf("%d events left, want 1", n)
		}
	})
}

func TestOfNodesThatRaceForALaneOneGetsIt(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		who := lanestest.Customer()
		w.append(w.node(0), w.ring.Item(t, who, "evt_1", 1, "crm"))
		var wins sync.Map
		var all sync.WaitGroup
		for n := range 16 {
			node := w.node(0)
			all.Go(func() {
				head, ok, err := node.Take(w.Context(), lane(who, "crm"), long)
				if err != nil {
					w.Errorf("take: %v", err)
				}
				if ok {
					wins.Store(n, head)
				}
			})
		}
		all.Wait()
		won := 0
		wins.Range(func(any, any) bool { won++; return true })
		if won != 1 {
			w.Errorf("%d nodes have the lane, want 1", won)
		}
	})
}

func TestDeliveringNodesKeepTheOrderOfEveryLane(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		const events, nodes = 20, 4
		source := w.node(0)
		want, got := map[string][]string{}, map[string][]string{}
		for i := range events {
			for _, who := range []string{"AAAAaaaaaaaaaaaaaaaaaa", "BBBBbbbbbbbbbbbbbbbbbb", "CCCCcccccccccccccccccc"} {
				id := "evt_" + string(rune('a'+i))
				want[who] = append(want[who], id)
				w.append(source, w.ring.Item(t, who, id, uint64(i), "crm"))
			}
		}
		var mu sync.Mutex
		var all sync.WaitGroup
		for range nodes {
			l := w.node(0)
			all.Go(func() {
				w.poll("all lanes are empty", func() bool {
					due, err := l.Due(w.Context(), 10)
					for _, d := range due {
						head, ok, err := l.Take(w.Context(), d, long)
						if err != nil || !ok {
							continue
						}
						mu.Lock()
						got[string(d.Conversation)] = append(got[string(d.Conversation)], head.Delivery.ID)
						mu.Unlock()
						if _, _, err := l.Finish(w.Context(), head.Lease, webhook.Verdict{Outcome: webhook.Delivered}, 0); err != nil {
							w.Errorf("finish: %v", err)
						}
					}
					return err == nil && len(due) == 0
				})
			})
		}
		all.Wait()
		if diff := cmp.Diff(want, got); diff != "" {
			w.Errorf("order (-want +got):\n%s", diff)
		}
		w.empty()
	})
}

func TestAnErasedHeadComesBackWithoutABody(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		l, who := w.node(0), lanestest.Customer()
		w.append(l, w.ring.Item(t, who, "evt_1", 1, "crm"))
		w.ring.Erase("acme", who)
		head := w.take(l, lane(who, "crm"), long)
		if !head.Delivery.Erased || head.Delivery.Body != nil {
			w.Errorf("erased %v, %d bytes of body; want true and none", head.Delivery.Erased, len(head.Delivery.Body))
		}
		w.finish(l, head.Lease, webhook.Verdict{Outcome: webhook.Dropped}, 0)
		w.empty()
	})
}

func TestALaneWhoseKeyCannotBeAskedForIsDueAgainLater(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		l, who, down := w.node(0), lanestest.Customer(), errors.New("the vault is away")
		w.append(l, w.ring.Item(t, who, "evt_1", 1, "crm"))
		w.ring.Fail(down)
		if _, _, err := l.Take(w.Context(), lane(who, "crm"), 20*time.Millisecond); !errors.Is(err, down) {
			w.Errorf("take: %v, want the vault's error", err)
		}
		w.ring.Fail(nil)
		if head := w.take(l, lane(who, "crm"), long); head.Delivery.Erased || len(head.Delivery.Body) == 0 {
			w.Error("the event did not survive")
		}
	})
}
