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

// takeOver is a merge as the pipeline writes it, of records without a handle in common.
func (r *room) takeOver(t testing.TB, older, younger *webhook.Customer) {
	t.Helper()
	older.Links = append(older.Links, younger.Links...)
	older.Predecessors = append(older.Predecessors, webhook.Predecessor{ID: younger.ID, At: born()})
	check(t, r.Update(t.Context(), older))
	younger.MergedInto = older.ID
	check(t, r.Update(t.Context(), younger))
}

// After a withdrawal under a new handle nothing else than the record's own list leads
// to those that it took over.
func TestWhoWasTakenOverIsErasedAlsoWithoutAHandle(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *room) {
		older, younger := r.mint(t, number(t, anna)), r.mint(t, userID(t, annaID))
		r.takeOver(t, older, younger)
		check(t, r.Erase(t.Context(), older))
		for _, c := range []*webhook.Customer{older, younger} {
			if _, err := r.CustomerKey(t.Context(), acme, c.ID); !errors.Is(err, webhook.ErrErased) {
				t.Errorf("the key of a record: %v, want ErrErased", err)
			}
		}
	})
}

// Whoever lost the race for a later identity may have been seen, and may have
// encrypted an event: the winner's erasure ends that too.
func TestALoserIsErasedWithItsWinner(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *room) {
		known := r.mint(t, userID(t, annaID))
		late := r.customer(t, number(t, anna), userID(t, annaID))
		winner, _, err := r.Mint(t.Context(), late)
		check(t, err)
		stored := r.find(t, userID(t, annaID)).Customer
		if len(stored.Predecessors) != 1 || stored.Predecessors[0].ID != late.ID || stored.Version != winner.Version {
			t.Fatalf("the winner took over %v", stored.Predecessors)
		}
		check(t, r.Erase(t.Context(), stored))
		for _, id := range []string{known.ID, late.ID} {
			if n, err := r.store.Do(t.Context(), redis.Command("EXISTS", r.store.Keys().Customer(acme, id))).Int(); n != 0 || err != nil {
				t.Errorf("a record is there after the erasure: %d, %v", n, err)
			}
		}
	})
}

// What leads through a record that was taken over goes on leading.
func TestWhoWasTakenOverIsKeptAsLongAsTheirSuccessor(t *testing.T) {
	t.Parallel()
	server := redistest.Standalone(t)
	now := time.Now()
	r := newRoom(t, server.Open(t, redis.Options{}), vault.Options{
		Retention: func(string) webhook.Retention { return webhook.Retention{Customer: 240 * time.Hour} },
		Now:       func() time.Time { return now },
	})
	older, younger := r.mint(t, number(t, anna)), r.mint(t, userID(t, annaID))
	r.takeOver(t, older, younger)
	key := r.store.Keys().Customer(acme, younger.ID)
	check(t, server.Client.PExpire(t.Context(), key, time.Minute).Err())
	now = now.Add(48 * time.Hour) // here, and for the record of who took over:
	check(t, server.Client.PExpire(t.Context(), r.store.Keys().Customer(acme, older.ID), 192*time.Hour).Err())
	check(t, r.Touch(t.Context(), []*webhook.Customer{r.find(t, number(t, anna)).Customer}))
	if ttl := server.Client.PTTL(t.Context(), key).Val(); ttl < 239*time.Hour {
		t.Errorf("the record that was taken over lives for %v, want as long as its successor", ttl)
	}
}
