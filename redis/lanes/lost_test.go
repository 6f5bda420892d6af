package lanes_test

import (
	"testing"

	"bauta/redis"
	"bauta/redis/lanes/lanestest"
	"bauta/redis/redistest"
	"bauta/webhook"

	goredis "github.com/redis/go-redis/v9"
)

// An event whose append was answered by nobody is stored, and its lane leased to whoever
// does not know it. It is due with the node's next look, not when that lease ends; a
// lease that somebody has since stays.
func TestALaneThatWasLeasedToNobodyIsDueSoon(t *testing.T) {
	t.Parallel()
	for _, unsent := range []bool{false, true} {
		fault := &redistest.Fault{}
		server := redistest.Standalone(t)
		w := &world{T: t, store: server.Open(t, redis.Options{Hooks: []goredis.Hook{fault}}), ring: lanestest.NewRing(t)}
		l, who := w.node(long), lanestest.Customer()
		item := w.ring.Item(t, who, "evt_1", 1, "crm")
		w.drain(l, webhook.Leased{Lease: w.append(l, w.ring.Item(t, lanestest.Customer(), "evt_0", 1, "crm"))[0].Leases[0]}) // the server knows the scripts
		fault.Arm(1, unsent)
		if _, err := l.Append(t.Context(), []webhook.Item{item}); err == nil {
			t.Fatal("it did not break")
		}
		again := w.append(l, item)[0]
		if again.Duplicate == unsent || (len(again.Leases) == 1) != unsent {
			t.Errorf("unsent %v: again it is %+v", unsent, again)
		}
		due, err := l.Due(t.Context(), 10)
		if err != nil || (len(due) == 1) == unsent {
			t.Errorf("unsent %v: due are %v, %v", unsent, due, err)
		}
		if unsent {
			w.drain(l, webhook.Leased{Lease: again.Leases[0], Delivery: item.Delivery})
			continue
		}
		head := w.take(w.node(long), lane(who, "crm"), long)
		if due, err := l.Due(t.Context(), 10); len(due) != 0 || err != nil {
			t.Errorf("leased, and due are %v, %v", due, err)
		}
		w.drain(l, head)
		w.empty()
	}
}
