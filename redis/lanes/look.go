package lanes

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"strconv"
	"strings"
	"time"

	"bauta/redis"
	"bauta/redis/lanes/element"
	"bauta/redis/lanes/place"
	"bauta/webhook"
)

// ErrCursor is none of a list of lanes.
var ErrCursor = errors.New("this is no cursor of a list of lanes: take it from the page before")

// lookHeader bounds what is read of a waiting event: all but the body.
const lookHeader = 2 << 10

// State is what is known of a lane from outside.
type State struct {
	Lane webhook.Lane
	// Events wait; Queue are the first of them, without bodies.
	Events int64
	Queue  []webhook.Delivery
	// Due is when the head is tried next or, while it is Leased, when the lease ends.
	Due    time.Time
	Leased bool
	// Attempts, Refusals and FirstTry are the head's.
	Attempts, Refusals int
	FirstTry           time.Time
}

// Waiting lists lanes of an endpoint, those whose heads wait longest first: at most limit
// behind the cursor, "" for the beginning, and the cursor of what follows, "" at the end.
// Lanes that come and go meanwhile may be missed. One round trip.
func (l *Lanes) Waiting(ctx context.Context, e webhook.EndpointKey, cursor string, limit int) ([]webhook.Lane, string, error) {
	from, skip, err := parseCursor(cursor)
	if err != nil {
		return nil, "", err
	}
	calls := make([]redis.Call, l.names.Shards())
	for shard := range calls {
		calls[shard] = redis.Command("ZRANGEBYSCORE", l.names.Ages(shard, e.Business, e.Endpoint), from, "+inf", "WITHSCORES", "LIMIT", 0, limit+skip+1)
	}
	type aged struct {
		at   int64
		name string
	}
	var found []aged
	for _, r := range l.store.Pipeline(ctx, calls) {
		reply, err := r.List()
		if err != nil {
			return nil, "", fmt.Errorf("list waiting lanes: %w", err)
		}
		for i := 0; i+1 < len(reply); i += 2 {
			name, _ := reply[i].(string)
			score, _ := reply[i+1].(string)
			at, _ := strconv.ParseFloat(score, 64)
			found = append(found, aged{int64(at), name})
		}
	}
	sort.Slice(found, func(a, b int) bool {
		return found[a].at < found[b].at || found[a].at == found[b].at && found[a].name < found[b].name
	})
	found = found[min(skip, len(found)):]
	next := ""
	if len(found) > limit {
		found = found[:limit]
		last := found[limit-1].at
		same := sort.Search(limit, func(i int) bool { return found[i].at >= last })
		skipped := limit - same
		if strconv.FormatInt(last, 10) == from {
			skipped += skip
		}
		next = strconv.FormatInt(last, 10) + "-" + strconv.Itoa(skipped)
	}
	out := make([]webhook.Lane, len(found))
	for i, f := range found {
		out[i] = webhook.Lane{Business: e.Business, Endpoint: e.Endpoint, Conversation: webhook.Conversation(f.name)}
	}
	return out, next, nil
}

// parseCursor reads from which time a page begins, and how many lanes of that time were
// told of.
func parseCursor(cursor string) (from string, skip int, err error) {
	if cursor == "" {
		return "-inf", 0, nil
	}
	at, n, ok := strings.Cut(cursor, "-")
	if _, err := strconv.ParseUint(at, 10, 63); err != nil || !ok {
		return "", 0, ErrCursor
	}
	skip, err = strconv.Atoi(n)
	if err != nil || skip < 0 || skip > 1<<16 {
		return "", 0, ErrCursor
	}
	return at, skip, nil
}

// Look tells of lanes by their names, and of those of events that stepped aside from one,
// with at most limit events of each. Lanes without events are not told of. Nothing
// changes.
func (l *Lanes) Look(ctx context.Context, lanes []webhook.Lane, limit int) ([]State, error) {
	var all []place.Place
	for _, lane := range lanes {
		p, err := place.Of(l.names, lane)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
		if _, aside := place.Split(lane.Conversation); aside != "" {
			continue
		}
		asides, err := l.asides(ctx, p)
		if err != nil {
			return nil, fmt.Errorf("look at lanes: %w", err)
		}
		all = append(all, asides...)
	}
	calls := make([]redis.Call, len(all))
	for i, p := range all {
		calls[i] = l.scripts.look.Call([]string{p.List, p.Head, p.Due}, string(p.Lane.Conversation), limit, lookHeader)
	}
	var out []State
	for i, r := range l.store.Pipeline(ctx, calls) {
		reply, err := r.List()
		if err != nil {
			return nil, fmt.Errorf("look at lanes: %w", err)
		}
		if len(reply) >= 6 {
			out = append(out, l.state(all[i].Lane, reply))
		}
	}
	return out, nil
}

// state reads what the script says of a lane.
func (l *Lanes) state(lane webhook.Lane, reply []any) State {
	events, _ := reply[0].(int64)
	leased, _ := reply[5].(int64)
	s := State{Lane: lane, Events: events, Leased: leased == 1, Attempts: int(number(reply[2])), Refusals: int(number(reply[4]))}
	if at := number(reply[1]); at > 0 {
		s.Due = time.UnixMilli(at).UTC()
	}
	if at := number(reply[3]); at > 0 {
		s.FirstTry = time.UnixMilli(at).UTC()
	}
	for _, head := range reply[6:] {
		text, _ := head.(string)
		e, err := element.Parse(text)
		if err != nil {
			s.Queue = append(s.Queue, element.Unreadable(text, l.options.Now()))
			continue
		}
		s.Queue = append(s.Queue, webhook.Delivery{ID: e.ID, Field: e.Field, Kind: e.Kind, Handle: e.Handle, Held: e.Held, Accepted: e.Accepted})
	}
	return s
}

// lookSource. KEYS: list, head, due. ARGV: lane name, how many events, how much of each.
// Returns nothing of a lane without events; else how many there are, due (ms), attempts,
// first try, refusals, whether it is leased, and the beginnings of events.
const lookSource = `
local n = redis.call('LLEN', KEYS[1])
if n == 0 then return {} end
local state = redis.call('HMGET', KEYS[2], 'a', 'f', 'r', 't')
local due = tonumber(redis.call('ZSCORE', KEYS[3], ARGV[1]) or '0')
local leased = 0
if state[4] and due > now() then leased = 1 end
local out = {n, ms(due), state[1] or '0', state[2] or '0', state[3] or '0', leased}
for i = 0, math.min(n, tonumber(ARGV[2])) - 1 do
  out[#out + 1] = string.sub(redis.call('LINDEX', KEYS[1], i), 1, tonumber(ARGV[3]))
end
return out
`
