package balance

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	goredis "github.com/redis/go-redis/v9"

	"bauta/redis"
	"bauta/redis/lanes/place"
	"bauta/redis/lanes/tally"
	"bauta/webhook"
)

const (
	// chunk bounds the commands of one pipeline, and the lanes of one page.
	chunk = 500
	// stampsEach bounds how many events one script looks at.
	stampsEach = 256
	// stampLength is how many bytes of an event say when it was accepted.
	stampLength = 13
)

// reader reads a snapshot and counts what that costs.
type reader struct {
	names redis.Keys
	tx    *goredis.Tx
	cost  int
	*snapshot
}

// read reads a part on one connection, which watches whatever changes when an event
// moves: who then writes by a transaction writes only if the snapshot is one of one
// moment.
func (r *reader) read(ctx context.Context) error {
	if err := r.counters(ctx); err != nil {
		return err
	}
	if err := r.endpoints(ctx); err != nil {
		return err
	}
	for _, e := range r.ends {
		if err := r.lanes(ctx, e); err != nil {
			return err
		}
	}
	return r.holding(ctx)
}

// piped sends what add adds, counts it, and returns the first error that says more
// than that there is nothing.
func (r *reader) piped(ctx context.Context, add func(p goredis.Pipeliner)) error {
	p := r.tx.Pipeline()
	add(p)
	cmds, err := p.Exec(ctx)
	r.cost += len(cmds)
	if !errors.Is(err, goredis.Nil) {
		return err
	}
	for _, c := range cmds {
		if err := c.Err(); err != nil && !errors.Is(err, goredis.Nil) {
			return err
		}
	}
	return nil
}

// counters reads what was counted in the part's hours.
func (r *reader) counters(ctx context.Context) error {
	hours := make([]*goredis.MapStringStringCmd, len(r.part.hours))
	var holds *goredis.IntCmd
	err := r.piped(ctx, func(p goredis.Pipeliner) {
		holds = p.Exists(ctx, r.names.Helds(r.part.shard, r.part.business))
		for i, hour := range r.part.hours {
			hours[i] = p.HGetAll(ctx, r.names.Counts(r.part.shard, r.part.business, hour))
		}
	})
	if err != nil {
		return err
	}
	r.holds = holds.Val() > 0
	for i, hour := range r.part.hours {
		fields := hours[i].Val()
		r.fresh[hour] = len(fields) == 0
		for field, text := range fields {
			at, kind, _ := strings.Cut(field, ":")
			number, bad := strconv.ParseInt(at, 10, 64)
			n, err := strconv.ParseInt(text, 10, 64)
			if bad == nil && err == nil && number >= 0 && number < 60 {
				r.minute(hour*3600+number*60).count(kind, n)
			}
		}
	}
	return nil
}

// minute is the one that begins at a Unix time.
func (s *snapshot) minute(at int64) *minute {
	if s.minutes[at] == nil {
		s.minutes[at] = &minute{}
	}
	return s.minutes[at]
}

// count adds under a kind.
func (m *minute) count(kind string, n int64) {
	switch {
	case kind == tally.In:
		m.in += n
	case kind == tally.Held:
		m.held += n
		m.holding += n
	case slices.Contains(tally.Endings(), kind):
		m.ended += n
	}
}

// endpoints reads for which endpoints there is something.
func (r *reader) endpoints(ctx context.Context) error {
	shard, business := r.part.shard, r.part.business
	ids := r.part.ends
	depths := make([]*goredis.StringCmd, len(ids))
	listed := make([]*goredis.BoolCmd, len(ids))
	lanes := make([]*goredis.IntCmd, len(ids))
	var watched []string
	for _, id := range ids {
		watched = append(watched, r.names.Due(shard, business, id))
	}
	if len(ids) > 0 {
		if err := r.tx.Watch(ctx, watched...).Err(); err != nil {
			return err
		}
	}
	err := r.piped(ctx, func(p goredis.Pipeliner) {
		for i, id := range ids {
			name := place.End(webhook.EndpointKey{Business: business, Endpoint: id})
			depths[i] = p.HGet(ctx, r.names.Depths(shard), name)
			listed[i] = p.SIsMember(ctx, r.names.Ends(shard), name)
			lanes[i] = p.Exists(ctx, r.names.Due(shard, business, id), r.names.Ages(shard, business, id))
		}
	})
	if err != nil {
		return err
	}
	for i, id := range ids {
		e := &end{key: webhook.EndpointKey{Business: business, Endpoint: id}, listed: listed[i].Val()}
		e.depth, _ = strconv.ParseInt(depths[i].Val(), 10, 64)
		stray := slices.ContainsFunc(r.part.strays, func(l webhook.Lane) bool { return l.Endpoint == id })
		if e.depth != 0 || e.listed || lanes[i].Val() > 0 || stray {
			r.ends = append(r.ends, e)
		}
	}
	return nil
}

// lanes reads an endpoint's lanes.
func (r *reader) lanes(ctx context.Context, e *end) error {
	byName := map[string]*lane{}
	of := func(name string) *lane {
		l := byName[name]
		if l == nil {
			p, err := place.Of(r.names, webhook.Lane{Business: e.key.Business, Endpoint: e.key.Endpoint, Conversation: webhook.Conversation(name)})
			if err != nil || p.Shard != r.part.shard {
				return &lane{} // nobody's name: not looked at
			}
			l = &lane{place: p}
			byName[name], e.lanes = l, append(e.lanes, l)
		}
		return l
	}
	for from := int64(0); ; from += chunk {
		var due []string
		var ages []goredis.Z
		var ask [2]goredis.Cmder
		err := r.piped(ctx, func(p goredis.Pipeliner) {
			ask[0] = p.ZRange(ctx, r.names.Due(r.part.shard, e.key.Business, e.key.Endpoint), from, from+chunk-1)
			ask[1] = p.ZRangeWithScores(ctx, r.names.Ages(r.part.shard, e.key.Business, e.key.Endpoint), from, from+chunk-1)
		})
		if err != nil {
			return err
		}
		due, ages = ask[0].(*goredis.StringSliceCmd).Val(), ask[1].(*goredis.ZSliceCmd).Val() //nolint:forcetypeassert // as asked
		for _, name := range due {
			of(name).due = true
		}
		for _, z := range ages {
			name, _ := z.Member.(string)
			of(name).age = strconv.FormatInt(int64(z.Score), 10)
		}
		if len(due) < chunk && len(ages) < chunk {
			break
		}
	}
	for _, stray := range r.part.strays {
		if stray.Endpoint == e.key.Endpoint {
			of(string(stray.Conversation))
		}
	}
	return r.events(ctx, e)
}

// events reads how many lie in an endpoint's lanes, and when they were accepted.
func (r *reader) events(ctx context.Context, e *end) error {
	for some := range slices.Chunk(e.lanes, chunk) {
		lengths := make([]*goredis.IntCmd, len(some))
		err := r.piped(ctx, func(p goredis.Pipeliner) {
			for i, l := range some {
				lengths[i] = p.LLen(ctx, l.place.List)
			}
		})
		if err != nil {
			return err
		}
		for i, l := range some {
			l.events = lengths[i].Val()
		}
		if err := r.stamps(ctx, some); err != nil {
			return err
		}
	}
	return nil
}
