package forward

import (
	"context"
	"time"

	"bauta/webhook"
)

// carry has the carrier make one attempt. What it says of the head is the verdict;
// what it says of the other side is how the attempt counts for the endpoint. The
// reason is one of the carrier's own set.
func (e *endpoint) carry(ctx context.Context, lane webhook.Lane, d *webhook.Delivery) result {
	head := *d // a copy: what an interface gets is on the heap, and other heads need not be
	said := e.carrier.Carry(ctx, lane, &head)
	r := result{class: success, reason: Reason(said.Verdict.Reason), status: said.Verdict.Status, said: &said.Verdict}
	switch {
	case said.Fault:
		r.class = fault
	case said.Untried:
		r.class = own
	}
	return r
}

// carried completes a carrier's verdict: who does not say when to come again comes
// by the endpoint's schedule, and nothing comes again for longer than max_age.
// After hold_lane it steps aside (once), if hold_lane is not 0.
func (e *endpoint) carried(d *webhook.Delivery, r result, now time.Time) webhook.Verdict {
	v := *r.said
	if v.Outcome != webhook.Again {
		return v
	}
	if now.Sub(d.Accepted) >= e.conf.Retry.MaxAge {
		v.Outcome, v.Reason = webhook.Dead, string(Expired)
		return v
	}
	if v.After <= 0 {
		v.After = e.wait(d.Attempts, 0)
	}
	if e.mustStepAside(d, now) {
		v.Outcome = webhook.Aside
	}
	return v
}
