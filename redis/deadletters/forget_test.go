package deadletters_test

import (
	"fmt"
	"testing"
	"time"

	"bauta/redis"
	"bauta/redis/deadletters"
	"bauta/redis/lanes/lanestest"
	"bauta/webhook"
)

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

func TestDeadLettersOfAnErasedCustomerAreForgotten(t *testing.T) {
	t.Parallel()
	each(t, func(c *cemetery) {
		who := lanestest.Customer()
		for i, end := range []string{"crm", "bot", webhook.PlatformEndpoint} {
			c.kill(c.ring.Item(c, who, fmt.Sprintf("evt_%d", i), uint64(i+1), end), "refused")
		}
		c.kill(c.ring.Item(c, who[:4]+lanestest.Customer()[4:], "evt_o", 1, "crm"), "refused")
		said := c.ring.Item(c, who, "own_1", 1001, "crm")
		key, err := c.ring.BusinessKey(c.Context(), "acme")
		if err != nil {
			c.Fatal(err)
		}
		said.Customer, said.Key = "", key
		c.kill(said, "refused")
		group := c.ring.Item(c, who, "evt_g", 1002, "crm")
		group.Conversation = groupBeside(c.store, who)
		c.kill(group, "refused")
		back := c.ring.Item(c, who, "evt_back", 1003, "crm")
		back.Conversation, back.Delivery.Accepted = group.Conversation, group.Delivery.Accepted.Add(time.Minute)
		c.kill(back, "refused")
		alone := trace(who, group.Conversation)
		alone.Until = group.Delivery.Accepted
		if n, err := c.letters.Forget(c.Context(), alone); n != 1 || err != nil {
			c.Errorf("forgot %d of the group, %v, want 1", n, err)
		}
		if n, err := c.letters.Kept(c.Context(), trace(who, webhook.Conversation(who))); n != 2 || err != nil {
			c.Errorf("without errands kept are %d, %v, want 2", n, err)
		}
		everywhere := trace(who, webhook.Conversation(who), group.Conversation)
		everywhere.Errands = true
		for _, want := range []int{4, 0} {
			if n, err := c.letters.Kept(c.Context(), everywhere); n != want || err != nil {
				c.Errorf("kept are %d, %v, want %d", n, err, want)
			}
			if n, err := c.letters.Forget(c.Context(), everywhere); n != want || err != nil {
				c.Errorf("forgot %d, %v, want %d", n, err, want)
			}
		}
		page, _ := c.list(deadletters.Filter{Business: "acme"}, "", 10)
		if len(page) != 2 {
			c.Errorf("%d dead letters are left, want another customer's and the business's own", len(page))
		}
		if n, err := c.letters.Forget(c.Context(), &webhook.Trace{Business: "umbrella", Customers: everywhere.Customers, Conversations: everywhere.Conversations}); n != 0 || err != nil {
			c.Errorf("of another business: %d, %v", n, err)
		}
	})
}
