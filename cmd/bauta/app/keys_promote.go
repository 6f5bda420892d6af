package app

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"bauta/masking/keys"
	"bauta/redis/keyring"
)

// promote makes the new key the one that writes, once every running node can read with
// it.
func (r *rotation) promote(ctx context.Context, before, next uint32) error {
	ctx, cancel := context.WithTimeout(ctx, r.rotating.wait)
	defer cancel()
	ticker := time.NewTicker(rotationPoll)
	defer ticker.Stop()
	told := ""
	for {
		behind, err := r.promoted(ctx, before, next)
		if err != nil {
			return err
		}
		if behind == nil {
			return r.say("the %s %d writes from now on", r.noun(), next)
		}
		if names := strings.Join(behind, ", "); names != told && names != "" {
			told = names
			if err := r.say("waiting for nodes that cannot read with it yet: %s (each needs the new file in the place of its own)", names); err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the new key does not write yet, for these nodes cannot read with it: %s; copy %s to them and repeat the command", told, r.path)
		case <-ticker.C:
		}
	}
}

// promoted tries it once: nil once the new key writes, or else the names of the nodes that
// cannot read with it.
func (r *rotation) promoted(ctx context.Context, before, next uint32) (behind []string, err error) {
	s, err := r.standing(ctx)
	if err != nil {
		return nil, err
	}
	// The file is what is left of the key after a crash: never write with one that is not
	// in it.
	if set, problem := readKeys(r.path); problem.text != "" || !set.Holds(r.purpose, next) {
		return nil, fmt.Errorf("%s does not hold the new %s %d any more: repeat the command", r.path, r.noun(), next)
	}
	if behind = without(s.Running(), next); len(behind) > 0 {
		return behind, nil
	}
	if r.purpose == keys.Lookup {
		// Whoever wakes up without the new key from now on must not look anybody up.
		if err := r.store.Need(ctx, r.lookups()); err != nil {
			return nil, err
		}
	}
	done, err := r.register.Promote(ctx, r.purpose, before, next)
	if err != nil {
		return nil, fmt.Errorf("make the new %s the one that writes: %w; repeat the command", r.noun(), err)
	}
	if !done { // a node began meanwhile: its name is known the next time
		return []string{}, nil
	}
	return nil, nil
}

// without are the names of nodes that cannot read with a key.
func without(nodes []keyring.Node, id uint32) []string {
	var out []string
	for _, n := range nodes {
		if !slices.Contains(n.Keys, strconv.FormatUint(uint64(id), 10)) {
			out = append(out, n.Name)
		}
	}
	return out
}
