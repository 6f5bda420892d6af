package held_test

import (
	"fmt"
	"testing"

	"bauta/redis/lanes/lanestest"
	"bauta/webhook"
)

// sameShard is another customer of a customer's shard.
func sameShard(who string) string { return who[:4] + lanestest.Customer()[4:] }

func TestHeldEventsOfAnErasedCustomerAreForgotten(t *testing.T) {
	t.Parallel()
	each(t, func(v *vault) {
		who := lanestest.Customer()
		other := sameShard(who)
		for i := range 150 {
			v.hold(v.event(who, fmt.Sprintf("evt_%d", i), uint64(i+1)))
		}
		v.hold(v.event(other, "evt_o", 1))
		business := v.event(who, "evt_b", 1001)
		key, err := v.ring.BusinessKey(v.Context(), "acme")
		if err != nil {
			v.Fatal(err)
		}
		business.Customer, business.Key, business.Conversation = "", key, webhook.Conversation(who)
		v.hold(business)
		group := v.event(who, "evt_g", 1002)
		group.Conversation = "g:Y2FwaV9ncm91cDox"
		v.hold(group)
		inShard := 0
		if v.store.Keys().Shard(group.Conversation) == v.store.Keys().Of(who) {
			inShard = 1
		}
		for _, want := range []int{150 + inShard, 0} {
			if n, err := v.held.Kept(v.Context(), "acme", who); n != want || err != nil {
				v.Errorf("kept are %d, %v, want %d", n, err, want)
			}
			if n, err := v.held.Forget(v.Context(), "acme", who); n != want || err != nil {
				v.Errorf("forgot %d, %v, want %d", n, err, want)
			}
		}
		if n, err := v.held.Count(v.Context(), "acme"); int(n) != 3-inShard || err != nil {
			v.Errorf("%d are left, %v: want those of others and of the group", n, err)
		}
		if n, err := v.held.Forget(v.Context(), "umbrella", other); n != 0 || err != nil {
			v.Errorf("of another business: %d, %v", n, err)
		}
	})
}
