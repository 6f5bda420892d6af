package app

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"bauta/cmd/bauta/app/config"
)

func newAudit(std Std) *cobra.Command {
	c := &cobra.Command{
		Use:   "audit",
		Short: "List who used what stands behind handles, and what operators did",
		Args:  cobra.NoArgs,
		RunE:  help,
	}
	c.AddCommand(newAuditList(std), newAuditActions(std))
	return c
}

func newAuditList(std Std) *cobra.Command {
	var path, business, since string
	c := &cobra.Command{
		Use:   "list",
		Short: "List the audit log: time, who, what for, which handle; never a number",
		Long: `Lists each use of what stands behind a handle, oldest first. WHO is a token's id, customer, business, operator or bauta; FOR
is what it was used for: a call by its route (messages_send ...), or question, confirmation, export, erasure ...`,
		Example: "  bauta audit list --config bauta.yaml --business acme --since 24h",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if business == "" {
				return usageError{errors.New("say whose: --business")}
			}
			var from time.Time
			if since != "" {
				var err error
				if from, err = parseMoment(since, time.Now()); err != nil {
					return usageError{fmt.Errorf("--since: %w", err)}
				}
			}
			return listAudit(cmd.Context(), std, path, business, from)
		},
	}
	configFlag(c, &path)
	c.Flags().StringVar(&business, "business", "", "id of the business")
	c.Flags().StringVar(&since, "since", "", "only those of this time or later (2026-09-10T00:00:00Z, or an age such as 2h or 7d)")
	return c
}

func listAudit(ctx context.Context, std Std, path, business string, from time.Time) (err error) {
	k, err := openLasting(ctx, std, path, business, config.StoreSecrets)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.store.Close()) }()
	w := tabwriter.NewWriter(std.Out, 0, 4, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "TIME\tWHO\tFOR\tHANDLE")
	for cursor := ""; ; {
		some, err := k.deciding.audit.Page(ctx, business, cursor, page)
		if err != nil || len(some) == 0 {
			return errors.Join(err, w.Flush())
		}
		for _, e := range some {
			if !e.At.Before(from) {
				_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", e.At.UTC().Format(time.RFC3339), e.By, e.For, e.Handle)
			}
		}
		cursor = some[len(some)-1].Cursor
	}
}
