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
		Short: "List the keys, without their material; with --usage, what still needs each of those that can be replaced",
		Long: `Lists the keys of a file. DESTROY BY is when a wrapping key has to be gone, where keys_lifetime says how old it becomes.
With --usage the store is looked through: which key writes, what needs it (data keys that a wrapping key wraps, entries of the index
that a look-up key names), and which nodes can read with it.`,
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

// listing is what is told of keys. Without standings nothing is known of the store.
type listing struct {
	set      *keys.Set
	lifetime time.Duration
	standing map[keys.Purpose]keyring.Standing
	found    vault.Wrapped
	index    vault.Indexed
}

func listUsage(ctx context.Context, std Std, path string) error {
	r, err := openRotation(ctx, std, path)
	if err != nil {
		return err
	}
	l := listing{lifetime: r.config.KeysLifetime.Std(), standing: map[keys.Purpose]keyring.Standing{}}
	err = l.look(ctx, r)
	if err = errors.Join(err, r.store.Close()); err != nil {
		return err
	}
	return l.write(std.Out)
}

// look looks through the store.
func (l *listing) look(ctx context.Context, r *rotation) (err error) {
	for _, p := range []keys.Purpose{keys.Wrap, keys.Lookup} {
		r.purpose = p
		if l.standing[p], err = r.standing(ctx); err != nil {
			return err
		}
		if r.set, err = r.set.WithPrimary(p, l.standing[p].Primary); err != nil {
			return err
		}
	}
	l.set = r.set
	bar := newProgress(r.std.Err, "keys of the store looked at", 0)
	l.found, err = r.vault.Wrapped(ctx, r.set, bar.reach)
	bar.clear()
	if err == nil {
		l.index, err = r.walk(ctx, vault.Reindexing{})
	}
	return err
}

func (l listing) write(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	heads := "PURPOSE\tID\tSTATUS\tPRIMARY\tCREATED"
	if l.lifetime > 0 {
		heads += "\tDESTROY BY"
	}
	if l.standing != nil {
		heads += "\tNEEDED BY\tNODES"
	}
	_, _ = fmt.Fprintln(w, heads)
	for _, k := range l.set.List() {
		row := strings.Join(l.row(k), "\t")
		// A row that ends early would end the columns of those below it.
		_, _ = fmt.Fprintln(w, row+strings.Repeat("\t", strings.Count(heads, "\t")-strings.Count(row, "\t")))
	}
	for _, p := range []keys.Purpose{keys.Wrap, keys.Lookup} {
		for id, at := range l.set.Destroyed(p) {
			_, _ = fmt.Fprintf(w, "%s\t%d\tdestroyed on %s\tfalse\n", p, id, stampOf(at))
		}
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
	standing, replaced := l.standing[k.Purpose]
	if l.lifetime > 0 && (k.Purpose == keys.Wrap || replaced) {
		row = append(row, l.destroyBy(k))
	}
	if replaced {
		needed := l.found.Under[k.ID]
		if k.Purpose == keys.Lookup {
			needed = l.index.Under[l.set.LookupTag(k.ID)]
		}
		running := standing.Running()
		row = append(row, strconv.FormatInt(needed, 10), fmt.Sprintf("%d of %d", len(running)-len(without(running, k.ID)), len(running)))
	}
	return row
}

// destroyBy is when a wrapping key has to be gone.
func (l listing) destroyBy(k keys.Info) string {
	switch {
	case k.Purpose != keys.Wrap:
		return ""
	case k.Created.IsZero():
		return "unknown"
	}
	return stampOf(k.Created.Add(l.lifetime))
}

// rest says what the table does not.
func (l listing) rest(out io.Writer) error {
	var lines []string
	for id, n := range l.found.Under {
		if !l.set.Holds(keys.Wrap, id) {
			lines = append(lines, fmt.Sprintf("%s the wrapping key %d, which this file lacks: use the present key file", count(int(n), "data key needs", "data keys need"), id))
		}
	}
	slices.Sort(lines)
	if l.found.Gone > 0 {
		lines = append(lines, count(int(l.found.Gone), "data key", "data keys")+" cannot be unwrapped by anybody")
	}
	if l.index.Markers > 0 {
		lines = append(lines, "the old look-up key is still needed: "+needs(l.index))
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
