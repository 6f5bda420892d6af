package app

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"bauta/masking/keys"
	"bauta/redis/keyring"
)

// savedWithin bounds the wait for the server to have everything on its disk.
const savedWithin = 10 * time.Minute

// destroy takes the keys out of the file that were replaced, if nothing needs
// them: not now, and not after a restart of the server.
func (r *rotation) destroy(ctx context.Context) error {
	s, err := r.standing(ctx)
	if err != nil {
		return err
	}
	if r.set, err = r.set.WithPrimary(r.purpose, s.Primary); err != nil {
		return err
	}
	old := r.set.Older(r.purpose, s.Primary)
	if len(old) == 0 {
		return r.nothingOld()
	}
	// From here on nothing new can come under an old key.
	if err := r.settle(ctx); err != nil {
		return err
	}
	if err := r.unneeded(ctx, s); err != nil {
		return err
	}
	if r.purpose == keys.Lookup {
		if err := r.alone(ctx, s.Primary); err != nil {
			return fmt.Errorf("not destroyed: %w", err)
		}
	}
	saving, cancel := context.WithTimeout(ctx, savedWithin)
	defer cancel()
	warnings, err := keyring.Saved(saving, r.store)
	if err != nil {
		return fmt.Errorf("not destroyed: %w", err)
	}
	for _, w := range warnings {
		_, _ = fmt.Fprintln(r.std.Err, "warning: "+w)
	}
	after, err := r.standing(ctx)
	if err == nil && after.Primary != s.Primary {
		err = keyring.ErrReplaced
	}
	if err != nil {
		return fmt.Errorf("not destroyed: %w", err)
	}
	now := time.Now()
	r.set, err = changeKeys(r.path, func(set *keys.Set) (*keys.Set, error) {
		set, err := set.WithPrimary(r.purpose, s.Primary)
		if err != nil {
			return nil, err
		}
		return set.WithoutOld(r.purpose, now)
	})
	if err != nil {
		return fmt.Errorf("not destroyed: %w", err)
	}
	return r.destroyed(ctx, old)
}

// nothingOld says what was destroyed before.
func (r *rotation) nothingOld() error {
	times := slices.SortedFunc(maps.Values(r.set.Destroyed(r.purpose)), time.Time.Compare)
	if len(times) == 0 {
		return r.say("there is no old %s: %s makes a new one first", r.noun(), r.again(""))
	}
	return r.say("there is no old %s; the last was destroyed on %s", r.noun(), stampOf(times[len(times)-1]))
}

// unneeded looks through the whole store.
func (r *rotation) unneeded(ctx context.Context, s keyring.Standing) error {
	if r.purpose == keys.Lookup {
		return r.unindexed(ctx, s)
	}
	for range rewraps {
		bar := newProgress(r.std.Err, "keys of the store looked at", 0)
		found, err := r.vault.Wrapped(ctx, r.set, bar.reach)
		bar.clear()
		if err != nil {
			return fmt.Errorf("not destroyed: %w", err)
		}
		if n := other(found, s.Primary); n > 0 {
			return fmt.Errorf("not destroyed: %s not under the wrapping key %d yet; run %s first", count(int(n), "data key is", "data keys are"), s.Primary, r.again(""))
		}
		if !found.Moved {
			return nil
		}
	}
	return errors.New("not destroyed: Redis's servers keep changing places, so that nobody knows whether everything was seen; repeat the command")
}

// destroyed says what that means, and which nodes still have the old keys.
func (r *rotation) destroyed(ctx context.Context, old []keys.Info) error {
	ids := make([]string, len(old))
	for i, k := range old {
		ids[i] = fmt.Sprint(k.ID)
	}
	if err := r.say("destroyed the %s %s", r.noun(), strings.Join(ids, ", ")); err != nil {
		return err
	}
	since := "the rotation"
	for _, k := range r.set.List() {
		if k.Purpose == r.purpose && k.Primary && !k.Created.IsZero() {
			since = stampOf(k.Created)
		}
	}
	if err := r.say("%s. Destroy every copy of the old key file too, on other nodes and in backups: until then this does not hold", r.dumps(old, since)); err != nil {
		return err
	}
	held, err := r.holders(ctx, ids)
	if err != nil || len(held) == 0 {
		return err
	}
	return r.say("these nodes still have a key file with the old key: %s; copy %s to them", strings.Join(held, ", "), r.path)
}

// dumps is what it means for those from before.
func (r *rotation) dumps(old []keys.Info, since string) string {
	first := func(k keys.Info) bool { return k.ID == r.set.FirstLookup() }
	switch {
	case r.purpose == keys.Wrap:
		return "dumps of the store from before " + since + " are unreadable now, and whoever was erased before then is so in every dump"
	case slices.ContainsFunc(old, first):
		return "one of them is the index key, which named customers before there were look-up keys and is kept for other names: " +
			"in dumps of the store from before " + since + " numbers can be tried as before, in those of after they cannot without the new key"
	}
	return "in dumps of the store from before " + since + " nobody can try any more whether a number was a customer's"
}

// holders waits for the nodes that share the file to read it, and names the others.
func (r *rotation) holders(ctx context.Context, ids []string) ([]string, error) {
	within := time.After(keyring.Lease)
	ticker := time.NewTicker(rotationPoll)
	defer ticker.Stop()
	for {
		s, err := r.register.Read(ctx, r.purpose, r.set.Primary(r.purpose))
		if err != nil {
			return nil, err
		}
		var held []string
		for _, n := range s.Running() {
			if slices.ContainsFunc(ids, func(id string) bool { return slices.Contains(n.Keys, id) }) {
				held = append(held, n.Name)
			}
		}
		if len(held) == 0 {
			return nil, nil
		}
		select {
		case <-ctx.Done():
			return held, nil
		case <-within:
			return held, nil
		case <-ticker.C:
		}
	}
}

func stampOf(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05Z") }
