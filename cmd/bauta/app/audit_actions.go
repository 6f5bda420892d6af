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

func newAuditActions(std Std) *cobra.Command {
	var path, business string
	c := &cobra.Command{
		Use:   "actions",
		Short: "List what operators did: time, who, what, on what, and what came of it",
		Long: `Lists what operators did with a business, oldest first; without --business what concerned all of them, such as a reload. WHO is a
token's id with its label, while it is in force, or ` + operate.Command + `: somebody with the configuration, by a command. OUTCOME is ` + operate.Begun + ` on the
line that is written before anything is done, and on the next one ` + operate.Done + `, ` + operate.Nothing + ` (there was nothing to do), ` + operate.Refused + ` or ` + operate.Failed + `.`,
		Example: "  bauta audit actions --config bauta.yaml --business acme",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return listActions(cmd.Context(), std, path, business)
		},
	}
	configFlag(c, &path)
	c.Flags().StringVar(&business, "business", "", "id of the business; default: what concerned all of them")
	return c
}

func listActions(ctx context.Context, std Std, path, business string) (err error) {
	k, desk, err := openDesk(ctx, std, path, config.StoreSecrets)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.store.Close()) }()
	w := tabwriter.NewWriter(std.Out, 0, 4, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "TIME\tWHO\tLABEL\tWHAT\tOUTCOME\tON")
	for cursor := ""; ; {
		some, next, err := desk.Actions(ctx, operate.Operator(), business, operate.Page{After: cursor, Limit: page})
		if errors.Is(err, operate.ErrUnknown) {
			return usageError{fmt.Errorf("--business: %s has no business %q", path, business)}
		}
		if err != nil {
			return errors.Join(err, w.Flush())
		}
		for i := range some {
			a := &some[i]
			_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", a.At.UTC().Format(time.RFC3339), a.By, a.Label, a.What, a.Outcome, a.On)
		}
		if cursor = next; cursor == "" {
			return w.Flush()
		}
	}
}
