package idempotency_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"bauta/masking"
	"bauta/masking/keys"
	"bauta/redis"
	"bauta/redis/idempotency"
	"bauta/redis/redistest"
	"bauta/redis/vault"
	"bauta/webhook"
)

// The key and the answer of the tests (the answer is webhooks.md 6.2's).
const (
	key     = "order-4711 from +393331234567"
	outcome = `{"messaging_product":"whatsapp","contacts":[{"input":"+16505551234","wa_id":"16505551234"}]}`
)

func ring(t testing.TB) *keys.Set {
	t.Helper()
	set, err := keys.Generate()
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func claims(store *redis.Store, set *keys.Set) *idempotency.Claims {
	return idempotency.New(store, set, vault.New(store, set, vault.Options{}))
}

func call(text string) [32]byte { return sha256.Sum256([]byte(text)) }

func begun(t testing.TB, c *idempotency.Claims, business, key, text string) string {
	t.Helper()
	claim, saved, err := c.Begin(t.Context(), business, key, call(text))
	if claim == "" || saved != nil || err != nil {
		t.Fatalf("begin: claim %q, saved %q, %v", claim, saved, err)
	}
	return claim
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestACallIsMadeOnce(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, store *redis.Store) {
		set := ring(t)
		one, other := claims(store, set), claims(store, set)
		claim := begun(t, one, "acme", key, "hello")
		if again, saved, err := other.Begin(t.Context(), "acme", key, call("hello")); again != "" || saved != nil || err != nil {
			t.Errorf("while it is under way: %q, %q, %v", again, saved, err)
		}
		if again, saved, err := other.Begin(t.Context(), "acme", key, call("goodbye")); again != "" || saved != nil || !errors.Is(err, webhook.ErrOtherCall) {
			t.Errorf("another call while it is under way: %q, %q, %v", again, saved, err)
		}
		check(t, one.Finish(t.Context(), "acme", key, claim, webhook.Kept{Outcome: []byte(outcome)}))
		if again, saved, err := other.Begin(t.Context(), "acme", key, call("hello")); again != "" || string(saved) != outcome || err != nil {
			t.Errorf("after it: %q, %q, %v", again, saved, err)
		}
		if again, saved, err := other.Begin(t.Context(), "acme", key, call("goodbye")); again != "" || saved != nil || !errors.Is(err, webhook.ErrOtherCall) {
			t.Errorf("another call after it: %q, %q, %v", again, saved, err)
		}
		begun(t, other, "umbrella", key, "hello")
		begun(t, other, "acme", key+"!", "hello")
	})
}

func TestAReleasedKeyIsFree(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, store *redis.Store) {
		c := claims(store, ring(t))
		first := begun(t, c, "acme", key, "hello")
		check(t, c.Release(t.Context(), "acme", key, first))
		second := begun(t, c, "acme", key, "goodbye")
		for name, err := range map[string]error{
			"released twice":          c.Release(t.Context(), "acme", key, first),
			"finished after its end":  c.Finish(t.Context(), "acme", key, first, webhook.Kept{Outcome: []byte("x")}),
			"finished without one":    c.Finish(t.Context(), "acme", "unused", second, webhook.Kept{Outcome: []byte("x")}),
			"released with no claim":  c.Release(t.Context(), "acme", key, ""),
			"released as umbrella's":  c.Release(t.Context(), "umbrella", key, second),
			"finished with no claim":  c.Finish(t.Context(), "acme", key, "", webhook.Kept{Outcome: []byte("x")}),
			"released without a call": c.Release(t.Context(), "acme", "unused", ""),
		} {
			if !errors.Is(err, idempotency.ErrNoClaim) {
				t.Errorf("%s: %v, want ErrNoClaim", name, err)
			}
		}
		check(t, c.Finish(t.Context(), "acme", key, second, webhook.Kept{Outcome: []byte(outcome)}))
		if err := c.Release(t.Context(), "acme", key, second); !errors.Is(err, idempotency.ErrNoClaim) {
			t.Errorf("a call that ended was released: %v", err)
		}
		if _, saved, err := c.Begin(t.Context(), "acme", key, call("goodbye")); string(saved) != outcome || err != nil {
			t.Errorf("the outcome is %q, %v", saved, err)
		}
	})
}

func TestOneOfManyBegins(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, store *redis.Store) {
		set := ring(t)
		var all sync.WaitGroup
		var winners atomic.Int32
		for range 32 {
			all.Go(func() {
				claim, _, err := claims(store, set).Begin(t.Context(), "acme", key, call("hello"))
				if err != nil {
					t.Error(err)
				}
				if claim != "" {
					winners.Add(1)
				}
			})
		}
		all.Wait()
		if n := winners.Load(); n != 1 {
			t.Errorf("%d callers may make the call", n)
		}
	})
}

func TestAKeyIsKeptForADayAndSaysNothing(t *testing.T) {
	t.Parallel()
	server := redistest.Standalone(t)
	store, set := server.Open(t, redis.Options{}), ring(t)
	c := claims(store, set)
	claim := begun(t, c, "acme", key, "hello")
	place := ""
	for name := range server.Dump(t) {
		if strings.HasPrefix(name, "bauta:idem:acme:") {
			place = name
		}
	}
	lives := func() time.Duration {
		left, err := server.Client.PTTL(t.Context(), place).Result()
		check(t, err)
		return left
	}
	if left := lives(); left > 24*time.Hour || left < 24*time.Hour-time.Minute {
		t.Errorf("a claim lives %s, want 24 h", left)
	}
	check(t, server.Client.PExpire(t.Context(), place, time.Hour).Err())
	check(t, c.Finish(t.Context(), "acme", key, claim, webhook.Kept{Outcome: []byte(outcome)}))
	if left := lives(); left > time.Hour {
		t.Errorf("its outcome lives %s, longer than the claim would have", left)
	}
	fingerprint := call("hello")
	for name, value := range server.Dump(t) {
		for _, secret := range []string{"4711", "393331234567", "16505551234", "messaging_product", string(fingerprint[:]), "hello"} {
			if strings.Contains(name, secret) || strings.Contains(value, secret) {
				t.Errorf("%s shows %q", name, secret)
			}
		}
	}
	size, err := server.Client.MemoryUsage(t.Context(), place, 0).Result()
	t.Logf("a key with an outcome of %d bytes takes %d, %v", len(outcome), size, err)
}

func TestAnOutcomeIsBoundToItsPlace(t *testing.T) {
	t.Parallel()
	server := redistest.Standalone(t)
	store, set := server.Open(t, redis.Options{}), ring(t)
	c := claims(store, set)
	sealed := map[string]string{}
	for _, k := range []string{"one", "other"} {
		before := server.Dump(t)
		check(t, c.Finish(t.Context(), "acme", k, begun(t, c, "acme", k, "hello"), webhook.Kept{Outcome: []byte(outcome)}))
		for name := range server.Dump(t) {
			if before[name] == "" && strings.HasPrefix(name, "bauta:idem:") {
				sealed[k] = name
			}
		}
	}
	text, err := server.Client.HGet(t.Context(), sealed["one"], "o").Result()
	check(t, err)
	check(t, server.Client.HSet(t.Context(), sealed["other"], "o", text).Err())
	if claim, saved, err := c.Begin(t.Context(), "acme", "other", call("hello")); claim != "" || saved != nil || err != nil {
		t.Errorf("another key's outcome is read as %q (claim %q, %v), want an unknown one", saved, claim, err)
	}
}

// Erasing a customer takes the outcomes of calls about them along: nobody knows them
// any more, and no call is made twice.
func TestAnOutcomeAboutAnErasedCustomerIsUnknown(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, store *redis.Store) {
		set := ring(t)
		people := vault.New(store, set, vault.Options{})
		c := claims(store, set)
		number, _ := masking.ParseNumber("16505551234")
		who, _, err := people.Mint(t.Context(), &webhook.Customer{
			ID: "AAAAAAAAAAAAAAAAAAAAAA", Business: "acme", Links: []webhook.Link{{Identity: masking.Identity{Number: number}}},
		})
		check(t, err)
		about := webhook.Kept{Outcome: []byte(outcome), Customer: who.ID, Key: who.DataKey}
		check(t, c.Finish(t.Context(), "acme", key, begun(t, c, "acme", key, "hello"), about))
		check(t, c.Finish(t.Context(), "acme", "receipt", begun(t, c, "acme", "receipt", "erase"), webhook.Kept{Outcome: []byte("erased")}))
		other := claims(store, set)
		if claim, saved, err := other.Begin(t.Context(), "acme", key, call("hello")); claim != "" || string(saved) != outcome || err != nil {
			t.Errorf("before: claim %q, saved %q, %v", claim, saved, err)
		}
		if _, _, err := other.Begin(t.Context(), "acme", key, call("goodbye")); !errors.Is(err, webhook.ErrOtherCall) {
			t.Errorf("another call: %v, want ErrOtherCall", err)
		}
		check(t, people.Erase(t.Context(), who))
		if claim, saved, err := claims(store, set).Begin(t.Context(), "acme", key, call("hello")); claim != "" || saved != nil || err != nil {
			t.Errorf("erased: claim %q, saved %q, %v, want an unknown outcome", claim, saved, err)
		}
		if _, saved, err := claims(store, set).Begin(t.Context(), "acme", "receipt", call("erase")); string(saved) != "erased" || err != nil {
			t.Errorf("an outcome that is nobody's: %q, %v", saved, err)
		}
		about.Key = nil
		if err := c.Finish(t.Context(), "acme", "unsealed", begun(t, c, "acme", "unsealed", "hello"), about); !errors.Is(err, redis.ErrRefused) {
			t.Errorf("about a customer without a key: %v, want ErrRefused", err)
		}
	})
}

func TestLargeOutcomesAreNotKept(t *testing.T) {
	t.Parallel()
	c := claims(redistest.Embedded(t, redis.Options{}), ring(t))
	claim := begun(t, c, "acme", key, "hello")
	if err := c.Finish(t.Context(), "acme", key, claim, webhook.Kept{Outcome: make([]byte, idempotency.MaxOutcome+1)}); !errors.Is(err, idempotency.ErrTooLarge) {
		t.Errorf("an outcome of 64 KiB and a byte: %v, want ErrTooLarge", err)
	}
	large := bytes.Repeat([]byte("x"), idempotency.MaxOutcome)
	check(t, c.Finish(t.Context(), "acme", key, claim, webhook.Kept{Outcome: large}))
	if _, saved, err := c.Begin(t.Context(), "acme", key, call("hello")); !bytes.Equal(saved, large) || err != nil {
		t.Errorf("an outcome of 64 KiB came back with %d bytes, %v", len(saved), err)
	}
}

// A claim of which the caller never heard makes no call. It is let go where Redis
// can be reached, so that the key can be used, also when the caller is gone.
func TestAClaimThatNobodyHeardOfIsLetGo(t *testing.T) {
	t.Parallel()
	server := redistest.Standalone(t)
	fault := &redistest.Fault{}
	c := claims(server.Open(t, redis.Options{Hooks: []goredis.Hook{fault}}), ring(t))
	check(t, c.Release(t.Context(), "acme", "warm", begun(t, c, "acme", "warm", "scripts are loaded")))
	for _, unsent := range []bool{true, false} {
		fault.Arm(1, unsent)
		if claim, _, err := c.Begin(t.Context(), "acme", key, call("hello")); claim != "" || !errors.Is(err, redis.ErrUnavailable) {
			t.Errorf("over a broken connection: %q, %v", claim, err)
		}
		check(t, c.Release(t.Context(), "acme", key, begun(t, c, "acme", key, "another")))
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if claim, _, err := c.Begin(gone, "acme", key, call("hello")); claim != "" || err == nil {
		t.Errorf("a caller who is gone: %q, %v", claim, err)
	}
	begun(t, c, "acme", key, "another")
	server.Stop()
	if claim, saved, err := c.Begin(t.Context(), "acme", key, call("another")); claim != "" || saved != nil || !errors.Is(err, redis.ErrUnavailable) {
		t.Errorf("without a server: %q, %q, %v", claim, saved, err)
	}
}

// A crash between Begin and Finish leaves a claim that nobody gets again.
func TestAClaimOutlivesItsNode(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, store *redis.Store) {
		set := ring(t)
		begun(t, claims(store, set), "acme", key, "hello")
		for range 3 {
			if claim, saved, err := claims(store, set).Begin(t.Context(), "acme", key, call("hello")); claim != "" || saved != nil || err != nil {
				t.Fatalf("after a crash: %q, %q, %v", claim, saved, err)
			}
		}
	})
}

func TestScriptsDeclareTheirKeys(t *testing.T) {
	t.Parallel()
	for _, source := range idempotency.Sources() {
		redistest.DeclaredKeysOnly(t, source)
	}
}
