package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
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

// rotation replaces the key of one purpose, or destroys the old ones.
type rotation struct {
	std      Std
	purpose  keys.Purpose
	config   *config.Config
	rotating rotating
	path     string
	store    *redis.Store
	register *keyring.Register
	vault    *vault.Vault
	set      *keys.Set
}

// rotating is how the command was called.
type rotating struct {
	path, purpose        string
	wait                 time.Duration
	destroy, yes         bool
	keepOld, loseMarkers bool
}

func newKeysRotate(std Std) *cobra.Command {
	var o rotating
	c := &cobra.Command{
		Use:   "rotate",
		Short: "Replace the wrapping key or the look-up key, beside running nodes; with --destroy-old, take the old one out for good",
		Long: `Adds a new key to the key file, waits until every running node can read with it, has it write, and does anew what is stored: data keys are
wrapped with it, entries of the index are named with it. Nodes read the key file every few seconds; where a node has a file of its own,
copy the new one there: the rotation waits, and names it. Nothing stops meanwhile. Broken off at any point, the command is repeated and
goes on. Keep the clocks of Redis's servers in step (NTP): how long an old key may still write is measured by them.

The old key stays in the file, so that dumps of the store from before can be restored. With --destroy-old it is taken out, once the whole
store was looked through and nothing needs it, and is on disk. From then on, and once every copy of the old key file is destroyed, dumps
from before the rotation are unreadable (wrap), and nobody can try in them whether a number was a customer's (lookup). A replica that was
not connected meanwhile, and any that is promoted with older data, counts as a dump. Message ids, handles and the index key stay.

Under an old look-up key may be markers of customers who were erased or whose record expired. Nobody knows their numbers any more, so that
only the old key finds them: it is needed until the last of them ends (retention.hidden_marker) or came back. --lose-markers gives them up:
whoever they are of comes back as a stranger, and may be visible.`,
		Example: `  bauta keys rotate --config bauta.yaml
  bauta keys rotate --config bauta.yaml --destroy-old --yes
  bauta keys rotate --config bauta.yaml --purpose lookup`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runRotation(cmd.Context(), std, o) },
	}
	configFlag(c, &o.path)
	c.Flags().StringVar(&o.purpose, "purpose", string(keys.Wrap), "wrap: the key that wraps all data keys; lookup: the key under which customers are found")
	c.Flags().DurationVar(&o.wait, "wait", 10*time.Minute, "how long to wait for nodes that do not know the new key yet")
	c.Flags().BoolVar(&o.keepOld, "keep-old", false, "begin another rotation though an older key is still needed")
	c.Flags().BoolVar(&o.destroy, "destroy-old", false, "take the keys out that were replaced")
	c.Flags().BoolVar(&o.loseMarkers, "lose-markers", false, "with --destroy-old --purpose lookup: also if markers need the old key")
	c.Flags().BoolVar(&o.yes, "yes", false, "needed on a terminal with --destroy-old: it cannot be undone")
	return c
}

func runRotation(ctx context.Context, std Std, o rotating) error {
	purpose := keys.Purpose(o.purpose)
	if purpose != keys.Wrap && purpose != keys.Lookup {
		return usageError{fmt.Errorf("--purpose: %q is none whose key is replaced: wrap or lookup", o.purpose)}
	}
	if o.loseMarkers && (!o.destroy || purpose != keys.Lookup) {
		return usageError{errors.New("--lose-markers goes with --destroy-old --purpose lookup")}
	}
	if file, ok := std.Out.(*os.File); ok && o.destroy && !o.yes && term.IsTerminal(int(file.Fd())) {
		return usageError{errors.New("a destroyed key cannot be brought back: repeat the command with --yes")}
	}
	r, err := openRotation(ctx, std, o.path)
	if err != nil {
		return err
	}
	r.rotating, r.purpose = o, purpose
	step := r.rotate
	if o.destroy {
		step = r.destroy
	}
	return errors.Join(step(ctx), r.store.Close())
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
	store, err := openStore(ctx, opening{config: loaded, keys: set, logger: logger})
	if err != nil {
		return nil, err
	}
	return &rotation{
		std: std, purpose: keys.Wrap, config: loaded, path: loaded.Path(loaded.Keys), store: store, set: set,
		register: keyring.NewRegister(store), vault: vault.New(store, set, vault.Options{}),
	}, nil
}

// standing reads which key writes, and refuses a key file that does not hold it.
func (r *rotation) standing(ctx context.Context) (keyring.Standing, error) {
	s, err := r.register.Read(ctx, r.purpose, r.set.Primary(r.purpose))
	if err == nil && !r.set.Holds(r.purpose, s.Primary) {
		err = usageError{fmt.Errorf("the store is written with the %s %d, which %s lacks: use the present key file", r.noun(), s.Primary, r.path)}
	}
	return s, err
}

// noun is what keys of the purpose are called.
func (r *rotation) noun() string {
	if r.purpose == keys.Lookup {
		return "look-up key"
	}
	return "wrapping key"
}

// again is the command to repeat, for messages.
func (r *rotation) again(flags string) string {
	if r.purpose == keys.Lookup {
		flags = " --purpose lookup" + flags
	}
	return "bauta keys rotate" + flags
}

func (r *rotation) rotate(ctx context.Context) error {
	s, err := r.standing(ctx)
	if err != nil {
		return err
	}
	before := s.Primary
	if r.set.Newest(r.purpose).ID == before && (len(r.set.Older(r.purpose, before)) == 0 || r.further(s)) {
		if err := r.add(before); err != nil {
			return err
		}
	}
	next := r.set.Newest(r.purpose).ID
	if next != before {
		if err := r.promote(ctx, before, next); err != nil {
			return err
		}
	}
	r.set, err = changeKeys(r.path, func(set *keys.Set) (*keys.Set, error) { return set.WithPrimary(r.purpose, next) })
	if err != nil {
		return err
	}
	if r.purpose == keys.Lookup {
		return r.reindex(ctx, next)
	}
	return r.rewrap(ctx, next)
}

// further tells that another rotation is wanted although the last one's key is there: of
// look-up keys it has to be at its end.
func (r *rotation) further(s keyring.Standing) bool {
	return r.rotating.keepOld && (r.purpose == keys.Wrap || s.From == s.Primary)
}

// add puts a new key into the file.
func (r *rotation) add(primary uint32) (err error) {
	r.set, err = changeKeys(r.path, func(set *keys.Set) (*keys.Set, error) {
		if set.Newest(r.purpose).ID != primary { // another command was faster
			return set, nil
		}
		return set.WithNewKey(r.purpose, time.Now())
	})
	if err != nil {
		return err
	}
	return r.say("added the %s %d to %s: back this file up now, apart from Redis's backups", r.noun(), r.set.Newest(r.purpose).ID, r.path)
}

// settle waits until nobody can write as before.
func (r *rotation) settle(ctx context.Context) error {
	s, err := r.standing(ctx)
	if err != nil {
		return err
	}
	waits, err := r.settles(ctx, s)
	if err != nil {
		return err
	}
	return pause(ctx, waits)
}

// settles is how long that takes, by the clock of whichever master is last.
func (r *rotation) settles(ctx context.Context, s keyring.Standing) (time.Duration, error) {
	if s.Since.IsZero() {
		return 0, nil
	}
	skew, err := keyring.Skew(ctx, r.store)
	return s.Settled() + skew, err
}

func pause(ctx context.Context, waits time.Duration) error {
	timer := time.NewTimer(max(waits, 0))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return fmt.Errorf("broken off: %w; repeat the command, which goes on", ctx.Err())
	case <-timer.C:
		return nil
	}
}

func (r *rotation) say(format string, args ...any) error {
	_, err := fmt.Fprintf(r.std.Out, format+"\n", args...)
	return err
}
