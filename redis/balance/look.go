package balance

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"bauta/redis"
	"bauta/redis/lanes/place"
)

const (
	// tries bounds how often a part is read anew because events moved meanwhile.
	tries = 20
	// recent is how many hours each pass looks at; of those before it looks at one
	// slice.
	recent = 3
	slice  = 24
	// kept is how many hours the counters of an hour are there for sure, whatever the
	// clocks of nodes and store say.
	kept = int64(place.CountsLife/time.Hour) - 2
)

// errMoved: events moved while a part was read.
var errMoved = errors.New("events moved while they were counted")

// hoursOf are the hours that a pass looks at: all of them over so many passes as there
// are slices.
func hoursOf(now time.Time, pass int) []int64 {
	last := now.Unix() / 3600
	var hours []int64
	for h := last; h > last-recent; h-- {
		hours = append(hours, h)
	}
	slices := int((kept - recent + slice - 1) / slice)
	first := last - recent - int64(pass%slices)*slice
	for h := first; h > first-slice && h > last-kept; h-- {
		hours = append(hours, h)
	}
	return hours
}

// allHours are those that all passes look at.
func allHours(now time.Time) []int64 {
	last := now.Unix() / 3600
	hours := make([]int64, 0, kept)
	for h := last; h > last-kept; h-- {
		hours = append(hours, h)
	}
	return hours
}

// look compares a part, and mends it if it is to. A difference is one only if nothing
// moved while it was read, which Redis tells (WATCH): nothing is mended that was not
// wrong. Of a part that never stands still the error is errMoved. Cost is in commands.
func (r *Reconciler) look(ctx context.Context, p part, mend bool) (d Difference, cost int, err error) {
	d, cost, err = r.still(ctx, p, false)
	if err != nil || d.None() {
		return d, cost, err
	}
	p, spent, err := r.widen(ctx, p, d)
	if cost += spent; err != nil {
		return d, cost, err
	}
	d, spent, err = r.still(ctx, p, mend)
	return d, cost + spent, err
}

// widen adds to a part, before anything of it is written off, endpoints that this node
// does not know, and lanes that are in no list.
func (r *Reconciler) widen(ctx context.Context, p part, d Difference) (part, int, error) {
	ends, err := r.endsOf(ctx, p.shard)
	if err != nil {
		return p, 0, err
	}
	p.ends = union(p.ends, ends[p.business])
	if d.Missing == 0 && d.Miscounted == 0 {
		return p, 0, nil
	}
	lanes, cost, err := search(ctx, r.store, p)
	for _, l := range lanes {
		p.ends = union(p.ends, []string{l.Endpoint})
	}
	p.strays = lanes
	return p, cost, err
}

// still tries until nothing moves while a part is read.
func (r *Reconciler) still(ctx context.Context, p part, mend bool) (d Difference, cost int, err error) {
	for range tries {
		var spent int
		d, spent, err = r.once(ctx, p, mend)
		cost += spent
		if !errors.Is(err, errMoved) {
			break
		}
	}
	return d, cost, err
}

// once reads a part and, if there is a difference, writes in the same step or proves
// that there is one.
func (r *Reconciler) once(ctx context.Context, p part, mend bool) (d Difference, cost int, err error) {
	names := r.store.Keys()
	depths := names.Depths(p.shard)
	s := &snapshot{part: p, minutes: map[int64]*minute{}, fresh: map[int64]bool{}}
	err = r.store.Client().Watch(ctx, func(tx *goredis.Tx) error {
		reader := reader{names: names, tx: tx, snapshot: s}
		err := reader.read(ctx)
		if cost = reader.cost + 2; err != nil {
			return err
		}
		if d = s.difference(); d.None() {
			return nil
		}
		_, err = tx.TxPipelined(ctx, func(q goredis.Pipeliner) error {
			q.Exists(ctx, depths)
			if mend {
				s.mend(ctx, q, names)
			}
			return nil
		})
		return err
	}, depths, names.Helds(p.shard, p.business))
	switch {
	case errors.Is(err, goredis.TxFailedErr):
		return d, cost, errMoved
	case err != nil:
		return d, cost, fmt.Errorf("compare what was counted with what is there: %w", redis.Fault(err))
	}
	return d, cost, nil
}

// endsOf names the endpoints of a shard for which something is noted, by business.
func (r *Reconciler) endsOf(ctx context.Context, shard int) (map[string][]string, error) {
	names := r.store.Keys()
	out := map[string][]string{}
	for _, reply := range r.store.Pipeline(ctx, []redis.Call{
		redis.Command("SMEMBERS", names.Ends(shard)), redis.Command("HGETALL", names.Depths(shard)),
	}) {
		list, err := reply.List()
		if err != nil {
			return nil, fmt.Errorf("read which endpoints have lanes: %w", err)
		}
		for _, v := range list {
			text, _ := v.(string)
			if e, ok := place.ParseEnd(text); ok {
				out[e.Business] = union(out[e.Business], []string{e.Endpoint})
			}
		}
	}
	return out, nil
}

// union is both, each once.
func union(a, b []string) []string {
	out := slices.Clone(a)
	for _, s := range b {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}
