package place

// Clock are Lua lines that tell Redis's time in ms, asked for once and only if needed.
const Clock = `
local clock
local function now()
  if not clock then
    local time = redis.call('TIME')
    clock = time[1] * 1000 + math.floor(time[2] / 1000)
  end
  return clock
end
local function ms(n) return string.format('%.0f', n) end
`

// Count are Lua lines that count in KEYS[k] within the minute of acceptance, what
// begins and what changes. Only with a new field can the counters be new ones, whose life
// begins. Counters that are gone, after 8 days, stay gone: an ending without its beginning
// would be a difference.
const Count = `
local function count(k, field, n, life)
  if redis.call('HINCRBY', KEYS[k], field, n) == n and redis.call('PTTL', KEYS[k]) < 0 then
    redis.call('PEXPIRE', KEYS[k], life)
  end
end
local function recount(k, field, n)
  if redis.call('HLEN', KEYS[k]) > 0 then redis.call('HINCRBY', KEYS[k], field, n) end
end
`

// Depth are Lua lines that change in KEYS[k] how many events wait for an endpoint, and
// tell it.
const Depth = `
local function deepen(k, name, n)
  local depth = redis.call('HINCRBY', KEYS[k], name, n)
  if depth <= 0 then redis.call('HDEL', KEYS[k], name) end
  return depth
end
`

// Accepted are Lua lines that read from an element when it was accepted, in ms. One that
// cannot be read was accepted now: a script must not stop in the middle for it.
const Accepted = `
local function accepted(element) return string.match(element, '^' .. string.rep('%d', 13)) or ms(now()) end
`
