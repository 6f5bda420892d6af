package ledger

import "bauta/redis"

type scripts struct{ look, append, page, prune *redis.Script }

func newScripts() scripts {
	return scripts{
		look: redis.NewScript(lookSource), append: redis.NewScript(appendSource),
		page: redis.NewScript(pageSource), prune: redis.NewScript(pruneSource),
	}
}

// All scripts have the keys of one ledger: its head, its lines, and parts of its ids.
// The head is a hash: seq, hash and signed are its end, base, basehash and basesigned
// the last line that was dropped.
const (
	// lookSource. KEYS: head, lines, for each id its part of every level. ARGV: ids.
	// It returns the head's fields, how many lines there are, and for each id
	// whether it is known.
	lookSource = `
local out = redis.call('HMGET', KEYS[1], 'seq', 'hash', 'signed', 'base', 'basehash', 'basesigned')
out[7] = redis.call('LLEN', KEYS[2])
local levels = (#KEYS - 2) / math.max(#ARGV, 1)
for i = 1, #ARGV do
  local known = 0
  for j = 3 + (i - 1) * levels, 2 + i * levels do
    known = known + redis.call('SISMEMBER', KEYS[j], ARGV[i])
  end
  out[7 + i] = known
end
return out`

	// appendSource. KEYS: head, lines, for each new line the part that its id is
	// entered into. ARGV: the seq and hash that the head has, the new seq, hash and
	// signature; for each new line its id and the line. It returns 0 if the head is
	// another one by now, and nothing was changed. Without new lines it writes the
	// head as it is: that is acknowledged only after what was written before.
	appendSource = `
local head = redis.call('HMGET', KEYS[1], 'seq', 'hash')
if (head[1] or '0') ~= ARGV[1] or (head[2] or '') ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], 'seq', ARGV[3], 'hash', ARGV[4], 'signed', ARGV[5])
for i = 3, #KEYS do
  redis.call('RPUSH', KEYS[2], ARGV[2 * i + 1])
  redis.call('SADD', KEYS[i], ARGV[2 * i])
end
return 1`

	// pageSource. KEYS: head, lines. ARGV: the seq behind which to begin, how many
	// lines. It returns the head's fields, and the lines behind that seq or,
	// where it was dropped, behind base.
	pageSource = `
local head = redis.call('HMGET', KEYS[1], 'seq', 'hash', 'signed', 'base', 'basehash', 'basesigned')
local first = math.max(tonumber(ARGV[1]) - tonumber(head[4] or '0'), 0)
head[7] = redis.call('LLEN', KEYS[2])
head[8] = redis.call('LRANGE', KEYS[2], first, first + tonumber(ARGV[2]) - 1)
return head`

	// pruneSource. KEYS: head, lines, for each dropped id its part of every level.
	// ARGV: the base that the head has, the new base, hash and signature; how many
	// lines are dropped, their ids. It returns 0 if the base is another one by now.
	pruneSource = `
if (redis.call('HGET', KEYS[1], 'base') or '0') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'base', ARGV[2], 'basehash', ARGV[3], 'basesigned', ARGV[4])
redis.call('LTRIM', KEYS[2], ARGV[5], -1)
local levels = (#KEYS - 2) / (#ARGV - 5)
for i = 3, #KEYS do
  redis.call('SREM', KEYS[i], ARGV[6 + math.floor((i - 3) / levels)])
end
return 1`
)
