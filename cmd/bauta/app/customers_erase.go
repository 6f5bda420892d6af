package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"bauta/cmd/bauta/app/config"
	"bauta/webhook"
)

// eraseTries is how often an erasure begins anew that another writer was in the way of.
const eraseTries = 5

func newCustomersErase(std Std) *cobra.Command {
	var o one
	var yes bool
	c := &cobra.Command{
		Use:   "erase",
		Short: "Erase a customer in every scope, for good; prints a receipt",
		Long: `Destroys the customer's key, and with it all that is stored about them: in the direct chat and in every group. What waits, is held or
is dead of them is deleted; the platform's contact-book entry too, where their user id is known. Endpoints are told by customer_erased.
What stays is a keyed marker, by which they come back hidden, under a new handle. This cannot be undone.

The receipt, in JSON on standard output, holds the handles that they had, the signed head of the ledger, and when old dumps of the
store become unreadable; no number.`,
		Example: "  bauta customers erase --config bauta.yaml --business acme --handle IT.9041174520836617350284 --yes\n" +
			"  bauta customers erase --config bauta.yaml --business acme --number-stdin <number.txt",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.check(); err != nil {
				return err
			}
			if file, ok := std.Out.(*os.File); ok && !yes && term.IsTerminal(int(file.Fd())) {
				return usageError{errors.New("an erasure cannot be undone: repeat the command with --yes")}
			}
			return o.erase(cmd.Context(), std)
		},
	}
	o.flags(c)
	c.Flags().BoolVar(&yes, "yes", false, "needed on a terminal: it cannot be undone")
	return c
}

func (o *one) erase(ctx context.Context, std Std) (err error) {
	k, err := openLasting(ctx, std, o.path, o.business, config.CallingSecrets)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.store.Close()) }()
	who, err := o.seek(std, k)
	if err != nil {
		return err
	}
	consents, b := k.deciding.consents, k.directory.ByID(o.business)
	var c *webhook.Customer
	var receipt webhook.Receipt
	for range eraseTries {
		if c, err = who.find(ctx); err != nil {
			break
		}
		receipt, err = consents.Erase(ctx, b, c, webhook.ByOperator, "command")
		if !errors.Is(err, webhook.ErrStale) {
			break
		}
	}
	if nobody := (nobodyError{}); errors.As(err, &nobody) {
		// An erasure may have broken off when nothing led there any more.
		if receipt, err = consents.Resume(ctx, b, who.erased); errors.Is(err, webhook.ErrUnknownHandle) {
			return nobody
		}
	}
	if err != nil {
		return fmt.Errorf("%w; repeat the command", err)
	}
	if c != nil && slices.ContainsFunc(c.Links, func(l webhook.Link) bool { return l.Lost }) {
		_, _ = fmt.Fprintln(std.Err, "some numbers or user ids of this customer lead to another record by now: it is left as it is; "+
			"if it is the same person, erase it too, by its own number or handle")
	}
	out := json.NewEncoder(std.Out)
	out.SetIndent("", "  ")
	return out.Encode(receipt)
}
