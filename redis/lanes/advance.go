package lanes

import (
	"context"
	"encoding/binary"
	"time"

	"bauta/redis/lanes/place"
	"bauta/webhook"
)

// Advance notes that an endpoint is about to get a status of a message, and tells
// whether one of a later stage went before: then this one must not be sent. For as long
// as an event that stepped aside may be under way with a status of the same message,
// wait says how long to leave this one alone: two requests have no order. A failure has
// no place in the order; it is never overtaken. What is noted is kept for one to two
// weeks, as dedupe ids are.
func (l *Lanes) Advance(ctx context.Context, lease webhook.Lease, d *webhook.Delivery) (overtaken bool, wait time.Duration, err error) {
	p, err := place.Of(l.names, lease.Lane)
	if err != nil {
		return false, 0, err
	}
	own, aside := place.Split(p.Lane.Conversation)
	under := int64(0)
	if aside != "" {
		under = max(lease.Deadline.Sub(l.options.Now()), 0).Milliseconds()
	}
	to := p.Lane
	to.Conversation = own
	now := l.options.Now().Unix() / int64(epochLength/time.Second)
	part := -1
	if many(own) {
		part = int(d.Message % seenParts)
	}
	keys := []string{
		l.names.Stages(p.Shard, to, now, part), l.names.Stages(p.Shard, to, now-1, part), l.names.Stages(p.Shard, to, now+1, part),
	}
	stage, always := d.Stage.Rank()
	n, err := l.one(ctx, l.scripts.advance.Call(keys, message(d.Message), stage, always, under, seenLife.Milliseconds())).Int()
	return n < 0, time.Duration(max(n, 0)) * time.Millisecond, err
}

// message is a keyed message as the 8 bytes that it is.
func message(n uint64) string {
	return string(binary.BigEndian.AppendUint64(nil, n))
}

// advanceSource notes how far a message has come.
//
// KEYS: stages of this epoch, the last, the next. ARGV: message, stage, whether it is
// sent whatever went before, for how many ms it may be under way beside its lane, life
// in ms. Returns 0 if it may be sent, -1 if a later one went before, otherwise for how
// many ms to wait.
const advanceSource = `
local stage, under, top, busy = tonumber(ARGV[2]), tonumber(ARGV[4]), 0, 0
local here
for k = 1, 3 do
  local v = redis.call('HGET', KEYS[k], ARGV[1])
  if k == 1 then here = v end
  if v then
    local reached, till = string.match(v, '^(%d+):?(%d*)$')
    top = math.max(top, tonumber(reached))
    if till ~= '' then busy = math.max(busy, tonumber(till)) end
  end
end
if stage < top and ARGV[3] == '0' then return -1 end
if under == 0 and busy > now() then return busy - now() end
local v = ms(math.max(stage, top))
if under > 0 then v = v .. ':' .. ms(now() + under) end
if v ~= here then
  redis.call('HDEL', KEYS[1], ARGV[1])
  redis.call('HSET', KEYS[1], ARGV[1], v)
  if redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[5]) end
end
return 0
`
