package forward

import (
	"net/http"
	"time"
)

// pace is how many attempts an endpoint may have at once on this node: an answer that
// says "too much" halves it, success grows it by one for each round of successes
// (additive increase, multiplicative decrease). After a pause it begins with one, and
// doubles with each round up to where it was halved last. Limiters of the kind that
// libraries offer judge by latency, which tells little of a receiver that answers from
// its database, and hold callers up at a gate; here only workers start and go. Not safe
// for concurrent use.
type pace struct {
	most, limit int
	// goal is up to where growth doubles.
	goal int
	// streak counts successes of this round.
	streak int
	// halved is when the limit was halved last: what began before tells nothing new.
	halved time.Time
}

func newPace(most int) pace { return pace{most: most, limit: most, goal: most} }

// restart begins with one after a pause.
func (p *pace) restart() { p.limit, p.streak = 1, 0 }

// grow counts a success; true if more may work now.
func (p *pace) grow() bool {
	if p.limit >= p.most {
		return false
	}
	if p.streak++; p.streak < p.limit {
		return false
	}
	p.streak = 0
	if p.limit < p.goal {
		p.limit = min(2*p.limit, p.goal)
	} else {
		p.limit++
	}
	p.goal = max(p.goal, p.limit)
	return true
}

// shrink halves for an attempt that began at began and ended at now, once for all that
// were under way together.
func (p *pace) shrink(began, now time.Time) {
	if began.Before(p.halved) {
		return
	}
	p.limit, p.streak, p.halved = max(p.limit/2, 1), 0, now
	p.goal = p.limit
}

// overloaded tells an end that says that the endpoint has too much to do (Standard
// Webhooks 1.0: slow down).
func (r *result) overloaded() bool {
	switch r.status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return r.reason == Timeout
}
