package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"bauta/cmd/bauta/app/config"
	"bauta/redis/ledger"
	"bauta/webhook"
)

func newCustomersExport(std Std) *cobra.Command {
	var o one
	c := &cobra.Command{
		Use:   "export",
		Short: "Print everything that is stored about a customer, numbers included (GDPR Art. 15)",
		Long: `Prints what is stored about one customer as JSON: numbers and user ids with their evidence, scopes with handle, visibility and what was
asked and answered, the lines of the consent ledger, how many events wait, are held or dead, when their number went to which
endpoints, and of a shared number how many deliveries carried it, the first and the last (Art. 19). It says itself what cannot be known.
Each export is a line of the audit log.

The output joins handles with a number and with each other: it is for the customer, and must not come to the business.`,
		Example: "  bauta customers export --config bauta.yaml --business acme --handle IT.9041174520836617350284 >answer.json\n" +
			"  bauta customers export --config bauta.yaml --business acme --number-stdin <number.txt >answer.json",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.check(); err != nil {
				return err
			}
			return o.export(cmd.Context(), std)
		},
	}
	o.flags(c)
	return c
}

func (o *one) export(ctx context.Context, std Std) (err error) {
	k, err := openLasting(ctx, std, o.path, o.business, config.StoreSecrets)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.store.Close()) }()
	who, err := o.seek(std, k)
	if err != nil {
		return err
	}
	c, err := who.find(ctx)
	if err != nil {
		return err
	}
	now := time.Now()
	d := newDossier(k.directory.ByID(o.business), c, now)
	if err := d.addLedger(ctx, std, k); err != nil {
		return err
	}
	if d.Events, err = k.eventsOf(ctx, c); err != nil {
		return err
	}
	if err := d.addDelivered(ctx, k, c); err != nil {
		return err
	}
	// It is written down before anything is shown.
	notes := make([]webhook.Reversal, 0, len(c.Scopes))
	for _, scope := range slices.Sorted(maps.Keys(c.Scopes)) {
		notes = append(notes, webhook.Reversal{
			At: now, Business: o.business, Handle: longHandle(c.Scopes[scope].Handle), By: webhook.ByOperator, For: "export",
		})
	}
	if err := k.deciding.audit.Note(ctx, notes); err != nil {
		return err
	}
	out := json.NewEncoder(std.Out)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(d)
}

// addLedger reads the ledger for the lines of the customer's handles.
func (d *dossier) addLedger(ctx context.Context, std Std, k *core) error {
	head, err := k.deciding.ledger.Head(ctx, d.Business)
	if err != nil {
		return err
	}
	bar := newProgress(std.Err, "lines of the consent ledger", int(head.Seq))
	defer bar.clear()
	return eachLine(ctx, k.deciding.ledger, d.Business, head.Seq, func(e ledger.Entry) error {
		bar.step()
		if d.handles[e.Line.Handle] {
			d.ConsentLedger = append(d.ConsentLedger, e.Raw)
			d.follow(e.Line)
		}
		return nil
	})
}

// addDelivered reads which endpoints got the number that the customer shared.
func (d *dossier) addDelivered(ctx context.Context, k *core, c *webhook.Customer) error {
	for _, scope := range slices.Sorted(maps.Keys(c.Scopes)) {
		recipients, err := k.lanes.Shown(ctx, k.deciding.consents.TraceIn(c, scope))
		if err != nil {
			return err
		}
		for _, r := range recipients {
			d.NumberDelivered = append(d.NumberDelivered, delivered{
				Scope: webhook.LineScope(scope), Endpoint: r.Endpoint, Deliveries: r.Count, First: r.First, Last: r.Last,
			})
		}
	}
	return nil
}

// eventsOf counts what is kept of a customer until it is delivered or its time is over.
func (k *core) eventsOf(ctx context.Context, c *webhook.Customer) (keptOf, error) {
	var e keptOf
	for _, part := range []struct {
		store interface {
			Kept(ctx context.Context, t *webhook.Trace) (int, error)
		}
		to *int
	}{{k.lanes, &e.Waiting}, {k.held, &e.Held}, {k.deciding.letters, &e.Dead}} {
		n, err := part.store.Kept(ctx, k.deciding.consents.TraceOf(c))
		if err != nil {
			return e, fmt.Errorf("count what is kept of a customer: %w", err)
		}
		*part.to = n
	}
	return e, nil
}
