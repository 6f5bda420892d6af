package vault_test

import (
	"errors"
	"testing"
	"time"

	"bauta/redis"
	"bauta/redis/redistest"
	"bauta/redis/vault"
	"bauta/webhook"
)

func TestACustomerIsFoundByTheirID(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *room) {
		c := r.mint(t, number(t, anna), userID(t, annaID))
		got, err := r.Customer(t.Context(), acme, c.ID)
		check(t, err)
		if diff := alike(c, got); diff != "" {
			t.Errorf("minted against read: %s", diff)
		}
		younger := r.mint(t, number(t, bruno))
		younger.MergedInto = c.ID
		check(t, r.Update(t.Context(), younger))
		if got, err = r.Customer(t.Context(), acme, younger.ID); err != nil || got.ID != c.ID {
			t.Errorf("the id of a merged customer does not lead to the one who took them over: %v", err)
		}
		check(t, r.store.Do(t.Context(), redis.Command("DEL", r.store.Keys().Customer(acme, c.ID))).Err)
		for name, id := range map[string]string{"gone": c.ID, "merged into one that is gone": younger.ID, "none": "nobody", "empty": ""} {
			if _, err := r.Customer(t.Context(), acme, id); !errors.Is(err, webhook.ErrErased) {
				t.Errorf("a customer who is %s: %v, want ErrErased", name, err)
			}
		}
	})
}

func TestARewrittenCustomerLivesNoLonger(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, store *redis.Store) {
		r := newRoom(t, store, vault.Options{
			Retention: func(string) webhook.Retention { return webhook.Retention{Customer: 720 * time.Hour} },
		})
		c := r.mint(t, number(t, anna))
		late := r.find(t, number(t, anna)).Customer
		record := store.Keys().Customer(acme, c.ID)
		check(t, store.Do(t.Context(), redis.Command("PEXPIRE", record, 1000000)).Err)

		former := c.Scopes[webhook.Direct].Handle
		c.Scopes[webhook.Direct].Handle, c.Scopes[webhook.Direct].Former = r.handle(t), append(c.Scopes[webhook.Direct].Former, former)
		check(t, r.Rewrite(t.Context(), c))
		ttl, err := store.Do(t.Context(), redis.Command("PTTL", record)).Int()
		if err != nil || ttl <= 0 || ttl > 1000000 || c.Version != 2 {
			t.Errorf("the record lives %d ms, version %d, %v", ttl, c.Version, err)
		}
		for _, key := range []string{former.Key(), c.Scopes[webhook.Direct].Handle.Key()} {
			if got, err := r.ByHandle(t.Context(), acme, key); err != nil || got.ID != c.ID {
				t.Errorf("the former or the new handle does not lead to the customer: %v", err)
			}
		}

		late.Scopes[webhook.Direct].Handle = r.handle(t)
		if err := r.Rewrite(t.Context(), late); !errors.Is(err, webhook.ErrStale) {
			t.Errorf("a stale version: %v, want ErrStale", err)
		}
		if n, err := store.Do(t.Context(), redis.Command("EXISTS", store.Keys().Handle(acme, late.Scopes[webhook.Direct].Handle.Key()))).Int(); n != 0 || err != nil {
			t.Errorf("the stale writer's handle is there: %d, %v", n, err)
		}
		other := r.mint(t, number(t, bruno))
		c.Scopes[webhook.Direct].Handle = other.Scopes[webhook.Direct].Handle
		if err := r.Rewrite(t.Context(), c); !errors.Is(err, webhook.ErrHandleTaken) {
			t.Errorf("somebody else's handle: %v, want ErrHandleTaken", err)
		}
	})
}
