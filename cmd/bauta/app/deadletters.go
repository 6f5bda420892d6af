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
	"bauta/webhook"
	"bauta/webhook/operate"
)

func newDeadLetters(std Std) *cobra.Command {
	c := &cobra.Command{
		Use:   "deadletters",
		Short: "List, replay and drop events that an endpoint would not take",
		Args:  cobra.NoArgs,
		RunE:  help,
	}
	c.AddCommand(newDeadLettersList(std), newDeadLettersReplay(std), newDeadLettersDrop(std), newDeadLettersJobs(std), newDeadLettersCancel(std))
	return c
}

// selection says which dead letters are meant.
type selection struct {
	path               string
	business, endpoint string
	reason, id         string
	since, until       string
	status, rate       int
	dryRun, background bool
	all                bool
}

func (s *selection) flags(c *cobra.Command) {
	configFlag(c, &s.path)
	f := c.Flags()
	f.StringVar(&s.business, "business", "", "id of the business; only list goes without it, and shows all")
	f.StringVar(&s.endpoint, "endpoint", "", "id of the endpoint; default: all of the business")
	f.StringVar(&s.reason, "reason", "", "only those with this reason")
	f.IntVar(&s.status, "status", 0, "only those whose last answer had this HTTP status")
	f.StringVar(&s.since, "since", "", "only those of this time or later (2026-09-10T00:00:00Z, or an age such as 2h or 7d)")
	f.StringVar(&s.until, "until", "", "only those before this time")
}

func (s *selection) filter(now time.Time) (operate.LetterFilter, error) {
	f := operate.LetterFilter{Business: s.business, Endpoint: s.endpoint, Reason: s.reason, Status: s.status}
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

// open opens the desk. Whoever calls closes the store.
func (s *selection) open(ctx context.Context, std Std) (*core, *operate.Desk, operate.LetterFilter, error) {
	filter, err := s.filter(time.Now())
	if err != nil {
		return nil, nil, filter, err
	}
	k, desk, err := openDesk(ctx, std, s.path, config.StoreSecrets)
	if err != nil {
		return nil, nil, filter, err
	}
	if s.business != "" && k.directory.ByID(s.business) == nil {
		fault := usageError{fmt.Errorf("--business: %s has no business %q", s.path, s.business)}
		return nil, nil, filter, errors.Join(fault, k.store.Close())
	}
	return k, desk, filter, nil
}

// openCore is for commands of an operator, who was warned when serve started.
func openCore(ctx context.Context, std Std, path string, needed config.Secrets) (*core, error) {
	loaded, set, err := load(std, path, needed)
	if err != nil {
		return nil, err
	}
	logger := slog.New(slog.NewTextHandler(std.Err, &slog.HandlerOptions{Level: slog.LevelError}))
	return newCore(ctx, opening{config: loaded, keys: set, logger: logger})
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
	k, desk, filter, err := s.open(ctx, std)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.store.Close()) }()
	w := tabwriter.NewWriter(std.Out, 0, 4, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "BUSINESS\tID\tDIED\tENDPOINT\tFIELD\tREASON\tSTATUS\tATTEMPTS")
	for i := range k.businesses() {
		if s.business == "" || s.business == k.businesses()[i].ID {
			filter.Business = k.businesses()[i].ID
			err = errors.Join(err, listDeadLetters(ctx, w, desk, filter))
		}
	}
	return errors.Join(err, w.Flush())
}

func listDeadLetters(ctx context.Context, w io.Writer, desk *operate.Desk, f operate.LetterFilter) error {
	for cursor := ""; ; {
		some, next, err := desk.DeadLetters(ctx, operate.Operator(), f, operate.Page{After: cursor, Limit: page})
		if err != nil {
			return err
		}
		for i := range some {
			l := &some[i]
			_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%d\t%d\n", f.Business, l.ID, l.At.Format(time.RFC3339),
				l.Endpoint.Endpoint, subjectOf(l), l.Reason, l.Status, l.Attempts)
		}
		if cursor = next; cursor == "" {
			return nil
		}
	}
}

// subjectOf is the webhook field of a dead letter; of an errand, what was to be done.
func subjectOf(l *operate.DeadLetter) string {
	if l.Endpoint.Endpoint == webhook.PlatformEndpoint {
		return l.Field + " " + l.Kind
	}
	return l.Field
}

func newDeadLettersReplay(std Std) *cobra.Command {
	var s selection
	c := &cobra.Command{
		Use:   "replay",
		Short: "Put dead letters back at the end of their lanes, under the same webhook-id",
		Long: `Puts dead letters back at the end of their lanes, under the webhook-id that they had. This is a job for each endpoint: if the command is
broken off, or with --background, the nodes that run bring it to its end (bauta deadletters jobs, cancel).

Those of the endpoint ` + webhook.PlatformEndpoint + ` are errands: what Bauta itself wanted from the platform, such as a question to a customer. They are
tried again like all others; but what is outdated by now is dropped, not sent: a question that was answered or is too old, news of
yesterday, a confirmation of what was taken back since. Without --endpoint they are replayed too.`,
		Example: "  bauta deadletters replay --config bauta.yaml --business acme --endpoint crm --dry-run\n" +
			"  bauta deadletters replay --config bauta.yaml --business acme --id ID",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return s.each(cmd.Context(), std, operate.Replay, "replayed")
		},
	}
	s.flags(c)
	s.choice(c)
	return c
}

func newDeadLettersDrop(std Std) *cobra.Command {
	var s selection
	c := &cobra.Command{
		Use:   "drop",
		Short: "Delete dead letters for good",
		Example: "  bauta deadletters drop --config bauta.yaml --business acme --endpoint crm --until 30d\n" +
			"  bauta deadletters drop --config bauta.yaml --business acme --all",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !s.dryRun && s.narrow() == s.all {
				return usageError{errors.New("say which: --id ID, a filter such as --endpoint or --until, or --all of the business's")}
			}
			return s.each(cmd.Context(), std, operate.Drop, "dropped")
		},
	}
	s.flags(c)
	s.choice(c)
	c.Flags().BoolVar(&s.all, "all", false, "all of the business's, where nothing else says which")
	return c
}

// narrow tells that not all dead letters of the business are meant.
func (s *selection) narrow() bool {
	return s.id != "" || s.endpoint != "" || s.reason != "" || s.status != 0 || s.since != "" || s.until != ""
}

func (s *selection) choice(c *cobra.Command) {
	c.Flags().StringVar(&s.id, "id", "", "only this one, as list prints it")
	c.Flags().IntVar(&s.rate, "rate", operate.MostRate, fmt.Sprintf("how many a second at most, 1 to %d", operate.MostRate))
	c.Flags().BoolVar(&s.background, "background", false, "begin it, and leave it to the nodes that run")
	c.Flags().BoolVar(&s.dryRun, "dry-run", false, "only count what would be done")
}

// each works on one dead letter, or on all that are selected, endpoint by endpoint: as
// jobs, which the nodes that run bring to their end if this command does not.
func (s *selection) each(ctx context.Context, std Std, work operate.Work, done string) (err error) {
	if s.business == "" {
		return usageError{errors.New("say whose: --business (and --endpoint, or all of the business's are meant)")}
	}
	if s.rate < 1 || s.rate > operate.MostRate {
		return usageError{fmt.Errorf("--rate: it is 1 to %d a second", operate.MostRate)}
	}
	k, desk, f, err := s.open(ctx, std)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.store.Close()) }()
	if s.id != "" {
		return s.one(ctx, std, desk, work, done)
	}
	total, err := desk.CountDeadLetters(ctx, operate.Operator(), f)
	if err != nil {
		return err
	}
	if s.dryRun {
		_, err := fmt.Fprintf(std.Out, "%d would be %s\n", total, done)
		return err
	}
	ends := []string{s.endpoint}
	if s.endpoint == "" {
		ends = k.endpointIDs(s.business)
	}
	if s.background {
		for _, f.Endpoint = range ends {
			if err := s.leave(ctx, std, desk, f, work); err != nil {
				return err
			}
		}
		return nil
	}
	bar := newProgress(std.Err, "dead letters", int(total))
	sum := int64(0)
	for _, f.Endpoint = range ends {
		n, failed, err := s.job(ctx, desk, f, work, func(n int64) { bar.reach(sum+n, total) })
		if err != nil {
			return err
		}
		if sum += n; failed > 0 {
			_, _ = fmt.Fprintf(std.Err, "%s cannot be read by this version, and stay; drop them, or replay them with that version\n", count(int(failed), "dead letter", "dead letters"))
		}
	}
	return bar.end(done + " " + count(int(sum), "dead letter", "dead letters"))
}
