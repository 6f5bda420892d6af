package vault_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bauta/masking"
	"bauta/masking/keys"
	"bauta/redis"
	"bauta/redis/keyring"
	"bauta/redis/redistest"
	"bauta/redis/vault"
	"bauta/webhook"
)

func quiet(int64, int64) {}

// next is the set with a second key that writes.
func next(t *testing.T, s *keys.Set) *keys.Set {
	t.Helper()
	s, err := s.WithNewKey(keys.Wrap, time.Now())
	check(t, err)
	s, err = s.WithPrimary(keys.Wrap, s.Newest(keys.Wrap).ID)
	check(t, err)
	return s
}

// crowd mints many customers, each with a number.
func (r *room) crowd(t testing.TB, n int) []masking.Identity {
	t.Helper()
	out := make([]masking.Identity, n)
	for i := range out {
		out[i] = number(t, fmt.Sprintf("39333%07d", i))
		r.mint(t, out[i])
	}
	return out
}

func TestEveryDataKeyIsWrappedAnew(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, store *redis.Store) {
		r := newRoom(t, store, vault.Options{Retention: func(string) webhook.Retention { return webhook.Retention{Customer: time.Hour} }})
		who := r.crowd(t, 30)
		for _, b := range []string{acme, "other", "_main"} {
			_, err := r.BusinessKey(t.Context(), b)
			check(t, err)
		}
		sealed := sealFor(t, r.Vault, "other")
		after := next(t, r.set)
		node := vault.New(store, after, vault.Options{})

		before, err := node.Wrapped(t.Context(), after, quiet)
		check(t, err)
		if before.Under[r.set.Primary(keys.Wrap)] != 33 || before.Under[after.Primary(keys.Wrap)] != 0 || before.Anew != 0 {
			t.Errorf("before: %+v", before)
		}
		var done, total int64
		anew, err := node.Rewrap(t.Context(), after, func(d, all int64) { done, total = d, all })
		check(t, err)
		if anew.Anew != 33 || anew.Under[after.Primary(keys.Wrap)] != 33 || anew.Under[r.set.Primary(keys.Wrap)] != 0 || anew.Gone != 0 {
			t.Errorf("wrapped anew: %+v", anew)
		}
		if done != total || total < 60 {
			t.Errorf("the progress ended at %d of %d", done, total)
		}
		again, err := node.Rewrap(t.Context(), after, quiet)
		if err != nil || again.Anew != 0 || again.Under[after.Primary(keys.Wrap)] != 33 {
			t.Errorf("a second time: %+v, %v", again, err)
		}

		alone, err := after.WithoutOld(keys.Wrap, time.Now())
		check(t, err)
		last := &room{Vault: vault.New(store, alone, vault.Options{}), store: store, set: alone, handles: r.handles}
		for _, i := range who {
			f := last.find(t, i)
			if f.Customer == nil {
				t.Fatal("a customer is lost")
			}
			ttl, err := store.Do(t.Context(), redis.Command("PTTL", store.Keys().Customer(acme, f.Customer.ID))).Int()
			if err != nil || ttl <= 0 || ttl > time.Hour.Milliseconds() {
				t.Errorf("the record lives for %d ms, %v", ttl, err)
			}
		}
		if plain, err := keyOf(t, last.Vault, "other").Decrypt(sealed, nil); err != nil || string(plain) != "text" {
			t.Errorf("what is under the business's key: %q, %v", plain, err)
		}
	})
}

func keyOf(t *testing.T, v *vault.Vault, business string) webhook.DataKey {
	t.Helper()
	key, err := v.BusinessKey(t.Context(), business)
	check(t, err)
	return key
}

func sealFor(t *testing.T, v *vault.Vault, business string) []byte {
	t.Helper()
	out, err := keyOf(t, v, business).Encrypt([]byte("text"), nil)
	check(t, err)
	return out
}

// Every exchange with the server fails once, before it is sent or after: what was not
// reached is reached by the next try, and nobody is lost.
func TestAWalkThatIsBrokenOffGoesOn(t *testing.T) {
	t.Parallel()
	server := redistest.Standalone(t)
	r := newRoom(t, server.Open(t, redis.Options{}), vault.Options{})
	who := r.crowd(t, 20)
	set := r.set
	fault := &redistest.Fault{}
	store := server.Open(t, redis.Options{Hooks: hooks(fault)})
	broken := 0
	for at := 1; ; at++ {
		set = next(t, set)
		node := vault.New(store, set, vault.Options{})
		fault.Arm(at, at%2 == 0)
		_, err := node.Rewrap(t.Context(), set, quiet)
		fault.Arm(0, false)
		if err != nil {
			if !errors.Is(err, redis.ErrUnavailable) {
				t.Fatalf("exchange %d: %v", at, err)
			}
			broken++
		}
		done, err2 := node.Rewrap(t.Context(), set, quiet)
		if err2 != nil || done.Under[set.Primary(keys.Wrap)] != 20 || len(positive(done.Under)) != 1 {
			t.Fatalf("after exchange %d: %+v, %v", at, done, err2)
		}
		if err == nil {
			break
		}
	}
	if broken < 3 {
		t.Errorf("broken off %d times only: the test does not see it", broken)
	}
	last := &room{Vault: vault.New(store, set, vault.Options{}), store: store, set: set, handles: r.handles}
	for _, i := range who {
		if last.find(t, i).Customer == nil {
			t.Error("a customer is lost")
		}
	}
}

func positive(in map[uint32]int64) map[uint32]int64 {
	out := map[uint32]int64{}
	for id, n := range in {
		if n != 0 {
			out[id] = n
		}
	}
	return out
}

// Nodes mint, write and erase while the key is replaced and everything is wrapped anew:
// once nobody can write with the old key, one more walk leaves none.
func TestNothingIsUnderTheOldKeyInTheEnd(t *testing.T) {
	t.Parallel()
	server := redistest.Standalone(t)
	store := server.Open(t, redis.Options{})
	first := newRoom(t, store, vault.Options{})
	before := first.set
	after := next(t, before)
	added, err := after.WithPrimary(keys.Wrap, before.Primary(keys.Wrap))
	check(t, err)
	who := first.crowd(t, 50)

	load := func() (*keys.Set, error) { return added, nil }
	var ended atomic.Bool
	var nodes sync.WaitGroup
	var mu sync.Mutex
	var erased int
	for n := range 2 {
		ring, err := keyring.Open(t.Context(), keyring.Options{Store: store, Set: added, Load: load, Logger: slog.New(slog.DiscardHandler)})
		check(t, err)
		node := &room{Vault: vault.New(store, added, vault.Options{Ring: ring}), store: store, set: added, handles: first.handles}
		nodes.Go(func() {
			for i := 0; !ended.Load(); i++ {
				fresh := number(t, fmt.Sprintf("4917%d%07d", n, i))
				c, _, err := node.Mint(t.Context(), node.customer(t, fresh))
				if err != nil {
					t.Error(err)
					return
				}
				if i%5 == 0 {
					if err := node.Erase(t.Context(), c); err != nil {
						t.Error(err)
					}
					mu.Lock()
					erased++
					mu.Unlock()
					continue
				}
				c.SentOpen = true
				if err := node.Update(t.Context(), c); err != nil && !errors.Is(err, webhook.ErrStale) {
					t.Error(err)
				}
			}
		})
	}
	register := keyring.NewRegister(store)
	done, err := register.Promote(t.Context(), keys.Wrap, before.Primary(keys.Wrap), after.Primary(keys.Wrap))
	if err != nil || !done {
		t.Fatalf("promote: %t, %v", done, err)
	}
	walker := vault.New(store, after, vault.Options{})
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for s := (keyring.Standing{Since: time.Now(), Now: time.Now()}); s.Settled() > 0; <-ticker.C {
		_, err := walker.Rewrap(t.Context(), after, quiet)
		check(t, err)
		s, err = register.Read(t.Context(), keys.Wrap, 1)
		check(t, err)
	}
	_, err = walker.Rewrap(t.Context(), after, quiet)
	check(t, err)
	left, err := walker.Wrapped(t.Context(), after, quiet)
	check(t, err)
	ended.Store(true)
	nodes.Wait()
	if n := left.Under[before.Primary(keys.Wrap)]; n != 0 || left.Gone != 0 {
		t.Errorf("%d data keys are under the old key, %d nobody can read", n, left.Gone)
	}
	if left.Under[after.Primary(keys.Wrap)] < 50 || erased == 0 {
		t.Errorf("%d data keys under the new key, %d erased: the test does not see anything", left.Under[after.Primary(keys.Wrap)], erased)
	}
	alone, err := after.WithoutOld(keys.Wrap, time.Now())
	check(t, err)
	last := &room{Vault: vault.New(store, alone, vault.Options{}), store: store, set: alone, handles: first.handles}
	for _, i := range who {
		if last.find(t, i).Customer == nil {
			t.Error("a customer is lost")
		}
	}
}

// slept is a node whose right to write is over and that does not know it yet.
type slept struct {
	set     *keys.Set
	renewed *keys.Set
	until   int64
}

func (s *slept) Writer(context.Context) (*keys.Set, int64, error) { return s.set, s.until, nil }

func (s *slept) Reader(context.Context, []byte) (*keys.Set, error) { return s.set, nil }

func (s *slept) Renew(context.Context) error {
	if s.renewed == nil {
		return errors.New("not renewed")
	}
	s.set, s.until = s.renewed, time.Now().Add(time.Hour).UnixMilli()
	return nil
}

func TestNothingIsStoredUnderAKeyThatMayBeReplaced(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, store *redis.Store) {
		r := newRoom(t, store, vault.Options{})
		late := &slept{set: r.set, until: time.Now().Add(-time.Second).UnixMilli()}
		node := vault.New(store, r.set, vault.Options{Ring: late})
		c := r.customer(t, number(t, anna))
		if _, _, err := node.Mint(t.Context(), c); err == nil {
			t.Error("a customer is minted with a right to write that is over")
		}
		if _, err := node.BusinessKey(t.Context(), acme); err == nil {
			t.Error("a business's key is made with a right to write that is over")
		}
		if f := r.find(t, number(t, anna)); f.Customer != nil {
			t.Error("the customer is there")
		}
		late.renewed = next(t, r.set)
		if _, first, err := node.Mint(t.Context(), c); err != nil || !first {
			t.Errorf("with another right: %t, %v", first, err)
		}
		if _, err := node.BusinessKey(t.Context(), acme); err != nil {
			t.Errorf("a business's key with another right: %v", err)
		}
		left, err := node.Wrapped(t.Context(), late.renewed, quiet)
		if err != nil || left.Under[late.renewed.Primary(keys.Wrap)] != 2 || len(left.Under) != 1 {
			t.Errorf("%+v, %v", left, err)
		}
	})
}

// A key that may be in a newer file is no destroyed one: nobody is forgotten for it.
func TestAKeyThatIsNotKnownHereIsNotForgotten(t *testing.T) {
	t.Parallel()
	store := redistest.Embedded(t, redis.Options{})
	r := newRoom(t, store, vault.Options{})
	after := next(t, r.set)
	writer := &room{Vault: vault.New(store, after, vault.Options{}), store: store, set: after, handles: r.handles}
	c := writer.mint(t, number(t, anna))
	_, err := writer.BusinessKey(t.Context(), acme)
	check(t, err)

	ring, err := keyring.Open(t.Context(), keyring.Options{
		Store: store, Set: r.set, Load: func() (*keys.Set, error) { return r.set, nil }, Logger: slog.New(slog.DiscardHandler),
	})
	check(t, err)
	check(t, store.Do(t.Context(), redis.Command("HSET", redis.WrapKey, "primary", strconv.FormatUint(uint64(after.Primary(keys.Wrap)), 10))).Err)
	behind := vault.New(store, r.set, vault.Options{Ring: ring})
	if _, err := behind.Recall(t.Context(), []webhook.Lookup{{Business: acme, Identity: number(t, anna)}}); !errors.Is(err, redis.ErrMisconfigured) {
		t.Errorf("recall: %v", err)
	}
	if _, err := behind.CustomerKey(t.Context(), acme, c.ID); err == nil || errors.Is(err, webhook.ErrErased) {
		t.Errorf("the customer's key: %v", err)
	}
	if _, err := behind.BusinessKey(t.Context(), acme); !errors.Is(err, redis.ErrMisconfigured) {
		t.Errorf("the business's key: %v", err)
	}
	found, err := behind.Wrapped(t.Context(), r.set, quiet)
	if err != nil || found.Under[after.Primary(keys.Wrap)] != 2 || found.Gone != 0 {
		t.Errorf("counted: %+v, %v", found, err)
	}
	if _, err := behind.Rewrap(t.Context(), r.set, quiet); err != nil {
		t.Error(err)
	}
	if f := writer.find(t, number(t, anna)); f.Customer == nil {
		t.Error("the customer is lost")
	}
}

func TestDamagedAndDestroyedKeysAreCountedApart(t *testing.T) {
	t.Parallel()
	store := redistest.Embedded(t, redis.Options{})
	r := newRoom(t, store, vault.Options{})
	a, b := r.mint(t, number(t, anna)), r.mint(t, number(t, bruno))
	check(t, store.Do(t.Context(), redis.Command("HSET", store.Keys().Customer(acme, a.ID), "k", "damaged")).Err)
	after := next(t, r.set)
	found, err := r.Rewrap(t.Context(), after, quiet)
	if err != nil || found.Gone != 1 || found.Anew != 1 {
		t.Errorf("with one damaged: %+v, %v", found, err)
	}
	// Somebody else's key in the place of their own.
	wrapped := store.Do(t.Context(), redis.Command("HGET", store.Keys().Customer(acme, b.ID), "k")).Value
	check(t, store.Do(t.Context(), redis.Command("HSET", store.Keys().Customer(acme, a.ID), "k", wrapped)).Err)
	if found, err = r.Wrapped(t.Context(), next(t, after), quiet); err != nil || found.Gone != 1 || found.Under[after.Primary(keys.Wrap)] != 1 {
		t.Errorf("with one of somebody else: %+v, %v", found, err)
	}
	alone, err := next(t, after).WithoutOld(keys.Wrap, time.Now())
	check(t, err)
	if found, err = r.Wrapped(t.Context(), alone, quiet); err != nil || found.Gone != 2 || len(positive(found.Under)) != 0 {
		t.Errorf("once they are destroyed: %+v, %v", found, err)
	}
}

func BenchmarkRewrap(b *testing.B) {
	server := redistest.Standalone(b)
	r := newRoom(b, server.Open(b, redis.Options{}), vault.Options{})
	const people = 1000
	r.crowd(b, people)
	set := r.set
	for b.Loop() {
		s, err := set.WithNewKey(keys.Wrap, time.Now())
		check(b, err)
		set, err = s.WithPrimary(keys.Wrap, s.Newest(keys.Wrap).ID)
		check(b, err)
		found, err := r.Rewrap(b.Context(), set, quiet)
		if err != nil || found.Anew != people {
			b.Fatalf("%+v, %v", found, err)
		}
	}
	b.ReportMetric(float64(people), "keys/op")
}

// Somebody is erased, and written, before every exchange of a walk: they stay erased,
// and what was written stays.
func TestAWalkBringsNobodyBack(t *testing.T) {
	t.Parallel()
	run := func(at int) (exchanges int) {
		between := &between{at: at}
		store := redistest.Standalone(t).Open(t, redis.Options{Hooks: hooks(between)})
		r := newRoom(t, store, vault.Options{})
		gone, written := r.mint(t, number(t, anna)), r.mint(t, number(t, bruno))
		after := next(t, r.set)
		between.arm(func() {
			check(t, r.Erase(t.Context(), gone))
			written.SentOpen = true
			check(t, r.Update(t.Context(), written))
		})
		_, err := r.Rewrap(t.Context(), after, quiet)
		check(t, err)
		exchanges = between.count
		between.disarm()
		if at == 0 {
			return exchanges
		}
		if n, err := store.Do(t.Context(), redis.Command("EXISTS", store.Keys().Customer(acme, gone.ID))).Int(); err != nil || n != 0 {
			t.Errorf("erased before exchange %d: their record is there again (%v)", at, err)
		}
		last := &room{Vault: vault.New(store, after, vault.Options{}), store: store, set: after, handles: r.handles}
		if f := last.find(t, number(t, bruno)); f.Customer == nil || !f.Customer.SentOpen {
			t.Errorf("written before exchange %d: it is lost", at)
		}
		return exchanges
	}
	steps := run(0)
	if steps < 4 {
		t.Fatalf("%d exchanges: the test does not see the walk", steps)
	}
	for at := 1; at <= steps; at++ {
		run(at)
	}
}
