package forward

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"reflect"

	"bauta/webhook"
)

// table is the endpoints of one configuration. Read-only.
type table struct {
	of   map[webhook.EndpointKey]*endpoint
	most int // the longest queue of an endpoint
}

func newTable(of map[webhook.EndpointKey]*endpoint) *table {
	t := &table{of: of}
	for _, e := range of {
		t.most = max(t.most, e.queue.max)
	}
	return t
}

// Change is a new set of endpoints that was checked. One is begun and ended before the
// next one is prepared.
type Change struct {
	f *Forwarder
	// wanted are all, fresh those that are new or not as they were.
	wanted, fresh map[webhook.EndpointKey]*endpoint
}

// Prepare checks the endpoints of the businesses, and changes nothing. The error joins
// every fault, each with business and endpoint, and holds no secret or URL.
func (f *Forwarder) Prepare(businesses []webhook.Business) (*Change, error) {
	c := &Change{f: f, wanted: map[webhook.EndpointKey]*endpoint{}, fresh: map[webhook.EndpointKey]*endpoint{}}
	var faults []error
	for _, b := range businesses {
		for _, conf := range b.Endpoints {
			if err := c.want(webhook.EndpointKey{Business: b.ID, Endpoint: conf.ID}, conf); err != nil {
				faults = append(faults, fmt.Errorf("forward: business %q, endpoint %q: %w", b.ID, conf.ID, err))
			}
		}
	}
	return c, errors.Join(faults...)
}

func (c *Change) want(k webhook.EndpointKey, conf webhook.Endpoint) error {
	if _, twice := c.wanted[k]; twice {
		return errors.New("it is there twice: give each endpoint an id of its own")
	}
	conf, err := complete(conf)
	if old := c.f.table.Load().of[k]; old != nil && reflect.DeepEqual(old.conf, conf) {
		c.wanted[k] = old
		return nil
	}
	e, notMade := c.f.endpoint(k, conf)
	if err = errors.Join(err, notMade); err != nil {
		return err
	}
	c.wanted[k], c.fresh[k] = e, e
	return nil
}

// endpoint makes one that has no work yet.
func (f *Forwarder) endpoint(k webhook.EndpointKey, conf webhook.Endpoint) (*endpoint, error) {
	e := &endpoint{
		f: f, key: k, conf: conf, log: f.log.With(slog.String("business", k.Business), slog.String("endpoint", k.Endpoint)),
		breaker: newBreaker(), pace: newPace(conf.Concurrency), rest: rest{ask: true},
	}
	size := f.options.Queue
	if size <= 0 {
		size = max(4*conf.Concurrency, 64)
	}
	e.queue = newQueue(size, f.room)
	return e, e.way(f.options)
}

// Open has what is new delivered to, and what changed as it is now. What waits on this
// node for an endpoint that changed goes to its successor with its lease, and attempts
// under way end as they began. Endpoints that are gone go on until Close.
func (c *Change) Open() {
	f := c.f
	f.changing.Lock()
	defer f.changing.Unlock()
	next := maps.Clone(f.table.Load().of)
	for k, e := range c.fresh {
		e.meter, e.stopped = f.meter.of(k), f.ended
		e.meter.pace.Set(float64(e.conf.Concurrency))
		if old := next[k]; old != nil {
			old.yield(e)
		}
		next[k] = e
	}
	f.table.Store(newTable(next))
	signal(f.sweepNow)
}

// Close ends those that are gone: nothing begins any more, what is under way ends as it
// began, and their lanes wait in the store until somebody wants them again.
func (c *Change) Close() {
	f := c.f
	f.changing.Lock()
	defer f.changing.Unlock()
	for k, e := range f.table.Load().of {
		if c.wanted[k] == nil {
			e.stop()
			e.close()
			f.meter.forget(k)
		}
	}
	f.table.Store(newTable(c.wanted))
}

// end stops every endpoint for good and returns them.
func (f *Forwarder) end() map[webhook.EndpointKey]*endpoint {
	f.changing.Lock()
	defer f.changing.Unlock()
	f.ended = true
	last := f.table.Load().of
	for _, e := range last {
		e.stop()
	}
	return last
}

// yield gives all that waits here to an heir, with the cluster's standing.
func (e *endpoint) yield(heir *endpoint) {
	e.mu.Lock()
	defer e.mu.Unlock()
	heir.mu.Lock()
	defer heir.mu.Unlock()
	r := e.rest
	heir.rest = rest{paused: r.paused, endless: r.endless, until: r.until, row: r.row, ask: true}
	if r.paused {
		heir.meter.paused.Set(1)
	}
	if heir.stopped {
		return // this node ends, and stops both
	}
	e.heir, e.stopped, e.behind, e.crowded = heir, true, false, false
	for _, en := range e.queue.empty() {
		if !heir.queue.push(en) && en.leased {
			e.give(Returned, en.head.Lease)
		}
	}
	heir.staff()
	e.close()
}
