package app

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"bauta/webhook"
	"bauta/webhook/access"
	"bauta/webhook/operate"
)

func newTokenRevoke(std Std) *cobra.Command {
	var path, business string
	var ids []string
	c := &cobra.Command{
		Use:   "revoke",
		Short: "Revoke tokens by their ids, at once and on all nodes",
		Long: `Revokes tokens by their ids, as list prints them. A whole token is taken too, for whoever found one and not its id: it need not be
in force, nor be genuine, and is not repeated in what is printed.`,
		Example: "  bauta token revoke --config bauta.yaml --business acme --id ID\n" +
			"  bauta token revoke --config bauta.yaml --business acme --id ID,ID",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return revokeTokens(cmd.Context(), std, path, business, ids)
		},
	}
	configFlag(c, &path)
	c.Flags().StringVar(&business, "business", "", "id of the business; "+webhook.AllBusinesses+" for a token of all")
	c.Flags().StringSliceVar(&ids, "id", nil, "ids of the tokens, as list prints them, or whole tokens")
	return c
}

// revokeTokens revokes every token that is there, also beside one that is not.
func revokeTokens(ctx context.Context, std Std, path, business string, ids []string) (err error) {
	if business == "" || len(ids) == 0 {
		return usageError{errors.New("say which: --business and --id, as bauta token list prints them")}
	}
	k, desk, err := openTokens(ctx, std, path, business)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.store.Close()) }()
	var absent []string
	for i, given := range ids {
		id, fault := k.tokenID(given, business)
		if fault != "" {
			absent = append(absent, fmt.Sprintf("no. %d (%s)", i+1, fault))
			continue
		}
		revoked, err := desk.RevokeToken(ctx, operate.Operator(), business, id)
		if err != nil {
			return err
		}
		if !revoked {
			absent = append(absent, id)
			continue
		}
		if _, err := fmt.Fprintf(std.Out, "revoked token %s of %s\n", id, whose(business)); err != nil {
			return err
		}
	}
	if len(absent) > 0 {
		return fmt.Errorf("%s has no such token in force: %s", business, strings.Join(absent, ", "))
	}
	return nil
}

// tokenID is the id that is meant, or why it is none. What was given may be a secret
// that stands in the wrong place: it is not repeated.
func (k *core) tokenID(given, business string) (id, fault string) {
	if access.IsID(given) {
		return given, ""
	}
	of, id, ok := access.Unverified(given)
	switch {
	case !ok:
		return "", "neither an id nor a token"
	case of == business:
		return id, ""
	case of != webhook.AllBusinesses && k.directory.ByID(of) == nil:
		return "", "a token of no business of this configuration"
	default:
		return "", "a token of " + whose(of) + ": use --business " + of
	}
}
