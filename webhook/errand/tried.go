package errand

import (
	"context"
	"errors"
	"slices"
	"strings"

	"bauta/webhook"
)

// mostTried bounds the errands of a customer that are remembered as begun. Those that
// stepped aside run beside others, so that one is not enough; more than a few at once
// there are never.
const mostTried = 8

// wasTried tells that an errand was begun before.
func wasTried(c *webhook.Customer, id string) bool {
	return slices.Contains(strings.Fields(c.Tried), id)
}

// begin notes that an errand is begun. Without an error it may be sent; after any
// other error than webhook.ErrStale it is not known whether that is stored.
func (r *Runner) begin(ctx context.Context, j *job) error {
	all := append(strings.Fields(j.customer.Tried), j.id)
	j.customer.Tried = strings.Join(all[max(len(all)-mostTried, 0):], " ")
	return r.Records.Rewrite(ctx, j.customer)
}

// unbegin takes that back: it is certain that nothing was sent. If it cannot be
// stored the errand is lost, not repeated.
func (r *Runner) unbegin(ctx context.Context, j *job) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	for range tries {
		c, err := r.Records.Customer(ctx, j.business.ID, j.customer.ID)
		if err != nil || !wasTried(c, j.id) {
			return
		}
		all := strings.Fields(c.Tried)
		c.Tried = strings.Join(slices.DeleteFunc(all, func(id string) bool { return id == j.id }), " ")
		if err := r.Records.Rewrite(ctx, c); !errors.Is(err, webhook.ErrStale) {
			return
		}
	}
}
