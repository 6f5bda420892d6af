package vault

import (
	"context"
	"sync"

	goredis "github.com/redis/go-redis/v9"

	"bauta/masking/keys"
	"bauta/redis"
)

// scanCount is about how many keys one step of a scan looks at: some tenths of a
// millisecond of the server.
const scanCount = 1000

// Wrapped is what a walk over all data keys of the store found.
type Wrapped struct {
	// Under counts the data keys by the id of the wrapping key that they need, as they
	// were left.
	Under map[uint32]int64
	// Anew is how many this walk wrapped anew.
	Anew int64
	// Gone is how many nobody can unwrap: damaged, or under a destroyed key.
	Gone int64
}

// Wrapped counts all data keys by what they are wrapped with. It changes nothing. What
// is stored while it runs may be left out.
func (v *Vault) Wrapped(ctx context.Context, set *keys.Set, tell func(done, total int64)) (Wrapped, error) {
	return v.walk(ctx, &walk{set: set, tell: tell})
}

// Rewrap wraps every data key anew that is not wrapped under the primary key of set,
// step by step, beside nodes that run: what somebody else changed meanwhile stays as it
// is. Broken off, it is begun anew, and passes over what is done.
func (v *Vault) Rewrap(ctx context.Context, set *keys.Set, tell func(done, total int64)) (Wrapped, error) {
	return v.walk(ctx, &walk{set: set, tell: tell, anew: true})
}

// walk is one pass over the store. Masters are walked over at the same time.
type walk struct {
	set  *keys.Set
	anew bool
	tell func(done, total int64)

	mu          sync.Mutex
	found       Wrapped
	done, total int64
}

// place is where a wrapped data key lies.
type place struct{ name, business, customer, field string }

func (v *Vault) walk(ctx context.Context, w *walk) (Wrapped, error) {
	w.found.Under = map[uint32]int64{}
	patterns := redis.DataKeyPatterns()
	err := v.store.EachMaster(ctx, func(ctx context.Context, master *goredis.Client) error {
		size, err := master.DBSize(ctx).Result()
		if err != nil {
			return err
		}
		size *= int64(len(patterns))
		w.step(0, size)
		var done int64
		for _, pattern := range patterns {
			for cursor, more := uint64(0), true; more; more = cursor != 0 {
				var names []string
				if names, cursor, err = master.Scan(ctx, cursor, pattern, scanCount).Result(); err != nil {
					return err
				}
				if err := v.page(ctx, w, names); err != nil {
					return err
				}
				step := min(scanCount, size-done)
				done += step
				w.step(step, 0)
			}
		}
		w.step(size-done, 0)
		return nil
	})
	return w.found, err
}

// step says how far the walk is.
func (w *walk) step(done, total int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.done, w.total = w.done+done, w.total+total
	w.tell(w.done, w.total)
}

// page looks at the data keys of some names.
func (v *Vault) page(ctx context.Context, w *walk, names []string) error {
	var places []place
	var calls []redis.Call
	for _, name := range names {
		business, customer, field, ok := v.store.Keys().DataKeyOf(name)
		if ok {
			places = append(places, place{name, business, customer, field})
			calls = append(calls, redis.Command("HGET", name, field))
		}
	}
	var old []place
	var wrapped []string
	for i, r := range v.store.Pipeline(ctx, calls) {
		text, there, err := r.Text()
		if err != nil {
			return err
		}
		if there && w.needs(places[i], text) {
			old, wrapped = append(old, places[i]), append(wrapped, text)
		}
	}
	return v.anew(ctx, w, old, wrapped)
}

// needs counts a data key, and tells that it is to be wrapped anew.
func (w *walk) needs(at place, wrapped string) bool {
	id, ok := keys.WrappedUnder([]byte(wrapped))
	held := ok && w.set.Holds(id)
	if held && id != w.set.Primary() {
		_, err := w.set.UnwrapDataKey([]byte(wrapped), associated(at.business, "key", at.customer))
		held = err == nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case held, ok && !w.set.IsDestroyed(id) && !w.set.Holds(id):
		w.found.Under[id]++
	default:
		w.found.Gone++
	}
	return held && w.anew && id != w.set.Primary()
}

// anew wraps data keys anew that are still what was read.
func (v *Vault) anew(ctx context.Context, w *walk, places []place, wrapped []string) error {
	calls := make([]redis.Call, len(places))
	for i, at := range places {
		fresh, err := w.set.Rewrap([]byte(wrapped[i]), associated(at.business, "key", at.customer))
		if err != nil {
			return err
		}
		calls[i] = v.scripts.rewrap.Call([]string{at.name}, at.field, wrapped[i], fresh)
	}
	results := v.store.Commit(ctx, calls)
	w.mu.Lock()
	defer w.mu.Unlock()
	for i, r := range results {
		n, err := r.Int()
		if err != nil {
			return err
		}
		id, _ := keys.WrappedUnder([]byte(wrapped[i]))
		w.found.Under[id] -= n
		w.found.Under[w.set.Primary()] += n
		w.found.Anew += n
	}
	return nil
}
