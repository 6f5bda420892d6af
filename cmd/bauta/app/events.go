package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"bauta/cmd/bauta/app/config"
	"bauta/redis/balance"
	"bauta/redis/lanes/place"
	"bauta/webhook/operate"
)

func newEvents(std Std) *cobra.Command {
	c := &cobra.Command{
		Use:   "events",
		Short: "Tell what became of events, and hold it against what is there",
		Args:  cobra.NoArgs,
		RunE:  help,
	}
	c.AddCommand(newEventsBalance(std), newEventsReconcile(std))
	return c
}

// ofEvents says whose events are meant.
type ofEvents struct{ path, business string }

func (o *ofEvents) flags(c *cobra.Command) {
	configFlag(c, &o.path)
	c.Flags().StringVar(&o.business, "business", "", "id of the business; _ and the id of an app, such as _main, for its bodies that name no business; default: all")
}

// open opens the store and returns the businesses that are meant. Whoever calls closes
// the store.
func (o *ofEvents) open(ctx context.Context, std Std) (*core, []string, error) {
	k, err := openCore(ctx, std, o.path, config.StoreSecrets)
	if err != nil {
		return nil, nil, err
	}
	ids := k.holders()
	if o.business == "" {
		return k, ids, nil
	}
	if !slices.Contains(ids, o.business) {
		fault := usageError{fmt.Errorf("--business: there is no %q; there are %s", o.business, strings.Join(ids, ", "))}
		return nil, nil, errors.Join(fault, k.store.Close())
	}
	return k, []string{o.business}, nil
}

func newEventsBalance(std Std) *cobra.Command {
	var o ofEvents
	var since, until string
	var minutes bool
	c := &cobra.Command{
		Use:   "balance",
		Short: "List what became of the events that were accepted",
		Long: `Lists what became of the events that were accepted in a time, at most 8 days: ACCEPTED is the sum of all columns behind it. An
event counts once for each of its endpoints, Bauta's own events and messages too; one that is held counts once. LOST must be 0.`,
		Example: "  bauta events balance --config bauta.yaml --since 24h\n  bauta events balance --config bauta.yaml --business acme --since 1h --minutes",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			span, err := spanOf(since, until, time.Now())
			if err != nil {
				return err
			}
			k, businesses, err := o.open(cmd.Context(), std)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, k.store.Close()) }()
			desk, err := k.desk(nil, nil)
			if err != nil {
				return err
			}
			w := tabwriter.NewWriter(std.Out, 0, 4, 2, ' ', 0)
			_, _ = fmt.Fprintln(w, "BUSINESS\tFROM\tACCEPTED\tDELIVERED\tWAITING\tDEAD\tHELD\tEXPIRED\tDROPPED\tERASED\tLOST")
			for _, business := range businesses {
				found, err := desk.Balance(cmd.Context(), operate.Operator(), business, span, minutes)
				if err != nil {
					return err
				}
				printBalance(w, business, found.Rows)
			}
			return w.Flush()
		},
	}
	o.flags(c)
	c.Flags().StringVar(&since, "since", "1h", "only those accepted at this time or later (2026-09-10T00:00:00Z, or an age such as 2h or 7d)")
	c.Flags().StringVar(&until, "until", "", "only those accepted before this time; default: now")
	c.Flags().BoolVar(&minutes, "minutes", false, "a line for each minute in which events were accepted")
	return c
}

// spanOf is the span between two moments, in whole minutes.
func spanOf(since, until string, now time.Time) (operate.Span, error) {
	to := now
	if until != "" {
		var err error
		if to, err = parseMoment(until, now); err != nil {
			return operate.Span{}, usageError{fmt.Errorf("--until: %w", err)}
		}
	}
	from, err := parseMoment(since, now)
	if err != nil {
		return operate.Span{}, usageError{fmt.Errorf("--since: %w", err)}
	}
	span := operate.Span{From: from.UTC().Truncate(time.Minute), To: to.UTC().Truncate(time.Minute).Add(time.Minute)}
	if !from.Before(to) || to.Sub(from) > place.CountsLife {
		return span, usageError{errors.New("--since: it has to be before --until, by at most 8d: that is how long counters are kept")}
	}
	return span.Bounded(), nil
}

func printBalance(w io.Writer, business string, rows []operate.Tally) {
	for _, t := range rows {
		_, _ = fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\n", business, t.From.Format(time.RFC3339), t.Accepted, t.Delivered,
			t.Waiting, t.Dead, t.Held, t.Expired, t.Dropped, t.Erased, t.Lost)
	}
}

func newEventsReconcile(std Std) *cobra.Command {
	var o ofEvents
	var dryRun bool
	c := &cobra.Command{
		Use:   "reconcile",
		Short: "Hold what was counted of events against what is there, and mend it",
		Long: `Looks at everything once, as serve does bit by bit, beside running nodes. What was counted as accepted and is nowhere is counted as
lost: look at what happened to Redis. What is there and nobody counted is counted as accepted, wrong sums are corrected, and lanes
that no node would have looked at are delivered. Exit code 1 if --dry-run finds a difference.`,
		Example: "  bauta events reconcile --config bauta.yaml --dry-run\n  bauta events reconcile --config bauta.yaml --business acme",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return o.reconcile(cmd.Context(), std, dryRun)
		},
	}
	o.flags(c)
	c.Flags().BoolVar(&dryRun, "dry-run", false, "only say what differs")
	return c
}

func (o *ofEvents) reconcile(ctx context.Context, std Std, dryRun bool) (err error) {
	k, businesses, err := o.open(ctx, std)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.store.Close()) }()
	var found []balance.Difference
	bar := newProgress(std.Err, "shards looked at", k.store.Keys().Shards())
	tell := func(d balance.Difference) { found = append(found, d) }
	err = k.reconciler().Check(ctx, businesses, !dryRun, tell, bar.step)
	if len(found) > 0 {
		w := tabwriter.NewWriter(std.Out, 0, 4, 2, ' ', 0)
		_, _ = fmt.Fprintln(w, "BUSINESS\tSHARD\tMISSING\tSURPLUS\tMISCOUNTED\tSTALLED\tAGES")
		for _, d := range found {
			_, _ = fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%d\n", d.Business, d.Shard, d.Missing, d.Surplus, d.Miscounted, d.Stalled, d.Ages)
		}
		err = errors.Join(err, w.Flush())
	}
	if err != nil {
		return err
	}
	switch {
	case len(found) == 0:
		return bar.finish("the balance holds: every event is accounted for")
	case dryRun:
		return fmt.Errorf("%s: run it without --dry-run to mend", count(len(found), "difference", "differences"))
	}
	return bar.finish("mended " + count(len(found), "difference", "differences"))
}
