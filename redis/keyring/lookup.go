package keyring

import (
	"context"
	"strconv"
	"strings"
	"time"

	"bauta/masking/keys"
)

// Namer is the set whose look-up keys, from that id on up to the primary one, name new
// entries of the index, and until when as with Writer. The entries are made under all
// of these, oldest first: whoever knows the next key and whoever does not meet at one.
func (r *Ring) Namer(ctx context.Context) (set *keys.Set, from uint32, until int64, err error) {
	h, err := r.right(ctx)
	if err != nil {
		return nil, 0, 0, err
	}
	return h.set, h.from, h.until, nil
}

// Finder is the set under whose look-up keys identities are looked up. Needed are those
// that it must hold, as redis.Needs tells them. Where one is not there, the key file is
// read anew, at most once a second. An error: who is in the store is not known here.
func (r *Ring) Finder(ctx context.Context, needed string) (*keys.Set, error) {
	h := r.now.Load()
	if missing(h.set, needed) == 0 {
		return h.set, nil
	}
	r.turn.Lock()
	defer r.turn.Unlock()
	set := r.now.Load().set
	if missing(set, needed) != 0 && time.Since(r.loaded) > reloadEvery {
		r.reload()
		set = r.now.Load().set
	}
	if id := missing(set, needed); id != 0 {
		return nil, r.behind(ctx, keys.Lookup, id)
	}
	return set, nil
}

// missing is the first look-up key of a list that a set does not hold; 0 for none.
func missing(set *keys.Set, needed string) uint32 {
	for text := range strings.SplitSeq(needed, ",") {
		id, err := strconv.ParseUint(text, 10, 32)
		if err == nil && !set.Holds(keys.Lookup, uint32(id)) {
			return uint32(id)
		}
	}
	return 0
}
