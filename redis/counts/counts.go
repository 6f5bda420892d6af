// Package counts reads how much came in and what became of it, minute by minute,
// and how much waits. Package tally says what is counted.
package counts

import (
	"context"
	"fmt"
	"sort"
	"strconv"
	"strings"
	"time"

	"bauta/redis"
	"bauta/redis/lanes/place"
	"bauta/redis/lanes/tally"
)

// Minute is what was counted of one business in the minute that begins At. An event
// counts once for each of its endpoints; a held one once.
type Minute struct {
	At time.Time
	// In were accepted. Of these: delivered, dead letters (replayed ones are taken off
	// again), dropped, too late, erased with their customer, lost and still held.
	In, Out, Dead, Dropped, Expired, Erased, Lost, Held int64
	// Aside have stepped aside on the way. Dup came again: these are events.
	Aside, Dup int64
}

// Waiting is how many wait still.
func (m *Minute) Waiting() int64 {
	return m.In - m.Out - m.Dead - m.Dropped - m.Expired - m.Erased - m.Lost - m.Held
}

// Add adds what was counted in another minute.
func (m *Minute) Add(other *Minute) {
	for _, kind := range tally.Kinds() {
		*m.of(kind) += *other.of(kind)
	}
}

// of is where a kind is counted; nil for one that this version does not know.
func (m *Minute) of(kind string) *int64 {
	switch kind {
	case tally.In:
		return &m.In
	case tally.Out:
		return &m.Out
	case tally.Dead:
		return &m.Dead
	case tally.Dropped:
		return &m.Dropped
	case tally.Expired:
		return &m.Expired
	case tally.Erased:
		return &m.Erased
	case tally.Lost:
		return &m.Lost
	case tally.Held:
		return &m.Held
	case tally.Aside:
		return &m.Aside
	case tally.Dup:
		return &m.Dup
	}
	return nil
}

// Counts reads counters. Safe for concurrent use.
type Counts struct {
	store *redis.Store
	names redis.Keys
	ages  *ages
}

// New builds Counts.
func New(store *redis.Store) *Counts {
	return &Counts{store: store, names: store.Keys(), ages: newAges()}
}

// Minutes sums the counters of a business over all shards, for the minutes from
// since (inclusive) to until (exclusive), oldest first; minutes without any count
// are left out. Counters are kept for 8 days; a longer span is an error. One
// pipeline an hour.
func (c *Counts) Minutes(ctx context.Context, business string, since, until time.Time) ([]Minute, error) {
	if until.Sub(since) > place.CountsLife {
		return nil, fmt.Errorf("read counters: a span of %s: ask for at most %s", until.Sub(since), place.CountsLife)
	}
	sums := map[int64]*Minute{}
	for hour := since.Unix() / 3600; hour*3600 < until.Unix(); hour++ {
		if err := c.hour(ctx, business, hour, sums); err != nil {
			return nil, fmt.Errorf("read counters: %w", err)
		}
	}
	out := make([]Minute, 0, len(sums))
	for _, m := range sums {
		if !m.At.Before(since.Truncate(time.Minute)) && m.At.Before(until) {
			out = append(out, *m)
		}
	}
	sort.Slice(out, func(a, b int) bool { return out[a].At.Before(out[b].At) })
	return out, nil
}

// hour adds the counters of one hour to sums, by their minute's Unix time.
func (c *Counts) hour(ctx context.Context, business string, hour int64, sums map[int64]*Minute) error {
	calls := make([]redis.Call, c.names.Shards())
	for shard := range calls {
		calls[shard] = redis.Command("HGETALL", c.names.Counts(shard, business, hour))
	}
	for _, r := range c.store.Pipeline(ctx, calls) {
		fields, err := numbers(r)
		if err != nil {
			return err
		}
		for field, n := range fields {
			minute, kind, _ := strings.Cut(field, ":")
			m, err := strconv.Atoi(minute)
			if err != nil || m < 0 || m > 59 {
				continue
			}
			at := hour*3600 + int64(m)*60
			if sums[at] == nil {
				sums[at] = &Minute{At: time.Unix(at, 0).UTC()}
			}
			if counted := sums[at].of(kind); counted != nil {
				*counted += n
			}
		}
	}
	return nil
}

// numbers reads the reply of HGETALL, names and numbers in turn.
func numbers(r redis.Result) (map[string]int64, error) {
	reply, err := r.List()
	if err != nil {
		return nil, err
	}
	out := make(map[string]int64, len(reply)/2)
	for i := 0; i+1 < len(reply); i += 2 {
		name, _ := reply[i].(string)
		text, _ := reply[i+1].(string)
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			out[name] = n
		}
	}
	return out, nil
}
