package vault

import "bauta/redis"

// scripts are the steps that must not be interleaved. Each touches one key.
type scripts struct {
	create, write, inbound, destroy *redis.Script
	point, copied, mark             *redis.Script
	name, drop                      *redis.Script
	forms, makeKey, rewrap          *redis.Script
}

func newScripts() scripts {
	return scripts{
		create:  redis.NewScript(createSource),
		write:   redis.NewScript(writeSource),
		inbound: redis.NewScript(inboundSource),
		destroy: redis.NewScript(destroySource),
		mark:    redis.NewScript(markSource),
		point:   redis.NewScript(pointSource),
		copied:  redis.NewScript(copiedSource),
		name:    redis.NewScript(nameSource),
		drop:    redis.NewScript(dropSource),
		forms:   redis.NewScript(formsSource),
		makeKey: redis.NewScript(makeKeySource),
		rewrap:  redis.NewScript(rewrapSource),
	}
}

const (
	// late is where a step ends that stores a data key or makes an entry of the index, if
	// the key that it is under may have been replaced by now: until in ms.
	late = `
local time = redis.call('TIME')
if time[1] * 1000 + math.floor(time[2] / 1000) > tonumber(ARGV[1]) then return 'late' end`

	// create: until, wrapped key, record, period in ms. An id is drawn once, so a
	// record that is there is this one.
	createSource = late + `
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('HSET', KEYS[1], 'k', ARGV[2], 'v', '1', 'r', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 1`

	// write: version that was read, next version, record, period in ms (0: none,
	// -1: what is left of the present one).
	writeSource = `
if redis.call('HGET', KEYS[1], 'v') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'v', ARGV[2], 'r', ARGV[3])
if ARGV[4] == '0' then redis.call('PERSIST', KEYS[1]) elseif ARGV[4] ~= '-1' then redis.call('PEXPIRE', KEYS[1], ARGV[4]) end
return 1`

	// inbound: time in ms, the business's phone number id. Only beside a record that
	// is there, and never an earlier time.
	inboundSource = `
local held = redis.call('HMGET', KEYS[1], 'k', 'i')
if not held[1] then return 0 end
if held[2] and (tonumber(string.match(held[2], '^%d+')) or 0) >= tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'i', ARGV[1] .. ' ' .. ARGV[2])
return 1`

	// point: until, id, what the entry holds now ('' for none), period in ms. It
	// returns what the entry holds in the end, or 'late'.
	pointSource = `
local held = redis.call('GET', KEYS[1]) or ''
if held ~= ARGV[3] then return held end` + late + `
if ARGV[4] == '0' then redis.call('SET', KEYS[1], ARGV[2]) else redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[4]) end
return ARGV[2]`

	// copied: id, what the entry holds now ('' for none), period in ms (0: none).
	copiedSource = `
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[2] then return 0 end
if ARGV[3] == '0' then redis.call('SET', KEYS[1], ARGV[1]) else redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3]) end
return 1`

	// name: id, period in ms (0: none). It returns 'new', or whose it is.
	nameSource = `
local held = redis.call('GET', KEYS[1])
if held then return held end
if ARGV[2] == '0' then redis.call('SET', KEYS[1], ARGV[1]) else redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) end
return 'new'`

	// drop: ids. Only what is ours is removed.
	dropSource = `
local held = redis.call('GET', KEYS[1])
for _, id in ipairs(ARGV) do
  if held == id then return redis.call('DEL', KEYS[1]) end
end
return 0`

	// destroy: version that was read, 0 for any. It returns 0 if another one is there.
	destroySource = `
local version = redis.call('HGET', KEYS[1], 'v')
if version and ARGV[1] ~= '0' and version ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
return 1`

	// mark: marker, period in ms (0: none), 1 if a missing entry is marked too, then
	// ids. An entry that leads to anybody else stays.
	markSource = `
local held = redis.call('GET', KEYS[1])
local ours = not held and ARGV[3] == '1'
for i = 4, #ARGV do ours = ours or held == ARGV[i] end
if not ours then return 0 end
if ARGV[2] == '0' then redis.call('SET', KEYS[1], ARGV[1]) else redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) end
return 1`

	// forms: end in Unix ms (0: none), then fields and values.
	formsSource = `
for i = 2, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
if ARGV[1] ~= '0' then redis.call('PEXPIREAT', KEYS[1], ARGV[1]) end
return 1`

	// makeKey: until, wrapped key. It returns the one that holds.
	makeKeySource = late + `
redis.call('HSETNX', KEYS[1], 'key', ARGV[2])
return redis.call('HGET', KEYS[1], 'key')`

	// rewrap: field, wrapped key that was read, the same key wrapped anew.
	rewrapSource = `
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 1`
)
