package jobs

import (
	"bauta/redis"
	"bauta/redis/lanes/place"
	"bauta/webhook/operate"
)

type scripts struct{ begin, claim, advance, cancel *redis.Script }

func newScripts() scripts {
	return scripts{
		begin: redis.NewScript(place.Clock + beginSource), claim: redis.NewScript(place.Clock + claimSource),
		advance: redis.NewScript(place.Clock + advanceSource), cancel: redis.NewScript(place.Clock + cancelSource),
	}
}

// All scripts have one key, the endpoint's job: a hash of id, order (JSON), state, done,
// gone, failed, node and until (ms: whose it is, until when), ended (ms).
const (
	// beginSource: id, order, life in ms. 0: there is one that has not ended.
	beginSource = `
if redis.call('HGET', KEYS[1], 'state') == '` + operate.Running + `' then return 0 end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'id', ARGV[1], 'order', ARGV[2], 'state', '` + operate.Running + `')
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1`

	// claimSource: node, lease and life in ms. 0: it has ended, or is another node's.
	claimSource = `
local job = redis.call('HMGET', KEYS[1], 'state', 'node', 'until')
if job[1] ~= '` + operate.Running + `' then return 0 end
if job[2] ~= ARGV[1] and tonumber(job[3] or '0') > now() then return 0 end
redis.call('HSET', KEYS[1], 'node', ARGV[1], 'until', ms(now() + tonumber(ARGV[2])))
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1`

	// advanceSource: node, id, done, gone, failed, state, lease and life in ms. 0: stop.
	advanceSource = `
local job = redis.call('HMGET', KEYS[1], 'id', 'state', 'node')
if job[1] ~= ARGV[2] or job[3] ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'done', ARGV[3], 'gone', ARGV[4], 'failed', ARGV[5])
if job[2] ~= '` + operate.Running + `' then return 0 end
redis.call('HSET', KEYS[1], 'state', ARGV[6], 'until', ms(now() + tonumber(ARGV[7])))
if ARGV[6] ~= '` + operate.Running + `' then redis.call('HSET', KEYS[1], 'ended', ms(now())) end
redis.call('PEXPIRE', KEYS[1], ARGV[8])
return 1`

	// cancelSource: id, life in ms. 0: it is not there, or has ended.
	cancelSource = `
local job = redis.call('HMGET', KEYS[1], 'id', 'state')
if job[1] ~= ARGV[1] or job[2] ~= '` + operate.Running + `' then return 0 end
redis.call('HSET', KEYS[1], 'state', '` + operate.Cancelled + `', 'ended', ms(now()))
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1`
)
