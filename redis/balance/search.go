package balance

import (
	"context"
	"fmt"
	"slices"
	"sync"

	goredis "github.com/redis/go-redis/v9"

	"bauta/redis"
	"bauta/webhook"
)

// scanEach is how many keys one step of a search looks at.
const scanEach = 1000

// search looks through the whole store, step by step, for lanes of a business in a shard
// that may be in no list: before events are written off they are looked for. cost is
// how many steps it took.
func search(ctx context.Context, store *redis.Store, p part) (found []webhook.Lane, cost int, err error) {
	names := store.Keys()
	var mu sync.Mutex
	err = store.EachMaster(ctx, func(ctx context.Context, master *goredis.Client) error {
		for cursor := uint64(0); ; {
			keys, next, err := master.Scan(ctx, cursor, names.Lanes(p.shard, p.business), scanEach).Result()
			if err != nil {
				return err
			}
			mu.Lock()
			cost++
			for _, key := range keys {
				lane, ok := names.ParseLane(p.shard, key)
				if ok && lane.Business == p.business && !slices.Contains(found, lane) {
					found = append(found, lane)
				}
			}
			mu.Unlock()
			if cursor = next; cursor == 0 {
				return nil
			}
		}
	})
	if err != nil {
		err = fmt.Errorf("search for lanes: %w", err)
	}
	return found, cost, err
}
