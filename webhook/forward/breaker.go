package forward

import (
	"errors"
	"slices"
	"time"

	"github.com/sony/gobreaker/v2"

	"bauta/webhook"
)

// Bounds of a pause: the first one, doubled with each in a row, up to the last.
const (
	firstPause = 30 * time.Second
	lastPause  = 10 * time.Minute
)

var (
	errFault = errors.New("forward: the endpoint failed")
	errOwn   = errors.New("forward: this node failed")
)

// newBreaker detects an endpoint that fails: five times in a row, or in half of
// at least twenty attempts of the last minute (see blame for what is counted). What it detects becomes a pause
// of the whole cluster, whose end Pauses decides; the breaker's own open and
// half-open states are never waited for, a new one is made when work goes on.
func newBreaker() *gobreaker.TwoStepCircuitBreaker[struct{}] {
	return gobreaker.NewTwoStepCircuitBreaker[struct{}](gobreaker.Settings{
		Interval:     time.Minute,
		BucketPeriod: 10 * time.Second,
		Timeout:      lastPause,
		ReadyToTrip: func(c gobreaker.Counts) bool {
			valid := c.Requests - min(c.TotalExclusions, c.Requests)
			return c.ConsecutiveFailures >= 5 || valid >= 20 && 2*c.TotalFailures >= valid
		},
		IsExcluded: func(err error) bool { return errors.Is(err, errOwn) },
	})
}

// suspects are lanes whose heads failed since anything last succeeded. One event
// that makes its receiver fail must not pause the endpoint for all others
// (promise 5), so while fewer than three lanes fail, each counts once.
type suspects struct {
	lanes [3]webhook.Conversation
	n     int
}

// counts tells whether a failure of the lane is to be counted.
func (s *suspects) counts(c webhook.Conversation) bool {
	if s.n == len(s.lanes) {
		return true
	}
	if slices.Contains(s.lanes[:s.n], c) {
		return false
	}
	s.lanes[s.n] = c
	s.n++
	return true
}

// blame is how the breaker sees a result: nil for a working endpoint (a refusal
// is one), errFault, or errOwn for what it does not count.
func (e *endpoint) blame(lane webhook.Lane, r result) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch r.class {
	case success, refused:
		e.suspects = suspects{}
		return nil
	case blocked, own:
		return errOwn
	case fault, gone:
	}
	// An answer may be the event's fault, a connection that fails is not.
	switch r.reason {
	case ServerError, Timeout, Busy, Throttled, OddStatus:
		if !e.suspects.counts(lane.Conversation) {
			return errOwn
		}
	case Redirect, Gone, Connection, DNS, TLS:
	case OK, Refusal, Blocked, Cancelled, Expired, TooOld, Overtaken, Unreadable, Erased, Paused, Returned, Renewed, Wrong:
	}
	return errFault
}

// pauseAfter tells whether a result stops the endpoint, and for how long. row is
// the number of pauses before it without a success between; tripped tells that
// the breaker opened, or that the attempt was a probe.
func (f *Forwarder) pauseAfter(r result, row int, tripped bool) (webhook.Pause, bool) {
	p := webhook.Pause{Reason: string(r.reason), Count: row + 1}
	switch r.class {
	case gone:
		p.Endless = true
		return p, true
	case blocked:
		p.Left = f.jittered(lastPause)
		return p, true
	case fault:
		open := min(firstPause<<min(row, 10), lastPause)
		p.Left = f.jittered(max(open, min(r.after, lastPause)))
		return p, tripped
	case success, refused, own:
	}
	return webhook.Pause{}, false
}
