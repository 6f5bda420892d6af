package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"bauta/cmd/bauta/app/config"
	"bauta/masking/keys"
	"bauta/redis"
	"bauta/redis/keyring"
	"bauta/redis/vault"
)

const (
	// rotationPoll is how often a rotation asks the store how far the nodes are.
	rotationPoll = time.Second
	// rewraps is how often the store is gone over at most until nothing is left.
	rewraps = 5
)

// rotation replaces the wrapping key, or destroys the old ones.
type rotation struct {
	std      Std
	config   *config.Config
	path     string
	wait     time.Duration
	store    *redis.Store
	register *keyring.Register
	vault    *vault.Vault
	set      *keys.Set
}

func newKeysRotate(std Std) *cobra.Command {
	var path string
	var wait time.Duration
	var destroy, yes bool
	c := &cobra.Command{
		Use:   "rotate",
		Short: "Replace the wrapping key, beside running nodes; with --destroy-old, take the old one out for good",
		Long: `Adds a new wrapping key to the key file, waits until every running node can read with it, has it wrap all new data keys, and wraps those
that are stored anew. Nodes read the key file every few seconds; where a node has a file of its own, copy the new one there: the
rotation waits, and names it. Nothing stops meanwhile. Broken off at any point, the command is repeated and goes on.

The old key stays in the file, so that dumps of the store from before can be restored. With --destroy-old it is taken out, once the whole
store was looked through and nothing needs it, and is on disk. From then on, and once every copy of the old key file is destroyed, dumps
from before the rotation are unreadable. Message ids, handles and the index keep their keys.`,
		Example: "  bauta keys rotate --config bauta.yaml\n  bauta keys rotate --config bauta.yaml --destroy-old --yes",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if file, ok := std.Out.(*os.File); ok && destroy && !yes && term.IsTerminal(int(file.Fd())) {
				return usageError{errors.New("a destroyed key cannot be brought back: repeat the command with --yes")}
			}
			r, err := openRotation(cmd.Context(), std, path)
			if err != nil {
				return err
			}
			r.wait = wait
			step := r.rotate
			if destroy {
				step = r.destroy
			}
			return errors.Join(step(cmd.Context()), r.store.Close())
		},
	}
	configFlag(c, &path)
	c.Flags().DurationVar(&wait, "wait", 10*time.Minute, "how long to wait for nodes that do not know the new key yet")
	c.Flags().BoolVar(&destroy, "destroy-old", false, "take the keys out that were replaced")
	c.Flags().BoolVar(&yes, "yes", false, "needed on a terminal with --destroy-old: it cannot be undone")
	return c
}

// openRotation opens the store with the keys of the configuration.
func openRotation(ctx context.Context, std Std, path string) (*rotation, error) {
	loaded, set, err := load(std, path, config.StoreSecrets)
	if err != nil {
		return nil, err
	}
	if loaded.Redis.URL.Reveal() == "embedded" {
		return nil, usageError{errors.New("redis.url is embedded: nothing is stored that would outlive its keys")}
	}
	logger := slog.New(slog.NewTextHandler(std.Err, &slog.HandlerOptions{Level: slog.LevelError}))
	store, err := openStore(ctx, loaded, set, logger, false)
	if err != nil {
		return nil, err
	}
	return &rotation{
		std: std, config: loaded, path: loaded.Path(loaded.Keys), store: store, set: set,
		register: keyring.NewRegister(store), vault: vault.New(store, set, vault.Options{}),
	}, nil
}

// standing reads which key writes, and refuses a key file that does not hold it.
func (r *rotation) standing(ctx context.Context) (keyring.Standing, error) {
	s, err := r.register.Read(ctx, r.set.Primary())
	if err == nil && !r.set.Holds(s.Primary) {
		err = usageError{fmt.Errorf("the store is written with the wrapping key %d, which %s lacks: use the present key file", s.Primary, r.path)}
	}
	return s, err
}

func (r *rotation) rotate(ctx context.Context) error {
	s, err := r.standing(ctx)
	if err != nil {
		return err
	}
	before := s.Primary
	if r.set.Newest().ID == before && len(r.set.Older(before)) == 0 {
		if err := r.add(before); err != nil {
			return err
		}
	}
	next := r.set.Newest().ID
	if next != before {
		if err := r.promote(ctx, before, next); err != nil {
			return err
		}
	}
	r.set, err = changeKeys(r.path, func(set *keys.Set) (*keys.Set, error) { return set.WithPrimary(next) })
	if err != nil {
		return err
	}
	return r.rewrap(ctx, next)
}

// add puts a new key into the file.
func (r *rotation) add(primary uint32) (err error) {
	r.set, err = changeKeys(r.path, func(set *keys.Set) (*keys.Set, error) {
		if set.Newest().ID != primary { // another command was faster
			return set, nil
		}
		return set.WithNewKey(time.Now())
	})
	if err != nil {
		return err
	}
	return r.say("added the wrapping key %d to %s: back this file up now, apart from Redis's backups", r.set.Newest().ID, r.path)
}

// promote makes the new key the one that writes, once every running node can read with
// it.
func (r *rotation) promote(ctx context.Context, before, next uint32) error {
	ctx, cancel := context.WithTimeout(ctx, r.wait)
	defer cancel()
	ticker := time.NewTicker(rotationPoll)
	defer ticker.Stop()
	told := ""
	for {
		s, err := r.standing(ctx)
		if err != nil {
			return err
		}
		behind := without(s.Running(), next)
		// The file is what is left of the key after a crash: never write with one that
		// is not in it.
		if set, problem := readKeys(r.path); problem.text != "" || !set.Holds(next) {
			return fmt.Errorf("%s does not hold the new wrapping key %d any more: repeat the command", r.path, next)
		}
		done, err := r.register.Promote(ctx, before, next)
		if err != nil {
			return fmt.Errorf("make the new wrapping key the one that writes: %w; repeat the command", err)
		}
		if done {
			return r.say("the wrapping key %d writes from now on", next)
		}
		if names := strings.Join(behind, ", "); names != told {
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
		if s.Settled() > 0 {
			if err := r.settle(ctx); err != nil {
				return err
			}
			continue
		}
		if left := other(found, next); left == 0 {
			return r.rotated(next, anew, found)
		}
	}
	return errors.New("some data keys are still wrapped with another key: repeat the command")
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
	if len(r.set.Older(next)) == 0 {
		return nil
	}
	return r.say("the old key is still in the file: once no dump from before is needed any more, destroy it with bauta keys rotate --destroy-old")
}

// settle waits until nobody can write with an earlier key.
func (r *rotation) settle(ctx context.Context) error {
	s, err := r.standing(ctx)
	if err != nil || s.Settled() <= 0 {
		return err
	}
	timer := time.NewTimer(s.Settled())
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return fmt.Errorf("broken off: %w; repeat the command, which goes on", ctx.Err())
	case <-timer.C:
		return nil
	}
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

func (r *rotation) say(format string, args ...any) error {
	_, err := fmt.Fprintf(r.std.Out, format+"\n", args...)
	return err
}
