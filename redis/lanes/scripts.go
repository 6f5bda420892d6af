package lanes

import (
	"bauta/redis"
	"bauta/redis/lanes/place"
	"bauta/redis/lanes/tally"
)

// scripts of this package. Each reads first, so that a key of a wrong type stops
// it before it wrote anything. When Redis is out of memory it refuses a script's
// first write if that needs memory: add begins with such a write, so nothing more
// comes in; take, finish and advance begin with one that frees some, so lanes drain.
type scripts struct{ add, take, finish, due, forget, advance, rouse, end, release *redis.Script }

func newScripts() scripts {
	return scripts{
		add:     redis.NewScript(place.Clock + place.Count + place.Depth + addSource),
		take:    redis.NewScript(place.Clock + takeSource),
		finish:  redis.NewScript(place.Clock + place.Accepted + place.Depth + finishSource),
		due:     redis.NewScript(place.Clock + dueSource),
		rouse:   redis.NewScript(place.Clock + rouseSource),
		end:     redis.NewScript(endSource),
		release: redis.NewScript(place.Clock + releaseSource),
		advance: redis.NewScript(place.Clock + advanceSource),
		forget:  redis.NewScript(place.Clock + place.Accepted + place.Count + place.Depth + forgetSource),
	}
}

// addSource appends events of one conversation, in order.
//
// KEYS: counts, ends, depths; list, head, due, ages of each endpoint; then what
// the events' dedupe sets are (this epoch's, the last, the next); the last are the
// handles that end.
// ARGV: lane name, channel, life of dedupe sets and of counters in ms, number of
// endpoints, number of events; of each endpoint its name, token and
// lease in ms (0: due, not leased); of each event the place of its dedupe sets in
// KEYS, dedupe id, minute, accepted, element, number of endpoints (-1: it is known
// from elsewhere), their places.
// An event under a handle that ends is known from now on, and counted as erased.
// Returns for each event 1 if it is stored now, then for each endpoint the place
// of the event that it is leased for, 0 for none.
const addSource = `
local lane, channel = ARGV[1], ARGV[2]
local ends, events = tonumber(ARGV[5]), tonumber(ARGV[6])
local waiting, orphan, added, leased = {}, {}, {}, {}
redis.call('HLEN', KEYS[1])
redis.call('SCARD', KEYS[2])
redis.call('HLEN', KEYS[3])
local over = {}
if redis.call('EXISTS', KEYS[#KEYS]) == 1 then over = redis.call('SMEMBERS', KEYS[#KEYS]) end
for e = 1, ends do
  local k = 4 * e - 1
  waiting[e] = redis.call('LLEN', KEYS[k + 1])
  redis.call('HLEN', KEYS[k + 2])
  orphan[e] = waiting[e] > 0 and not redis.call('ZSCORE', KEYS[k + 3], lane)
  redis.call('ZCARD', KEYS[k + 4])
  added[e], leased[e] = 0, 0
end
local list, at = {}, 7 + 3 * ends
for i = 1, events do
  local seen, n = tonumber(ARGV[at]), tonumber(ARGV[at + 5])
  local known = n < 0 and 1 or 0
  for s = seen, seen + 2 do known = known + redis.call('SISMEMBER', KEYS[s], ARGV[at + 1]) end
  list[i] = {seen = seen, at = at, n = n, known = known > 0}
  at = at + 6 + math.max(n, 0)
end

local function append(event, i, e)
  local k, a = 4 * e - 1, event.at
  redis.call('RPUSH', KEYS[k + 1], ARGV[a + 4])
  added[e] = added[e] + 1
  if waiting[e] == 0 then
    local name, token, lease = ARGV[4 + 3 * e], ARGV[5 + 3 * e], tonumber(ARGV[6 + 3 * e])
    redis.call('DEL', KEYS[k + 2])
    redis.call('ZADD', KEYS[k + 3], ms(now + lease), lane)
    redis.call('ZADD', KEYS[k + 4], ARGV[a + 3], lane)
    redis.call('SADD', KEYS[2], name)
    if lease > 0 then
      redis.call('HSET', KEYS[k + 2], 't', token)
      leased[e] = i
    else
      redis.call('PUBLISH', channel, name .. ':' .. lane)
    end
  elseif orphan[e] then
    redis.call('ZADD', KEYS[k + 3], ms(now), lane)
    redis.call('SADD', KEYS[2], ARGV[4 + 3 * e])
    orphan[e] = false
  end
  waiting[e] = waiting[e] + 1
end

-- The handle stands in clear at the beginning of an element.
local function ended(element)
  for _, digits in ipairs(over) do
    if string.find(string.sub(element, 1, 400), digits, 1, true) then return true end
  end
  return false
end

local reply = {}
for i, event in ipairs(list) do
  local a = event.at
  local set = KEYS[event.seen]
  if event.known or redis.call('SADD', set, ARGV[a + 1]) == 0 then
    count(1, ARGV[a + 2] .. '` + tally.Dup + `', 1, ARGV[4])
    reply[i] = 0
  else
    if redis.call('PTTL', set) < 0 then redis.call('PEXPIRE', set, ARGV[3]) end
    if ended(ARGV[a + 4]) then
      if event.n > 0 then count(1, ARGV[a + 2] .. '` + tally.Erased + `', event.n, ARGV[4]) end
    else
      for j = 1, event.n do append(event, i, tonumber(ARGV[a + 5 + j])) end
    end
    if event.n > 0 then count(1, ARGV[a + 2] .. '` + tally.In + `', event.n, ARGV[4]) end
    reply[i] = 1
  end
end
for e = 1, ends do
  if added[e] > 0 then deepen(3, ARGV[4 + 3 * e], added[e]) end
  reply[events + e] = leased[e]
end
return reply
`

// takeSource leases a due lane. KEYS: due, list, head, ages, ends.
// ARGV: lane name, token, lease in ms, name of the endpoint.
// Returns the head's element, attempts, first try and refusals; nothing if the lane is not
// due. A name in due without events is cleared away.
const takeSource = `
local score = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not score or tonumber(score) > now then return false end
local head = redis.call('LINDEX', KEYS[2], 0)
if not head then
  redis.call('ZREM', KEYS[1], ARGV[1])
  redis.call('ZREM', KEYS[4], ARGV[1])
  redis.call('DEL', KEYS[3])
  if redis.call('ZCARD', KEYS[1]) == 0 then redis.call('SREM', KEYS[5], ARGV[4]) end
  return false
end
local state = redis.call('HMGET', KEYS[3], 'a', 'f', 'r')
redis.call('HDEL', KEYS[3], 't')
redis.call('HSET', KEYS[3], 't', ARGV[2])
redis.call('ZADD', KEYS[1], ms(now + tonumber(ARGV[3])), ARGV[1])
return {head, state[1] or '0', state[2] or '0', state[3] or '0'}
`

// dueSource lists due lanes, those due longest first. KEYS: due, ends.
// ARGV: name of the endpoint, limit. An endpoint without lanes leaves ends.
const dueSource = `
if redis.call('ZCARD', KEYS[1]) == 0 then
  redis.call('SREM', KEYS[2], ARGV[1])
  return {}
end
return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ms(now), 'WITHSCORES', 'LIMIT', 0, ARGV[2])
`
