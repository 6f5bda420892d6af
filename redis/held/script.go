package held

import (
	"bauta/redis"
	"bauta/redis/lanes/place"
	"bauta/redis/lanes/tally"
)

// scripts of this package.
type scripts struct{ hold, leave *redis.Script }

func newScripts() scripts {
	return scripts{
		hold:  redis.NewScript(place.Count + holdSource),
		leave: redis.NewScript(leaveSource),
	}
}

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
  count(3, ARGV[6] .. '` + tally.Dup + `', 1, ARGV[7])
  return 0
end
redis.call('SADD', KEYS[4], ARGV[4])
if redis.call('PTTL', KEYS[4]) < 0 then redis.call('PEXPIRE', KEYS[4], ARGV[5]) end
if tonumber(ARGV[3]) > 0 then
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
else
  redis.call('SET', KEYS[1], ARGV[2])
end
redis.call('ZADD', KEYS[2], 0, ARGV[1])
count(3, ARGV[6] .. '` + tally.In + `', 1, ARGV[7])
count(3, ARGV[6] .. '` + tally.Held + `', 1, ARGV[7])
return 1
`

// leaveSource takes an event out of holding and counts what became of it. One that was
// released is counted in its lanes already.
//
// KEYS: record, held events, counts. ARGV: id, minute, what becomes of it (”: released),
// what became of it if its record is gone. Returns 1 if there was a record.
const leaveSource = `
redis.call('ZCARD', KEYS[2])
local counted = redis.call('HLEN', KEYS[3]) > 0
local there = redis.call('DEL', KEYS[1])
if redis.call('ZREM', KEYS[2], ARGV[1]) == 0 or not counted then return there end
redis.call('HINCRBY', KEYS[3], ARGV[2] .. '` + tally.Held + `', -1)
local kind = ARGV[3 + 1 - there]
if kind == '' then
  redis.call('HINCRBY', KEYS[3], ARGV[2] .. '` + tally.In + `', -1)
else
  redis.call('HINCRBY', KEYS[3], ARGV[2] .. kind, 1)
end
return there
`
