package vault

import (
	"context"
	"sync"

	"bauta/masking/keys"
	"bauta/redis"
)

// Wrapped is what a walk over all data keys of the store found.
type Wrapped struct {
	// Under counts the data keys by the id of the wrapping key that they need, as they
	// were left.
	Under map[uint32]int64
	// Anew is how many this walk wrapped anew.
	Anew int64
	// Gone is how many nobody can unwrap: damaged, or under a destroyed key.
	Gone int64
	// Moved: servers or slots changed their places meanwhile, and some may have been
	// missed.
	Moved bool
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

// walk is one pass over all data keys.
type walk struct {
	set  *keys.Set
	anew bool
	tell func(done, total int64)

	mu    sync.Mutex
	found Wrapped
}

// place is where a wrapped data key lies.
type place struct{ name, business, customer, field string }

func (v *Vault) walk(ctx context.Context, w *walk) (_ Wrapped, err error) {
	w.found.Under = map[uint32]int64{}
	w.found.Moved, err = v.scan(ctx, redis.DataKeyPatterns(), w.tell, func(ctx context.Context, names []string) error { return v.page(ctx, w, names) })
	return w.found, err
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
	held := ok && w.set.Holds(keys.Wrap, id)
	if held && id != w.set.Primary(keys.Wrap) {
		_, err := w.set.UnwrapDataKey([]byte(wrapped), associated(at.business, "key", at.customer))
		held = err == nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case held, ok && !w.set.IsDestroyed(keys.Wrap, id) && !w.set.Holds(keys.Wrap, id):
		w.found.Under[id]++
	default:
		w.found.Gone++
	}
	return held && w.anew && id != w.set.Primary(keys.Wrap)
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
		w.found.Under[w.set.Primary(keys.Wrap)] += n
		w.found.Anew += n
	}
	return nil
}
