package held_test

import (
	"fmt"
	"testing"
	"time"

	"bauta/redis"
	"bauta/redis/lanes/lanestest"
	"bauta/webhook"
)

// sameShard is another customer of a customer's shard.
func sameShard(who string) string { return who[:4] + lanestest.Customer()[4:] }

// groupBeside is a group whose events lie in a customer's shard.
func groupBeside(store *redis.Store, who string) webhook.Conversation {
	for n := 0; ; n++ {
		if c := webhook.Conversation(fmt.Sprintf("g:group%d", n)); store.Keys().Shard(c) == store.Keys().Of(who) {
			return c
		}
	}
}

func trace(who string, in ...webhook.Conversation) *webhook.Trace {
	return &webhook.Trace{Business: "acme", Customers: []string{who}, Conversations: in}
}

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
		group.Conversation = groupBeside(v.store, who)
		v.hold(group)
		back := group
		back.ID, back.Dedupe, back.At = "evt_back", 1003, group.At.Add(time.Second)
		v.hold(back)
		alone := trace(who, group.Conversation)
		alone.Until = group.At
		if n, err := v.held.Forget(v.Context(), alone); n != 1 || err != nil {
			v.Errorf("forgot %d of the group, %v, want 1", n, err)
		}
		everywhere := trace(who, webhook.Conversation(who), group.Conversation)
		for _, want := range []int{151, 0} {
			if n, err := v.held.Kept(v.Context(), everywhere); n != want || err != nil {
				v.Errorf("kept are %d, %v, want %d", n, err, want)
			}
			if n, err := v.held.Forget(v.Context(), everywhere); n != want || err != nil {
				v.Errorf("forgot %d, %v, want %d", n, err, want)
			}
		}
		if n, err := v.held.Count(v.Context(), "acme"); n != 2 || err != nil {
			v.Errorf("%d are left, %v: want those of others", n, err)
		}
		if n, err := v.held.Forget(v.Context(), &webhook.Trace{Business: "umbrella", Customers: []string{other}, Conversations: []webhook.Conversation{webhook.Conversation(other)}}); n != 0 || err != nil {
			v.Errorf("of another business: %d, %v", n, err)
		}
	})
}
