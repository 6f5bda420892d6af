package forward

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"bauta/webhook"
)

const (
	// renewSlack is how much of a lease's slack must be left when an attempt
	// begins, else the lease is renewed first.
	renewSlack = 2 * time.Second
	storeTime  = 5 * time.Second
)

// secure makes a head of an entry that can be attempted: taken if it was only a
// name, its lease renewed if it waited for long or without its body, those that are not
// sent let go.
func (e *endpoint) secure(en entry) (webhook.Leased, bool) {
	head, ok := en.head, en.leased
	if !ok {
		head, ok = e.take(en.lane())
	}
	if ok && (en.bare > 0 || head.Lease.Deadline.Sub(e.f.now()) < e.conf.Timeout+renewSlack) {
		head, ok = e.finish(head.Lease, webhook.Verdict{Reason: string(Renewed)}, e.conf.Lease())
	}
	for ok {
		v, unsent := e.unsent(&head)
		if !unsent {
			break
		}
		e.meter.verdict(v)
		if v.Outcome == webhook.Again {
			return e.settle(head, v)
		}
		head, ok = e.finish(head.Lease, v, e.conf.Lease())
	}
	return head, ok
}

func (e *endpoint) take(lane webhook.Lane) (webhook.Leased, bool) {
	ctx, cancel := context.WithTimeout(context.Background(), storeTime)
	defer cancel()
	head, ok, err := e.f.lanes.Take(ctx, lane, e.conf.Lease())
	if err != nil {
		// The sweep finds the lane again.
		e.log.WarnContext(ctx, "a lane could not be taken", slog.String("error", err.Error()))
		return webhook.Leased{}, false
	}
	return head, ok
}

// deliver makes one attempt and settles what comes of it. It returns the lane's
// next head if that is leased already.
func (e *endpoint) deliver(head webhook.Leased, probe bool) (webhook.Leased, bool) {
	report, tripped := e.admit(probe)
	if report == nil {
		e.giveBack(Paused, head.Lease)
		return webhook.Leased{}, false
	}
	began := e.f.now()
	if head.Lease.Deadline.Sub(began) < e.conf.Timeout {
		// The request could outlive the lease. Whoever has the lane then
		// delivers it; if nobody has, the sweep finds it.
		report(errOwn)
		e.meter.lost.Inc()
		e.inconclusive(probe)
		return webhook.Leased{}, false
	}
	e.meter.flight.Inc()
	r := e.attempt(head.Lease.Lane, &head.Delivery, began)
	e.meter.flight.Dec()
	now := e.f.now()
	r = e.excused(r, now.Sub(began))
	e.meter.attempt(r, now.Sub(began))
	e.slow(r, began, now)
	report(e.blame(head.Lease.Lane, r))
	v := e.verdict(&head.Delivery, r, now)
	e.record(&head, r, v)
	if e.f.options.Observe != nil {
		e.f.options.Observe(webhook.Attempt{Lane: head.Lease.Lane, Delivery: &head.Delivery, Outcome: outcomeName(v.Outcome), Reason: string(r.reason), Status: r.status, Began: began, Ended: now})
	}
	left, paused := e.consequence(r, probe, tripped)
	if paused && v.Outcome == webhook.Again {
		// Due after the others, so that the next probe is another lane's head:
		// an event that makes the endpoint fail must not keep it paused.
		v.After = max(v.After, left+time.Second)
	}
	e.meter.verdict(v)
	return e.settle(head, v)
}

// settle applies a verdict; repetitions go into this node's agenda.
func (e *endpoint) settle(head webhook.Leased, v webhook.Verdict) (webhook.Leased, bool) {
	next := e.conf.Lease()
	if e.idle() {
		next = 0
	}
	more, ok := e.finish(head.Lease, v, next)
	if v.Outcome == webhook.Again && !ok {
		e.f.agenda.add(e.f.now().Add(v.After), head.Lease.Lane)
	}
	return more, ok
}

// finish tells the store the verdict, again and again while the lease lasts:
// what is not told is delivered twice. A repetition is safe, because a first
// one that arrived has put another token in force.
func (e *endpoint) finish(lease webhook.Lease, v webhook.Verdict, next time.Duration) (webhook.Leased, bool) {
	for wait := 50 * time.Millisecond; ; wait = min(2*wait, 2*time.Second) {
		more, ok, err := e.tell(lease, v, next)
		switch {
		case err == nil:
			return more, ok
		case errors.Is(err, webhook.ErrLeaseLost):
			e.meter.lost.Inc()
			return webhook.Leased{}, false
		case e.f.now().Add(wait).After(lease.Deadline):
			e.log.ErrorContext(context.Background(), "a verdict could not be stored, its event may be delivered twice",
				slog.String("error", err.Error()))
			return webhook.Leased{}, false
		}
		<-time.After(wait)
	}
}

func (e *endpoint) tell(lease webhook.Lease, v webhook.Verdict, next time.Duration) (webhook.Leased, bool, error) {
	ctx, cancel := context.WithTimeout(context.Background(), storeTime)
	defer cancel()
	return e.f.lanes.Finish(ctx, lease, v, next)
}

// record logs an attempt: whose, which and how, never what.
func (e *endpoint) record(head *webhook.Leased, r result, v webhook.Verdict) {
	level := slog.LevelDebug
	switch {
	case v.Outcome == webhook.Dead, v.Outcome == webhook.Aside:
		level = slog.LevelWarn
	case r.class != success:
		level = slog.LevelInfo
	}
	if ctx := context.Background(); e.log.Enabled(ctx, level) {
		e.log.LogAttrs(ctx, level, "attempt", append(e.about(head, v), slog.String("reason", v.Reason), slog.Int("status", r.status))...)
	}
}

// about names an event that is being delivered, in a line of the log.
func (e *endpoint) about(head *webhook.Leased, v webhook.Verdict) []slog.Attr {
	d := &head.Delivery
	attrs := []slog.Attr{slog.String("delivery_id", d.ID), slog.Int("attempt", d.Attempts+1), slog.String("outcome", outcomeName(v.Outcome))}
	if prf := e.f.options.PRF; prf != nil {
		attrs = append(attrs, slog.String("lane", webhook.LoggedLane(prf, head.Lease.Lane, d.Handle)))
	}
	return attrs
}
