package deadletters_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bauta/redis"
	"bauta/redis/deadletters"
	"bauta/redis/lanes"
	"bauta/redis/lanes/lanestest"
	"bauta/redis/redistest"
	"bauta/webhook"
)

// cemetery is a store with dead letters in it.
type cemetery struct {
	*testing.T
	store   *redis.Store
	ring    *lanestest.Ring
	lanes   *lanes.Lanes
	letters *deadletters.DeadLetters
}

func each(t *testing.T, test func(c *cemetery)) {
	t.Helper()
	redistest.Each(t, func(t *testing.T, store *redis.Store) {
		t.Helper()
		ring := lanestest.NewRing(t)
		test(&cemetery{
			T: t, store: store, ring: ring,
			lanes: lanes.New(lanes.Options{
				Store: store, Keys: ring,
				Lease:      func(webhook.EndpointKey) time.Duration { return time.Minute },
				DeadLetter: func(string) time.Duration { return 720 * time.Hour },
			}),
			letters: deadletters.New(deadletters.Options{Store: store, Endpoints: func(string) []string { return []string{"crm", "bot"} }}),
		})
	})
}

// die makes a dead letter and returns its customer.
func (c *cemetery) die(id, end, reason string) (customer string) {
	c.Helper()
	customer = lanestest.Customer()
	c.kill(c.ring.Item(c, customer, id, 1, end), reason)
	return customer
}

func (c *cemetery) kill(item webhook.Item, reason string) {
	c.Helper()
	out, err := c.lanes.Append(c.Context(), []webhook.Item{item})
	if err != nil {
		c.Fatal(err)
	}
	for _, lease := range out[0].Leases {
		head, _, err := c.lanes.Finish(c.Context(), lease, webhook.Verdict{Counted: true}, time.Minute)
		if err != nil {
			c.Fatal(err)
		}
		if _, _, err := c.lanes.Finish(c.Context(), head.Lease, webhook.Verdict{Outcome: webhook.Dead, Reason: reason, Status: 422}, 0); err != nil {
			c.Fatal(err)
		}
	}
}

func (c *cemetery) list(f deadletters.Filter, cursor string, limit int) ([]webhook.DeadLetter, string) {
	c.Helper()
	page, next, err := c.letters.List(c.Context(), f, cursor, limit)
	if err != nil {
		c.Fatalf("list: %v", err)
	}
	return page, next
}

func ids(letters []webhook.DeadLetter) []string {
	out := []string{}
	for _, l := range letters {
		out = append(out, l.Delivery.ID)
	}
	return out
}

func TestADeadLetterTellsWhatItWasAndNotItsBody(t *testing.T) {
	t.Parallel()
	each(t, func(c *cemetery) {
		who := lanestest.Customer()
		item := c.ring.Item(t, who, "evt_1", 1, "crm")
		c.kill(item, "refused")
		page, next := c.list(deadletters.Filter{Business: "acme"}, "", 10)
		if len(page) != 1 || next != "" {
			c.Fatalf("%d dead letters, cursor %q; want one and none", len(page), next)
		}
		got := page[0]
		if age := time.Since(got.At); age < -time.Minute || age > time.Minute || got.Delivery.FirstTry.IsZero() {
			c.Errorf("dead since %v, first try %v", got.At, got.Delivery.FirstTry)
		}
		want := webhook.DeadLetter{
			ID: got.ID, At: got.At, Reason: "refused", Status: 422, Delivery: item.Delivery,
			Lane: webhook.Lane{Business: "acme", Endpoint: "crm", Conversation: webhook.Conversation(who)},
		}
		want.Delivery.Body, want.Delivery.Attempts, want.Delivery.FirstTry = nil, 1, got.Delivery.FirstTry
		if diff := cmp.Diff(want, got); diff != "" {
			c.Errorf("dead letter (-want +got):\n%s", diff)
		}
	})
}

func TestPagesFollowOneAnotherInTheOrderOfTime(t *testing.T) {
	t.Parallel()
	each(t, func(c *cemetery) {
		want := []string{}
		for i := range 7 {
			id := fmt.Sprintf("evt_%d", i)
			// One event that is dead at two endpoints stands twice.
			c.kill(c.ring.Item(t, lanestest.Customer(), id, 1, "crm", "bot"), "refused")
			want = append(want, id, id)
		}
		got, cursor := []string{}, ""
		for range 20 {
			page, next := c.list(deadletters.Filter{Business: "acme"}, cursor, 3)
			got = append(got, ids(page)...)
			if cursor = next; cursor == "" {
				break
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			c.Errorf("all pages (-want +got):\n%s", diff)
		}
	})
}

func TestAFilterSaysWhichDeadLetters(t *testing.T) {
	t.Parallel()
	each(t, func(c *cemetery) {
		c.die("evt_1", "crm", "refused")
		c.die("evt_2", "bot", "too_old")
		c.die("evt_3", "crm", "too_old")
		tomorrow, yesterday := time.Now().Add(24*time.Hour), time.Now().Add(-24*time.Hour)
		rows := []struct {
			name   string
			filter deadletters.Filter
			want   []string
		}{
			{"all of a business", deadletters.Filter{Business: "acme"}, []string{"evt_1", "evt_2", "evt_3"}},
			{"none of another business", deadletters.Filter{Business: "other"}, []string{}},
			{"of one endpoint", deadletters.Filter{Business: "acme", Endpoint: "bot"}, []string{"evt_2"}},
			{"of one reason", deadletters.Filter{Business: "acme", Reason: "too_old"}, []string{"evt_2", "evt_3"}},
			{"since yesterday until tomorrow", deadletters.Filter{Business: "acme", Since: yesterday, Until: tomorrow}, []string{"evt_1", "evt_2", "evt_3"}},
			{"since tomorrow", deadletters.Filter{Business: "acme", Since: tomorrow}, []string{}},
			{"until yesterday", deadletters.Filter{Business: "acme", Until: yesterday}, []string{}},
		}
		for _, row := range rows {
			page, _ := c.list(row.filter, "", 10)
			if diff := cmp.Diff(row.want, ids(page)); diff != "" {
				c.Errorf("%s (-want +got):\n%s", row.name, diff)
			}
			if n, err := c.letters.Count(c.Context(), row.filter); err != nil || n != int64(len(row.want)) {
				c.Errorf("%s: counted %d %v, want %d", row.name, n, err, len(row.want))
			}
		}
	})
}

func TestAReplayGoesToTheEndOfItsLaneOnce(t *testing.T) {
	t.Parallel()
	each(t, func(c *cemetery) {
		who := c.die("evt_1", "crm", "refused")
		out, err := c.lanes.Append(c.Context(), []webhook.Item{c.ring.Item(t, who, "evt_2", 2, "crm")})
		if err != nil {
			c.Fatal(err)
		}
		page, _ := c.list(deadletters.Filter{Business: "acme"}, "", 10)
		var replayed atomic.Int64
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				ok, err := c.letters.Replay(c.Context(), page[0].ID)
				if err != nil {
					c.Errorf("replay: %v", err)
				}
				if ok {
					replayed.Add(1)
				}
			})
		}
		all.Wait()
		if replayed.Load() != 1 {
			c.Errorf("%d of 8 replays did it, want 1", replayed.Load())
		}
		head, ok, err := c.lanes.Finish(c.Context(), out[0].Leases[0], webhook.Verdict{Outcome: webhook.Delivered}, time.Minute)
		if err != nil || !ok || head.Delivery.ID != "evt_1" || head.Delivery.Attempts != 0 || len(head.Delivery.Body) == 0 {
			c.Fatalf("behind evt_2: %v %v %+v", ok, err, head.Delivery)
		}
		if _, ok, err := c.lanes.Finish(c.Context(), head.Lease, webhook.Verdict{Outcome: webhook.Delivered}, time.Minute); ok || err != nil {
			c.Errorf("there is more: %v %v", ok, err)
		}
		if left, _ := c.list(deadletters.Filter{Business: "acme"}, "", 10); len(left) != 0 {
			c.Errorf("%d dead letters left", len(left))
		}
	})
}

func TestAReplayIntoAnIdleLaneIsDueAtOnceAndNodesAreTold(t *testing.T) {
	t.Parallel()
	each(t, func(c *cemetery) {
		who := c.die("evt_1", "crm", "refused")
		told := c.store.Client().Subscribe(c.Context(), redis.WakeChannel)
		defer func() { _ = told.Close() }()
		if _, err := told.Receive(c.Context()); err != nil {
			c.Fatal(err)
		}
		page, _ := c.list(deadletters.Filter{Business: "acme"}, "", 10)
		if ok, err := c.letters.Replay(c.Context(), page[0].ID); !ok || err != nil {
			c.Fatalf("replay: %v %v", ok, err)
		}
		select {
		case m := <-told.Channel():
			if m.Payload != "acme:crm:"+who {
				c.Error("the message names another lane")
			}
		case <-time.After(10 * time.Second):
			c.Fatal("nobody was told")
		}
		due, err := c.lanes.Due(c.Context(), 10)
		if err != nil || len(due) != 1 || string(due[0].Conversation) != who {
			c.Errorf("due: %v %v", due, err)
		}
	})
}

func TestADroppedOrExpiredDeadLetterIsGone(t *testing.T) {
	t.Parallel()
	each(t, func(c *cemetery) {
		c.die("evt_1", "crm", "refused")
		c.die("evt_2", "crm", "refused")
		page, _ := c.list(deadletters.Filter{Business: "acme"}, "", 10)
		for _, want := range []bool{true, false} {
			if ok, err := c.letters.Drop(c.Context(), page[0].ID); ok != want || err != nil {
				c.Errorf("drop: %v %v, want %v", ok, err, want)
			}
		}
		// Retention runs out: the record is gone, its name remains until a list meets it.
		names := c.store.Keys()
		shard := names.Shard(page[1].Lane.Conversation)
		if err := c.store.Client().Del(c.Context(), names.Dead(shard, "acme", "crm", "evt_2")).Err(); err != nil {
			c.Fatal(err)
		}
		if left, _ := c.list(deadletters.Filter{Business: "acme"}, "", 10); len(left) != 0 {
			c.Errorf("%d dead letters left", len(left))
		}
		if n, err := c.letters.Count(c.Context(), deadletters.Filter{Business: "acme"}); n != 0 || err != nil {
			c.Errorf("counted %d %v", n, err)
		}
		if ok, err := c.letters.Replay(c.Context(), page[1].ID); ok || err != nil {
			c.Errorf("replay: %v %v", ok, err)
		}
	})
}

func TestADeadLetterLivesAsLongAsConfigured(t *testing.T) {
	t.Parallel()
	each(t, func(c *cemetery) {
		who := c.die("evt_1", "crm", "refused")
		names := c.store.Keys()
		ttl, err := c.store.Client().PTTL(c.Context(), names.Dead(names.Of(who), "acme", "crm", "evt_1")).Result()
		if err != nil || ttl < 719*time.Hour || ttl > 720*time.Hour {
			c.Errorf("it lives for %v (%v), want 720 h", ttl, err)
		}
	})
}

func TestAnIDThatIsNoneIsRefused(t *testing.T) {
	t.Parallel()
	letters := deadletters.New(deadletters.Options{Store: redistest.Embedded(t, redis.Options{})})
	for _, id := range []string{"", "evt_1", "acme:crm:1795368183123-evt_1", "acme:crm:1795368183123-evt_1:256", "acme:crm:1795368183123-evt_1:-1", "acme:crm:17-evt_1:3", "acme:crm:1795368183123-:3", ":crm:1795368183123-e:3", "a:b:c:d:e"} {
		if _, err := letters.Replay(t.Context(), id); err == nil {
			t.Errorf("replay took %q for an id", id)
		}
		if _, err := letters.Drop(t.Context(), id); err == nil {
			t.Errorf("drop took %q for an id", id)
		}
	}
}

func TestScriptTouchesOnlyItsDeclaredKeys(t *testing.T) {
	t.Parallel()
	redistest.DeclaredKeysOnly(t, deadletters.Source())
}
