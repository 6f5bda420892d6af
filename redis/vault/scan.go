package vault

import (
	"context"
	"sync"

	goredis "github.com/redis/go-redis/v9"
)

// scanCount is about how many keys one step of a scan looks at: some tenths of a
// millisecond of the server.
const scanCount = 1000

// progress adds up how far the walks over all masters are.
type progress struct {
	tell        func(done, total int64)
	mu          sync.Mutex
	done, total int64
}

func (p *progress) step(done, total int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done, p.total = p.done+done, p.total+total
	p.tell(p.done, p.total)
}

// scan walks over all keys with such names, page by page, some of them twice. Masters
// are walked over at the same time. Moved: servers or slots changed their places
// meanwhile, so that keys may have been missed.
func (v *Vault) scan(ctx context.Context, patterns []string, tell func(done, total int64), page func(ctx context.Context, names []string) error) (moved bool, err error) {
	before, _, err := v.store.Layout(ctx)
	if err != nil {
		return false, err
	}
	p := &progress{tell: tell}
	err = v.store.EachMaster(ctx, func(ctx context.Context, master *goredis.Client) error {
		size, err := master.DBSize(ctx).Result()
		if err != nil {
			return err
		}
		size *= int64(len(patterns))
		p.step(0, size)
		var done int64
		for _, pattern := range patterns {
			for cursor, more := uint64(0), true; more; more = cursor != 0 {
				var names []string
				if names, cursor, err = master.Scan(ctx, cursor, pattern, scanCount).Result(); err != nil {
					return err
				}
				if err := page(ctx, names); err != nil {
					return err
				}
				step := min(scanCount, size-done)
				done += step
				p.step(step, 0)
			}
		}
		p.step(size-done, 0)
		return nil
	})
	if err != nil {
		return false, err
	}
	after, settled, err := v.store.Layout(ctx)
	return before != after || !settled, err
}
