package lanes

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"bauta/redis"
	"bauta/redis/lanes/element"
	"bauta/redis/lanes/place"
	"bauta/webhook"
)

// released marks the dedupe id of a release from holding: the event itself is
// known already, and its release is recognised when it comes again.
const released = 1 << 62

// PartialError says which items of Append were not stored, or are not known to
// be. The others are stored: appended again they are duplicates.
type PartialError struct {
	// Failed are indexes of items, ascending.
	Failed []int
	Err    error
}

// Error names numbers only.
func (e *PartialError) Error() string {
	return fmt.Sprintf("append to the lanes: %d items were not stored: %v", len(e.Failed), e.Err)
}

// Unwrap gives the first cause: redis.ErrUnavailable or redis.ErrRefused.
func (e *PartialError) Unwrap() error { return e.Err }

// batch is what one script appends: the items of one conversation, in order.
type batch struct {
	items []int
	// ends are the endpoints of all of them, each once.
	ends []string
}

// at is the place of an endpoint among those of the batch, from 1.
func (b *batch) at(end string) int { return slices.Index(b.ends, end) + 1 }

// Append stores every item once, in one round trip: items of one conversation in
// order and all or none, in the lanes of all their endpoints. There is one
// Appended per item, also beside a PartialError. Events released from holding
// (Delivery.Held) are appended although they are known, once. A duplicate within
// items is one too. An item with nothing to deliver to is remembered all the same.
// An item that cannot be sealed is a fault of Bauta: nothing of the call is stored.
func (l *Lanes) Append(ctx context.Context, items []webhook.Item) ([]webhook.Appended, error) {
	now := l.options.Now()
	items = bounded(items)
	known, err := l.known(ctx, items, now)
	if err != nil {
		return nil, err
	}
	batches := gather(items)
	calls := make([]redis.Call, len(batches))
	granted := make([][]webhook.Lease, len(batches))
	for i := range batches {
		call, leases, err := l.call(items, known, &batches[i], now)
		if err != nil {
			return nil, err
		}
		calls[i], granted[i] = call, leases
	}
	out := make([]webhook.Appended, len(items))
	var failed *PartialError
	for i, r := range l.store.Commit(ctx, calls) {
		err := answer(r, items, &batches[i], granted[i], out)
		if err == nil {
			continue
		}
		if failed == nil {
			failed = &PartialError{Err: err}
		}
		if !errors.Is(err, redis.ErrRefused) {
			l.lost.add(granted[i])
		}
		failed.Failed = append(failed.Failed, batches[i].items...)
	}
	if failed != nil {
		return out, failed
	}
	return out, nil
}

// bounded are the items with conversations of a bounded length.
func bounded(items []webhook.Item) []webhook.Item {
	copied := false
	for i := range items {
		short := place.Bound(items[i].Conversation)
		if short == items[i].Conversation {
			continue
		}
		if !copied {
			items, copied = slices.Clone(items), true
		}
		items[i].Conversation = short
	}
	return items
}

// gather groups items by what one script can take: business, conversation, and
// the hour in which they were accepted.
func gather(items []webhook.Item) []batch {
	type group struct {
		business     string
		conversation webhook.Conversation
		hour         int64
	}
	var out []batch
	index := make(map[group]int, len(items))
	for i := range items {
		item := &items[i]
		g := group{item.Business, item.Conversation, item.Delivery.Accepted.Unix() / 3600}
		at, ok := index[g]
		if !ok {
			at = len(out)
			index[g], out = at, append(out, batch{})
		}
		b := &out[at]
		b.items = append(b.items, i)
		for _, e := range item.Endpoints {
			if b.at(e) == 0 {
				b.ends = append(b.ends, e)
			}
		}
	}
	return out
}

// call is the script for a batch, with the leases that it may grant, one for
// each endpoint.
func (l *Lanes) call(items []webhook.Item, known []bool, b *batch, now time.Time) (redis.Call, []webhook.Lease, error) {
	first := &items[b.items[0]]
	shard := l.names.Shard(first.Conversation)
	counts, _ := place.Minute(l.names, shard, first.Business, first.Delivery.Accepted)
	name := place.Name(first.Conversation)
	keys := []string{counts, l.names.Ends(shard), l.names.Depths(shard)}
	args := []any{
		string(name), redis.WakeChannel, seenLife.Milliseconds(), place.CountsLife.Milliseconds(), len(b.ends), len(b.items),
	}
	leases := make([]webhook.Lease, len(b.ends))
	for i, e := range b.ends {
		p, err := place.Of(l.names, webhook.Lane{Business: first.Business, Endpoint: e, Conversation: name})
		if err != nil {
			return redis.Call{}, nil, err
		}
		keys = append(keys, p.List, p.Head, p.Due, p.Ages)
		lease := l.options.Lease(p.Lane.Target())
		leases[i] = webhook.Lease{Lane: p.Lane, Token: newToken(), Deadline: now.Add(lease)}
		args = append(args, p.End(), &leases[i].Token, lease.Milliseconds())
	}
	events := eventArgs{names: l.names, shard: shard, now: now, sets: map[string]int{}, keys: keys, args: args}
	for _, i := range b.items {
		if err := events.add(&items[i], b, known[i]); err != nil {
			return redis.Call{}, nil, err
		}
	}
	keys = append(events.keys, l.names.Over(first.Business, first.Conversation))
	return l.scripts.add.Call(keys, events.args...), leases, nil
}

// eventArgs collects what the script needs of each event. sets are the places of
// dedupe sets in keys.
type eventArgs struct {
	names redis.Keys
	shard int
	now   time.Time
	sets  map[string]int
	keys  []string
	args  []any
}

func (a *eventArgs) add(item *webhook.Item, b *batch, known bool) error {
	body, err := element.Seal(item)
	if err != nil {
		return err
	}
	dedupe := dedupeOf(item)
	sets := Seen(a.names, item.Business, item.Conversation, dedupe, a.now)
	if a.sets[sets[0]] == 0 {
		a.sets[sets[0]] = len(a.keys) + 1
		a.keys = append(a.keys, sets[:]...)
	}
	_, minute := place.Minute(a.names, a.shard, item.Business, item.Delivery.Accepted)
	a.args = append(a.args, a.sets[sets[0]], dedupe, minute, element.Stamp(item.Delivery.Accepted))
	if known {
		a.args = append(a.args, "", -1)
		return nil
	}
	a.args = append(a.args, body, len(item.Endpoints))
	for _, e := range item.Endpoints {
		a.args = append(a.args, b.at(e))
	}
	return nil
}

// dedupeOf is by what id an item is recognised.
func dedupeOf(item *webhook.Item) uint64 {
	dedupe := item.Dedupe &^ (1 << 63)
	if item.Delivery.Held {
		dedupe ^= released
	}
	return dedupe
}

// answer puts what the script said of a batch into out.
func answer(r redis.Result, items []webhook.Item, b *batch, leases []webhook.Lease, out []webhook.Appended) error {
	reply, err := r.List()
	if err != nil {
		return err
	}
	if len(reply) != len(b.items)+len(b.ends) {
		return fmt.Errorf("%w: the script for appending answered %d values", redis.ErrRefused, len(reply))
	}
	for i, place := range b.items {
		out[place].Duplicate = reply[i] == int64(0)
	}
	for e, v := range reply[len(b.items):] {
		if n, ok := v.(int64); ok && n > 0 && n <= int64(len(b.items)) {
			item, lease := b.items[n-1], leases[e]
			lease.Token = fence(lease.Token, items[item].Delivery.Accepted, items[item].Delivery.ID)
			out[item].Leases = append(out[item].Leases, lease)
		}
	}
	return nil
}
