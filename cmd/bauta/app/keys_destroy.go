package app

import (
	"context"
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

// destroy takes the wrapping keys out of the file that were replaced, if nothing needs
// them: not now, and not after a restart of the server.
func (r *rotation) destroy(ctx context.Context) error {
	s, err := r.standing(ctx)
	if err != nil {
		return err
	}
	old := r.set.Older(s.Primary)
	if len(old) == 0 {
		return r.nothingOld()
	}
	// From here on nothing new can come under an old key.
	if err := r.settle(ctx); err != nil {
		return err
	}
	if err := r.unneeded(ctx, s.Primary); err != nil {
		return err
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
		set, err := set.WithPrimary(s.Primary)
		if err != nil {
			return nil, err
		}
		return set.WithoutOld(now)
	})
	if err != nil {
		return fmt.Errorf("not destroyed: %w", err)
	}
	return r.destroyed(ctx, old)
}

// nothingOld says what was destroyed before.
func (r *rotation) nothingOld() error {
	times := slices.SortedFunc(maps.Values(r.set.Destroyed()), time.Time.Compare)
	if len(times) == 0 {
		return r.say("there is no old wrapping key: bauta keys rotate makes a new one first")
	}
	return r.say("there is no old wrapping key; the last was destroyed on %s", stampOf(times[len(times)-1]))
}

// unneeded looks through the whole store.
func (r *rotation) unneeded(ctx context.Context, primary uint32) error {
	bar := newProgress(r.std.Err, "keys of the store looked at", 0)
	found, err := r.vault.Wrapped(ctx, r.set, bar.reach)
	bar.clear()
	if err != nil {
		return fmt.Errorf("not destroyed: %w", err)
	}
	if n := other(found, primary); n > 0 {
		return fmt.Errorf("not destroyed: %s not under the wrapping key %d yet; run bauta keys rotate first", count(int(n), "data key is", "data keys are"), primary)
	}
	return nil
}

// destroyed says what that means, and which nodes still have the old keys.
func (r *rotation) destroyed(ctx context.Context, old []keys.Info) error {
	ids := make([]string, len(old))
	for i, k := range old {
		ids[i] = fmt.Sprint(k.ID)
	}
	if err := r.say("destroyed the wrapping key %s", strings.Join(ids, ", ")); err != nil {
		return err
	}
	since := "the rotation"
	for _, k := range r.set.List() {
		if k.Purpose == keys.Wrap && k.Primary && !k.Created.IsZero() {
			since = stampOf(k.Created)
		}
	}
	if err := r.say("dumps of the store from before %s are unreadable now, and whoever was erased before then is so in every dump. "+
		"Destroy every copy of the old key file too, on other nodes and in backups: until then this does not hold", since); err != nil {
		return err
	}
	held, err := r.holders(ctx, ids)
	if err != nil || len(held) == 0 {
		return err
	}
	return r.say("these nodes still have a key file with the old key: %s; copy %s to them", strings.Join(held, ", "), r.path)
}

// holders waits for the nodes that share the file to read it, and names the others.
func (r *rotation) holders(ctx context.Context, ids []string) ([]string, error) {
	within := time.After(keyring.Lease)
	ticker := time.NewTicker(rotationPoll)
	defer ticker.Stop()
	for {
		s, err := r.register.Read(ctx, r.set.Primary())
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
