package app

import (
	"context"
	"errors"
	"fmt"

	"bauta/redis/vault"
)

// rewrap goes over the store until nothing is wrapped with another key. What nodes wrote
// with the old one in the last moments, the last pass finds: it begins when nobody can
// any more.
func (r *rotation) rewrap(ctx context.Context, next uint32) error {
	var anew int64
	for range rewraps {
		s, err := r.standing(ctx)
		if err != nil {
			return err
		}
		bar := newProgress(r.std.Err, "keys of the store looked at", 0)
		found, err := r.vault.Rewrap(ctx, r.set, bar.reach)
		bar.clear()
		anew += found.Anew
		if err != nil {
			return fmt.Errorf("broken off after %s: %w; repeat the command, which goes on", count(int(anew), "data key", "data keys"), err)
		}
		waits, err := r.settles(ctx, s)
		if err != nil {
			return err
		}
		if waits > 0 {
			if err := pause(ctx, waits); err != nil {
				return err
			}
			continue
		}
		if left := other(found, next); left == 0 && !found.Moved {
			return r.rotated(next, anew, found)
		}
	}
	return errors.New("some data keys may still be wrapped with another key, or Redis's servers keep changing places: repeat the command")
}

// rotated says how it ended.
func (r *rotation) rotated(next uint32, anew int64, found vault.Wrapped) error {
	if found.Gone > 0 {
		if err := r.say("%s cannot be unwrapped by anybody (damaged, or of a copy of the store from before): left as they are", count(int(found.Gone), "data key", "data keys")); err != nil {
			return err
		}
	}
	if err := r.say("wrapped %s anew; all %d are under the wrapping key %d", count(int(anew), "data key", "data keys"), found.Under[next], next); err != nil {
		return err
	}
	if len(r.set.Older(r.purpose, next)) == 0 {
		return nil
	}
	return r.say("the old key is still in the file: once no dump from before is needed any more, destroy it with bauta keys rotate --destroy-old")
}

// other counts the data keys that need another wrapping key.
func other(found vault.Wrapped, id uint32) int64 {
	var n int64
	for under, some := range found.Under {
		if under != id {
			n += some
		}
	}
	return n
}
