package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"bauta/cmd/bauta/app/config"
	"bauta/webhook/operate"
)

func newHeld(std Std) *cobra.Command {
	c := &cobra.Command{
		Use:   "held",
		Short: "List, release and drop events that could not be proven clean",
		Args:  cobra.NoArgs,
		RunE:  help,
	}
	c.AddCommand(newHeldList(std), newHeldRelease(std), newHeldDrop(std))
	return c
}

// holding says which held events are meant.
type holding struct {
	path, business, id string
	all                bool
	// needed are the secrets that the command uses.
	needed config.Secrets
}

func (h *holding) flags(c *cobra.Command) {
	configFlag(c, &h.path)
	c.Flags().StringVar(&h.business, "business", "", "id of the business; _ and the id of an app, such as _main, for its bodies that name no business; default: all")
}

func (h *holding) choice(c *cobra.Command) {
	c.Flags().StringVar(&h.id, "id", "", "only this one, as list prints it")
	c.Flags().BoolVar(&h.all, "all", false, "all of them")
}

// open opens the desk and returns the businesses that are meant. Whoever calls closes
// the store.
func (h *holding) open(ctx context.Context, std Std) (*core, *operate.Desk, []string, error) {
	k, desk, err := openDesk(ctx, std, h.path, h.needed)
	if err != nil {
		return nil, nil, nil, err
	}
	ids := desk.Holders(operate.Operator())
	if h.business == "" {
		return k, desk, ids, nil
	}
	if !slices.Contains(ids, h.business) {
		fault := usageError{fmt.Errorf("--business: there is no %q; there are %s", h.business, strings.Join(ids, ", "))}
		return nil, nil, nil, errors.Join(fault, k.store.Close())
	}
	return k, desk, []string{h.business}, nil
}

// openDesk opens the store and the desk on it. Whoever calls closes the store.
func openDesk(ctx context.Context, std Std, path string, needed config.Secrets) (*core, *operate.Desk, error) {
	k, err := openCore(ctx, std, path, needed)
	if err != nil {
		return nil, nil, err
	}
	desk, err := k.desk(nil, nil)
	if err != nil {
		return nil, nil, errors.Join(err, k.store.Close())
	}
	return k, desk, nil
}

func newHeldList(std Std) *cobra.Command {
	h := holding{needed: config.StoreSecrets}
	c := &cobra.Command{
		Use:     "list",
		Short:   "List held events: id, reason and positions; never a value",
		Example: "  bauta held list --config bauta.yaml",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			k, desk, businesses, err := h.open(cmd.Context(), std)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, k.store.Close()) }()
			w := tabwriter.NewWriter(std.Out, 0, 4, 2, ' ', 0)
			_, _ = fmt.Fprintln(w, "BUSINESS\tID\tHELD\tFIELD\tREASON\tPOSITIONS")
			err = eachHeld(cmd.Context(), desk, businesses, func(e *operate.HeldEvent) error {
				_, err := fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", e.Business, e.ID, e.At.Format(time.RFC3339),
					e.Field, e.Reason, positionsOf(e))
				return err
			})
			return errors.Join(err, w.Flush())
		},
	}
	h.flags(c)
	return c
}

// positionsOf are JSON pointers, with the notation that stood there.
func positionsOf(e *operate.HeldEvent) string {
	words := make([]string, len(e.Positions))
	for i, p := range e.Positions {
		words[i] = strings.TrimSpace(p.Pointer + " " + p.Notation)
	}
	return strings.Join(words, ", ")
}

func eachHeld(ctx context.Context, desk *operate.Desk, businesses []string, do func(*operate.HeldEvent) error) error {
	for _, business := range businesses {
		for cursor := ""; ; {
			some, next, err := desk.HeldEvents(ctx, operate.Operator(), business, operate.Page{After: cursor, Limit: page})
			if err != nil {
				return err
			}
			for i := range some {
				if err := do(&some[i]); err != nil {
					return err
				}
			}
			if cursor = next; cursor == "" {
				break
			}
		}
	}
	return nil
}

func newHeldRelease(std Std) *cobra.Command {
	h := holding{needed: config.CallingSecrets} // rules may look ads up
	c := &cobra.Command{
		Use:   "release",
		Short: "Run held events through again; what is clean by now is delivered",
		Long: `Runs held events through identity, masking and the leak check once more. What passes goes to the end of its lane with the header
Bauta-Held: true; what does not stays held. Useful after an upgrade or after changing unknown_fields.`,
		Example: "  bauta held release --config bauta.yaml --all\n  bauta held release --config bauta.yaml --business acme --id ID",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return h.each(cmd.Context(), std, "released", func(ctx context.Context, desk *operate.Desk, business, id string) (bool, error) {
				became, err := desk.ReleaseHeld(ctx, operate.Operator(), business, id)
				return became == operate.Released, err
			})
		},
	}
	h.flags(c)
	h.choice(c)
	return c
}

func newHeldDrop(std Std) *cobra.Command {
	h := holding{needed: config.StoreSecrets}
	c := &cobra.Command{
		Use:     "drop",
		Short:   "Delete held events for good",
		Example: "  bauta held drop --config bauta.yaml --business acme --id ID",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return h.each(cmd.Context(), std, "dropped", func(ctx context.Context, desk *operate.Desk, business, id string) (bool, error) {
				return desk.DropHeld(ctx, operate.Operator(), business, id)
			})
		},
	}
	h.flags(c)
	h.choice(c)
	return c
}

// action does something to one held event, false if there was nothing to do.
type action func(ctx context.Context, desk *operate.Desk, business, id string) (bool, error)

// each does something to one held event, or to all.
func (h *holding) each(ctx context.Context, std Std, done string, do action) (err error) {
	if (h.id == "") == !h.all {
		return usageError{errors.New("say which: --id ID (with --business), or --all")}
	}
	if h.id != "" && h.business == "" {
		return usageError{errors.New("--id needs --business")}
	}
	k, desk, businesses, err := h.open(ctx, std)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.store.Close()) }()
	wanted := [][2]string{{h.business, h.id}}
	if h.all {
		wanted = nil
		if err := eachHeld(ctx, desk, businesses, func(e *operate.HeldEvent) error {
			wanted = append(wanted, [2]string{e.Business, e.ID})
			return nil
		}); err != nil {
			return err
		}
	}
	bar := newProgress(std.Err, "held events looked at", len(wanted))
	count := 0
	for _, w := range wanted {
		ok, err := do(ctx, desk, w[0], w[1])
		if err != nil {
			return err
		}
		if ok {
			count++
		}
		bar.step()
	}
	if err := bar.finish(fmt.Sprintf("%d %s", count, done)); err != nil || count > 0 || len(wanted) == 0 {
		return err
	}
	return fmt.Errorf("none was %s: see bauta held list for the reasons", done)
}
