package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"bauta/cmd/bauta/app/config"
	"bauta/masking/keys"
	"bauta/redis/keyring"
	"bauta/redis/vault"
)

func newKeysList(std Std) *cobra.Command {
	var path, file string
	var usage bool
	c := &cobra.Command{
		Use:   "list",
		Short: "List the keys, without their material; with --usage, what still needs each wrapping key",
		Long: `Lists the keys of a file. DESTROY BY is when a wrapping key has to be gone, where keys_lifetime says how old it becomes.
With --usage the store is looked through: which wrapping key writes, how many data keys each wraps, and which nodes can read with it.`,
		Example: "  bauta keys list --config bauta.yaml --usage\n  bauta keys list --keys keys.json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case usage && file != "":
				return usageError{errors.New("--usage looks into the store, which --keys does not name: use --config")}
			case file != "":
				set, problem := readKeys(file)
				if problem.text != "" {
					return usageError{fmt.Errorf("--keys: %s (%s)", problem.text, problem.advice)}
				}
				return listing{set: set}.write(std.Out)
			case usage:
				return listUsage(cmd.Context(), std, path)
			}
			loaded, set, err := load(std, path, config.StoreSecrets)
			if err != nil {
				return err
			}
			return listing{set: set, lifetime: loaded.KeysLifetime.Std()}.write(std.Out)
		},
	}
	configFlag(c, &path)
	c.Flags().StringVar(&file, "keys", "", "key file; default: the one that the configuration names")
	c.Flags().BoolVar(&usage, "usage", false, "look through the store too")
	return c
}

// listing is what is told of keys. Without a standing nothing is known of the store.
type listing struct {
	set      *keys.Set
	lifetime time.Duration
	standing *keyring.Standing
	found    vault.Wrapped
}

func listUsage(ctx context.Context, std Std, path string) error {
	r, err := openRotation(ctx, std, path)
	if err != nil {
		return err
	}
	l := listing{lifetime: r.config.KeysLifetime.Std()}
	err = func() error {
		s, err := r.standing(ctx)
		if err != nil {
			return err
		}
		l.standing = &s
		if l.set, err = r.set.WithPrimary(s.Primary); err != nil {
			return err
		}
		bar := newProgress(std.Err, "keys of the store looked at", 0)
		l.found, err = r.vault.Wrapped(ctx, r.set, bar.reach)
		bar.clear()
		return err
	}()
	if err = errors.Join(err, r.store.Close()); err != nil {
		return err
	}
	return l.write(std.Out)
}

func (l listing) write(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	heads := "PURPOSE\tID\tSTATUS\tPRIMARY\tCREATED"
	if l.lifetime > 0 {
		heads += "\tDESTROY BY"
	}
	if l.standing != nil {
		heads += "\tDATA KEYS\tNODES"
	}
	_, _ = fmt.Fprintln(w, heads)
	for _, k := range l.set.List() {
		_, _ = fmt.Fprintln(w, strings.Join(l.row(k), "\t"))
	}
	destroyed := l.set.Destroyed()
	for id, at := range destroyed {
		_, _ = fmt.Fprintf(w, "wrap\t%d\tdestroyed on %s\tfalse\n", id, stampOf(at))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return l.rest(out)
}

// row describes one key.
func (l listing) row(k keys.Info) []string {
	created := "unknown"
	if !k.Created.IsZero() {
		created = stampOf(k.Created)
	}
	row := []string{string(k.Purpose), strconv.FormatUint(uint64(k.ID), 10), k.Status, strconv.FormatBool(k.Primary), created}
	if k.Purpose != keys.Wrap {
		return row
	}
	if l.lifetime > 0 {
		by := "unknown"
		if !k.Created.IsZero() {
			by = stampOf(k.Created.Add(l.lifetime))
		}
		row = append(row, by)
	}
	if l.standing != nil {
		running := l.standing.Running()
		row = append(row, strconv.FormatInt(l.found.Under[k.ID], 10), fmt.Sprintf("%d of %d", len(running)-len(without(running, k.ID)), len(running)))
	}
	return row
}

// rest says what the table does not.
func (l listing) rest(out io.Writer) error {
	var lines []string
	for id, n := range l.found.Under {
		if !l.set.Holds(id) {
			lines = append(lines, fmt.Sprintf("%s the wrapping key %d, which this file lacks: use the present key file", count(int(n), "data key needs", "data keys need"), id))
		}
	}
	slices.Sort(lines)
	if l.found.Gone > 0 {
		lines = append(lines, count(int(l.found.Gone), "data key", "data keys")+" cannot be unwrapped by anybody")
	}
	if by := overdue(l.set, l.lifetime, time.Now()); !by.IsZero() {
		lines = append(lines, "overdue: by "+stampOf(by)+" a wrapping key should have been destroyed, as receipts of erasures say (keys_lifetime); "+
			"run bauta keys rotate, then bauta keys rotate --destroy-old")
	}
	for _, line := range lines {
		if _, err := fmt.Fprintln(out, line); err != nil {
			return err
		}
	}
	return nil
}
