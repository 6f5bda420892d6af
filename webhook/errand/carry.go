package errand

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"bauta/webhook"
)

const (
	// tries bounds how often a record is read again that another writer was faster
	// with.
	tries = 5
	// asideAfter: who waits longer does not hold up what else is to be done for the
	// customer.
	asideAfter = 30 * time.Second
	// settleTime is for noting what became of a call, when ctx may have ended: within
	// webhook.LeaseSlack, so that the lane's lease lasts.
	settleTime = 5 * time.Second
)

// job is one attempt at an errand.
type job struct {
	business *webhook.Business
	// customer is read anew for each try.
	customer *webhook.Customer
	errand   webhook.Errand
	// id is the delivery's.
	id       string
	aside    bool
	accepted time.Time
	now      time.Time
	// turn and audited: what is done once for an attempt, however often its record is
	// read again.
	turn, audited bool
}

// Carry implements webhook.Carrier. Its verdicts' reasons are Reasons.
func (r *Runner) Carry(ctx context.Context, lane webhook.Lane, d *webhook.Delivery) webhook.Carried {
	j := &job{id: d.ID, aside: d.Aside, accepted: d.Accepted, now: r.Now(), business: r.Businesses.ByID(lane.Business)}
	if err := json.Unmarshal(d.Body, &j.errand); err != nil || j.business == nil || !isKind(j.errand.Kind) {
		r.metrics.end(lane.Business, "", Unreadable, 0)
		return over(webhook.Dead, Unreadable)
	}
	said := r.carry(ctx, j, customerOf(lane.Conversation))
	r.metrics.end(j.business.ID, j.errand.Kind, Reason(said.Verdict.Reason), r.Now().Sub(j.accepted))
	return said
}

// carry tries until no other writer comes between.
func (r *Runner) carry(ctx context.Context, j *job, customer string) webhook.Carried {
	for range tries {
		c, err := r.Records.Customer(ctx, j.business.ID, customer)
		if errors.Is(err, webhook.ErrErased) {
			return over(webhook.Dropped, Gone)
		}
		if err != nil {
			return r.wait(j, Store, 0)
		}
		j.customer = c
		said, err := r.run(ctx, j)
		if !errors.Is(err, webhook.ErrStale) {
			return said
		}
	}
	return r.wait(j, Store, 0)
}

// run does what the errand is for. webhook.ErrStale: nothing was done, and the record
// has to be read again; the error is nil otherwise.
func (r *Runner) run(ctx context.Context, j *job) (webhook.Carried, error) {
	switch j.errand.Kind {
	case webhook.ErrandErase:
		return r.erase(ctx, j)
	case webhook.ErrandForget:
		return r.forget(ctx, j), nil
	case webhook.ErrandQuestion, webhook.ErrandConfirmation, webhook.ErrandNotice, webhook.ErrandOverview:
	}
	return r.tell(ctx, j)
}

func isKind(k webhook.ErrandKind) bool {
	switch k {
	case webhook.ErrandQuestion, webhook.ErrandConfirmation, webhook.ErrandNotice, webhook.ErrandOverview,
		webhook.ErrandErase, webhook.ErrandForget:
		return true
	}
	return false
}

// customerOf is the customer's id in a lane's name: what stepped aside has a name of
// its own, which goes on after a tilde.
func customerOf(c webhook.Conversation) string {
	id, _, _ := strings.Cut(string(c), "~")
	return id
}

// over ends an errand without a call.
func over(o webhook.Outcome, why Reason) webhook.Carried {
	return webhook.Carried{Untried: true, Verdict: webhook.Verdict{Outcome: o, Reason: string(why)}}
}

// wait keeps an errand without a call for later; 0: by the endpoint's schedule, and
// counted for that.
func (r *Runner) wait(j *job, why Reason, d time.Duration) webhook.Carried {
	said := over(webhook.Again, why)
	said.Verdict.After, said.Verdict.Counted = d, d == 0
	if d > asideAfter && !j.aside {
		said.Verdict.Outcome = webhook.Aside
	}
	return said
}
