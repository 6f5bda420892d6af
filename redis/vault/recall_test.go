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

func TestACustomerIsFoundUnderEveryIdentity(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *room) {
		c := r.customer(t, number(t, anna), userID(t, annaID))
		old := number(t, bruno)
		c.Links = append([]webhook.Link{{Identity: old, Evidence: "message", Since: born(), Ended: born().Add(time.Hour)}}, c.Links...)
		c.Scopes["Y2FwaV9ncm91cDox"] = &webhook.Standing{
			Handle: r.handle(t), Visibility: webhook.Shared, Reason: "shared", RawIDs: true, Decided: born(),
		}
		c.Scopes[webhook.Direct].Former = append(c.Scopes[webhook.Direct].Former, r.handle(t))
		stored, first, err := r.Mint(t.Context(), c)
		if err != nil || !first || stored.Version != 1 || stored.DataKey == nil {
			t.Fatalf("mint: first %v, error %v, version %d", first, err, stored.Version)
		}
		found, err := r.Recall(t.Context(), []webhook.Lookup{
			{Business: acme, Identity: number(t, anna)},
			{Business: acme, Identity: userID(t, annaID)},
			{Business: acme, Identity: old},
			{Business: "other", Identity: number(t, anna)},
			{Business: acme, Identity: number(t, "4915112345678")},
			{},
		})
		check(t, err)
		for i := range 3 {
			if found[i].Customer != found[0].Customer || found[i].Marked {
				t.Errorf("lookup %d does not lead to the same customer", i)
			}
			if diff := alike(stored, found[i].Customer); diff != "" {
				t.Errorf("lookup %d, stored against read: %s", i, diff)
			}
		}
		for i := 3; i < len(found); i++ {
			if found[i] != (webhook.Found{}) {
				t.Errorf("lookup %d of nobody found somebody", i)
			}
		}
	})
}

func TestNotationsOfOnePersonLeadToOneCustomer(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *room) {
		// platform/webhooks.md section 5: Brazil's ninth digit, Mexico's 1.
		r.mint(t, number(t, "5511987654321"))
		if r.find(t, number(t, "551187654321")).Customer == nil {
			t.Error("the Brazilian number without its ninth digit leads to nobody")
		}
	})
}

func TestWhoeverWasForgottenComesBackMarked(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *room) {
		c := r.mint(t, number(t, anna), userID(t, annaID))
		check(t, r.store.Do(t.Context(), redis.Command("DEL", r.store.Keys().Customer(acme, c.ID))).Err)
		for _, l := range c.Links {
			if f := r.find(t, l.Identity); f.Customer != nil || !f.Marked {
				t.Errorf("an identity whose record is gone: marked %v", f.Marked)
			}
		}
		if _, err := r.ByHandle(t.Context(), acme, c.Scopes[webhook.Direct].Handle.Key()); !errors.Is(err, vault.ErrUnknownHandle) {
			t.Errorf("the handle of a forgotten customer: %v", err)
		}
		check(t, r.Point(t.Context(), acme, number(t, anna), c.ID, "x"))
		if f := r.find(t, number(t, anna)); f.Customer != nil || !f.Marked {
			t.Errorf("the marker: marked %v", f.Marked)
		}
		again := r.mint(t, number(t, anna), userID(t, annaID))
		if f := r.find(t, userID(t, annaID)); f.Customer == nil || f.Customer.ID != again.ID || f.Marked {
			t.Error("a new customer did not take the marked identities")
		}
	})
}

func TestALostIdentityLeadsToNobodyAndGoesToWhoeverIsMinted(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *room) {
		a := r.mint(t, number(t, anna), userID(t, annaID))
		a.Links[0].Lost, a.Links[0].Ended = true, born()
		check(t, r.Update(t.Context(), a))
		if f := r.find(t, number(t, anna)); f.Customer != nil || !f.Marked {
			t.Error("a lost identity still leads to its former customer, or may start visible")
		}
		b := r.mint(t, number(t, anna), userID(t, brunID))
		if f := r.find(t, number(t, anna)); f.Customer == nil || f.Customer.ID != b.ID {
			t.Error("the number does not lead to its new customer")
		}
		if f := r.find(t, userID(t, annaID)); f.Customer == nil || f.Customer.ID != a.ID {
			t.Error("the former customer lost more than the number")
		}
	})
}

func TestMergedCustomersAreOne(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *room) {
		older, younger := r.mint(t, number(t, anna)), r.mint(t, userID(t, annaID))
		older.Links = append(older.Links, younger.Links...)
		older.Scopes[webhook.Direct].Former = append(older.Scopes[webhook.Direct].Former, younger.Scopes[webhook.Direct].Handle)
		younger.Scopes["Y2FwaV9ncm91cDox"] = &webhook.Standing{Handle: r.handle(t), Visibility: webhook.Hidden}
		check(t, r.Update(t.Context(), younger))
		copied := *younger.Scopes["Y2FwaV9ncm91cDox"]
		older.Scopes["Y2FwaV9ncm91cDox"] = &copied
		check(t, r.Update(t.Context(), older))
		younger.MergedInto = older.ID
		check(t, r.Update(t.Context(), younger))

		for _, l := range older.Links {
			if f := r.find(t, l.Identity); f.Customer == nil || f.Customer.ID != older.ID {
				t.Error("an identity does not lead to the older customer")
			}
		}
		for _, key := range []string{older.Scopes[webhook.Direct].Handle.Key(), younger.Scopes[webhook.Direct].Handle.Key(), copied.Handle.Key()} {
			c, err := r.ByHandle(t.Context(), acme, key)
			if err != nil || c.ID != older.ID {
				t.Errorf("a handle does not lead to the older customer: %v", err)
			}
		}
		bearer, err := r.Bearer(t.Context(), acme, younger.Scopes[webhook.Direct].Handle.Key())
		if err != nil || bearer.ID != younger.ID {
			t.Errorf("the record that the younger one's handle was drawn for: %v", err)
		}
		// What was encrypted for the younger one before the merge stays readable.
		if _, err := r.CustomerKey(t.Context(), acme, younger.ID); err != nil {
			t.Errorf("the key of the merged customer: %v", err)
		}
	})
}

func TestRecallCostsTwoRoundTrips(t *testing.T) {
	t.Parallel()
	fault := &redistest.Fault{}
	r := newRoom(t, redistest.Standalone(t).Open(t, redis.Options{Hooks: hooks(fault)}), vault.Options{})
	lookups := make([]webhook.Lookup, 0, 200)
	for i := range 200 {
		n := number(t, anna[:7]+string(rune('0'+i/100))+string(rune('0'+i/10%10))+string(rune('0'+i%10)))
		r.mint(t, n)
		lookups = append(lookups, webhook.Lookup{Business: acme, Identity: n})
	}
	fault.Arm(0, false)
	found, err := r.Recall(t.Context(), lookups)
	check(t, err)
	for i, f := range found {
		if f.Customer == nil {
			t.Fatalf("lookup %d found nobody", i)
		}
	}
	if fault.Count() != 2 {
		t.Errorf("200 lookups cost %d round trips, want 2", fault.Count())
	}
}

func TestARecordUnderADestroyedKeyIsForgotten(t *testing.T) {
	t.Parallel()
	store := redistest.Embedded(t, redis.Options{})
	r := newRoom(t, store, vault.Options{})
	c := r.mint(t, number(t, anna))
	key := store.Keys().Customer(acme, c.ID)
	other := r.mint(t, number(t, bruno))
	// The wrapped key of another customer does not open this one's record.
	wrapped := store.Do(t.Context(), redis.Command("HGET", store.Keys().Customer(acme, other.ID), "k")).Value
	check(t, store.Do(t.Context(), redis.Command("HSET", key, "k", wrapped)).Err)
	if f := r.find(t, number(t, anna)); f.Customer != nil || !f.Marked {
		t.Errorf("a record with another customer's key: marked %v", f.Marked)
	}
	if _, err := r.CustomerKey(t.Context(), acme, c.ID); !errors.Is(err, webhook.ErrErased) {
		t.Errorf("the key of that record: %v, want ErrErased", err)
	}
}
