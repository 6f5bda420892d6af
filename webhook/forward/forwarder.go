package forward

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"bauta/webhook"
)

// Forwarder delivers to all endpoints of all businesses, which can be changed while it
// runs (Prepare). Safe for concurrent use.
type Forwarder struct {
	lanes  Lanes
	pauses Pauses
	stages Progress
	wakes  Wakes
	now    func() time.Time
	jitter func() float64
	agent  string
	every  time.Duration
	log    *slog.Logger
	meter  *metrics

	options Options
	// table is replaced, never changed; changing guards who replaces it, and ended.
	table    atomic.Pointer[table]
	changing sync.Mutex
	ended    bool

	room     *room
	agenda   *agenda
	sweepNow chan struct{}
	work     sync.WaitGroup
	pulse    pulse
}

// New returns a Forwarder for the endpoints of the businesses. The error joins
// every fault, each with business and endpoint, and holds no secret or URL.
func New(o Options) (*Forwarder, error) {
	o, err := o.withDefaults()
	m, merr := newMetrics(o.Registerer)
	if err = errors.Join(err, merr); err != nil {
		return nil, err
	}
	f := &Forwarder{
		lanes: o.Lanes, pauses: o.Pauses, stages: o.Progress, wakes: o.Wakes, now: o.Now, jitter: o.Jitter,
		agent: "Bauta/" + o.Version, every: o.Sweep, log: o.Log, meter: m,
		options:  o,
		agenda:   newAgenda(),
		room:     &room{most: o.Memory},
		sweepNow: make(chan struct{}, 1),
	}
	f.table.Store(&table{of: map[webhook.EndpointKey]*endpoint{}})
	change, err := f.Prepare(o.Businesses)
	if err != nil {
		return nil, err
	}
	change.Open()
	<-f.sweepNow // Run sweeps first of all
	return f, nil
}

// way finds how what the endpoint gets goes there: by the carrier, or signed over
// HTTP.
func (e *endpoint) way(o Options) (err error) {
	if e.conf.ForwardOnly && o.Progress == nil {
		return errors.New("it wants statuses forward only, and there is no Progress: set Options.Progress")
	}
	if e.conf.Platform {
		if e.carrier = o.Carrier; e.carrier == nil {
			return errors.New("it is the platform, and there is no Carrier: set Options.Carrier")
		}
		return nil
	}
	if e.sign, err = newSigner(e.conf.Secrets); err != nil {
		return err
	}
	if e.request, err = http.NewRequestWithContext(context.Background(), http.MethodPost, e.conf.URL, nil); err != nil {
		return errors.New("its URL cannot be read") // the cause quotes it; complete says more
	}
	e.wire = o.Transport(e.conf)
	return nil
}

// Offer hands over the head of a lane that was idle and is leased to this node
// by its appending. It never waits. What cannot be queued is given back, and
// when Run has ended the lease is left to run out.
func (f *Forwarder) Offer(head webhook.Leased) {
	if e, ok := f.table.Load().of[head.Lease.Lane.Target()]; ok {
		e.offer(head)
		return
	}
	f.meter.unknown.Inc()
}

// Run delivers until ctx ends. Then no attempt begins any more; those under way
// end by themselves (at the latest after the longest endpoint timeout and the
// time to store the verdict), and waiting leases are given back.
func (f *Forwarder) Run(ctx context.Context) error {
	var loops sync.WaitGroup
	loops.Go(func() { f.watch(ctx) })
	loops.Go(func() { f.sweeping(ctx) })
	loops.Wait()
	last := f.end()
	f.work.Wait()
	for _, e := range last {
		e.close()
	}
	return nil
}

// watch follows the agenda and the wakes of other nodes.
func (f *Forwarder) watch(ctx context.Context) {
	var wakes <-chan webhook.Lane
	if f.wakes != nil {
		wakes = f.wakes.Wake(ctx)
	}
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case lane, ok := <-wakes:
			if !ok {
				wakes = nil
				continue
			}
			f.look(lane, true)
		case <-f.agenda.moved:
		case <-timer.C:
		}
		now := f.now()
		lanes, next, ok := f.agenda.due(now)
		for _, lane := range lanes {
			f.look(lane, false)
		}
		if ok {
			timer.Reset(next.Sub(now))
		}
	}
}

// look goes to a lane, or to an endpoint if the lane has no conversation: one
// whose pause is over, or (told by another node) has changed.
func (f *Forwarder) look(lane webhook.Lane, told bool) {
	e, ok := f.table.Load().of[lane.Target()]
	switch {
	case !ok:
		f.meter.unknown.Inc()
	case lane.Conversation != "":
		e.due(lane)
	default:
		if told {
			e.askAgain()
		}
		signal(f.sweepNow)
	}
}

// sweepGap is the least time between two sweeps, so that those that are asked
// for do not become a load of their own.
const sweepGap = 20 * time.Millisecond

// sweeping looks for due lanes now and then, and when asked to.
func (f *Forwarder) sweeping(ctx context.Context) {
	tick := time.NewTicker(f.every)
	defer tick.Stop()
	f.pulse.beat(f.now(), nil)
	for {
		f.pulse.beat(f.now(), f.sweep(ctx))
		select {
		case <-ctx.Done():
			return
		case <-time.After(sweepGap):
		}
		select {
		case <-ctx.Done():
			return
		case <-f.sweepNow:
		case <-tick.C:
		}
	}
}

func (f *Forwarder) sweep(ctx context.Context) error {
	bounded, cancel := context.WithTimeout(ctx, storeTime)
	defer cancel()
	now := f.table.Load()
	lanes, err := f.lanes.Due(bounded, now.most)
	if err != nil {
		if ctx.Err() == nil {
			f.log.WarnContext(ctx, "due lanes could not be listed", slog.String("error", err.Error()))
		}
		return err
	}
	ctx, end := context.WithTimeout(ctx, round-storeTime)
	defer end()
	of := make(map[webhook.EndpointKey][]webhook.Lane)
	for _, l := range lanes {
		of[l.Target()] = append(of[l.Target()], l)
	}
	for k := range of {
		if _, ok := now.of[k]; !ok {
			f.meter.unknown.Inc()
		}
	}
	for k, e := range now.of {
		if err := ctx.Err(); err != nil {
			return err // the others have their turn in the next one: the order is random
		}
		e.swept(ctx, of[k])
	}
	return nil
}

// jittered adds up to a fifth.
func (f *Forwarder) jittered(d time.Duration) time.Duration {
	return d + time.Duration(f.jitter()*float64(d)/5)
}
