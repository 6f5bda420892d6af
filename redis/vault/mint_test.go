package vault_test

import (
	"errors"
	"sync"
	"testing"

	goredis "github.com/redis/go-redis/v9"

	"bauta/masking"
	"bauta/redis"
	"bauta/redis/vault"
	"bauta/webhook"
)

func hooks(h goredis.Hook) []goredis.Hook { return []goredis.Hook{h} }

func TestManyMintersGetOneCustomer(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *room) {
		const minters = 40
		rows := [][]masking.Identity{
			{number(t, anna), userID(t, annaID)},
			{userID(t, annaID), number(t, anna)},
			{number(t, anna)},
		}
		winners := make([]*webhook.Customer, minters)
		firsts := make([]bool, minters)
		minted := make([]webhook.Customer, minters)
		var all sync.WaitGroup
		for i := range minters {
			c := r.customer(t, rows[i%len(rows)]...)
			minted[i] = *c
			all.Go(func() {
				var err error
				if winners[i], firsts[i], err = r.Mint(t.Context(), c); err != nil {
					t.Errorf("minter %d: %v", i, err)
				}
			})
		}
		all.Wait()
		if t.Failed() {
			return
		}
		first := 0
		for i := range winners {
			if firsts[i] {
				first++
			}
			if winners[i].ID != winners[0].ID {
				t.Fatal("two minters got different customers")
			}
		}
		for i := range minted {
			left, err := r.store.Do(t.Context(), redis.Command("EXISTS", r.store.Keys().Customer(acme, minted[i].ID))).Int()
			_, handle := r.ByHandle(t.Context(), acme, minted[i].Scopes[webhook.Direct].Handle.Key())
			if firsts[i] != (left == 1) || firsts[i] != (handle == nil) || err != nil {
				t.Errorf("minter %d, first %v: record there %d, handle %v, %v", i, firsts[i], left, handle, err)
			}
		}
		if first != 1 {
			t.Errorf("%d minters were told that they were first, want 1", first)
		}
		if f := r.find(t, number(t, anna)); f.Customer == nil || f.Customer.ID != winners[0].ID {
			t.Error("the number does not lead to the winner")
		}
	})
}

func TestTheLoserOfALaterIdentityYields(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *room) {
		known := r.mint(t, userID(t, annaID))
		late := r.customer(t, number(t, anna), userID(t, annaID))
		got, first, err := r.Mint(t.Context(), late)
		if err != nil || first || got.ID != known.ID {
			t.Fatalf("first %v, error %v", first, err)
		}
		if f := r.find(t, number(t, anna)); f.Customer != nil || f.Marked {
			t.Error("the number that the loser wrote is not free again")
		}
		got.Links = append(got.Links, webhook.Link{Identity: number(t, anna), Evidence: "message", Since: born()})
		check(t, r.Update(t.Context(), got))
		if f := r.find(t, number(t, anna)); f.Customer == nil || f.Customer.ID != known.ID {
			t.Error("the number cannot be linked to the winner")
		}
	})
}

func TestATakenHandleStoresNothing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *room) {
		known := r.mint(t, number(t, anna))
		next := r.customer(t, number(t, bruno))
		own := next.Scopes[webhook.Direct].Handle
		next.Scopes["Y2FwaV9ncm91cDox"] = &webhook.Standing{Handle: known.Scopes[webhook.Direct].Handle, Visibility: webhook.Hidden}
		if _, _, err := r.Mint(t.Context(), next); !errors.Is(err, webhook.ErrHandleTaken) {
			t.Fatalf("mint with a taken handle: %v", err)
		}
		if f := r.find(t, number(t, bruno)); f != (webhook.Found{}) {
			t.Error("the customer with the taken handle is in the index")
		}
		if _, err := r.ByHandle(t.Context(), acme, own.Key()); !errors.Is(err, vault.ErrUnknownHandle) {
			t.Errorf("its other handle: %v", err)
		}
		if n, err := r.store.Do(t.Context(), redis.Command("EXISTS", r.store.Keys().Customer(acme, next.ID))).Int(); n != 0 || err != nil {
			t.Errorf("its record is there: %d, %v", n, err)
		}
		next.Scopes["Y2FwaV9ncm91cDox"].Handle = r.handle(t)
		if _, first, err := r.Mint(t.Context(), next); err != nil || !first {
			t.Fatalf("mint with another handle: first %v, error %v", first, err)
		}
		next.Scopes["Y2FwaV9ncm91cDoy"] = &webhook.Standing{Handle: known.Scopes[webhook.Direct].Handle, Visibility: webhook.Hidden}
		if err := r.Update(t.Context(), next); !errors.Is(err, webhook.ErrHandleTaken) {
			t.Errorf("update with a taken handle: %v", err)
		}
		if f := r.find(t, number(t, bruno)); len(f.Customer.Scopes) != 2 {
			t.Error("the update with the taken handle was stored")
		}
	})
}

func TestAStaleWriterChangesNothing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *room) {
		r.mint(t, number(t, anna))
		one, two := r.find(t, number(t, anna)).Customer, r.find(t, number(t, anna)).Customer
		one.Scopes[webhook.Direct].Reason = "first"
		check(t, r.Update(t.Context(), one))
		two.Scopes[webhook.Direct].Reason = "second"
		two.Scopes["Y2FwaV9ncm91cDox"] = &webhook.Standing{Handle: r.handle(t), Visibility: webhook.Hidden}
		if err := r.Update(t.Context(), two); !errors.Is(err, webhook.ErrStale) {
			t.Fatalf("the second writer: %v, want ErrStale", err)
		}
		now := r.find(t, number(t, anna)).Customer
		if now.Scopes[webhook.Direct].Reason != "first" || now.Version != 2 || one.Version != 2 {
			t.Errorf("reason %q, version %d", now.Scopes[webhook.Direct].Reason, now.Version)
		}
		key := r.store.Keys().Handle(acme, two.Scopes["Y2FwaV9ncm91cDox"].Handle.Key())
		if n, err := r.store.Do(t.Context(), redis.Command("EXISTS", key)).Int(); n != 0 || err != nil {
			t.Errorf("the stale writer's handle is there: %d, %v", n, err)
		}
	})
}
