package redis_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"bauta/redis"
	"bauta/redis/redistest"
)

// A client of a cluster learns by itself only every minute who owns which slot. A
// store asks again when something fails: of a master that is gone nobody says MOVED.
func TestAStoreFindsTheMasterThatTookOver(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name   string
		level  redis.Acknowledge
		strike func(*testing.T, *redistest.Set)
	}{
		{"the old master stays away", redis.Memory, func(t *testing.T, set *redistest.Set) {
			t.Helper()
			set.Master(t.Context()).Kill()
		}},
		{"the old master is the replica now", redis.Replica, func(t *testing.T, set *redistest.Set) {
			t.Helper()
			set.Failover(t)
		}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			set := redistest.Masters(t)
			store, err := redis.Open(t.Context(), redis.Options{URL: set.URL, Acknowledge: row.level, AcknowledgeTimeout: 200 * time.Millisecond})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = store.Close() })
			// Enough keys that every master owns some.
			var calls []redis.Call
			for i := range 30 {
				calls = append(calls, redis.Command("SET", fmt.Sprintf("bauta:ad:acme:%d", i), "x"))
			}
			stored := func() bool {
				return !slices.ContainsFunc(store.Commit(t.Context(), calls), func(r redis.Result) bool { return r.Err != nil })
			}
			eventually(t, "every master takes writes", stored)
			row.strike(t, set)
			eventually(t, "every master takes writes again", stored)
		})
	}
}
