package app

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"bauta/webhook"
	"bauta/webhook/operate"
)

func newTokenList(std Std) *cobra.Command {
	var path, business string
	c := &cobra.Command{
		Use:     "list",
		Short:   "List the tokens that are in force: id, scopes, expiry; never a token",
		Long:    "Lists the tokens that are in force. Those of all businesses stand under " + webhook.AllBusinesses + ".",
		Example: "  bauta token list --config bauta.yaml --business acme",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return listTokens(cmd.Context(), std, path, business)
		},
	}
	configFlag(c, &path)
	c.Flags().StringVar(&business, "business", "", "id of the business; default: all")
	return c
}

// listTokens prints the tokens of one business, or all. The label stands last: it
// may hold spaces.
func listTokens(ctx context.Context, std Std, path, business string) (err error) {
	k, desk, err := openTokens(ctx, std, path, business)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.store.Close()) }()
	w := tabwriter.NewWriter(std.Out, 0, 4, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "BUSINESS\tID\tISSUED\tEXPIRES\tSCOPES\tLABEL")
	grants, err := desk.Tokens(ctx, operate.Operator(), business)
	for _, g := range grants {
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", g.Business, g.ID, g.Issued.Format(time.RFC3339),
			g.Expires.Format(time.RFC3339), strings.Join(g.Scopes, ","), g.Label)
	}
	return errors.Join(err, w.Flush())
}
