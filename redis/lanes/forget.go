package lanes

import (
	"context"
	"fmt"

	"bauta/redis"
	"bauta/redis/lanes/element"
	"bauta/redis/lanes/place"
	"bauta/redis/lanes/tally"
	"bauta/webhook"
)

const (
	// forgetEach bounds how many events one script takes out of a lane.
	forgetEach = 64
	// scanEach is how many lanes one step of a scan looks at.
	scanEach = 1000
)

// Forget deletes what waits of a customer in the lanes of some conversations, those of
// events that stepped aside included, towards every endpoint; it returns how many. What
// is encrypted under the business's key stays, such as the event that says that the
// customer was erased, and so does what is of others. What it takes is counted as
// erased; a lease on a head that it takes is in force no more. What is known beside the
// lanes goes too: stages of messages in the direct chat, and how often the number was
// shown. Repeat it after an error: some may be deleted.
func (l *Lanes) Forget(ctx context.Context, t *webhook.Trace) (int, error) {
	// First: from now on nothing more comes in that the sweep could miss.
	err := l.end(ctx, t)
	n := 0
	if err == nil {
		n, err = l.eachOf(ctx, t, l.forget)
	}
	if err == nil {
		err = l.beside(ctx, t)
	}
	if err != nil {
		err = fmt.Errorf("forget a customer's events: %w", err)
	}
	return n, err
}

// Kept is how many Forget would delete.
func (l *Lanes) Kept(ctx context.Context, t *webhook.Trace) (int, error) {
	n, err := l.eachOf(ctx, t, l.kept)
	if err != nil {
		err = fmt.Errorf("count a customer's events: %w", err)
	}
	return n, err
}

// eachOf adds up what visit says of the lanes of a trace's conversations.
func (l *Lanes) eachOf(ctx context.Context, t *webhook.Trace, visit func(context.Context, place.Place, *webhook.Trace) (int, error)) (int, error) {
	all := 0
	for _, c := range t.Conversations {
		ends, err := l.endsOf(ctx, t, c)
		if err != nil {
			return all, err
		}
		for _, end := range ends {
			n, err := l.towards(ctx, end, c, func(p place.Place) (int, error) { return visit(ctx, p, t) })
			if all += n; err != nil {
				return all, err
			}
		}
	}
	return all, nil
}

// towards adds up what visit says of a conversation's own lane towards an endpoint, and
// then of those of its events that stepped aside, meanwhile too.
func (l *Lanes) towards(ctx context.Context, end webhook.EndpointKey, c webhook.Conversation, visit func(place.Place) (int, error)) (int, error) {
	own, err := place.Of(l.names, webhook.Lane{Business: end.Business, Endpoint: end.Endpoint, Conversation: place.Name(c)})
	if err != nil {
		return 0, err
	}
	all, err := visit(own)
	if err != nil {
		return all, err
	}
	asides, err := l.asides(ctx, own)
	if err != nil {
		return all, err
	}
	for _, lane := range asides {
		n, err := visit(lane)
		if all += n; err != nil {
			return all, err
		}
	}
	return all, nil
}

// endsOf are the endpoints that a trace is about, and to which anything of a
// conversation's shard waits.
func (l *Lanes) endsOf(ctx context.Context, t *webhook.Trace, c webhook.Conversation) ([]webhook.EndpointKey, error) {
	ends, err := l.store.Pipeline(ctx, []redis.Call{redis.Command("SMEMBERS", l.names.Ends(l.names.Shard(c)))})[0].List()
	if err != nil {
		return nil, err
	}
	var out []webhook.EndpointKey
	for _, m := range ends {
		text, _ := m.(string)
		end, ok := place.ParseEnd(text)
		if ok && end.Business == t.Business && (end.Endpoint != webhook.PlatformEndpoint || t.Errands) {
			out = append(out, end)
		}
	}
	return out, nil
}

// asides are the lanes of events that stepped aside from one.
func (l *Lanes) asides(ctx context.Context, first place.Place) ([]place.Place, error) {
	own := first.Lane.Conversation
	var out []place.Place
	for cursor := "0"; ; {
		reply, err := l.store.Pipeline(ctx, []redis.Call{
			redis.Command("ZSCAN", first.Due, cursor, "MATCH", string(own)+"~*", "COUNT", scanEach),
		})[0].List()
		if err != nil {
			return nil, err
		}
		if len(reply) != 2 {
			return nil, fmt.Errorf("%w: a scan of lanes answered %d values", redis.ErrRefused, len(reply))
		}
		members, _ := reply[1].([]any)
		for i := 0; i < len(members); i += 2 {
			name, _ := members[i].(string)
			lane := first.Lane
			lane.Conversation = webhook.Conversation(name)
			if conversation, aside := place.Split(lane.Conversation); aside == "" || conversation != own {
				continue
			}
			p, err := place.Of(l.names, lane)
			if err != nil {
				return nil, err
			}
			out = append(out, p)
		}
		if cursor, _ = reply[0].(string); cursor == "0" || cursor == "" {
			return out, nil
		}
	}
}

// before are a lane's elements in front of the last ones. They are counted from the
// end: whoever delivers meanwhile takes from the front, and none is passed over.
func (l *Lanes) before(ctx context.Context, p place.Place, last int) ([]any, error) {
	return l.store.Pipeline(ctx, []redis.Call{redis.Command("LRANGE", p.List, -last-forgetEach, -last-1)})[0].List()
}

// kept counts a trace's events in one lane.
func (l *Lanes) kept(ctx context.Context, p place.Place, t *webhook.Trace) (int, error) {
	all := 0
	for last := 0; ; {
		elements, err := l.before(ctx, p, last)
		if err != nil || len(elements) == 0 {
			return all, err
		}
		_, theirs := l.forgetting(p, elements, t)
		all, last = all+theirs, last+len(elements)
	}
}

// forget takes a trace's events out of one lane.
func (l *Lanes) forget(ctx context.Context, p place.Place, t *webhook.Trace) (int, error) {
	all := 0
	for last := 0; ; {
		elements, err := l.before(ctx, p, last)
		if err != nil || len(elements) == 0 {
			return all, err
		}
		last += len(elements)
		call, asked := l.forgetting(p, elements, t)
		if asked == 0 {
			continue
		}
		n, err := l.store.Do(ctx, call).Int()
		if err != nil {
			return all, err
		}
		all, last = all+int(n), last-asked
	}
}

// forgetting is the script that takes those of a lane's elements that a trace leads to.
func (l *Lanes) forgetting(p place.Place, elements []any, t *webhook.Trace) (call redis.Call, asked int) {
	keys := []string{p.List, p.Head, p.Due, p.Ages, p.Ends, p.Depths}
	args := []any{string(p.Lane.Conversation), p.End(), redis.WakeChannel}
	hours := map[string]int{}
	for _, v := range elements {
		text, _ := v.(string)
		e, err := element.Parse(text)
		if err != nil || !t.Holds(e.Customer, place.Conversation(p.Lane.Conversation), e.Accepted, e.Handle) {
			continue
		}
		counts, minute := place.Minute(l.names, p.Shard, p.Lane.Business, e.Accepted)
		if hours[counts] == 0 {
			keys = append(keys, counts)
			hours[counts] = len(keys)
		}
		args = append(args, hours[counts], minute, text)
		asked++
	}
	return l.scripts.forget.Call(keys, args...), asked
}

// forgetSource takes events out of a lane.
//
// KEYS: list, head, due, ages, ends, depths; then counters of the hours in which the
// events were accepted. ARGV: lane name, name of the endpoint, channel; of each event
// the place of its counters in KEYS, minute, element. Returns how many were there.
const forgetSource = `
local lane, name = ARGV[1], ARGV[2]
local head = redis.call('LINDEX', KEYS[1], 0)
if not head then return 0 end
redis.call('HLEN', KEYS[2])
redis.call('ZCARD', KEYS[3])
redis.call('ZCARD', KEYS[4])
redis.call('SCARD', KEYS[5])
redis.call('HLEN', KEYS[6])
for k = 7, #KEYS do redis.call('HLEN', KEYS[k]) end
local gone = 0
for i = 4, #ARGV, 3 do
  local n = redis.call('LREM', KEYS[1], 1, ARGV[i + 2])
  if n > 0 then
    gone = gone + n
    recount(tonumber(ARGV[i]), ARGV[i + 1] .. '` + tally.Erased + `', n)
  end
end
if gone == 0 then return 0 end
deepen(6, name, -gone)
local first = redis.call('LINDEX', KEYS[1], 0)
if first == head then return gone end
local leased = redis.call('HEXISTS', KEYS[2], 't') == 1
redis.call('DEL', KEYS[2])
if first then
  redis.call('ZADD', KEYS[4], accepted(first), lane)
  -- A request may be under way: what comes next waits until its lease would have ended.
  if not leased then
    redis.call('ZADD', KEYS[3], ms(now()), lane)
    redis.call('PUBLISH', ARGV[3], name .. ':' .. lane)
  end
else
  redis.call('ZREM', KEYS[3], lane)
  redis.call('ZREM', KEYS[4], lane)
  if redis.call('ZCARD', KEYS[3]) == 0 then redis.call('SREM', KEYS[5], name) end
end
return gone
`
