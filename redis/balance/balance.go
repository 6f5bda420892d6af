// Package balance holds what was counted of events against what is there, and mends
// what differs: accepted = delivered + waiting + dead + held + expired + dropped +
// erased + lost, by business and minute. Package tally says what each means.
//
// Every script that moves an event counts it in the same step, in the same slot, so
// that neither a crash nor a lost answer makes a difference; what does is a hand in the
// store, a part of it that was lost, or a fault of Bauta.
package balance

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"bauta/redis"
)

// Holding counts held events whose time ran out: *held.Held.
type Holding interface {
	Lapse(ctx context.Context, business string, shard int) (int, error)
}

// Options of a Reconciler. All but Now are needed; Registerer only by Run and Tick.
type Options struct {
	// Store is best one of few connections of its own (redis.Store.Bulk).
	Store   *redis.Store
	Holding Holding
	// Businesses are those of now that have events, or for bodies that name none the
	// apps; Endpoints those of a business, the one for errands included.
	Businesses func() []string
	Endpoints  func(business string) []string
	Registerer prometheus.Registerer
	Logger     *slog.Logger
	// Now is the clock; time.Now if nil.
	Now func() time.Time
}

// Reconciler finds differences and mends them. Any number may be at work on one store;
// those that Run do so one at a time. Check is safe for concurrent use, Tick is not.
type Reconciler struct {
	Options

	store   *redis.Store
	metrics *metrics
	walk    walk
	lease   lease
}

// New builds a Reconciler. It panics on a registry that has its metrics already, as
// prometheus does.
func New(o Options) *Reconciler {
	if o.Now == nil {
		o.Now = time.Now
	}
	r := &Reconciler{Options: o, store: o.Store, lease: newLease()}
	if o.Registerer != nil {
		r.metrics = newMetrics(o.Registerer, o.Businesses())
	}
	return r
}

// Check looks at everything of some businesses once, and hands every difference to tell:
// mended, if it is to be mended. Shards are reported to step as they are done; both may
// be nil. Parts in which events never stood still are an error at the end.
func (r *Reconciler) Check(ctx context.Context, businesses []string, mend bool, tell func(Difference), step func()) error {
	hours := allHours(r.Now())
	var moved error
	for shard := range r.store.Keys().Shards() {
		ends, err := r.endsOf(ctx, shard)
		if err != nil {
			return err
		}
		for _, business := range businesses {
			p := part{shard: shard, business: business, ends: union(r.Endpoints(business), ends[business]), hours: hours}
			d, err := r.reconcile(ctx, p, mend)
			switch {
			case errors.Is(err, errMoved):
				moved = fmt.Errorf("business %s, shard %d: %w: repeat it", business, shard, err)
			case err != nil:
				return err
			case !d.None() && tell != nil:
				tell(d)
			}
		}
		if step != nil {
			step()
		}
	}
	return moved
}

// reconcile is look, after what ran out was counted.
func (r *Reconciler) reconcile(ctx context.Context, p part, mend bool) (Difference, error) {
	if mend {
		if _, err := r.Holding.Lapse(ctx, p.business, p.shard); err != nil {
			return Difference{}, err
		}
	}
	d, _, err := r.look(ctx, p, mend)
	return d, err
}

// businesses are those of the configuration, and those of which something is noted in a
// shard.
func (r *Reconciler) businesses(ends map[string][]string) []string {
	all := slices.Clone(r.Businesses())
	for b := range ends {
		all = union(all, []string{b})
	}
	slices.Sort(all)
	return all
}
