// Package deadletters reads what endpoints would not take, and puts it back into
// its lane or throws it away. Dead letters are made by package lanes, in the step
// that takes the event out of its lane.
package deadletters

import (
	"context"
	"fmt"
	"time"

	"bauta/redis"
	"bauta/redis/lanes/element"
	"bauta/redis/lanes/pages"
	"bauta/redis/lanes/place"
	"bauta/webhook"
)

// Filter says which dead letters. Business is needed; zero values of the others
// are all. Since is inclusive, Until exclusive, both of when it became one.
type Filter struct {
	Business, Endpoint string
	Since, Until       time.Time
	Reason             string
	Status             int
	Conversation       webhook.Conversation
}

// reads tells that a filter looks into dead letters, and not at their times alone.
func (f *Filter) reads() bool { return f.Reason != "" || f.Status != 0 || f.Conversation != "" }

// takes tells that a dead letter is meant.
func (f *Filter) takes(l *webhook.DeadLetter) bool {
	return (f.Reason == "" || l.Reason == f.Reason) && (f.Status == 0 || l.Status == f.Status) &&
		(f.Conversation == "" || l.Lane.Conversation == f.Conversation)
}

// Options of DeadLetters. Store is needed.
type Options struct {
	Store *redis.Store
	// Endpoints are the configured endpoints of a business, for a Filter without
	// one.
	Endpoints func(business string) []string
}

// DeadLetters implements listing, replay and dropping. Safe for concurrent use.
type DeadLetters struct {
	store     *redis.Store
	names     redis.Keys
	endpoints func(business string) []string
	replay    *redis.Script
}

// New builds DeadLetters.
func New(o Options) *DeadLetters {
	if o.Endpoints == nil {
		o.Endpoints = func(string) []string { return nil }
	}
	return &DeadLetters{store: o.Store, names: o.Store.Keys(), endpoints: o.Endpoints, replay: newReplay()}
}

const (
	// maxHeader bounds what is read of a dead letter for a list: all but the body.
	maxHeader = 16 << 10
	// maxRounds bounds the pages that one List goes over in search of a reason.
	maxRounds = 10
)

// List returns at most limit dead letters behind the cursor, oldest first,
// without bodies, and the cursor of what follows, "" at the end. A page may be
// short, or empty, although more follows. Lane.Conversation may be a customer's
// id, which never leaves Bauta.
func (d *DeadLetters) List(ctx context.Context, f Filter, cursor string, limit int) ([]webhook.DeadLetter, string, error) {
	sets, ends := d.sets(f)
	limit = min(max(limit, 1), pages.Max)
	var out []webhook.DeadLetter
	for range maxRounds {
		entries, next, err := pages.Read(ctx, d.store, sets, pages.Span{Since: f.Since, Until: f.Until},
			pages.Position{Cursor: cursor, Limit: limit - len(out)})
		if err != nil {
			return nil, "", fmt.Errorf("list dead letters: %w", err)
		}
		letters, err := d.read(ctx, sets, ends, entries)
		if err != nil {
			return nil, "", fmt.Errorf("list dead letters: %w", err)
		}
		for i := range letters {
			if f.takes(&letters[i]) {
				out = append(out, letters[i])
			}
		}
		if cursor = next; cursor == "" || len(out) == limit {
			break
		}
	}
	return out, cursor, nil
}

// Count counts dead letters. With a reason, status or conversation it reads all of them,
// page by page.
func (d *DeadLetters) Count(ctx context.Context, f Filter) (int64, error) {
	if !f.reads() {
		sets, _ := d.sets(f)
		n, err := pages.Count(ctx, d.store, sets, pages.Span{Since: f.Since, Until: f.Until})
		if err != nil {
			return 0, fmt.Errorf("count dead letters: %w", err)
		}
		return n, nil
	}
	var n int64
	for cursor := ""; ; {
		page, next, err := d.List(ctx, f, cursor, pages.Max)
		if err != nil {
			return 0, err
		}
		n += int64(len(page))
		if cursor = next; cursor == "" {
			return n, nil
		}
	}
}

// Replay puts the event at the end of its lane, under the id it had, with no
// attempts made; the nodes that deliver are told. false if there is no such dead
// letter (any more): of two calls one puts it back.
func (d *DeadLetters) Replay(ctx context.Context, id string) (bool, error) {
	at, err := d.parse(id)
	if err != nil {
		return false, err
	}
	letter, ok, err := d.one(ctx, at)
	if err != nil || !ok {
		return false, err
	}
	if letter.Delivery.Unreadable {
		return false, fmt.Errorf("replay a dead letter: %w: replay it with that version, or drop it", element.ErrMalformed)
	}
	lane := letter.Lane
	lane.Conversation = place.Name(lane.Conversation)
	p, err := place.Of(d.names, lane)
	if err != nil {
		return false, err
	}
	accepted := letter.Delivery.Accepted
	counts, minute := place.Minute(d.names, p.Shard, lane.Business, accepted)
	n, err := d.store.Do(ctx, d.replay.Call(
		[]string{at.key(d.names), at.list(d.names), p.List, p.Head, p.Due, p.Ages, p.Ends, p.Depths, counts},
		at.member, string(lane.Conversation), element.Stamp(accepted), p.End(), redis.WakeChannel, minute)).Int()
	if err != nil {
		return false, fmt.Errorf("replay a dead letter: %w", err)
	}
	return n == 1, nil
}

// Drop throws a dead letter away. false if there is none (any more).
func (d *DeadLetters) Drop(ctx context.Context, id string) (bool, error) {
	at, err := d.parse(id)
	if err != nil {
		return false, err
	}
	results := d.store.Commit(ctx, []redis.Call{
		redis.Command("DEL", at.key(d.names)), redis.Command("ZREM", at.list(d.names), at.member),
	})
	n, err := results[0].Int()
	if err == nil {
		err = results[1].Err
	}
	if err != nil {
		return false, fmt.Errorf("drop a dead letter: %w", err)
	}
	return n == 1, nil
}

// one reads a single dead letter without its body.
func (d *DeadLetters) one(ctx context.Context, at location) (webhook.DeadLetter, bool, error) {
	text, _, err := d.store.Do(ctx, redis.Command("GETRANGE", at.key(d.names), 0, maxHeader-1)).Text()
	if err != nil || text == "" {
		return webhook.DeadLetter{}, false, err
	}
	letter, err := parseLetter(text, at)
	return letter, err == nil, err
}

// read reads the dead letters of a page and forgets those that ran out.
func (d *DeadLetters) read(ctx context.Context, sets []pages.Set, ends []location, entries []pages.Entry) ([]webhook.DeadLetter, error) {
	calls := make([]redis.Call, len(entries))
	at := make([]location, len(entries))
	for i, e := range entries {
		at[i] = ends[e.Set]
		at[i].member = e.Member
		calls[i] = redis.Command("GETRANGE", at[i].key(d.names), 0, maxHeader-1)
	}
	out := make([]webhook.DeadLetter, 0, len(entries))
	var gone []pages.Entry
	for i, r := range d.store.Pipeline(ctx, calls) {
		text, _, err := r.Text()
		if err != nil {
			return nil, err
		}
		if text == "" {
			gone = append(gone, entries[i])
			continue
		}
		letter, err := parseLetter(text, at[i])
		if err != nil {
			return nil, err
		}
		out = append(out, letter)
	}
	pages.Prune(ctx, d.store, sets, gone)
	return out, nil
}

// sets are the lists that a filter needs, and what lies in them.
func (d *DeadLetters) sets(f Filter) ([]pages.Set, []location) {
	ends := []string{f.Endpoint}
	if f.Endpoint == "" {
		ends = d.endpoints(f.Business)
	}
	var sets []pages.Set
	var at []location
	from, to := 0, d.names.Shards()
	if f.Conversation != "" {
		from = d.names.Shard(f.Conversation)
		to = from + 1
	}
	for _, e := range ends {
		for shard := from; shard < to; shard++ {
			l := location{shard: shard, business: f.Business, endpoint: e}
			sets = append(sets, pages.Set{Key: l.list(d.names), Name: l.id()})
			at = append(at, l)
		}
	}
	return sets, at
}
