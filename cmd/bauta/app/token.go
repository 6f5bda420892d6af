package app

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"bauta/cmd/bauta/app/config"
	"bauta/webhook"
	"bauta/webhook/access"
	"bauta/webhook/operate"
)

func newToken(std Std) *cobra.Command {
	c := &cobra.Command{
		Use:   "token",
		Short: "Issue, list and revoke the tokens by which a business's software calls Bauta",
		Args:  cobra.NoArgs,
		RunE:  help,
	}
	c.AddCommand(newTokenIssue(std), newTokenList(std), newTokenRevoke(std))
	return c
}

// openTokens opens the desk for tokens. Business is one of the configuration,
// webhook.AllBusinesses, or "" for each. Whoever calls closes the store.
func openTokens(ctx context.Context, std Std, path, business string) (*core, *operate.Desk, error) {
	k, desk, err := openDesk(ctx, std, path, config.StoreSecrets)
	if err != nil {
		return nil, nil, err
	}
	var fault error
	switch {
	case k.config().Redis.URL.Reveal() == "embedded":
		fault = fmt.Errorf("redis.url: %s has the embedded store, which ends with this process: no other one would know the token; use a Redis server", path)
	case business != "" && business != webhook.AllBusinesses && k.directory.ByID(business) == nil:
		fault = fmt.Errorf("--business: %s has no business %q", path, business)
	default:
		return k, desk, nil
	}
	return nil, nil, errors.Join(usageError{fault}, k.store.Close())
}

// issuing says what token is wanted.
type issuing struct {
	path, business, label, expires string
	scopes                         []string
}

func newTokenIssue(std Std) *cobra.Command {
	var i issuing
	c := &cobra.Command{
		Use:   "issue",
		Short: "Issue a token; it is printed once, and kept nowhere",
		Long: `Issues a token and prints it, and nothing else, on standard output; its id, scopes and expiry go to standard error. Redis keeps the
id, not the token. A business's software sends it as it would send the platform's: Authorization: Bearer TOKEN.

Scopes are the platform's API by families (` + strings.Join(access.Families(), ", ") + `).
` + access.Manage + ` opens what the management API (/v1, on admin_listen) does for one customer; ` + access.Console + ` is for whoever runs
Bauta: the console, and the lists of consents and reversals. With it a link is printed on standard error that logs in to the console; it holds
the token. Without --business, a token of the scope ` + access.Console + ` alone is for all businesses.
Tokens that are issued and revoked are in the log of actions (bauta audit actions).`,
		Example: "  TOKEN=$(bauta token issue --config bauta.yaml --business acme)\n" +
			"  bauta token issue --config bauta.yaml --business acme --scope messages,media --expires 30d --label \"the bot\"\n" +
			"  bauta token issue --config bauta.yaml --scope console --expires 12h",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if cmd.Flags().Changed("scope") && len(i.scopes) == 0 {
				return usageError{errors.New("--scope is empty: name scopes, or leave it out for all families of the platform's API")}
			}
			return i.run(cmd.Context(), std)
		},
	}
	configFlag(c, &i.path)
	c.Flags().StringVar(&i.business, "business", "", "id of the business; without it, and with --scope console alone: all businesses")
	c.Flags().StringSliceVar(&i.scopes, "scope", nil, "what the token opens; default: all families of the platform's API")
	c.Flags().StringVar(&i.expires, "expires", "90d", "for how long it is in force: such as 12h or 90d, at most 1825d (five years)")
	c.Flags().StringVar(&i.label, "label", "", "a note for the list of tokens")
	return c
}

// run issues the token. What is wrong with the flags is said before anything is
// opened.
func (i *issuing) run(ctx context.Context, std Std) (err error) {
	if i.business == "" {
		if len(i.scopes) != 1 || i.scopes[0] != access.Console {
			return usageError{errors.New("say for whom: --business; only a token of the scope console alone is for all")}
		}
		i.business = webhook.AllBusinesses
	}
	life, err := config.ParseDuration(i.expires)
	if err != nil {
		return usageError{fmt.Errorf("--expires: %w", err)}
	}
	now := time.Now()
	g := webhook.Grant{Business: i.business, Scopes: i.scopes, Label: i.label, Expires: now.Add(life)}
	if len(i.scopes) == 0 {
		g.Scopes = access.Families()
	}
	if err := access.CheckGrant(g, now); err != nil {
		return usageError{err}
	}
	k, desk, err := openTokens(ctx, std, i.path, i.business)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.store.Close()) }()
	if i.business != webhook.AllBusinesses {
		warnCannotAnswer(std, k.config(), i.business)
	}
	token, g, err := desk.IssueToken(ctx, operate.Operator(), g)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(std.Err, "issued token %s for %s: %s; expires %s\n", g.ID, whose(g.Business), strings.Join(g.Scopes, ", "), g.Expires.Format(time.RFC3339))
	if g.Allows(access.Console) {
		_, _ = fmt.Fprintf(std.Err, "log in to the console: %s\n", loginLink(k.config().AdminListen, token))
	}
	_, err = fmt.Fprintln(std.Out, token)
	return err
}

// whose names the owner of a token in a sentence.
func whose(business string) string {
	if business == webhook.AllBusinesses {
		return "all businesses"
	}
	return business
}
