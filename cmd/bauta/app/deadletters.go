package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"bauta/cmd/bauta/app/config"
	"bauta/redis/deadletters"
	"bauta/webhook"
)

func newDeadLetters(std Std) *cobra.Command {
	c := &cobra.Command{
		Use:   "deadletters",
		Short: "List, replay and drop events that an endpoint would not take",
		Args:  cobra.NoArgs,
		RunE:  help,
	}
	c.AddCommand(newDeadLettersList(std), newDeadLettersReplay(std), newDeadLettersDrop(std))
	return c
}

// selection says which dead letters are meant.
type selection struct {
	path               string
	business, endpoint string
	reason, id         string
	since, until       string
	dryRun             bool
}

func (s *selection) flags(c *cobra.Command) {
	configFlag(c, &s.path)
	f := c.Flags()
	f.StringVar(&s.business, "business", "", "id of the business; list shows all without it")
	f.StringVar(&s.endpoint, "endpoint", "", "id of the endpoint; default: all of the business")
	f.StringVar(&s.reason, "reason", "", "only those with this reason")
	f.StringVar(&s.since, "since", "", "only those of this time or later (2026-09-10T00:00:00Z, or an age such as 2h or 7d)")
	f.StringVar(&s.until, "until", "", "only those before this time")
}

func (s *selection) filter(now time.Time) (deadletters.Filter, error) {
	f := deadletters.Filter{Business: s.business, Endpoint: s.endpoint, Reason: s.reason}
	for _, at := range []struct {
		name, text string
		to         *time.Time
	}{{"--since", s.since, &f.Since}, {"--until", s.until, &f.Until}} {
		if at.text == "" {
			continue
		}
		when, err := parseMoment(at.text, now)
		if err != nil {
			return f, usageError{fmt.Errorf("%s: %w", at.name, err)}
		}
		*at.to = when
	}
	return f, nil
}

// parseMoment reads an RFC 3339 time or an age.
func parseMoment(text string, now time.Time) (time.Time, error) {
	if age, err := config.ParseDuration(text); err == nil {
		return now.Add(-age), nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, errors.New("write a time such as 2026-09-10T00:00:00Z, or an age such as 2h or 7d")
	}
	return at, nil
}

// open opens the store. Whoever calls closes it.
func (s *selection) open(ctx context.Context, std Std) (*core, *deadletters.DeadLetters, deadletters.Filter, error) {
	filter, err := s.filter(time.Now())
	if err != nil {
		return nil, nil, filter, err
	}
	k, err := openCore(ctx, std, s.path, config.StoreSecrets)
	if err != nil {
		return nil, nil, filter, err
	}
	if s.business != "" && k.directory.ByID(s.business) == nil {
		fault := usageError{fmt.Errorf("--business: %s has no business %q", s.path, s.business)}
		return nil, nil, filter, errors.Join(fault, k.store.Close())
	}
	return k, deadletters.New(deadletters.Options{Store: k.store, Endpoints: k.endpointIDs}), filter, nil
}

// openCore is for commands of an operator, who was warned when serve started.
func openCore(ctx context.Context, std Std, path string, needed config.Secrets) (*core, error) {
	loaded, set, err := load(std, path, needed)
	if err != nil {
		return nil, err
	}
	logger := slog.New(slog.NewTextHandler(std.Err, &slog.HandlerOptions{Level: slog.LevelError}))
	return newCore(ctx, loaded, set, logger, false)
}

// page is how many entries are read at once.
const page = 200

func newDeadLettersList(std Std) *cobra.Command {
	var s selection
	c := &cobra.Command{
		Use:     "list",
		Short:   "List dead letters: id, time, reason; never a payload",
		Example: "  bauta deadletters list --config bauta.yaml --business acme --endpoint crm --since 24h",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return s.list(cmd.Context(), std)
		},
	}
	s.flags(c)
	return c
}

// list prints the dead letters of one business, or of all.
func (s *selection) list(ctx context.Context, std Std) (err error) {
	k, letters, filter, err := s.open(ctx, std)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.store.Close()) }()
	w := tabwriter.NewWriter(std.Out, 0, 4, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "BUSINESS\tID\tDIED\tENDPOINT\tFIELD\tREASON\tSTATUS\tATTEMPTS")
	for i := range k.businesses() {
		if s.business == "" || s.business == k.businesses()[i].ID {
			filter.Business = k.businesses()[i].ID
			err = errors.Join(err, listDeadLetters(ctx, w, letters, filter))
		}
	}
	return errors.Join(err, w.Flush())
}

func listDeadLetters(ctx context.Context, w io.Writer, d *deadletters.DeadLetters, f deadletters.Filter) error {
	for cursor := ""; ; {
		some, next, err := d.List(ctx, f, cursor, page)
		if err != nil {
			return err
		}
		for _, l := range some {
			_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%d\t%d\n", f.Business, l.ID, l.At.UTC().Format(time.RFC3339),
				l.Lane.Endpoint, subjectOf(&l), l.Reason, l.Status, l.Delivery.Attempts)
		}
		if cursor = next; cursor == "" {
			return nil
		}
	}
}

// subjectOf is the webhook field of a dead letter; of an errand, what was to be done.
func subjectOf(l *webhook.DeadLetter) string {
	if l.Lane.Endpoint == webhook.PlatformEndpoint {
		return l.Delivery.Field + " " + l.Delivery.Kind
	}
	return l.Delivery.Field
}

func newDeadLettersReplay(std Std) *cobra.Command {
	var s selection
	c := &cobra.Command{
		Use:   "replay",
		Short: "Put dead letters back at the end of their lanes, under the same webhook-id",
		Long: `Puts dead letters back at the end of their lanes, under the webhook-id that they had.

Those of the endpoint ` + webhook.PlatformEndpoint + ` are errands: what Bauta itself wanted from the platform, such as a question to a customer. They are
tried again like all others; but what is outdated by now is dropped, not sent: a question that was answered or is too old, news of
yesterday, a confirmation of what was taken back since. Without --endpoint they are replayed too.`,
		Example: "  bauta deadletters replay --config bauta.yaml --business acme --endpoint crm --dry-run\n" +
			"  bauta deadletters replay --config bauta.yaml --business acme --id ID",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return s.each(cmd.Context(), std, "replayed", (*deadletters.DeadLetters).Replay)
		},
	}
	s.flags(c)
	s.choice(c)
	return c
}

func newDeadLettersDrop(std Std) *cobra.Command {
	var s selection
	c := &cobra.Command{
		Use:     "drop",
		Short:   "Delete dead letters for good",
		Example: "  bauta deadletters drop --config bauta.yaml --business acme --endpoint crm --until 30d",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return s.each(cmd.Context(), std, "dropped", (*deadletters.DeadLetters).Drop)
		},
	}
	s.flags(c)
	s.choice(c)
	return c
}

func (s *selection) choice(c *cobra.Command) {
	c.Flags().StringVar(&s.id, "id", "", "only this one, as list prints it")
	c.Flags().BoolVar(&s.dryRun, "dry-run", false, "only count what would be done")
}

// each does something to one dead letter, or to all that are selected. What is
// done is no longer listed, so the first page is read until it is empty.
func (s *selection) each(ctx context.Context, std Std, done string, do func(*deadletters.DeadLetters, context.Context, string) (bool, error)) (err error) {
	if s.business == "" {
		return usageError{errors.New("say whose: --business (and --endpoint, or all of the business's are meant)")}
	}
	k, d, f, err := s.open(ctx, std)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.store.Close()) }()
	if s.id != "" {
		ok, err := do(d, ctx, s.id)
		if err != nil {
			return err
		}
		if !ok {
			return fmt.Errorf("there is no dead letter %s any more", s.id)
		}
		_, err = fmt.Fprintf(std.Out, "%s 1 dead letter\n", done)
		return err
	}
	total, err := d.Count(ctx, f)
	if err != nil {
		return err
	}
	if s.dryRun {
		_, err := fmt.Fprintf(std.Out, "%d would be %s\n", total, done)
		return err
	}
	return doAll(ctx, std, d, f, batch{total: int(total), done: done, do: do})
}

type batch struct {
	total int
	done  string
	do    func(*deadletters.DeadLetters, context.Context, string) (bool, error)
}

// doAll goes through what was there when it began: an event that fails again
// meanwhile is not done twice.
func doAll(ctx context.Context, std Std, d *deadletters.DeadLetters, f deadletters.Filter, b batch) error {
	if f.Until.IsZero() {
		f.Until = time.Now()
	}
	var ids []string
	for cursor := ""; ; {
		some, next, err := d.List(ctx, f, cursor, page)
		if err != nil {
			return err
		}
		for _, l := range some {
			ids = append(ids, l.ID)
		}
		if cursor = next; cursor == "" {
			break
		}
	}
	bar := newProgress(std.Err, "dead letters", b.total)
	for _, id := range ids {
		if _, err := b.do(d, ctx, id); err != nil {
			return err
		}
		bar.step()
	}
	return bar.end(b.done + " " + count(len(ids), "dead letter", "dead letters"))
}
