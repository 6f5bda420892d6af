package lanes

import (
	"bauta/redis"
	"bauta/redis/lanes/place"
	"bauta/redis/lanes/tally"
)

// scripts of this package. Each reads the lane first, so that one of a wrong type stops
// it before it wrote anything. When Redis is out of memory it refuses a script's
// first write if that needs memory: add begins with such a write, so nothing more
// comes in; take, finish and advance begin with one that frees some, so lanes drain.
type scripts struct{ add, take, finish, due, forget, advance, rouse, end, release, look *redis.Script }

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
		look:    redis.NewScript(place.Clock + lookSource),
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
//
// What all lanes share is written first, the lanes then, the dedupe ids last: where a key
// of a wrong type stops the script, no event is stored or known, and it comes again.
const addSource = `
local lane, channel = ARGV[1], ARGV[2]
local ends, events = tonumber(ARGV[5]), tonumber(ARGV[6])
local over = redis.call('SMEMBERS', KEYS[#KEYS])
local waiting, orphan, adds = {}, {}, {}
for e = 1, ends do
  local k = 4 * e - 1
  adds[e], waiting[e] = {}, redis.call('LLEN', KEYS[k + 1])
  orphan[e] = waiting[e] > 0 and not redis.call('ZSCORE', KEYS[k + 3], lane)
end

-- The handle stands in clear at the beginning of an element.
local function ended(element)
  for _, digits in ipairs(over) do
    if string.find(string.sub(element, 1, 400), digits, 1, true) then return true end
  end
  return false
end

local reply, new, counts, met, at = {}, {}, {}, {}, 7 + 3 * ends
local function note(field, n) counts[field] = (counts[field] or 0) + n end
for i = 1, events do
  local seen, id, minute, n = tonumber(ARGV[at]), ARGV[at + 1], ARGV[at + 2], tonumber(ARGV[at + 5])
  local known = n < 0 or met[seen .. ':' .. id]
  for s = seen, seen + 2 do known = known or redis.call('SISMEMBER', KEYS[s], id) == 1 end
  if known then
    reply[i] = 0
    note(minute .. '` + tally.Dup + `', 1)
  else
    reply[i], met[seen .. ':' .. id] = 1, true
    new[#new + 1] = at
    local gone = ended(ARGV[at + 4])
    for j = at + 6, at + 5 + n do
      note(minute .. '` + tally.In + `', 1)
      if gone then
        note(minute .. '` + tally.Erased + `', 1)
      else
        table.insert(adds[tonumber(ARGV[j])], i)
        table.insert(adds[tonumber(ARGV[j])], at)
      end
    end
  end
  at = at + 6 + math.max(n, 0)
end

for e = 1, ends do
  local k, name, lease = 4 * e - 1, ARGV[4 + 3 * e], tonumber(ARGV[6 + 3 * e])
  if #adds[e] > 0 then
    deepen(3, name, #adds[e] / 2)
    if waiting[e] == 0 or orphan[e] then
      redis.call('ZADD', KEYS[k + 3], ms(now() + (orphan[e] and 0 or lease)), lane)
      redis.call('SADD', KEYS[2], name)
    end
    if waiting[e] == 0 then redis.call('ZADD', KEYS[k + 4], ARGV[adds[e][2] + 3], lane) end
  end
end
for field, n in pairs(counts) do count(1, field, n, ARGV[4]) end
for e = 1, ends do
  local k, lease = 4 * e - 1, tonumber(ARGV[6 + 3 * e])
  reply[events + e] = 0
  for j = 2, #adds[e], 2 do redis.call('RPUSH', KEYS[k + 1], ARGV[adds[e][j] + 4]) end
  if waiting[e] == 0 and #adds[e] > 0 then
    redis.call('DEL', KEYS[k + 2])
    if lease > 0 then
      redis.call('HSET', KEYS[k + 2], 't', ARGV[5 + 3 * e])
      reply[events + e] = adds[e][1]
    else
      redis.call('PUBLISH', channel, ARGV[4 + 3 * e] .. ':' .. lane)
    end
  end
end
for _, at in ipairs(new) do
  local set = KEYS[tonumber(ARGV[at])]
  redis.call('SADD', set, ARGV[at + 1])
  if redis.call('PTTL', set) < 0 then redis.call('PEXPIRE', set, ARGV[3]) end
end
return reply
`

// takeSource leases a due lane. KEYS: due, list, head, ages, ends.
// ARGV: lane name, token, lease in ms, name of the endpoint.
// Returns the head's element, attempts, first try and refusals; nothing if the lane is not
// due. A name in due without events is cleared away.
const takeSource = `
local score = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not score or tonumber(score) > now() then return false end
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
redis.call('ZADD', KEYS[1], ms(now() + tonumber(ARGV[3])), ARGV[1])
return {head, state[1] or '0', state[2] or '0', state[3] or '0'}
`

// dueSource lists due lanes, those due longest first. KEYS: due, ends.
// ARGV: name of the endpoint, limit. An endpoint without lanes leaves ends.
const dueSource = `
if redis.call('ZCARD', KEYS[1]) == 0 then
  redis.call('SREM', KEYS[2], ARGV[1])
  return {}
end
return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ms(now()), 'WITHSCORES', 'LIMIT', 0, ARGV[2])
`
