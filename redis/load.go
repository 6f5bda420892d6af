package redis

import (
	"context"
	"errors"
	"strconv"
	"sync"

	goredis "github.com/redis/go-redis/v9"
)

// Usage is what one server uses of its memory, in bytes, as far as its own bound
// counts it; Max 0: it has no bound.
type Usage struct{ Used, Max int64 }

// Load tells the memory of every master, and why one would lose events (ErrMisconfigured),
// nil if none would. A server that does not tell is left out. One round trip a master.
func (s *Store) Load(ctx context.Context) (memory []Usage, unfit, err error) {
	if s.embedded {
		return nil, nil, nil
	}
	var mu sync.Mutex
	err = s.EachMaster(ctx, func(ctx context.Context, client *goredis.Client) error {
		info, err := infos(ctx, client, "replication", "memory")
		if err != nil {
			if f := fault(err); errors.Is(f, ErrUnavailable) && !goredis.IsPermissionError(err) {
				return f
			}
			return nil // said once at start
		}
		bad := fit(info)
		if bad == nil && s.fsyncs {
			bad = s.stillSynced(ctx, client)
		}
		mu.Lock()
		defer mu.Unlock()
		if bad != nil {
			unfit = bad
		}
		bytes := func(name string) int64 {
			n, _ := strconv.ParseInt(info[name], 10, 64)
			return n
		}
		memory = append(memory, Usage{Used: bytes("used_memory") - bytes("mem_not_counted_for_evict"), Max: bytes("maxmemory")})
		return nil
	})
	return memory, unfit, err
}

// stillSynced tells why a server would answer before a write is on its disk, where that
// rests on its settings: they can change. One that does not tell any more is not blamed.
func (s *Store) stillSynced(ctx context.Context, client *goredis.Client) error {
	config, err := client.ConfigGet(ctx, "*append*").Result()
	if err != nil {
		return nil //nolint:nilerr // what cannot be asked now is asked again soon
	}
	return synced(config, false)
}
