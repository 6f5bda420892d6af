package redis_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bauta/redis"
	"bauta/redis/redistest"
)

func TestAPipelineLoadsTheScriptsAServerForgot(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, store *redis.Store) {
		script := redis.NewScript(`return redis.call('INCRBY', KEYS[1], ARGV[1])`)
		redistest.DeclaredKeysOnly(t, script.Source())
		calls := make([]redis.Call, 2500)
		for i := range calls {
			key := store.Keys().Customer("acme", fmt.Sprintf("%04d", i))
			calls[i] = script.Call([]string{key}, i)
			if i%8 > 0 { // the embedded server is slow at scripts
				calls[i] = redis.Command("SET", key, i)
			}
		}
		for round := range 2 {
			for i, r := range store.Pipeline(t.Context(), calls) {
				if r.Err != nil {
					t.Fatalf("round %d, call %d: %v", round, i, r.Err)
				}
				if n, err := r.Int(); i%8 == 0 && (err != nil || n != int64(i*(round+1))) {
					t.Fatalf("round %d, call %d answered %d, %v: it did not run once", round, i, n, err)
				}
			}
			if err := store.EachMaster(t.Context(), flush); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestNilRepliesAreNoErrors(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, store *redis.Store) {
		out := store.Pipeline(t.Context(), []redis.Call{
			redis.Command("GET", "bauta:ad:acme:1"),
			redis.Command("SET", "bauta:ad:acme:2", "x"),
			redis.Command("HMGET", "bauta:business:acme", "key", "first_hidden"),
			redis.Command("INCR", "bauta:ad:acme:2"),
		})
		if _, there, err := out[0].Text(); there || err != nil {
			t.Errorf("a missing key: there %v, error %v", there, err)
		}
		if text, there, err := out[1].Text(); text != "OK" || !there || err != nil {
			t.Errorf("SET answered %q, %v, %v", text, there, err)
		}
		list, err := out[2].List()
		if diff := cmp.Diff([]any{nil, nil}, list); diff != "" || err != nil {
			t.Errorf("HMGET of nothing: %v %s", err, diff)
		}
		if !errors.Is(out[3].Err, redis.ErrRefused) {
			t.Errorf("a command on the wrong type: %v, want ErrRefused", out[3].Err)
		}
		if _, err := out[2].Int(); !errors.Is(err, redis.ErrRefused) {
			t.Errorf("an array as a number: %v, want ErrRefused", err)
		}
	})
}

func TestAStoreThatTakesNothingIsNotReady(t *testing.T) {
	t.Parallel()
	server := redistest.Standalone(t)
	store := server.Open(t, redis.Options{Fingerprint: "one"})
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(store.Ready(ctx))

	must(server.Client.ConfigSet(ctx, "maxmemory-policy", "allkeys-lru").Err())
	if err := store.Ready(ctx); !errors.Is(err, redis.ErrMisconfigured) {
		t.Errorf("with an eviction policy: %v, want ErrMisconfigured", err)
	}
	must(server.Client.ConfigSet(ctx, "maxmemory-policy", "noeviction").Err())

	must(server.Client.ConfigSet(ctx, "maxmemory", "1").Err())
	if err := store.Ready(ctx); !errors.Is(err, redis.ErrUnavailable) {
		t.Errorf("out of memory: %v, want ErrUnavailable", err)
	}
	script := redis.NewScript(`return redis.call('SET', KEYS[1], ARGV[1])`)
	if r := store.Do(ctx, script.Call([]string{"bauta:ad:acme:1"}, "x")); !errors.Is(r.Err, redis.ErrUnavailable) {
		t.Errorf("a script out of memory: %v, want ErrUnavailable", r.Err)
	}
	must(server.Client.ConfigSet(ctx, "maxmemory", "0").Err())

	must(server.Client.Do(ctx, "REPLICAOF", "127.0.0.1", "1").Err())
	if err := store.Ready(ctx); !errors.Is(err, redis.ErrUnavailable) {
		t.Errorf("as a replica: %v, want ErrUnavailable", err)
	}
	must(server.Client.Do(ctx, "REPLICAOF", "NO", "ONE").Err())

	must(store.Ready(ctx))
	must(server.Client.FlushAll(ctx).Err())
	if err := store.Ready(ctx); !errors.Is(err, redis.ErrMisconfigured) {
		t.Errorf("after a flush: %v, want ErrMisconfigured", err)
	}
	server.Stop()
	if err := store.Ready(ctx); !errors.Is(err, redis.ErrUnavailable) {
		t.Errorf("without a server: %v, want ErrUnavailable", err)
	}
}
