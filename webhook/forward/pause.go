package forward

import (
	"context"
	"log/slog"
	"time"

	"github.com/sony/gobreaker/v2"

	"bauta/webhook"
)

// startLag is how much longer this node waits than the pause lasts.
const startLag = 50 * time.Millisecond

// rest is an endpoint's pause as this node knows it.
type rest struct {
	paused, endless bool
	until           time.Time
	// row counts pauses without a success between.
	row int
	// ask: the cluster's record must be read, whether there is work or not.
	ask bool
	// busy: this node writes the record or probes; what it reads meanwhile is
	// older than what it knows.
	busy bool
	// probe: this node may probe until then.
	probe time.Time
}

// left is how long work is better left alone. An endless pause tells nothing of
// that: what it keeps waiting has to be due when the operator lifts it.
func (r *rest) left(now time.Time) time.Duration {
	if !r.paused || r.endless {
		return 0
	}
	return max(r.until.Sub(now), 0)
}

func (r *rest) over(now time.Time) bool { return r.paused && !r.endless && !r.until.After(now) }

// admit asks the breaker for an attempt. report is nil if the endpoint was
// paused meanwhile. tripped tells, after report, whether this very breaker is open.
func (e *endpoint) admit(probe bool) (report func(error), tripped func() bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if probe {
		return func(error) {}, func() bool { return true }
	}
	if e.rest.paused {
		return nil, nil
	}
	b := e.breaker
	report, err := b.Allow()
	if err != nil {
		return nil, nil
	}
	return report, func() bool { return b.State() == gobreaker.StateOpen }
}

// consequence is what a result does to the endpoint: it works again, works as
// before, or is paused, then for how long.
func (e *endpoint) consequence(r result, probe bool, tripped func() bool) (left time.Duration, paused bool) {
	switch r.class {
	case success, refused:
		if probe {
			e.resume()
		}
		e.succeeded()
		return 0, false
	case own:
		e.inconclusive(probe)
		return 0, false
	case fault, gone, blocked:
	}
	e.mu.Lock()
	p, pause := e.f.pauseAfter(r, e.rest.row, tripped())
	if !pause && r.after > 0 && e.suspects.n > 1 {
		// It is the endpoint that asks for a rest, not what one conversation brings.
		p.Left, p.Count, pause = e.f.jittered(min(r.after, lastPause)), e.rest.row, true
	}
	// One that stands while attempts were under way is not written again, but
	// for a probe's or an endless one.
	known := e.rest.paused && !probe && (!p.Endless || e.rest.endless)
	// How a request ended that was made before a change tells nothing of what the
	// endpoint is since.
	pause = pause && e.heir == nil
	if pause && !known {
		e.rest.busy = true
	}
	left = e.rest.left(e.f.now())
	e.mu.Unlock()
	if !pause || known {
		return left, known
	}
	e.halt(p)
	return p.Left, true
}

// halt pauses the endpoint: here first, then in the cluster, and gives back what
// waits.
func (e *endpoint) halt(p webhook.Pause) {
	leases := e.observe(webhook.Standstill{Paused: true, Pause: p}, true)
	ctx, cancel := context.WithTimeout(context.Background(), storeTime)
	defer cancel()
	level := slog.LevelWarn
	if p.Endless || p.Reason == string(Blocked) {
		level = slog.LevelError // the operator must act
	}
	// A length, not a time: the clocks of nodes differ.
	lasts := p.Left.Round(time.Second).String()
	if p.Endless {
		lasts = "until the operator resumes it"
	}
	e.log.LogAttrs(ctx, level, "endpoint paused", slog.String("reason", p.Reason),
		slog.String("lasts", lasts), slog.Int("pauses_in_a_row", p.Count))
	if err := e.f.pauses.Pause(ctx, e.key, p); err != nil {
		// The breakers of the other nodes find out by themselves.
		e.log.WarnContext(ctx, "a pause could not be shared", slog.String("error", err.Error()))
	}
	e.mu.Lock()
	e.rest.busy = false
	e.mu.Unlock()
	e.giveBack(Paused, leases...)
}

// resume tells the cluster that a probe succeeded.
func (e *endpoint) resume() {
	ctx, cancel := context.WithTimeout(context.Background(), storeTime)
	defer cancel()
	if err := e.f.pauses.Resume(ctx, e.key); err != nil {
		// The others probe for themselves when the probe's lease is over.
		e.log.WarnContext(ctx, "the end of a pause could not be shared", slog.String("error", err.Error()))
	}
	e.log.InfoContext(ctx, "endpoint resumed")
	e.observe(webhook.Standstill{}, true)
	signal(e.f.sweepNow)
}

// inconclusive ends a probe that told nothing of the endpoint.
func (e *endpoint) inconclusive(probe bool) {
	if !probe {
		return
	}
	e.mu.Lock()
	p := webhook.Pause{Left: webhook.LeaseSlack, Reason: string(Returned), Count: e.rest.row}
	e.rest.busy = true
	e.mu.Unlock()
	e.halt(p)
}

// succeeded lets more workers in if there were less than there may be.
func (e *endpoint) succeeded() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.heir != nil || !e.pace.grow() {
		return
	}
	e.meter.pace.Set(float64(e.pace.limit))
	if e.pace.limit >= e.pace.goal {
		e.meter.breaker.Set(0)
	}
	e.staff()
}

// slow lets less workers work where an attempt that began at began says so.
func (e *endpoint) slow(r result, began, now time.Time) {
	if !r.overloaded() {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.heir != nil {
		return
	}
	e.pace.shrink(began, now)
	e.meter.pace.Set(float64(e.pace.limit))
}

// observe takes over the cluster's standing. Unless it is this node's own doing
// it is ignored while this node writes. It returns leases that cannot be used.
func (e *endpoint) observe(s webhook.Standstill, own bool) []webhook.Lease {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.rest.busy && !own {
		return nil
	}
	if !s.Paused {
		if e.rest.paused {
			// Work is taken up with one worker and a breaker without a past.
			e.pace.restart()
			e.breaker = newBreaker()
			e.meter.pace.Set(1)
			e.meter.paused.Set(0)
			e.meter.breaker.Set(.5)
		}
		e.rest = rest{busy: e.rest.busy}
		if e.pace.goal == 1 {
			e.meter.breaker.Set(0)
		}
		return nil
	}
	e.rested(s)
	e.meter.paused.Set(1)
	e.meter.breaker.Set(1)
	leases := e.queue.drain()
	e.meter.queued.Set(0)
	return leases
}

// rested notes a pause, and when to ask for the probe. The caller holds the lock.
func (e *endpoint) rested(s webhook.Standstill) {
	now := e.f.now()
	until := now
	if s.Pause.Left > 0 {
		// The store began to count a little later than this node.
		until = now.Add(s.Pause.Left + startLag)
	}
	moved := !e.rest.paused || until.Sub(e.rest.until).Abs() > time.Second
	e.rest.paused, e.rest.endless, e.rest.row, e.rest.until = true, s.Pause.Endless, s.Pause.Count, until
	e.rest.probe = time.Time{}
	if s.Probe {
		e.rest.probe = now.Add(webhook.LeaseSlack)
	}
	if moved && !s.Pause.Endless && !s.Probe {
		e.f.agenda.add(until, webhook.Lane{Business: e.key.Business, Endpoint: e.key.Endpoint})
	}
}
