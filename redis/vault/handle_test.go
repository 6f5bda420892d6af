package vault_test

import (
	"errors"
	"testing"

	goredis "github.com/redis/go-redis/v9"

	"bauta/masking"
	"bauta/redis"
	"bauta/redis/redistest"
	"bauta/redis/vault"
	"bauta/webhook"
)

func TestAHandleThatWasSeenCostsOneRoundTrip(t *testing.T) {
	t.Parallel()
	fault := &redistest.Fault{}
	r := newRoom(t, redistest.Embedded(t, redis.Options{Hooks: []goredis.Hook{fault}}), vault.Options{})
	key := r.mint(t, number(t, anna)).Scopes[webhook.Direct].Handle.Key()
	for call, want := range []int{2, 1, 1} {
		fault.Arm(0, false)
		if _, err := r.ByHandle(t.Context(), acme, key); err != nil {
			t.Fatal(err)
		}
		if fault.Count() != want {
			t.Errorf("call %d took %d round trips, want %d", call, fault.Count(), want)
		}
	}
}

// What a vault keeps in memory of a handle never says whose it is: the store does.
func TestAHandleIsWhoseTheStoreSays(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *room) {
		first := r.mint(t, number(t, anna))
		handle := first.Scopes[webhook.Direct].Handle
		for range 2 {
			if c, err := r.ByHandle(t.Context(), acme, handle.Key()); err != nil || c.ID != first.ID {
				t.Fatalf("the handle does not lead to its customer: %v", err)
			}
		}
		if _, err := r.ByHandle(t.Context(), "umbrella", handle.Key()); !errors.Is(err, vault.ErrUnknownHandle) {
			t.Errorf("another business's handle: %v", err)
		}
		gone := []redis.Call{
			redis.Command("DEL", r.store.Keys().Customer(acme, first.ID)), redis.Command("DEL", r.store.Keys().Handle(acme, handle.Key())),
		}
		for _, result := range r.store.Commit(t.Context(), gone) {
			check(t, result.Err)
		}
		if _, err := r.ByHandle(t.Context(), acme, handle.Key()); !errors.Is(err, vault.ErrUnknownHandle) {
			t.Errorf("the handle of somebody forgotten: %v", err)
		}
		second := r.customer(t, number(t, bruno))
		second.Scopes[webhook.Direct].Handle = handle
		if _, minted, err := r.Mint(t.Context(), second); err != nil || !minted {
			t.Fatal("mint", minted, err)
		}
		for range 2 {
			if c, err := r.ByHandle(t.Context(), acme, handle.Key()); err != nil || c.ID != second.ID {
				t.Errorf("the handle does not lead to whom it was drawn for later: %v", err)
			}
		}
	})
}

// A handle that a customer has no more is free once their record is stored, and so is one
// that an erasure frees; others' stay.
func TestAHandleThatIsNoMoreLeadsNowhere(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *room) {
		c, other := r.mint(t, number(t, anna)), r.mint(t, number(t, bruno))
		held := func(h masking.Handle) bool {
			t.Helper()
			n, err := r.store.Client().Exists(t.Context(), r.store.Keys().Handle(acme, h.Key())).Result()
			check(t, err)
			return n == 1
		}
		direct := c.Scopes[webhook.Direct]
		was, theirs := direct.Handle, other.Scopes[webhook.Direct].Handle
		c.Freed, direct.Handle = []masking.Handle{was, theirs}, r.handle(t)
		check(t, r.Rewrite(t.Context(), c))
		if held(was) || !held(direct.Handle) || !held(theirs) || c.Freed != nil {
			t.Errorf("the old one leads anywhere %v, the new one %v, another's %v", held(was), held(direct.Handle), held(theirs))
		}
		check(t, r.Free(t.Context(), acme, []string{"AAAAAAAAAAAAAAAAAAAAAA", c.ID}, []masking.Handle{direct.Handle, theirs}))
		if held(direct.Handle) || !held(theirs) {
			t.Errorf("freed: it leads anywhere %v, another's %v", held(direct.Handle), held(theirs))
		}
	})
}
