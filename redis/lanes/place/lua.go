package place

// Clock are Lua lines that read Redis's clock into now, in ms.
const Clock = `
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)
local function ms(n) return string.format('%.0f', n) end
`

// Count are Lua lines that count in KEYS[k] within the minute of acceptance, what
// begins and what changes. Counters that are gone, after 8 days, stay gone: an ending
// without its beginning would be a difference.
const Count = `
local function count(k, field, n, life)
  redis.call('HINCRBY', KEYS[k], field, n)
  if redis.call('PTTL', KEYS[k]) < 0 then redis.call('PEXPIRE', KEYS[k], life) end
end
local function recount(k, field, n)
  if redis.call('HLEN', KEYS[k]) > 0 then redis.call('HINCRBY', KEYS[k], field, n) end
end
`

// Depth are Lua lines that change in KEYS[k] how many events wait for an endpoint.
const Depth = `
local function deepen(k, name, n)
  if redis.call('HINCRBY', KEYS[k], name, n) <= 0 then redis.call('HDEL', KEYS[k], name) end
end
`

// Accepted are Lua lines that read from an element when it was accepted, in ms. One that
// cannot be read was accepted now: a script must not stop in the middle for it.
const Accepted = `
local function accepted(element) return string.match(element, '^' .. string.rep('%d', 13)) or ms(now) end
`
