// Package adcache keeps in Redis what the Marketing API said of ads, or that it
// said nothing, for all nodes. Nothing in it is personal.
package adcache

import (
	"context"
	"time"

	"bauta/redis"
)

// maxID bounds an ad id; the platform's are 15 to 20 digits. What is no such id
// is never kept: it comes out of a payload and would become a key.
const maxID = 32

// Cache implements the cache that package ads asks for. Safe for concurrent use.
type Cache struct{ store *redis.Store }

// New makes a cache on a store.
func New(store *redis.Store) *Cache { return &Cache{store: store} }

// Get returns what is kept of an ad; false if nothing is. Errors wrap
// redis.ErrUnavailable or redis.ErrRefused.
func (c *Cache) Get(ctx context.Context, business, ad string) ([]byte, bool, error) {
	if !isID(ad) {
		return nil, false, nil
	}
	value, ok, err := c.store.Pipeline(ctx, []redis.Call{redis.Command("GET", c.store.Keys().Ad(business, ad))})[0].Text()
	if err != nil || !ok {
		return nil, false, err
	}
	return []byte(value), true, nil
}

// Put keeps value for a period, at least a millisecond. It may be lost: it is a
// cache. An ad id that is none of the platform's is not kept.
func (c *Cache) Put(ctx context.Context, business, ad string, value []byte, ttl time.Duration) error {
	if !isID(ad) {
		return nil
	}
	period := max(ttl.Milliseconds(), 1)
	return c.store.Pipeline(ctx, []redis.Call{
		redis.Command("SET", c.store.Keys().Ad(business, ad), value, "PX", period),
	})[0].Err
}

func isID(text string) bool {
	if text == "" || len(text) > maxID {
		return false
	}
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return true
}
