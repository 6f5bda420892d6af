package balance

import (
	"context"
	"slices"
	"strconv"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"bauta/redis"
	"bauta/redis/lanes/place"
	"bauta/redis/lanes/tally"
)

// mend adds to a transaction what makes the balance hold: what is missing is counted
// as lost, what nobody counted as accepted, and lanes that no node would have looked at
// are due.
func (s *snapshot) mend(ctx context.Context, p goredis.Pipeliner, names redis.Keys) {
	s.recount(ctx, p, names)
	for _, e := range s.ends {
		s.requeue(ctx, p, names, e)
		name := place.End(e.key)
		switch waiting := e.waiting(); waiting {
		case e.depth:
		case 0:
			p.HDel(ctx, names.Depths(s.part.shard), name)
		default:
			p.HSet(ctx, names.Depths(s.part.shard), name, waiting)
		}
	}
}

// recount corrects the counters.
func (s *snapshot) recount(ctx context.Context, p goredis.Pipeliner, names redis.Keys) {
	made := map[int64]bool{}
	for at, m := range s.minutes {
		hour := hourOf(at)
		key := names.Counts(s.part.shard, s.part.business, hour)
		_, field := place.Minute(names, s.part.shard, s.part.business, time.Unix(at, 0))
		add := func(kind string, n int64) {
			if n == 0 {
				return
			}
			p.HIncrBy(ctx, key, field+kind, n)
			made[hour] = true
		}
		missing := m.missing()
		add(tally.Lost, max(missing, 0))
		add(tally.In, max(-missing, 0))
		add(tally.Held, m.holding-m.held)
	}
	for hour := range made {
		if s.fresh[hour] {
			p.PExpire(ctx, names.Counts(s.part.shard, s.part.business, hour), place.CountsLife)
		}
	}
}

// requeue has nodes look at lanes that they would not have looked at, and corrects the
// ages.
func (s *snapshot) requeue(ctx context.Context, p goredis.Pipeliner, names redis.Keys, e *end) {
	due, ages := names.Due(s.part.shard, e.key.Business, e.key.Endpoint), names.Ages(s.part.shard, e.key.Business, e.key.Endpoint)
	for _, l := range e.lanes {
		name := string(l.place.Lane.Conversation)
		head, _ := strconv.ParseFloat(l.head, 64)
		switch {
		case l.age == l.head:
		case l.events == 0:
			p.ZRem(ctx, ages, name)
		default:
			p.ZAdd(ctx, ages, goredis.Z{Score: head, Member: name})
		}
		if l.events > 0 && !l.due {
			p.ZAdd(ctx, due, goredis.Z{Score: head, Member: name}) // due since it was accepted
		}
	}
	if slices.ContainsFunc(e.lanes, e.stalled) {
		p.SAdd(ctx, names.Ends(s.part.shard), place.End(e.key))
	}
}
