package balance

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"bauta/redis"
)

const (
	// Every is how often Run works, allowance how many commands it sends then, and
	// a pass begins no sooner than pause after the one before.
	Every     = 5 * time.Second
	allowance = 1000
	pause     = time.Minute
)

// walk is how far this node is with its pass over all shards and businesses.
type walk struct {
	pass  int
	began time.Time
	// shard comes next, and of the present one these parts.
	shard int
	parts []part
	// spent is what was used of the allowance, more than it after an expensive part.
	spent int
	// found is by business by how many events the balance did not hold in this pass;
	// before, in the pass before.
	found, before map[string]int64
}

// Run works every 5 s until ctx ends, if no other node does.
func (r *Reconciler) Run(ctx context.Context) {
	ticker := time.NewTicker(Every)
	defer ticker.Stop()
	for {
		if err := r.Tick(ctx); err != nil && ctx.Err() == nil {
			r.Logger.DebugContext(ctx, "the balance of events could not be looked at", slog.String("error", err.Error()))
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// Tick does a bounded piece of work, if this node holds the lease: it goes on with a
// pass over all shards and businesses, and mends what differs. Passes together look at
// all hours that have counters.
func (r *Reconciler) Tick(ctx context.Context) error {
	held, err := r.lease.hold(ctx, r.store)
	if err != nil || !held {
		r.walk = walk{}
		return err
	}
	w := &r.walk
	w.spent = max(w.spent-allowance, 0)
	for w.spent < allowance {
		if len(w.parts) > 0 {
			p := w.parts[0]
			w.parts = w.parts[1:]
			if err := r.work(ctx, p); errors.Is(err, redis.ErrUnavailable) {
				return err
			}
			continue
		}
		more, err := r.onward(ctx)
		if err != nil || !more {
			return err
		}
	}
	return nil
}

// onward prepares the parts of the next shard. At the end of a pass it says how that
// went; more is false until the next one may begin.
func (r *Reconciler) onward(ctx context.Context) (more bool, err error) {
	w, now := &r.walk, r.Now()
	if w.began.IsZero() || w.shard == r.store.Keys().Shards() {
		if !w.began.IsZero() && w.found != nil {
			w.before, w.found = w.found, nil
			w.pass++
			if err := r.publish(ctx, now); err != nil {
				return false, err
			}
		}
		if !w.began.IsZero() && now.Sub(w.began) < pause {
			return false, nil
		}
		w.began, w.shard, w.found = now, 0, map[string]int64{}
	}
	ends, err := r.endsOf(ctx, w.shard)
	if err != nil {
		return false, err
	}
	w.spent += 2
	for _, business := range r.businesses(ends) {
		w.parts = append(w.parts, part{
			shard: w.shard, business: business, ends: union(r.Endpoints(business), ends[business]), hours: hoursOf(now, w.pass),
		})
	}
	w.shard++
	return true, nil
}

// work looks at a part, mends it, and says so.
func (r *Reconciler) work(ctx context.Context, p part) error {
	w := &r.walk
	w.spent++
	if _, err := r.Holding.Lapse(ctx, p.business, p.shard); err != nil {
		return err
	}
	d, cost, err := r.look(ctx, p, true)
	w.spent += cost
	switch {
	case errors.Is(err, errMoved):
		return nil // the next pass comes by again
	case err != nil:
		r.Logger.WarnContext(ctx, "the balance of events could not be looked at", slog.String("business", p.business),
			slog.Int("shard", p.shard), slog.String("error", err.Error()))
		return err
	case d.None():
		return nil
	}
	r.Logger.WarnContext(ctx, "a difference in the balance of events was found and mended", slog.Any("difference", &d))
	r.metrics.found(&d)
	w.found[p.business] += d.Unaccounted()
	return r.publish(ctx, time.Time{})
}
