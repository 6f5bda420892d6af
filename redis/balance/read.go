package balance

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

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

// stampsSource reads when events were accepted, without the events. KEYS: lanes. ARGV:
// of each the first and the last event that are meant.
const stampsSource = `
local out = {}
for i, list in ipairs(KEYS) do
  local stamps = {}
  for j, e in ipairs(redis.call('LRANGE', list, ARGV[2 * i - 1], ARGV[2 * i])) do stamps[j] = string.sub(e, 1, 13) end
  out[i] = stamps
end
return out
`

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

// sheaf is what one script looks at: parts of lanes, with so many events.
type sheaf struct {
	keys []string
	args []any
	of   []*lane
	size int64
}

// sheaves parts the events of lanes.
func sheaves(lanes []*lane) []sheaf {
	looks := []sheaf{{}}
	for _, l := range lanes {
		for from := int64(0); from < l.events; {
			at := &looks[len(looks)-1]
			n := min(stampsEach-at.size, l.events-from)
			if n == 0 {
				looks = append(looks, sheaf{})
				continue
			}
			at.keys, at.args, at.of = append(at.keys, l.place.List), append(at.args, from, from+n-1), append(at.of, l)
			from, at.size = from+n, at.size+n
		}
	}
	return looks
}

// stamps reads when the events of lanes were accepted.
func (r *reader) stamps(ctx context.Context, lanes []*lane) error {
	for some := range slices.Chunk(sheaves(lanes), 16) {
		replies := make([]*goredis.Cmd, len(some))
		err := r.piped(ctx, func(p goredis.Pipeliner) {
			for i, at := range some {
				if at.size > 0 {
					replies[i] = p.Eval(ctx, stampsSource, at.keys, at.args...)
					r.cost += int(at.size) / 10
				}
			}
		})
		if err != nil {
			return err
		}
		for i, at := range some {
			if at.size > 0 {
				lists, _ := replies[i].Slice()
				r.note(at.of, lists)
			}
		}
	}
	return nil
}

// note notes when the events of lanes were accepted.
func (r *reader) note(of []*lane, lists []any) {
	for i, list := range lists {
		stamps, _ := list.([]any)
		for j, v := range stamps {
			text, _ := v.(string)
			ms, err := strconv.ParseInt(text, 10, 64)
			readable := err == nil && len(text) == stampLength
			if l := of[i]; j == 0 && !l.read {
				// Of what nobody can read, whatever age is noted is right.
				l.read, l.head = true, l.age
				if readable {
					l.head = text
				}
			}
			if !readable {
				continue // it is missing where it was counted
			}
			at := time.UnixMilli(ms).Unix()
			if _, meant := r.fresh[hourOf(at)]; meant {
				r.minute(at-at%60).waiting++
			}
		}
	}
}

// holding counts what is held. Only where the sum is not what was counted each minute
// is looked at.
func (r *reader) holding(ctx context.Context) error {
	counted := map[int64]int64{}
	for at, m := range r.minutes {
		counted[hourOf(at)] += m.held
		if !r.holds {
			m.holding = 0
		}
	}
	if !r.holds {
		return nil
	}
	held, err := r.span(ctx, r.part.hours, 3600)
	if err != nil {
		return err
	}
	for hour, n := range held {
		if n == counted[hour] {
			continue
		}
		minutes := make([]int64, 60)
		for i := range minutes {
			minutes[i] = hour*60 + int64(i)
		}
		found, err := r.span(ctx, minutes, 60)
		if err != nil {
			return err
		}
		for number, n := range found {
			if at := number * 60; n > 0 || r.minutes[at] != nil {
				r.minute(at).holding = n
			}
		}
	}
	return nil
}

// span counts what is held of spans of some seconds, each given by its number.
func (r *reader) span(ctx context.Context, numbers []int64, seconds int64) (map[int64]int64, error) {
	counts := make([]*goredis.IntCmd, len(numbers))
	key := r.names.Helds(r.part.shard, r.part.business)
	err := r.piped(ctx, func(p goredis.Pipeliner) {
		for i, n := range numbers {
			counts[i] = p.ZLexCount(ctx, key, stamp("[", n*seconds), stamp("(", (n+1)*seconds))
		}
	})
	out := make(map[int64]int64, len(numbers))
	for i, n := range numbers {
		out[n] = counts[i].Val()
	}
	return out, err
}

// stamp bounds a span by a Unix time.
func stamp(bound string, at int64) string { return bound + strconv.FormatInt(at*1000, 10) }
