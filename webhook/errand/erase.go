package errand

import (
	"context"
	"errors"

	"bauta/webhook"
)

// What the ledger says of an erasure by keyword.
const (
	byCustomer = "customer"
	byKeyword  = "keyword"
)

// erase tells the customer that everything is erased, and erases it. The message is
// sent at most once, and nothing that becomes of it keeps the erasure waiting.
func (r *Runner) erase(ctx context.Context, j *job) (webhook.Carried, error) {
	o := outcome{}
	if _, say, ok := j.compose(r.Tokens); ok && j.open() && !say.To.IsZero() && !wasTried(j.customer, j.id) {
		var err error
		if o, err = r.send(ctx, j, say); errors.Is(err, webhook.ErrStale) {
			return webhook.Carried{}, err
		}
		if o.why == Audit || o.why == Store {
			return r.later(ctx, j, o), nil
		}
	}
	err := r.settled(ctx, func(ctx context.Context) error {
		_, err := r.Consents.Erase(ctx, j.business, j.customer, byCustomer, byKeyword)
		return err
	})
	said := over(webhook.Delivered, Done)
	if err != nil {
		said = r.wait(j, Store, 0)
	}
	said.Untried, said.Fault = !o.called, o.fault
	return said, nil
}
