package endpoints

import (
	"bauta/redis"
	"bauta/redis/lanes/place"
)

type scripts struct{ pause, probe, lift *redis.Script }

func newScripts() scripts {
	return scripts{
		pause: redis.NewScript(place.Clock + pauseSource),
		probe: redis.NewScript(place.Clock + probeSource),
		lift:  redis.NewScript(liftSource),
	}
}

// All scripts have one key, the endpoint's hash. Its field until is the end of the
// pause in ms, or endless.

// pauseSource: ARGV ms left, endless, reason, count, channel, message, instead of any other.
const pauseSource = `
local kept = redis.call('HGET', KEYS[1], 'until')
if ARGV[7] == '1' then kept = false end
local ends = now() + tonumber(ARGV[1])
redis.call('HDEL', KEYS[1], 'probe', 'probe_until')
if ARGV[2] == '1' then
  if kept ~= 'endless' then
    redis.call('HSET', KEYS[1], 'until', 'endless', 'reason', ARGV[3], 'opens', ARGV[4])
  end
elseif not kept or (kept ~= 'endless' and tonumber(kept) <= ends) then
  redis.call('HSET', KEYS[1], 'until', ms(ends), 'reason', ARGV[3], 'opens', ARGV[4])
end
redis.call('PUBLISH', ARGV[5], ARGV[6])
return 1
`

// probeSource: ARGV lease of a probe in ms, 0 to look only. Returns nothing if
// the endpoint is not paused; otherwise whether the caller probes (1), or somebody else does (2), ms left or -1,
// reason, count.
const probeSource = `
local state = redis.call('HMGET', KEYS[1], 'until', 'reason', 'opens', 'probe_until')
if not state[1] then return {} end
local reason, opens = state[2] or '', state[3] or '0'
if state[1] == 'endless' then return {0, '-1', reason, opens} end
local left = tonumber(state[1]) - now()
if left > 0 then return {0, ms(left), reason, opens} end
left = tonumber(state[4] or '0') - now()
if left > 0 then return {2, ms(left), reason, opens} end
local lease = tonumber(ARGV[1])
if lease == 0 then return {0, '0', reason, opens} end
redis.call('HSET', KEYS[1], 'probe_until', ms(now() + lease))
return {1, '0', reason, opens}
`

// liftSource: ARGV whether an endless pause is lifted too, channel, message.
const liftSource = `
local kept = redis.call('HGET', KEYS[1], 'until')
if not kept or (kept == 'endless' and ARGV[1] == '0') then return 0 end
redis.call('DEL', KEYS[1])
redis.call('PUBLISH', ARGV[2], ARGV[3])
return 1
`
