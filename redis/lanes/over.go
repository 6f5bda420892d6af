package lanes

import (
	"context"
	"time"

	"bauta/redis"
	"bauta/redis/lanes/place"
	"bauta/webhook"
)

// overFor is for how long nothing comes in under a handle that ended: longer than any
// node takes from preparing an event to appending it.
const overFor = time.Hour

// end keeps what was prepared before the handles of a trace ended, and is appended only
// now, out of its lanes.
func (l *Lanes) end(ctx context.Context, t *webhook.Trace) error {
	digits := t.Digits()
	if len(digits) == 0 {
		return nil
	}
	args := []any{overFor.Milliseconds()}
	for _, d := range digits {
		args = append(args, d)
	}
	var calls []redis.Call
	for _, c := range t.Conversations {
		calls = append(calls, l.scripts.end.Call([]string{l.names.Over(t.Business, place.Bound(c))}, args...))
	}
	return firstError(l.store.Commit(ctx, calls))
}

// endSource: how long it holds in ms, digits of handles.
const endSource = `
for i = 2, #ARGV do redis.call('SADD', KEYS[1], ARGV[i]) end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1`

// beside deletes what is known of a trace's conversations beside their lanes. Of a group
// the stages stay: they are the other members' too, and name nobody.
func (l *Lanes) beside(ctx context.Context, t *webhook.Trace) error {
	epoch := l.options.Now().Unix() / int64(epochLength/time.Second)
	var calls []redis.Call
	for _, c := range t.Conversations {
		for _, customer := range t.Customers {
			calls = append(calls, redis.Command("DEL", l.names.Shown(t.Business, customer, c)))
		}
		if many(c) {
			continue
		}
		for _, end := range t.Endpoints {
			lane := webhook.Lane{Business: t.Business, Endpoint: end, Conversation: place.Name(c)}
			for at := epoch - 1; at <= epoch+1; at++ {
				calls = append(calls, redis.Command("DEL", l.names.Stages(l.names.Shard(c), lane, at, -1)))
			}
		}
	}
	return firstError(l.store.Commit(ctx, calls))
}

func firstError(results []redis.Result) error {
	for _, r := range results {
		if r.Err != nil {
			return r.Err
		}
	}
	return nil
}
