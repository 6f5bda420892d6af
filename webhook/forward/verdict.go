package forward

import (
	"time"

	"bauta/webhook"
)

// verdict says what becomes of an event after an attempt.
//
//	success              delivered
//	gone, blocked        stays, the endpoint is paused
//	own                  as fault, but not counted if this node broke it off
//	refused, fault       repeated by the schedule, until refused_attempts
//	                     refusals or max_age make it a dead letter; after
//	                     hold_lane it steps aside (once), if hold_lane is not 0
//
// Of what a carrier carried it says what the carrier said (see carried).
func (e *endpoint) verdict(d *webhook.Delivery, r result, now time.Time) webhook.Verdict {
	if r.said != nil {
		return e.carried(d, r, now)
	}
	v := webhook.Verdict{Reason: string(r.reason), Status: r.status, Counted: true}
	switch r.class {
	case success:
		v.Outcome, v.Shows = webhook.Delivered, d.Shows
		return v
	case own:
		v.Counted = r.reason != Cancelled
	case gone, blocked:
		v.Counted = false
		v.After = e.wait(d.Attempts, 0)
		return v
	case refused:
		v.Refused = true
		if d.Refusals+1 >= e.conf.Retry.RefusedAttempts {
			v.Outcome = webhook.Dead
			return v
		}
	case fault:
	}
	if now.Sub(d.Accepted) >= e.conf.Retry.MaxAge {
		v.Outcome, v.Reason = webhook.Dead, string(Expired)
		return v
	}
	v.After = e.wait(d.Attempts, r.after)
	if e.mustStepAside(d, now) {
		v.Outcome = webhook.Aside
	}
	return v
}

// mustStepAside tells that a head has held its lane for too long.
func (e *endpoint) mustStepAside(d *webhook.Delivery, now time.Time) bool {
	return !d.Aside && e.conf.HoldLane > 0 && !d.FirstTry.IsZero() && now.Sub(d.FirstTry) >= e.conf.HoldLane
}

// wait is the time before the attempt that follows attempts ones. Jitter only
// adds, up to a fifth, so that the schedule is what is promised at least, and
// so is what the endpoint asked for.
func (e *endpoint) wait(attempts int, asked time.Duration) time.Duration {
	s := e.conf.Retry.Schedule
	return max(e.f.jittered(s[min(attempts, len(s)-1)]), asked)
}
