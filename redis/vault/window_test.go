package vault_test

import (
	"fmt"
	"testing"
	"time"

	"bauta/redis"
	"bauta/redis/redistest"
	"bauta/redis/vault"
	"bauta/webhook"
)

const (
	office = "106540352242922" // phone number ids of the platform's samples
	shop   = "109876543210987"
)

// wrote makes a customer have written.
func wrote(c *webhook.Customer, at time.Time, to string) []*webhook.Customer {
	c.InboundAt, c.Inbound = at, to
	return []*webhook.Customer{c}
}

func TestWhenACustomerWroteIsStoredWhereItIsNews(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	rows := []struct {
		name  string
		after time.Duration
		to    string
		moved bool
	}{
		{"ten minutes later is no news", 10 * time.Minute, office, false},
		{"more than ten minutes later is", 10*time.Minute + time.Second, office, true},
		{"another phone number is news a second later", time.Second, shop, true},
		{"an earlier time is none", -time.Hour, office, false},
		{"an earlier time at another phone number is none", -time.Hour, shop, false},
		{"the same time at another phone number is none", 0, shop, false},
	}
	each(t, func(t *testing.T, r *room) {
		for n, row := range rows {
			c := r.mint(t, number(t, fmt.Sprintf("39333123%04d", n)))
			check(t, r.Opened(t.Context(), wrote(c, noon, office)))
			check(t, r.Opened(t.Context(), wrote(c, noon.Add(row.after), row.to)))
			want := window{noon, office}
			if row.moved {
				want = window{noon.Add(row.after), row.to}
			}
			got, err := r.Customer(t.Context(), acme, c.ID)
			check(t, err)
			if (window{got.InboundAt, got.Inbound}) != want || got.Version != 1 {
				t.Errorf("%s: %v, %s, version %d, want %v", row.name, got.InboundAt, got.Inbound, got.Version, want)
			}
		}
	})
}

type window struct {
	at time.Time
	to string
}

func TestAnotherNodeDoesNotMoveAWindowBack(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *room) {
		noon := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
		c := r.mint(t, number(t, anna))
		slow := vault.New(r.store, r.set, vault.Options{})
		check(t, r.Opened(t.Context(), wrote(c, noon, office)))
		check(t, slow.Opened(t.Context(), wrote(c, noon.Add(-time.Hour), shop)))
		for name, got := range map[string]*webhook.Customer{
			"by a lookup": r.find(t, number(t, anna)).Customer,
			"by handle":   mustFind(r.ByHandle(t.Context(), acme, c.Scopes[webhook.Direct].Handle.Key())),
			"as bearer":   mustFind(r.Bearer(t.Context(), acme, c.Scopes[webhook.Direct].Handle.Key())),
			"by id":       mustFind(r.Customer(t.Context(), acme, c.ID)),
		} {
			if got == nil || !got.InboundAt.Equal(noon) || got.Inbound != office {
				t.Errorf("read %s: not the window that was stored", name)
			}
		}
	})
}

func mustFind(c *webhook.Customer, err error) *webhook.Customer {
	if err != nil {
		return nil
	}
	return c
}

func TestWindowsOfManyCostOneRoundTripAndNoneWithoutNews(t *testing.T) {
	t.Parallel()
	fault := &redistest.Fault{}
	store := redistest.Embedded(t, redis.Options{Hooks: hooks(fault)})
	r := newRoom(t, store, vault.Options{})
	noon := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	a, b := r.mint(t, number(t, anna)), r.mint(t, number(t, bruno))
	both := append(wrote(a, noon, office), wrote(b, noon, office)[0], nil, &webhook.Customer{InboundAt: noon})
	check(t, r.Opened(t.Context(), both)) // loads the script
	count := func(v *vault.Vault, customers ...*webhook.Customer) int {
		t.Helper()
		fault.Arm(0, false)
		check(t, v.Opened(t.Context(), customers))
		return fault.Count()
	}
	wrote(a, noon.Add(time.Hour), office)
	wrote(b, noon.Add(time.Hour), office)
	if got := count(r.Vault, both...); got != 1 {
		t.Errorf("two windows cost %d round trips, want 1", got)
	}
	if got := count(r.Vault, both...); got != 0 {
		t.Errorf("no news cost %d round trips, want 0", got)
	}
	if got := count(r.Vault, &webhook.Customer{ID: a.ID, Business: acme, Version: 1}); got != 0 {
		t.Errorf("a customer who did not write cost %d round trips, want 0", got)
	}
	node := vault.New(store, r.set, vault.Options{})
	read := mustFind(node.Customer(t.Context(), acme, a.ID))
	wrote(read, noon.Add(time.Hour+5*time.Minute), office)
	if got := count(node, read); got != 0 {
		t.Errorf("no news against what was read cost %d round trips, want 0", got)
	}
}

func TestAWindowOfAnErasedCustomerIsNotStored(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *room) {
		c := r.mint(t, number(t, anna))
		key := r.store.Keys().Customer(acme, c.ID)
		check(t, r.store.Do(t.Context(), redis.Command("DEL", key)).Err)
		check(t, r.Opened(t.Context(), wrote(c, born(), office)))
		if n, err := r.store.Do(t.Context(), redis.Command("EXISTS", key)).Int(); n != 0 || err != nil {
			t.Errorf("the key of an erased customer is there again (%v)", err)
		}
	})
}

func TestAWindowDoesNotOutliveItsRecord(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, store *redis.Store) {
		r := newRoom(t, store, vault.Options{
			Retention: func(string) webhook.Retention { return webhook.Retention{Customer: time.Hour} },
		})
		c := r.mint(t, number(t, anna))
		check(t, r.Opened(t.Context(), wrote(c, born(), office)))
		ttl, err := store.Do(t.Context(), redis.Command("PTTL", store.Keys().Customer(acme, c.ID))).Int()
		if err != nil || ttl <= 0 || ttl > time.Hour.Milliseconds() {
			t.Errorf("the key lives %d ms, %v", ttl, err)
		}
	})
}
