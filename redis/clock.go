package redis

import (
	"context"
	"sync"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

// Skew is by how much a master's clock differs from this machine's at most, as far as that
// is certain: the time of an exchange is not counted.
func (s *Store) Skew(ctx context.Context) (time.Duration, error) {
	var mu sync.Mutex
	var most time.Duration
	err := s.EachMaster(ctx, func(ctx context.Context, master *goredis.Client) error {
		before := time.Now()
		at, err := master.Time(ctx).Result()
		after := time.Now()
		if err != nil {
			return fault(err)
		}
		mu.Lock()
		defer mu.Unlock()
		most = max(most, before.Sub(at), at.Sub(after))
		return nil
	})
	return most, err
}
