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
	"bauta/redis/held"
	"bauta/webhook"
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

// open opens the store and returns the businesses that are meant.
func (h *holding) open(ctx context.Context, std Std) (*core, []string, error) {
	k, err := openCore(ctx, std, h.path, h.needed)
	if err != nil {
		return nil, nil, err
	}
	ids := k.holders()
	if h.business == "" {
		return k, ids, nil
	}
	if !slices.Contains(ids, h.business) {
		fault := usageError{fmt.Errorf("--business: there is no %q; there are %s", h.business, strings.Join(ids, ", "))}
		return nil, nil, errors.Join(fault, k.store.Close())
	}
	return k, []string{h.business}, nil
}

func newHeldList(std Std) *cobra.Command {
	h := holding{needed: config.StoreSecrets}
	c := &cobra.Command{
		Use:     "list",
		Short:   "List held events: id, reason and positions; never a value",
		Example: "  bauta held list --config bauta.yaml",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			k, businesses, err := h.open(cmd.Context(), std)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, k.store.Close()) }()
			w := tabwriter.NewWriter(std.Out, 0, 4, 2, ' ', 0)
			_, _ = fmt.Fprintln(w, "BUSINESS\tID\tHELD\tFIELD\tREASON\tPOSITIONS")
			err = eachHeld(cmd.Context(), k.held, businesses, func(e held.Entry) error {
				_, err := fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", e.Business, e.ID, e.At.UTC().Format(time.RFC3339),
					e.Field, e.Reason, strings.Join(e.Positions, " "))
				return err
			})
			return errors.Join(err, w.Flush())
		},
	}
	h.flags(c)
	return c
}

func eachHeld(ctx context.Context, h *held.Held, businesses []string, do func(held.Entry) error) error {
	for _, business := range businesses {
		for cursor := ""; ; {
			some, next, err := h.List(ctx, business, cursor, page)
			if err != nil {
				return err
			}
			for _, e := range some {
				if err := do(e); err != nil {
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
			return h.each(cmd.Context(), std, "released", releaser)
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
			return h.each(cmd.Context(), std, "dropped", func(k *core) (action, error) { return k.held.Drop, nil })
		},
	}
	h.flags(c)
	h.choice(c)
	return c
}

// action does something to one held event, false if there was nothing to do.
type action func(ctx context.Context, business, id string) (bool, error)

// each does something to one held event, or to all.
func (h *holding) each(ctx context.Context, std Std, done string, with func(*core) (action, error)) (err error) {
	if (h.id == "") == !h.all {
		return usageError{errors.New("say which: --id ID (with --business), or --all")}
	}
	if h.id != "" && h.business == "" {
		return usageError{errors.New("--id needs --business")}
	}
	k, businesses, err := h.open(ctx, std)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.store.Close()) }()
	do, err := with(k)
	if err != nil {
		return err
	}
	wanted := [][2]string{{h.business, h.id}}
	if h.all {
		wanted = nil
		if err := eachHeld(ctx, k.held, businesses, func(e held.Entry) error {
			wanted = append(wanted, [2]string{e.Business, e.ID})
			return nil
		}); err != nil {
			return err
		}
	}
	bar := newProgress(std.Err, "held events looked at", len(wanted))
	count := 0
	for _, w := range wanted {
		ok, err := do(ctx, w[0], w[1])
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

// releaser runs held events through a pipeline again.
func releaser(k *core) (action, error) {
	// What the event decided, it decided when it was held, unless nobody could tell who
	// its people are.
	decided, err := k.pipeline(nil, func(o *webhook.Options) { o.Consents = nil })
	if err != nil {
		return nil, err
	}
	undecided, err := k.pipeline(nil, nil)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, business, id string) (bool, error) {
		event, ok, err := k.held.Read(ctx, business, id)
		switch {
		case errors.Is(err, webhook.ErrErased):
			return false, nil
		case err != nil || !ok:
			return false, err
		case event.Reason == webhook.HeldUnreadable:
			return k.release(ctx, undecided, id, event)
		}
		return k.release(ctx, decided, id, event)
	}, nil
}

// release takes an event out of holding after it was stored in its lane: a crash in
// between releases it twice, under one webhook-id. One whose customer was erased
// is gone, and stops no other.
func (k *core) release(ctx context.Context, pipeline *webhook.Pipeline, id string, event webhook.HeldEvent) (bool, error) {
	business := event.Business
	app, isApp := strings.CutPrefix(business, webhook.AppBusiness(""))
	if b := k.directory.ByID(business); b != nil {
		app = b.App
	} else if !isApp {
		return false, nil
	}
	prepared, err := pipeline.Prepare(ctx, app, event.Raw)
	if err != nil || len(prepared.Held) > 0 || len(prepared.Items) == 0 && len(prepared.Dropped) == 0 {
		return false, err
	}
	for i := range prepared.Items {
		prepared.Items[i].Delivery.Held = true
	}
	if err := pipeline.Store(ctx, prepared); err != nil {
		return false, err
	}
	return k.held.Release(ctx, business, id)
}
