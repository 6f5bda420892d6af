package held

import (
	"bauta/redis"
	"bauta/redis/lanes/place"
)

func newHold() *redis.Script { return redis.NewScript(place.Clock + place.Count + holdSource) }

// holdSource holds an event unless it is known.
//
// KEYS: record, held events, counts, dedupe sets (this epoch's, the last, the
// next). ARGV: id, record, its life in ms (0: unlimited), dedupe id, life of
// dedupe sets, minute, life of counters, 1 if it is known from elsewhere. Returns 1 if
// it is stored now.
const holdSource = `
redis.call('ZCARD', KEYS[2])
redis.call('HLEN', KEYS[3])
local known = tonumber(ARGV[8])
for s = 4, 6 do known = known + redis.call('SISMEMBER', KEYS[s], ARGV[4]) end
if known > 0 then
  count(3, ARGV[6] .. 'dup', 1, ARGV[7])
  return 0
end
local life = tonumber(ARGV[3])
redis.call('SADD', KEYS[4], ARGV[4])
if redis.call('PTTL', KEYS[4]) < 0 then redis.call('PEXPIRE', KEYS[4], ARGV[5]) end
if life > 0 then
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
  redis.call('ZREMRANGEBYLEX', KEYS[2], '-', '(' .. ms(now - life))
else
  redis.call('SET', KEYS[1], ARGV[2])
end
redis.call('ZADD', KEYS[2], 0, ARGV[1])
count(3, ARGV[6] .. 'held', 1, ARGV[7])
return 1
`
