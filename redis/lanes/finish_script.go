package lanes

// finishSource applies a verdict to the head under its lease.
//
// KEYS: due, list, head, ages, ends, depths, counts; for dead the dead letter and
// the list of dead letters; for aside the list and head of the lane of its own; for out
// where it is kept who got a number that is shown, nothing where it shows none.
// ARGV: verdict (again, out, dropped, expired, dead, aside), lane name, token in force,
// token to put in force, wait in ms, whether the attempt counts (1, or 2 as a
// refusal too), next lease in ms, minute, name of the endpoint, channel; for dead the id, what is
// kept of it, its life in ms (0: unlimited); for aside the name of the lane of its own; for out
// the endpoint's id, and its life in ms (0: unlimited).
// Returns 0 if the token is not in force; {} if nothing was leased; otherwise the
// head's element, attempts, first try and refusals.
//
// What is counted and listed for all lanes is written after the head is gone: where a
// key of a wrong type stops the script there, nothing is delivered twice for it.
const finishSource = `
local verdict, lane, wait, next = ARGV[1], ARGV[2], tonumber(ARGV[5]), tonumber(ARGV[7])
local state = redis.call('HMGET', KEYS[3], 't', 'a', 'f', 'r')
local top = redis.call('LRANGE', KEYS[2], 0, 1)
local head = top[1]
if state[1] ~= ARGV[3] or not head then return 0 end
local attempts, first, refusals = tonumber(state[2] or '0'), state[3] or '0', tonumber(state[4] or '0')
if verdict == 'again' or verdict == 'dead' or verdict == 'aside' then
  if ARGV[6] ~= '0' then
    attempts = attempts + 1
    if first == '0' then first = ms(now()) end
  end
  if ARGV[6] == '2' then refusals = refusals + 1 end
end

local function lease(element)
  redis.call('HSET', KEYS[3], 't', ARGV[4])
  redis.call('ZADD', KEYS[1], ms(now() + next), lane)
  return {element, ms(attempts), first, ms(refusals)}
end

local function leave(at)
  redis.call('ZADD', KEYS[1], ms(at), lane)
  if at <= now() then redis.call('PUBLISH', ARGV[10], ARGV[9] .. ':' .. lane) end
  return {}
end

if verdict == 'again' then
  redis.call('ZCARD', KEYS[1])
  redis.call('HDEL', KEYS[3], 't')
  redis.call('HSET', KEYS[3], 'a', ms(attempts), 'f', first, 'r', ms(refusals))
  if wait == 0 and next > 0 then return lease(head) end
  return leave(now() + wait)
end

-- Counters that are gone, after 8 days, stay gone.
local counted = redis.call('HLEN', KEYS[7]) > 0
if verdict == 'dead' then redis.call('ZCARD', KEYS[9]) end
if verdict == 'aside' then
  redis.call('ZCARD', KEYS[1])
  redis.call('ZCARD', KEYS[4])
  redis.call('LLEN', KEYS[8])
  redis.call('HLEN', KEYS[9])
end
if verdict == 'out' and KEYS[8] then redis.call('HLEN', KEYS[8]) end
redis.call('LPOP', KEYS[2])
redis.call('DEL', KEYS[3])
if verdict == 'out' and KEYS[8] then
  local from, n = string.match(redis.call('HGET', KEYS[8], ARGV[11]) or '', '^(%d+) %d+ (%d+)$')
  redis.call('HSET', KEYS[8], ARGV[11], (from or ms(now())) .. ' ' .. ms(now()) .. ' ' .. ms((tonumber(n) or 0) + 1))
  if ARGV[12] ~= '0' and redis.call('PTTL', KEYS[8]) < 0 then redis.call('PEXPIRE', KEYS[8], ARGV[12]) end
elseif verdict == 'dead' then
  local letter = ms(now()) .. ' ' .. ms(attempts) .. ' ' .. first .. '\n' .. ARGV[12] .. '\n' .. head
  local life = tonumber(ARGV[13])
  if life > 0 then
    redis.call('SET', KEYS[8], letter, 'PX', ARGV[13])
    redis.call('ZREMRANGEBYLEX', KEYS[9], '-', '(' .. ms(now() - life))
  else
    redis.call('SET', KEYS[8], letter)
  end
  redis.call('ZADD', KEYS[9], 0, ms(now()) .. '-' .. ARGV[11])
elseif verdict == 'aside' then
  redis.call('RPUSH', KEYS[8], head)
  redis.call('HSET', KEYS[9], 'a', ms(attempts), 'f', first, 'r', ms(refusals))
  redis.call('ZADD', KEYS[1], ms(now() + wait), ARGV[11])
  redis.call('ZADD', KEYS[4], accepted(head), ARGV[11])
  if wait == 0 then redis.call('PUBLISH', ARGV[10], ARGV[9] .. ':' .. ARGV[11]) end
end
local depth = 1
if verdict ~= 'aside' then depth = deepen(6, ARGV[9], -1) end
if counted then redis.call('HINCRBY', KEYS[7], ARGV[8] .. verdict, 1) end
attempts, first, refusals = 0, '0', 0
local element = top[2]
if not element then
  redis.call('ZREM', KEYS[1], lane)
  redis.call('ZREM', KEYS[4], lane)
  if depth <= 0 and redis.call('ZCARD', KEYS[1]) == 0 then redis.call('SREM', KEYS[5], ARGV[9]) end
  return {}
end
redis.call('ZADD', KEYS[4], accepted(element), lane)
if next > 0 then return lease(element) end
return leave(now())
`
