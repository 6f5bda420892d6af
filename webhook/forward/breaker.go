package forward

import (
	"errors"
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
// at least twenty attempts of the last minute. What it detects becomes a pause
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

// breakerError is how the breaker sees a result. A refusal is a working endpoint.
func breakerError(c class) error {
	switch c {
	case success, refused:
		return nil
	case fault, gone:
		return errFault
	case blocked, own:
		return errOwn
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
