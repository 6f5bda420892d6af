package lanes

import (
	"context"
	"fmt"

	"bauta/redis"
	"bauta/redis/lanes/place"
	"bauta/webhook"
)

// Rouse makes every lane of an endpoint due that waits for its time, and tells the nodes:
// after a repair nothing has to wait for the end of a pause or for its next retry. Lanes
// that are leased stay as they are. It returns how many there were; repeat it after an
// error.
func (l *Lanes) Rouse(ctx context.Context, e webhook.EndpointKey) (int, error) {
	all := 0
	for shard := range l.names.Shards() {
		n, err := l.rouse(ctx, shard, e)
		if all += n; err != nil {
			return all, fmt.Errorf("rouse an endpoint's lanes: %w", err)
		}
	}
	return all, nil
}

func (l *Lanes) rouse(ctx context.Context, shard int, e webhook.EndpointKey) (int, error) {
	due := l.names.Due(shard, e.Business, e.Endpoint)
	all := 0
	for cursor := "0"; ; {
		reply, err := l.store.Pipeline(ctx, []redis.Call{redis.Command("ZSCAN", due, cursor, "COUNT", scanEach)})[0].List()
		if err != nil {
			return all, err
		}
		if len(reply) != 2 {
			return all, fmt.Errorf("%w: a scan of lanes answered %d values", redis.ErrRefused, len(reply))
		}
		keys := []string{due}
		args := []any{redis.WakeChannel, place.Message(webhook.Lane{Business: e.Business, Endpoint: e.Endpoint})}
		members, _ := reply[1].([]any)
		for i := 0; i < len(members); i += 2 {
			name, _ := members[i].(string)
			keys = append(keys, l.names.HeadAt(shard, webhook.Lane{Business: e.Business, Endpoint: e.Endpoint, Conversation: webhook.Conversation(name)}))
			args = append(args, name)
		}
		if len(keys) > 1 {
			n, err := l.one(ctx, l.scripts.rouse.Call(keys, args...)).Int()
			if all += int(n); err != nil {
				return all, err
			}
		}
		if cursor, _ = reply[0].(string); cursor == "0" || cursor == "" {
			return all, nil
		}
	}
}

// rouseSource makes lanes due. KEYS: due, the heads. ARGV: channel, message, the lanes'
// names. Returns how many waited for their time, and were not leased.
const rouseSource = `
local n = 0
for i = 3, #ARGV do
  local score = redis.call('ZSCORE', KEYS[1], ARGV[i])
  if score and tonumber(score) > now() and redis.call('HEXISTS', KEYS[i - 1], 't') == 0 then
    redis.call('ZADD', KEYS[1], ms(now()), ARGV[i])
    n = n + 1
  end
end
if n > 0 then redis.call('PUBLISH', ARGV[1], ARGV[2]) end
return n
`
