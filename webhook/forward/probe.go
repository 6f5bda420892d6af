package forward

import (
	"context"
	"log/slog"
	"time"

	"bauta/webhook"
)

// probeLanes bounds how many lanes are tried for a head to probe with.
const probeLanes = 8

// swept takes the lanes that a sweep found due, those due longest first: into
// the queue, or, when a pause is over and this node gets the probe, the first
// of them as the probe.
func (e *endpoint) swept(ctx context.Context, lanes []webhook.Lane) {
	if !e.refresh(ctx, len(lanes) > 0) {
		return
	}
	e.mu.Lock()
	probe := e.rest.paused && !e.rest.busy && !e.stopped && e.f.now().Before(e.rest.probe)
	if probe = probe && len(lanes) > 0; probe {
		e.rest.busy = true
		first := lanes[:min(len(lanes), probeLanes)]
		e.f.work.Go(func() { e.probe(first) }) //nolint:contextcheck // an attempt that has begun outlives ctx
	}
	paused := e.rest.paused
	if !paused && len(lanes) >= e.queue.max {
		e.behind = true
	}
	e.mu.Unlock()
	if paused {
		return
	}
	for _, l := range lanes {
		e.due(l)
	}
}

// refresh reads the cluster's standing if that matters now; false if it could
// not be read, or this node is busy with it.
func (e *endpoint) refresh(ctx context.Context, work bool) bool {
	e.mu.Lock()
	needed := e.rest.ask || work
	busy := e.rest.busy || e.stopped
	mine := e.f.now().Before(e.rest.probe)
	if !busy {
		e.rest.ask = false
	}
	e.mu.Unlock()
	if busy || !needed {
		return false
	}
	if mine {
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, storeTime)
	defer cancel()
	s, err := e.f.pauses.Probe(ctx, e.key, e.conf.Lease()+webhook.LeaseSlack)
	if err != nil {
		e.mu.Lock()
		e.rest.ask = true
		e.mu.Unlock()
		e.log.WarnContext(ctx, "the endpoint's standing could not be read", slog.String("error", err.Error()))
		return false
	}
	e.giveBack(Paused, e.observe(s, false)...)
	return true
}

// probe makes the one attempt that decides whether the endpoint works again.
func (e *endpoint) probe(lanes []webhook.Lane) {
	e.log.InfoContext(context.Background(), "endpoint probed")
	for _, lane := range lanes {
		head, ok := e.secure(entry{head: webhook.Leased{Lease: webhook.Lease{Lane: lane}}})
		if !ok {
			continue
		}
		more, ok := e.deliver(head, true)
		e.quiet()
		e.release(lane, more, ok)
		return
	}
	e.quiet()
}

// quiet ends this node's business with the standing; an unused right to probe
// runs out.
func (e *endpoint) quiet() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.rest.busy = false
	e.rest.probe = time.Time{}
	if e.heir != nil {
		e.heir.askAgain()
		signal(e.f.sweepNow)
	}
}

// askAgain marks the endpoint's standing as unknown.
func (e *endpoint) askAgain() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.rest.ask = true
}
