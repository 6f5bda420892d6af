package vault

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"bauta/masking/keys"
	"bauta/redis"
	"bauta/webhook"
)

// Indexed is what a walk over the whole index found.
type Indexed struct {
	// Under counts the entries by the tag of the look-up key that they are named with, as
	// they were left.
	Under map[string]int64
	// Anew is how many this walk made under the primary key, or made good there.
	Anew int64
	// Behind counts the entries under other keys whose identity is known and that are not
	// let go: under the primary key there may be none for it yet.
	Behind int64
	// Markers counts the entries under other keys whose identity nobody knows any more: of
	// customers who were erased, or whose record expired. Only who holds the key finds
	// them. The last that ends does so at Until; Endless of them never do.
	Markers, Endless int64
	Until            time.Time
	// Unreadable counts those under other keys whose record is there and damaged.
	Unreadable int64
	// Moved: servers or slots changed their places meanwhile, and some may have been
	// missed.
	Moved bool
}

// Reindexing is what a walk does with entries under keys that are not the primary one.
type Reindexing struct {
	// Make makes those anew whose identity is known: beside them, for the same time.
	Make bool
	// Retire lets go of those that have one under the primary key.
	Retire bool
	// Forget lets go of the markers too: whoever they are of starts as a stranger.
	Forget bool
}

// Reindex walks over the whole index, beside nodes that run: what somebody else changed
// meanwhile stays as it is. An entry's name cannot be turned back, so that a new one is
// made from the record that it leads to. Broken off, it is begun anew, and passes over
// what is done.
func (v *Vault) Reindex(ctx context.Context, set *keys.Set, how Reindexing, tell func(done, total int64)) (_ Indexed, err error) {
	w := &reindexing{Reindexing: how, set: set, older: map[string]bool{}, destroyed: map[string]bool{}}
	w.found.Under = map[string]int64{}
	for _, k := range set.Lookups() {
		if k.ID == set.Primary(keys.Lookup) {
			w.next = k
		}
	}
	for _, k := range set.Older(keys.Lookup, w.next.ID) {
		w.older[set.LookupTag(k.ID)] = true
	}
	for id := range set.Destroyed(keys.Lookup) {
		w.destroyed[set.LookupTag(id)] = true
	}
	w.found.Moved, err = v.scan(ctx, redis.IdentityPatterns(), tell, func(ctx context.Context, names []string) error { return v.indexPage(ctx, w, names) })
	return w.found, err
}

// reindexing is one walk over the index.
type reindexing struct {
	Reindexing
	set  *keys.Set
	next keys.LookupKey
	// older and destroyed are the tags of keys before next, and of those that are gone:
	// their entries lead nobody anywhere.
	older, destroyed map[string]bool

	mu    sync.Mutex
	found Indexed
}

// gone is what PTTL says of a name that is not there.
const gone = -2

// entry is one of the index: its name, what it holds, and for how long in ms (-1: for
// ever).
type entry struct {
	business, tag, name, held string
	lives                     int64
}

// pair is an entry under an older key, and the one of the same identity under the
// primary key.
type pair struct {
	link     webhook.Link
	old, new entry
}

// indexPage looks at the entries of some names.
func (v *Vault) indexPage(ctx context.Context, w *reindexing, names []string) error {
	var old []entry
	var dead []redis.Call
	for _, name := range names {
		business, tag, ok := v.store.Keys().IdentityOf(name)
		if !ok {
			continue
		}
		w.count(func(f *Indexed) { f.Under[tag]++ })
		switch e := (entry{business: business, tag: tag, name: name}); {
		case w.older[tag]:
			old = append(old, e)
		case w.Retire && w.destroyed[tag]:
			dead = append(dead, redis.Command("DEL", name))
			w.count(func(f *Indexed) { f.Under[tag]-- })
		}
	}
	if err := firstError(v.store.Commit(ctx, dead)); err != nil {
		return err
	}
	known := records{}
	lost, err := v.readEntries(ctx, old, known)
	if err != nil {
		return err
	}
	var pairs []pair
	var fresh []entry
	var unknown []entry
	for _, e := range old {
		link, ok := v.linkOf(w.set, known, e)
		switch {
		case e.held == "": // it went meanwhile
			w.count(func(f *Indexed) { f.Under[e.tag]-- })
		case slices.Contains(lost, known.last(ref{e.business, e.held})):
			w.count(func(f *Indexed) { f.Unreadable++ })
		case ok:
			pairs = append(pairs, pair{link: link, old: e})
			fresh = append(fresh, entry{business: e.business, tag: w.next.Tag, name: v.indexKey(w.next, e.business, link.Identity)})
		default:
			unknown = append(unknown, e)
		}
	}
	if _, err := v.readEntries(ctx, fresh, known); err != nil {
		return err
	}
	for i := range pairs {
		pairs[i].new = fresh[i]
	}
	if err := v.remake(ctx, w, known, pairs); err != nil {
		return err
	}
	return v.markers(ctx, w, unknown)
}

func (w *reindexing) count(change func(*Indexed)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change(&w.found)
}

// readEntries reads entries and the records that they lead to. Lost are those that
// cannot be read.
func (v *Vault) readEntries(ctx context.Context, entries []entry, known records) (lost unreadable, err error) {
	var calls []redis.Call
	for _, e := range entries {
		calls = append(calls, redis.Command("GET", e.name), redis.Command("PTTL", e.name))
	}
	results := v.store.Pipeline(ctx, calls)
	var refs []ref
	for i := range entries {
		held, _, err := results[2*i].Text()
		if err != nil {
			return nil, err
		}
		if entries[i].lives, err = results[2*i+1].Int(); err != nil {
			return nil, err
		}
		if entries[i].lives == gone {
			held = ""
		}
		if entries[i].held = held; isID(held) {
			refs = append(refs, ref{entries[i].business, held})
		}
	}
	var further unreadable
	if err := v.load(ctx, refs, known); err != nil && !errors.As(err, &lost) {
		return nil, err
	}
	if err := v.follow(ctx, known); err != nil && !errors.As(err, &further) {
		return nil, err
	}
	return append(lost, further...), nil
}

// linkOf finds the identity of an entry in the record that it leads to, or in those that
// took that one over.
func (v *Vault) linkOf(set *keys.Set, known records, e entry) (webhook.Link, bool) {
	at := ref{e.business, e.held}
	for range maxMerges {
		c := known[at]
		if c == nil {
			break
		}
		for _, k := range set.Lookups() {
			if k.Tag != e.tag {
				continue
			}
			for _, l := range c.Links {
				if !l.Identity.IsZero() && v.indexKey(k, e.business, l.Identity) == e.name {
					return l, true
				}
			}
		}
		at.id = c.MergedInto
	}
	return webhook.Link{}, false
}

// remake makes entries under the primary key, and lets go of those that have one.
func (v *Vault) remake(ctx context.Context, w *reindexing, known records, pairs []pair) error {
	var calls []redis.Call
	var drops []redis.Call
	for _, p := range pairs {
		call, ok := v.remaking(known, p)
		switch {
		case ok && w.Make:
			calls = append(calls, call)
			w.count(func(f *Indexed) { f.Anew++; f.Behind++ })
		case ok || !w.Retire:
			w.count(func(f *Indexed) { f.Behind++ })
		default:
			drops = append(drops, v.scripts.drop.Call([]string{p.old.name}, p.old.held))
			w.count(func(f *Indexed) { f.Under[p.old.tag]-- })
		}
	}
	if err := firstError(v.store.Commit(ctx, calls)); err != nil {
		return err
	}
	return firstError(v.store.Commit(ctx, drops))
}

// remaking is the step by which an identity is found under the primary key as it is
// under the older one; false if it is. What somebody changed since it was read stays.
func (v *Vault) remaking(known records, p pair) (redis.Call, bool) {
	i := p.link.Identity
	before, after := known.owner(ref{p.old.business, p.old.held}, i), known.owner(ref{p.new.business, p.new.held}, i)
	switch {
	case p.new.held == "", before != nil && after == nil:
		return v.scripts.copied.Call([]string{p.new.name}, p.old.held, p.new.held, max(p.old.lives, 0)), true
	case p.new.lives >= 0 && (p.old.lives < 0 || p.old.lives > p.new.lives+slack.Milliseconds()):
		return v.scripts.copied.Call([]string{p.new.name}, p.new.held, p.new.held, max(p.old.lives, 0)), true
	}
	return redis.Call{}, false
}

// slack is by how much periods may differ that were set one after the other.
const slack = time.Minute

// markers counts entries whose identity nobody knows, or lets go of them.
func (v *Vault) markers(ctx context.Context, w *reindexing, entries []entry) error {
	var calls []redis.Call
	for _, e := range entries {
		if w.Forget {
			calls = append(calls, v.scripts.drop.Call([]string{e.name}, e.held))
			w.count(func(f *Indexed) { f.Under[e.tag]-- })
			continue
		}
		w.count(func(f *Indexed) {
			f.Markers++
			if e.lives < 0 {
				f.Endless++
			} else if at := v.now().Add(time.Duration(e.lives) * time.Millisecond); at.After(f.Until) {
				f.Until = at
			}
		})
	}
	return firstError(v.store.Commit(ctx, calls))
}
