package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"bauta/masking/keys"
	"bauta/redis/keyring"
	"bauta/redis/vault"
)

// lookups are the look-up keys of the file, as redis.Store.Need takes them.
func (r *rotation) lookups() string {
	var out []string
	for _, k := range r.set.Lookups() {
		out = append(out, strconv.FormatUint(uint64(k.ID), 10))
	}
	return strings.Join(out, ",")
}

// reindex makes the entries of the index anew until there is one under the new key for
// each; then new ones are made under that alone, and the old ones go.
func (r *rotation) reindex(ctx context.Context, next uint32) error {
	var anew int64
	found, err := r.walks(ctx, vault.Reindexing{Make: true}, &anew)
	if err != nil {
		return err
	}
	if err := r.retire(ctx, next); err != nil {
		return err
	}
	if len(r.set.Older(keys.Lookup, next)) > 0 {
		if found, err = r.walks(ctx, vault.Reindexing{Make: true, Retire: true}, &anew); err != nil {
			return err
		}
	}
	if err := r.say("made %s anew; %d are under the look-up key %d", count(int(anew), "entry", "entries"), found.Under[r.set.LookupTag(next)], next); err != nil {
		return err
	}
	switch {
	case found.Unreadable > 0:
		return r.say("the old key is still needed: %s", damaged(found))
	case found.Markers > 0:
		return r.say("the old key is still needed: %s", needs(found))
	case len(r.set.Older(keys.Lookup, next)) > 0:
		return r.say("the old key is still in the file: once no dump from before is needed any more, destroy it with %s", r.again(" --destroy-old"))
	}
	return nil
}

// walks goes over the index until a whole walk began when nobody could write as before:
// what stood under an old key alone then was made anew by it, and what comes since is
// under the new key too. What is to be let go of may need another one, where two nodes
// were finding out which of two customers somebody is.
func (r *rotation) walks(ctx context.Context, how vault.Reindexing, anew *int64) (vault.Indexed, error) {
	for range rewraps {
		s, err := r.standing(ctx)
		if err != nil {
			return vault.Indexed{}, err
		}
		waits, err := r.settles(ctx, s)
		if err != nil {
			return vault.Indexed{}, err
		}
		found, err := r.walk(ctx, how)
		*anew += found.Anew
		if err != nil {
			return found, fmt.Errorf("broken off after %s: %w; repeat the command, which goes on", count(int(*anew), "entry", "entries"), err)
		}
		if waits <= 0 && !found.Moved && (found.Behind == 0 || !how.Retire) {
			return found, nil
		}
		if err := pause(ctx, waits); err != nil {
			return found, err
		}
	}
	return vault.Indexed{}, errors.New("some entries may still be under another key alone, or Redis's servers keep changing places: repeat the command")
}

func (r *rotation) walk(ctx context.Context, how vault.Reindexing) (vault.Indexed, error) {
	bar := newProgress(r.std.Err, "entries of the index looked at", 0)
	found, err := r.vault.Reindex(ctx, r.set, how, bar.reach)
	bar.clear()
	return found, err
}

// retire has entries made under the new key alone, once nobody can make one under the
// old key alone.
func (r *rotation) retire(ctx context.Context, next uint32) error {
	for {
		if err := r.settle(ctx); err != nil {
			return err
		}
		done, err := r.register.Retire(ctx, next)
		if err != nil {
			return fmt.Errorf("have the new look-up key name entries alone: %w; repeat the command", err)
		}
		if done {
			return nil
		}
		if err := pause(ctx, rotationPoll); err != nil {
			return err
		}
	}
}

// needs says what needs an old look-up key, and until when.
func needs(found vault.Indexed) string {
	text := count(int(found.Markers), "marker", "markers") + " of customers who were erased or whose record expired " +
		"can be found with it only, since nobody knows their numbers any more; "
	if found.Endless > 0 {
		return text + fmt.Sprintf("%d of them never end (retention.hidden_marker was 0), unless the person comes back", found.Endless)
	}
	return text + "the last ends on " + stampOf(found.Until)
}

func damaged(found vault.Indexed) string {
	return count(int(found.Unreadable), "entry leads", "entries lead") + " to records that cannot be read: put these back from a copy of the store"
}

// unindexed wants nothing left under old look-up keys. What was given up goes.
func (r *rotation) unindexed(ctx context.Context, s keyring.Standing) error {
	if s.From != s.Primary {
		return fmt.Errorf("not destroyed: the rotation is not at its end; run %s first", r.again(""))
	}
	var anew int64
	found, err := r.walks(ctx, vault.Reindexing{Make: true, Retire: true}, &anew)
	if err != nil {
		return fmt.Errorf("not destroyed: %w", err)
	}
	if found.Unreadable > 0 {
		return fmt.Errorf("not destroyed: %s", damaged(found))
	}
	if found.Markers > 0 && !r.rotating.loseMarkers {
		return fmt.Errorf("not destroyed: %s. With --lose-markers it is destroyed all the same, and whoever they are of comes back as a stranger", needs(found))
	}
	if found.Markers == 0 {
		return nil
	}
	if _, err := r.walk(ctx, vault.Reindexing{Make: true, Retire: true, Forget: true}); err != nil {
		return fmt.Errorf("not destroyed: %w", err)
	}
	return r.say("gave up %s", count(int(found.Markers), "marker", "markers"))
}

// alone has nodes look up under the primary key only, before the others go.
func (r *rotation) alone(ctx context.Context, primary uint32) error {
	var kept []string
	for _, k := range r.set.Lookups() {
		if !slices.ContainsFunc(r.set.Older(keys.Lookup, primary), func(old keys.Info) bool { return old.ID == k.ID }) {
			kept = append(kept, strconv.FormatUint(uint64(k.ID), 10))
		}
	}
	return r.store.Need(ctx, strings.Join(kept, ","))
}
