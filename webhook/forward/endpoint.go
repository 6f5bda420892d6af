package forward

import (
	"log/slog"
	"net/http"
	"sync"

	"github.com/sony/gobreaker/v2"

	"bauta/webhook"
)

// endpoint is one endpoint's queue, workers and standing on this node. Workers
// live only while there is work.
type endpoint struct {
	f    *Forwarder
	key  webhook.EndpointKey
	conf webhook.Endpoint
	// carrier of what goes to no URL; wire and request are nil then.
	carrier webhook.Carrier
	wire    http.RoundTripper
	// request is what all requests have in common; it is copied.
	request *http.Request
	sign    signer
	meter   meter
	log     *slog.Logger

	mu       sync.Mutex
	queue    queue
	breaker  *gobreaker.TwoStepCircuitBreaker[struct{}]
	suspects suspects
	// workers run now; at most pace.limit may.
	workers int
	pace    pace
	// behind: work was turned away for lack of room; crowded: workers were, for the
	// bodies of others.
	behind  bool
	crowded bool
	stopped bool
	// heir takes the place of an endpoint whose configuration changed; nil: it is as
	// configured, or gone.
	heir *endpoint
	rest rest
	// back are leases on their way back, giving tells that somebody sees to them.
	back   []returned
	giving bool
}

// offer queues a leased head; what there is no place for is given back.
func (e *endpoint) offer(head webhook.Leased) {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case e.heir != nil:
		e.heir.offer(head)
	case e.stopped:
		// Nobody is left to give it back: the lease runs out.
	case e.rest.paused:
		e.give(Paused, head.Lease)
		e.nudge()
	case e.queue.push(entry{head: head, leased: true}):
		e.staff()
	default:
		e.behind = true
		e.give(Returned, head.Lease)
	}
}

// due queues a lane by name, to be taken when a worker gets to it.
func (e *endpoint) due(lane webhook.Lane) {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case e.heir != nil:
		e.heir.due(lane)
	case e.stopped:
	case e.rest.paused:
		e.nudge()
	case e.queue.push(entry{head: webhook.Leased{Lease: webhook.Lease{Lane: lane}}}):
		e.staff()
	default:
		e.behind = true
	}
}

// nudge asks for a sweep if the pause is over and nobody here probes yet, because
// only the sweep hands out the probe. The caller holds the lock.
func (e *endpoint) nudge() {
	if !e.rest.busy && e.rest.over(e.f.now()) {
		signal(e.f.sweepNow)
	}
}

// staff starts workers for what is queued. The caller holds the lock.
func (e *endpoint) staff() {
	e.meter.queued.Set(float64(e.queue.len()))
	e.crowded = false
	for n := e.queue.len(); n > 0 && e.workers < e.pace.limit && !e.crowds(e.workers); n-- {
		e.workers++
		e.f.work.Go(e.serve)
	}
}

// crowds tells that an endpoint that has others at work must not have one more now. The
// caller holds the lock.
func (e *endpoint) crowds(others int) bool {
	if others == 0 || !e.f.room.full() {
		return false
	}
	e.crowded = true
	return true
}

// serve is a worker: it goes when there is nothing to do.
func (e *endpoint) serve() {
	for {
		en, ok := e.next()
		if !ok {
			return
		}
		head, ok := e.secure(en)
		held := en.size()
		if ok {
			e.f.room.take(len(head.Delivery.Body) - held)
			held = len(head.Delivery.Body)
			head, ok = e.deliver(head, false)
		}
		e.f.room.leave(held)
		e.release(en.lane(), head, ok)
	}
}

// next takes work from the queue, and room for its body, or dismisses the worker.
func (e *endpoint) next() (entry, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.crowded && !e.f.room.full() {
		e.staff()
	}
	if e.workers <= e.pace.limit && !e.crowds(e.workers-1) {
		if en, ok := e.queue.pop(); ok {
			e.f.room.take(en.size())
			e.caughtUp()
			return en, true
		}
	}
	e.workers--
	return entry{}, false
}

// caughtUp asks for a sweep when there is room again for work that was turned
// away. The caller holds the lock.
func (e *endpoint) caughtUp() {
	e.meter.queued.Set(float64(e.queue.len()))
	if e.behind && e.queue.len() <= e.queue.max/2 {
		e.behind = false
		signal(e.f.sweepNow)
	}
}

// release ends the work on a lane's head: its next one, if there is one, goes to
// the end of the queue, so that lanes take turns.
func (e *endpoint) release(lane webhook.Lane, more webhook.Leased, ok bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.queue.forget(lane.Conversation)
	if ok {
		e.onward(more)
	}
}

// onward queues the next head of a lane. The caller holds the lock.
func (e *endpoint) onward(more webhook.Leased) {
	switch {
	case e.heir != nil:
		e.heir.mu.Lock()
		defer e.heir.mu.Unlock()
		e.heir.onward(more)
	case e.stopped, e.rest.paused:
		e.give(Returned, more.Lease)
	default:
		e.queue.add(entry{head: more, leased: true})
		e.staff()
	}
}

// idle tells that no more heads are wanted now.
func (e *endpoint) idle() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.heir != nil {
		return e.heir.idle()
	}
	return e.stopped || e.rest.paused
}

// stop takes no more work and gives back the leases that were waiting.
func (e *endpoint) stop() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.stopped, e.crowded = true, false
	e.meter.queued.Set(0)
	e.give(Returned, e.queue.drain()...)
}

// close lets the connections go that are kept, and those in use when they are done.
func (e *endpoint) close() {
	if c, ok := e.wire.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}
