package app

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"bauta/cmd/bauta/app/config"
	"bauta/webhook/operate"
)

// job works on the dead letters of one endpoint.
func (s *selection) job(ctx context.Context, desk *operate.Desk, f operate.LetterFilter, work operate.Work, tell func(int64)) (done, failed int64, err error) {
	n, err := desk.CountDeadLetters(ctx, operate.Operator(), f)
	if err != nil || n == 0 {
		return 0, 0, err
	}
	j, err := desk.BeginJob(ctx, operate.Operator(), work, f, s.rate)
	if err == nil {
		j, err = desk.Finish(ctx, j, func(j operate.Job) { tell(j.Done) })
	}
	switch {
	case err != nil:
		return 0, 0, fmt.Errorf("endpoint %s: %w", f.Endpoint, err)
	case j.State == operate.Cancelled:
		return 0, 0, fmt.Errorf("endpoint %s: somebody cancelled it after %s", f.Endpoint, count(int(j.Done), "dead letter", "dead letters"))
	}
	return j.Done, j.Failed, nil
}

// one works on one dead letter.
func (s *selection) one(ctx context.Context, std Std, desk *operate.Desk, work operate.Work, done string) error {
	ok, err := desk.WorkOnLetter(ctx, operate.Operator(), s.business, s.id, work)
	if err != nil {
		return err
	}
	if !ok {
		return fmt.Errorf("there is no dead letter %s any more", s.id)
	}
	_, err = fmt.Fprintf(std.Out, "%s 1 dead letter\n", done)
	return err
}

// leave begins a job at an endpoint, if there is work, for the nodes that run.
func (s *selection) leave(ctx context.Context, std Std, desk *operate.Desk, f operate.LetterFilter, work operate.Work) error {
	n, err := desk.CountDeadLetters(ctx, operate.Operator(), f)
	if err != nil || n == 0 {
		return err
	}
	j, err := desk.BeginJob(ctx, operate.Operator(), work, f, s.rate)
	if err != nil {
		return fmt.Errorf("endpoint %s: %w", f.Endpoint, err)
	}
	_, err = fmt.Fprintf(std.Out, "began job %s: %s %s of endpoint %s\n", j.ID, work, count(int(j.Total), "dead letter", "dead letters"), f.Endpoint)
	return err
}

func newDeadLettersJobs(std Std) *cobra.Command {
	var path, business string
	c := &cobra.Command{
		Use:   "jobs",
		Short: "List the work on dead letters: how far it is, and who began it",
		Long: `Lists the newest job of each endpoint, for a week after its end: how many dead letters there were when it began (TOTAL), and how many
of them were replayed or dropped (DONE), were not there any more (GONE), or cannot be read by this version and stay (FAILED).`,
		Example: "  bauta deadletters jobs --config bauta.yaml",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			k, desk, err := openDesk(cmd.Context(), std, path, config.StoreSecrets)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, k.store.Close()) }()
			all, err := desk.JobList(cmd.Context(), operate.Operator(), business)
			if errors.Is(err, operate.ErrUnknown) {
				return usageError{fmt.Errorf("--business: %s has no business %q", path, business)}
			}
			if err != nil {
				return err
			}
			w := tabwriter.NewWriter(std.Out, 0, 4, 2, ' ', 0)
			_, _ = fmt.Fprintln(w, "BUSINESS\tENDPOINT\tJOB\tWORK\tSTATE\tDONE\tGONE\tFAILED\tTOTAL\tRATE\tBEGAN\tBY")
			for i := range all {
				j := &all[i]
				_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%d\t%d\t%d\t%d\t%d/s\t%s\t%s\n", j.Filter.Business, j.Filter.Endpoint, j.ID, j.Work, j.State,
					j.Done, j.Gone, j.Failed, j.Total, j.Rate, j.Begun.Format(time.RFC3339), j.By)
			}
			return w.Flush()
		},
	}
	configFlag(c, &path)
	c.Flags().StringVar(&business, "business", "", "id of the business; default: all")
	return c
}

func newDeadLettersCancel(std Std) *cobra.Command {
	var path, business, job string
	c := &cobra.Command{
		Use:     "cancel",
		Short:   "End work on dead letters; what was not worked on stays",
		Example: "  bauta deadletters cancel --config bauta.yaml --business acme --job JOB",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if business == "" || job == "" {
				return usageError{errors.New("say which: --business and --job, as bauta deadletters jobs prints them")}
			}
			k, desk, err := openDesk(cmd.Context(), std, path, config.StoreSecrets)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, k.store.Close()) }()
			cancelled, err := desk.CancelJob(cmd.Context(), operate.Operator(), business, job)
			switch {
			case errors.Is(err, operate.ErrUnknown):
				return fmt.Errorf("%s has no such job (any more)", business)
			case err != nil:
				return err
			case !cancelled:
				_, err = fmt.Fprintf(std.Out, "job %s of %s had ended\n", job, business)
				return err
			}
			_, err = fmt.Fprintf(std.Out, "cancelled job %s of %s\n", job, business)
			return err
		},
	}
	configFlag(c, &path)
	c.Flags().StringVar(&business, "business", "", "id of the business")
	c.Flags().StringVar(&job, "job", "", "the job's id")
	return c
}
