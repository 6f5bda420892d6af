package deadletters_test

import (
	"fmt"
	"testing"

	"bauta/redis/deadletters"
	"bauta/redis/lanes/lanestest"
	"bauta/webhook"
)

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
		for _, want := range []int{3, 0} {
			if n, err := c.letters.Kept(c.Context(), "acme", who); n != want || err != nil {
				c.Errorf("kept are %d, %v, want %d", n, err, want)
			}
			if n, err := c.letters.Forget(c.Context(), "acme", who); n != want || err != nil {
				c.Errorf("forgot %d, %v, want %d", n, err, want)
			}
		}
		page, _ := c.list(deadletters.Filter{Business: "acme"}, "", 10)
		if len(page) != 2 {
			c.Errorf("%d dead letters are left, want another customer's and the business's own", len(page))
		}
		if n, err := c.letters.Forget(c.Context(), "umbrella", who); n != 0 || err != nil {
			c.Errorf("of another business: %d, %v", n, err)
		}
	})
}
