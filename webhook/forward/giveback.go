package forward

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"bauta/webhook"
)

// backSize bounds the leases of an endpoint that are on their way back. More of them
// run out instead.
const backSize = 4096

// returned is a lease on its way back to the store.
type returned struct {
	lease webhook.Lease
	why   Reason
}

// giveBack lets leases go without an attempt. It never waits.
func (e *endpoint) giveBack(why Reason, leases ...webhook.Lease) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.give(why, leases...)
}

// give is giveBack for who holds the lock. Each endpoint gives back by itself, so that
// one with very many lanes holds up no other.
func (e *endpoint) give(why Reason, leases ...webhook.Lease) {
	for _, l := range leases {
		if len(e.back) >= backSize {
			e.meter.lost.Inc()
			continue
		}
		e.back = append(e.back, returned{l, why})
	}
	if len(e.back) > 0 && !e.giving {
		e.giving = true
		e.f.work.Go(e.giveAll)
	}
}

// giveAll gives back until nothing is left to give.
func (e *endpoint) giveAll() {
	for {
		e.mu.Lock()
		if len(e.back) == 0 {
			e.back, e.giving = nil, false
			e.nudge()
			e.mu.Unlock()
			return
		}
		r := e.back[0]
		e.back = e.back[1:]
		// A lane is due again a little before the pause ends: it may be the probe. By
		// now the pause may have been lifted.
		after := max(e.rest.left(e.f.now())-time.Second, 0)
		e.mu.Unlock()
		e.putBack(r.lease, webhook.Verdict{After: after, Reason: string(r.why)})
	}
}

func (e *endpoint) putBack(l webhook.Lease, v webhook.Verdict) {
	e.meter.returned.WithLabelValues(v.Reason).Inc()
	if _, _, err := e.tell(l, v, 0); err != nil && !errors.Is(err, webhook.ErrLeaseLost) {
		e.log.WarnContext(context.Background(), "a lease could not be given back and runs out", slog.String("error", err.Error()))
	}
}
