package forward

import (
	"context"
	"log/slog"
	"time"

	"bauta/webhook"
)

// unsent says what becomes of a head for which no request is made: one that cannot be
// read any more, or that comes too late by the endpoint's options.
func (e *endpoint) unsent(head *webhook.Leased) (webhook.Verdict, bool) {
	d := &head.Delivery
	switch {
	case d.Erased:
		return webhook.Verdict{Outcome: webhook.Dropped, Reason: string(Erased)}, true
	case d.Unreadable:
		return e.unreadable(head), true
	}
	if most := e.conf.MaxAge[d.Kind]; most > 0 && d.Age(e.f.now()) > most {
		return webhook.Verdict{Outcome: webhook.Expired, Reason: string(TooOld)}, true
	}
	if e.conf.ForwardOnly && d.Staged() {
		return e.overtaken(head.Lease, head.Delivery)
	}
	return webhook.Verdict{}, false
}

// unreadable keeps a head that cannot be read for as long as one event may hold its
// lane, since a node of a newer version may be about to take it; then it is a dead letter.
func (e *endpoint) unreadable(head *webhook.Leased) webhook.Verdict {
	d := &head.Delivery
	v := webhook.Verdict{After: e.wait(d.Attempts, 0), Counted: true, Reason: string(Unreadable)}
	patience := e.conf.HoldLane
	if patience <= 0 {
		patience = e.conf.Retry.MaxAge
	}
	if !d.FirstTry.IsZero() && e.f.now().Sub(d.FirstTry) >= patience {
		v.Outcome = webhook.Dead
	}
	e.log.LogAttrs(context.Background(), slog.LevelWarn, "an event in a lane cannot be read", e.about(head, v)...)
	return v
}

// advanceAgain is when a status is looked at anew whose progress could not be noted.
const advanceAgain = time.Second

// overtaken notes in the store that a status is about to be sent, and lets it go if one
// went before that is further on. What cannot be noted is not sent.
func (e *endpoint) overtaken(lease webhook.Lease, d webhook.Delivery) (webhook.Verdict, bool) {
	ctx, cancel := context.WithTimeout(context.Background(), storeTime)
	defer cancel()
	late, wait, err := e.f.stages.Advance(ctx, lease, &d)
	switch {
	case err != nil:
		e.log.WarnContext(ctx, "the stage of a message could not be noted", slog.String("error", err.Error()))
		return webhook.Verdict{After: advanceAgain, Reason: string(Returned)}, true
	case late:
		return webhook.Verdict{Outcome: webhook.Expired, Reason: string(Overtaken)}, true
	case wait > 0:
		return webhook.Verdict{After: wait, Reason: string(Returned)}, true
	}
	return webhook.Verdict{}, false
}
