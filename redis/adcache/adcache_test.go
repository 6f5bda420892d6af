package adcache_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"bauta/redis"
	"bauta/redis/adcache"
	"bauta/redis/redistest"
)

func TestAnAdIsKeptForItsPeriod(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, store *redis.Store) {
		c, ctx := adcache.New(store), t.Context()
		const ad = "120208593847560"
		if _, ok, err := c.Get(ctx, "acme", ad); ok || err != nil {
			t.Fatalf("before: %v, %v", ok, err)
		}
		if err := c.Put(ctx, "acme", ad, []byte("{}\x00"), time.Hour); err != nil {
			t.Fatal(err)
		}
		if v, ok, err := c.Get(ctx, "acme", ad); !ok || err != nil || string(v) != "{}\x00" {
			t.Errorf("kept: %q, %v, %v", v, ok, err)
		}
		if _, ok, _ := c.Get(ctx, "other", ad); ok {
			t.Error("another business reads it")
		}
		ttl, err := store.Do(ctx, redis.Command("PTTL", store.Keys().Ad("acme", ad))).Int()
		if left := time.Duration(ttl) * time.Millisecond; err != nil || left > time.Hour || left < 59*time.Minute {
			t.Errorf("kept for %v, %v, want an hour", left, err)
		}
	})
}

func TestWhatIsNoAdIDIsNotKept(t *testing.T) {
	t.Parallel()
	store := redistest.Embedded(t, redis.Options{})
	c, ctx := adcache.New(store), t.Context()
	for _, ad := range []string{"", "12:3", "{1}", "abc", strings.Repeat("1", 33)} {
		if err := c.Put(ctx, "acme", ad, []byte("x"), time.Hour); err != nil {
			t.Errorf("put %q: %v", ad, err)
		}
		if _, ok, err := c.Get(ctx, "acme", ad); ok || err != nil {
			t.Errorf("get %q: %v, %v", ad, ok, err)
		}
		if n, err := store.Do(ctx, redis.Command("EXISTS", store.Keys().Ad("acme", ad))).Int(); n != 0 || err != nil {
			t.Errorf("%q became a key", ad)
		}
	}
}

func TestACacheWithoutRedisSaysSo(t *testing.T) {
	t.Parallel()
	server := redistest.Standalone(t)
	c := adcache.New(server.Open(t, redis.Options{}))
	server.Stop()
	if _, _, err := c.Get(t.Context(), "acme", "1"); !errors.Is(err, redis.ErrUnavailable) {
		t.Errorf("get: %v, want ErrUnavailable", err)
	}
	if err := c.Put(t.Context(), "acme", "1", nil, time.Hour); !errors.Is(err, redis.ErrUnavailable) {
		t.Errorf("put: %v, want ErrUnavailable", err)
	}
}
