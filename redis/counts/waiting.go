package counts

import (
	"context"
	"fmt"
	"sort"
	"strconv"
	"sync"
	"time"

	"bauta/redis"
	"bauta/redis/lanes/place"
	"bauta/webhook"
)

// maxAges bounds for how many endpoints of shards one call of Waiting asks how old
// their oldest event is.
const maxAges = 2048

// Waiting is how much waits for an endpoint.
type Waiting struct {
	Endpoint webhook.EndpointKey
	Events   int64
	// Oldest is when the event that waits longest at the head of a lane was
	// accepted.
	Oldest time.Time
}

// ages remembers what was last read of the endpoints of shards, so that a call
// need not ask for all.
type ages struct {
	mu    sync.Mutex
	known map[corner]int64
	next  int
}

// corner is an endpoint in a shard.
type corner struct {
	shard int
	end   webhook.EndpointKey
}

func newAges() *ages { return &ages{known: map[corner]int64{}} }

// Waiting tells for every endpoint for which events wait how many, and since when.
// It asks two questions a shard at most, however many lanes there are; beyond 2048
// endpoints of shards the ages come from earlier calls in turn. For metrics and
// readiness.
func (c *Counts) Waiting(ctx context.Context) ([]Waiting, error) {
	sums, corners, err := c.depths(ctx)
	if err != nil {
		return nil, fmt.Errorf("read what waits: %w", err)
	}
	oldest, err := c.ages.read(ctx, c.store, c.names, corners)
	if err != nil {
		return nil, fmt.Errorf("read what waits: %w", err)
	}
	out := make([]Waiting, 0, len(sums))
	for end, n := range sums {
		w := Waiting{Endpoint: end, Events: n}
		if at := oldest[end]; at > 0 {
			w.Oldest = time.UnixMilli(at)
		}
		out = append(out, w)
	}
	sort.Slice(out, func(a, b int) bool { return place.End(out[a].Endpoint) < place.End(out[b].Endpoint) })
	return out, nil
}

// depths sums how many events wait, and says where.
func (c *Counts) depths(ctx context.Context) (map[webhook.EndpointKey]int64, []corner, error) {
	calls := make([]redis.Call, c.names.Shards())
	for shard := range calls {
		calls[shard] = redis.Command("HGETALL", c.names.Depths(shard))
	}
	sums := map[webhook.EndpointKey]int64{}
	var corners []corner
	for shard, r := range c.store.Pipeline(ctx, calls) {
		fields, err := numbers(r)
		if err != nil {
			return nil, nil, err
		}
		for name, n := range fields {
			if end, ok := place.ParseEnd(name); ok && n > 0 {
				sums[end] += n
				corners = append(corners, corner{shard, end})
			}
		}
	}
	return sums, corners, nil
}

// read returns the oldest acceptance of each endpoint in Unix ms.
func (a *ages) read(ctx context.Context, store *redis.Store, names redis.Keys, corners []corner) (map[webhook.EndpointKey]int64, error) {
	sort.Slice(corners, func(i, j int) bool {
		if corners[i].shard != corners[j].shard {
			return corners[i].shard < corners[j].shard
		}
		return place.End(corners[i].end) < place.End(corners[j].end)
	})
	a.mu.Lock()
	defer a.mu.Unlock()
	asked := make([]corner, min(len(corners), maxAges))
	calls := make([]redis.Call, len(asked))
	for i := range asked {
		asked[i] = corners[(a.next+i)%len(corners)]
		calls[i] = redis.Command("ZRANGE", names.Ages(asked[i].shard, asked[i].end.Business, asked[i].end.Endpoint), 0, 0, "WITHSCORES")
	}
	if a.next += len(asked); len(asked) == len(corners) {
		a.next = 0
	}
	fresh := make(map[corner]int64, len(corners))
	for _, c := range corners {
		if at, ok := a.known[c]; ok {
			fresh[c] = at
		}
	}
	for i, r := range store.Pipeline(ctx, calls) {
		reply, err := r.List()
		if err != nil {
			return nil, err
		}
		delete(fresh, asked[i])
		if len(reply) == 2 {
			text, _ := reply[1].(string)
			if at, err := strconv.ParseFloat(text, 64); err == nil {
				fresh[asked[i]] = int64(at)
			}
		}
	}
	a.known = fresh
	oldest := map[webhook.EndpointKey]int64{}
	for c, at := range fresh {
		if was, ok := oldest[c.end]; !ok || at < was {
			oldest[c.end] = at
		}
	}
	return oldest, nil
}
