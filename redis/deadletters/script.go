package deadletters

import (
	"bauta/redis"
	"bauta/redis/lanes/place"
	"bauta/redis/lanes/tally"
)

func newReplay() *redis.Script {
	return redis.NewScript(place.Clock + place.Count + place.Depth + replaySource)
}

// replaySource moves a dead letter's event to the end of its lane, once.
//
// KEYS: dead letter, dead letters, list, head, due, ages, ends, depths, counts.
// ARGV: member, lane name, accepted, name of the endpoint, channel, minute. Returns 0 if the dead letter is gone.
const replaySource = `
local letter = redis.call('GET', KEYS[1])
if not letter then return 0 end
redis.call('ZCARD', KEYS[2])
local waiting = redis.call('LLEN', KEYS[3])
redis.call('HLEN', KEYS[4])
redis.call('ZCARD', KEYS[5])
redis.call('ZCARD', KEYS[6])
redis.call('SCARD', KEYS[7])
redis.call('HLEN', KEYS[8])
redis.call('HLEN', KEYS[9])
local line = string.find(letter, '\n', 1, true)
line = string.find(letter, '\n', line + 1, true)
redis.call('RPUSH', KEYS[3], string.sub(letter, line + 1))
if waiting == 0 then
  redis.call('DEL', KEYS[4])
  redis.call('ZADD', KEYS[5], ms(now()), ARGV[2])
  redis.call('ZADD', KEYS[6], ARGV[3], ARGV[2])
  redis.call('SADD', KEYS[7], ARGV[4])
  redis.call('PUBLISH', ARGV[5], ARGV[4] .. ':' .. ARGV[2])
end
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[2], ARGV[1])
deepen(8, ARGV[4], 1)
recount(9, ARGV[6] .. '` + tally.Dead + `', -1)
return 1
`
