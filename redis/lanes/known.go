package lanes

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"bauta/redis"
	"bauta/webhook"
)

// Event is one that is looked for in conversations that ended: those of records that
// another took over.
type Event struct {
	Business string
	Earlier  []webhook.Conversation
	Dedupe   uint64
}

// Known tells of each event, in order, whether it was stored in one of its earlier
// conversations. These lie in shards of their own, so that the script that appends
// cannot look there. It is one round trip, and none where no event has any.
func Known(ctx context.Context, store *redis.Store, events []Event, at time.Time) ([]bool, error) {
	known := make([]bool, len(events))
	var calls []redis.Call
	var about []int
	for i, e := range events {
		for _, c := range e.Earlier {
			for _, set := range Seen(store.Keys(), e.Business, c, e.Dedupe, at) {
				calls = append(calls, redis.Command("SISMEMBER", set, strconv.FormatUint(e.Dedupe, 10)))
				about = append(about, i)
			}
		}
	}
	if len(calls) == 0 {
		return known, nil
	}
	for n, r := range store.Pipeline(ctx, calls) {
		is, err := r.Int()
		if err != nil {
			return nil, fmt.Errorf("look for events in earlier conversations: %w", err)
		}
		known[about[n]] = known[about[n]] || is == 1
	}
	return known, nil
}

// known tells which items are stored already in an earlier conversation.
func (l *Lanes) known(ctx context.Context, items []webhook.Item, now time.Time) ([]bool, error) {
	if !slices.ContainsFunc(items, func(i webhook.Item) bool { return len(i.Earlier) > 0 }) {
		return make([]bool, len(items)), nil
	}
	events := make([]Event, len(items))
	for i := range items {
		events[i] = Event{Business: items[i].Business, Earlier: items[i].Earlier, Dedupe: dedupeOf(&items[i])}
	}
	return Known(ctx, l.store, events, now)
}
