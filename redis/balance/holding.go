package balance

import (
	"context"
	"strconv"

	goredis "github.com/redis/go-redis/v9"
)

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
