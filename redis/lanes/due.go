package lanes

import (
	"context"
	"errors"
	"slices"
	"sort"
	"strconv"

	"bauta/redis"
	"bauta/redis/lanes/place"
	"bauta/webhook"
)

const (
	// duePairs bounds how many endpoints of shards one call of Due asks.
	duePairs = 2048
	// dueEach bounds what is read of one endpoint in one shard, and dueFirst of what an
	// endpoint is wanted of is read first: lanes lie in the shards evenly, as a rule.
	dueEach, dueFirst = 64, 2
)

// Due lists lanes that are due and not leased, about those due longest first, at most
// limit for each endpoint. A call goes over the shards in two pipelines until it
// has asked for 2048 endpoints of shards; the next call goes on from there, so
// that with few endpoints every call sees all shards. It reads about twice what it
// returns however many lanes wait, and more only where they lie unevenly. Of what it
// could not read it returns the error beside what it could.
func (l *Lanes) Due(ctx context.Context, limit int) ([]webhook.Lane, error) {
	if limit < 1 {
		return nil, nil
	}
	l.letGo(ctx)
	pairs, err := l.pairs(ctx)
	shards := map[webhook.EndpointKey]int{}
	for _, p := range pairs {
		shards[p.end]++
	}
	most := min(limit, dueEach)
	each := func(p pair) int { return min(most, dueFirst*limit/shards[p.end]+dueFirst) }
	found, failed := l.dueIn(ctx, pairs, each)
	err = errors.Join(err, failed)
	have := map[webhook.EndpointKey]int{}
	for _, lanes := range found {
		for _, f := range lanes {
			have[f.lane.Target()]++
		}
	}
	var again []pair
	for i, p := range pairs {
		if have[p.end] < limit && len(found[i]) == each(p) && each(p) < most {
			again, found[i] = append(again, p), nil
		}
	}
	more, failed := l.dueIn(ctx, again, func(pair) int { return most })
	return pick(slices.Concat(append(found, more...)...), limit), errors.Join(err, failed)
}

// dueIn reads what is due in each pair.
func (l *Lanes) dueIn(ctx context.Context, pairs []pair, each func(pair) int) ([][]dueLane, error) {
	calls := make([]redis.Call, len(pairs))
	for i, p := range pairs {
		calls[i] = l.scripts.due.Call([]string{l.names.Due(p.shard, p.end.Business, p.end.Endpoint), l.names.Ends(p.shard)}, place.End(p.end), each(p))
	}
	found := make([][]dueLane, len(pairs))
	var err error
	for i, r := range l.store.Pipeline(ctx, calls) {
		reply, failed := r.List()
		if err == nil {
			err = failed
		}
		found[i] = appendDue(nil, pairs[i].end, reply)
	}
	return found, err
}

// pair is an endpoint with lanes in a shard.
type pair struct {
	shard int
	end   webhook.EndpointKey
}

// pairs reads which endpoints have lanes, from where the last call stopped.
func (l *Lanes) pairs(ctx context.Context) ([]pair, error) {
	shards := l.names.Shards()
	start := int(l.next.Load()) % shards
	calls := make([]redis.Call, shards)
	for i := range calls {
		calls[i] = redis.Command("SMEMBERS", l.names.Ends((start+i)%shards))
	}
	var out []pair
	var err error
	for i, r := range l.store.Pipeline(ctx, calls) {
		members, failed := r.List()
		if err == nil {
			err = failed
		}
		if i > 0 && len(out)+len(members) > duePairs {
			l.next.Store(int64((start + i) % shards))
			return out, err
		}
		for _, m := range members {
			text, _ := m.(string)
			if end, ok := place.ParseEnd(text); ok {
				out = append(out, pair{(start + i) % shards, end})
			}
		}
	}
	return out, err
}

// dueLane is a lane with the time since when it is due, in Redis's ms.
type dueLane struct {
	lane  webhook.Lane
	since float64
}

// appendDue reads names and scores in turn.
func appendDue(out []dueLane, e webhook.EndpointKey, reply []any) []dueLane {
	for i := 0; i+1 < len(reply); i += 2 {
		name, _ := reply[i].(string)
		score, _ := reply[i+1].(string)
		since, err := strconv.ParseFloat(score, 64)
		if name == "" || err != nil {
			continue
		}
		lane := webhook.Lane{Business: e.Business, Endpoint: e.Endpoint, Conversation: webhook.Conversation(name)}
		out = append(out, dueLane{lane, since})
	}
	return out
}

// pick takes the longest due, limit of each endpoint.
func pick(found []dueLane, limit int) []webhook.Lane {
	sort.SliceStable(found, func(a, b int) bool { return found[a].since < found[b].since })
	out := make([]webhook.Lane, 0, min(len(found), limit))
	taken := map[webhook.EndpointKey]int{}
	for _, f := range found {
		if taken[f.lane.Target()] < limit {
			taken[f.lane.Target()]++
			out = append(out, f.lane)
		}
	}
	return out
}
