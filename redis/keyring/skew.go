package keyring

import (
	"context"
	"sync"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"bauta/redis"
)

// Skew is by how much the clocks of the masters differ, up to the time of an exchange. A
// right to write is given by the clock of one and runs out by that of another: it takes
// so much longer until nobody can write any more.
func Skew(ctx context.Context, store *redis.Store) (time.Duration, error) {
	var mu sync.Mutex
	var first, last time.Duration
	known := false
	err := store.EachMaster(ctx, func(ctx context.Context, master *goredis.Client) error {
		at, err := master.Time(ctx).Result()
		if err != nil {
			return err
		}
		ahead := time.Until(at)
		mu.Lock()
		defer mu.Unlock()
		if !known {
			first, last, known = ahead, ahead, true
		}
		first, last = min(first, ahead), max(last, ahead)
		return nil
	})
	return last - first, err
}
