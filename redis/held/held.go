// Package held keeps events that could not be proven clean: encrypted, apart from
// the lanes, for people to look at by position and reason, and to be released.
package held

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"bauta/redis"
	"bauta/redis/lanes"
	"bauta/redis/lanes/element"
	"bauta/redis/lanes/pages"
	"bauta/redis/lanes/place"
	"bauta/redis/lanes/tally"
	"bauta/webhook"
)

// ErrID is not the id of a held event.
var ErrID = errors.New("this is not the id of a held event: take it from the list of held events")

// Options of Held. Store and Keys are needed.
type Options struct {
	Store *redis.Store
	Keys  element.Keys
	// Retention is how long a business's held events are kept; 0, or no function,
	// is for ever.
	Retention func(business string) time.Duration
	// Now is the clock that tells which dedupe set is written to; time.Now if nil.
	Now func() time.Time
}

// Held implements webhook.Holder. Safe for concurrent use.
type Held struct {
	store     *redis.Store
	names     redis.Keys
	keys      element.Keys
	retention func(business string) time.Duration
	now       func() time.Time
	scripts   scripts
}

// New builds Held.
func New(o Options) *Held {
	if o.Retention == nil {
		o.Retention = func(string) time.Duration { return 0 }
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Held{store: o.Store, names: o.Store.Keys(), keys: o.Keys, retention: o.Retention, now: o.Now, scripts: newScripts()}
}

// Entry is a held event as people may see it.
type Entry struct {
	// ID begins with the 13 digits of the time at which it was held.
	ID, Business, Field, Reason string
	// Positions are JSON paths, at most 64 of them.
	Positions []string
	At        time.Time
	// Size of the event, in bytes; 0 of one that was held before this was kept.
	Size int
}

// Hold stores the event, encrypted, unless it was held or appended before; stored
// tells which. The event is known by its dedupe id from now on.
func (h *Held) Hold(ctx context.Context, ev webhook.HeldEvent) (stored bool, err error) {
	conversation := conversationOf(&ev)
	shard := h.names.Shard(conversation)
	id, record, err := seal(&ev, shard)
	if err != nil {
		return false, err
	}
	dedupe := ev.Dedupe &^ (1 << 63)
	known, err := lanes.Known(ctx, h.store, []lanes.Event{{Business: ev.Business, Earlier: ev.Earlier, Dedupe: dedupe}}, h.now())
	if err != nil {
		return false, err
	}
	counts, minute := place.Minute(h.names, shard, ev.Business, ev.At)
	sets := lanes.Seen(h.names, ev.Business, conversation, dedupe, h.now())
	n, err := h.store.Do(ctx, h.scripts.hold.Call(
		append([]string{h.names.Held(shard, ev.Business, id), h.names.Helds(shard, ev.Business), counts}, sets[:]...),
		id, record, h.retention(ev.Business).Milliseconds(), strconv.FormatUint(dedupe, 10),
		lanes.SeenLife().Milliseconds(), minute, place.CountsLife.Milliseconds(), known[0])).Int()
	if err != nil {
		return false, fmt.Errorf("hold an event: %w", err)
	}
	return n == 1, nil
}

// conversationOf is the event's conversation, or the nearest that can be told.
func conversationOf(ev *webhook.HeldEvent) webhook.Conversation {
	switch {
	case ev.Conversation != "":
		return place.Bound(ev.Conversation)
	case ev.Customer != "":
		return webhook.Conversation(ev.Customer)
	}
	return place.Bound(webhook.Conversation("w::" + ev.Field))
}

// List returns at most limit held events of a business behind the cursor, oldest
// first, and the cursor of what follows, "" at the end. It never returns an event
// itself. A page may be short although more follows.
func (h *Held) List(ctx context.Context, business, cursor string, limit int) ([]Entry, string, error) {
	sets := h.sets(business)
	found, next, err := pages.Read(ctx, h.store, sets, pages.Span{}, pages.Position{Cursor: cursor, Limit: limit})
	if err != nil {
		return nil, "", fmt.Errorf("list held events: %w", err)
	}
	calls := make([]redis.Call, len(found))
	for i, e := range found {
		calls[i] = redis.Command("GETRANGE", h.names.Held(e.Set, business, e.Member), 0, maxHeader-1)
	}
	out := make([]Entry, 0, len(found))
	var gone []pages.Entry
	for i, r := range h.store.Pipeline(ctx, calls) {
		text, _, err := r.Text()
		if err != nil {
			return nil, "", fmt.Errorf("list held events: %w", err)
		}
		if text == "" {
			gone = append(gone, found[i])
			continue
		}
		about, _, err := parse(text)
		if err != nil {
			return nil, "", fmt.Errorf("list held events: %w", err)
		}
		out = append(out, Entry{
			ID: found[i].Member, Business: business, Field: about.Field, Reason: about.Reason,
			Positions: about.Positions, At: time.UnixMilli(about.At), Size: about.Size,
		})
	}
	h.lapse(ctx, business, gone)
	return out, next, nil
}

// Count counts a business's held events.
func (h *Held) Count(ctx context.Context, business string) (int64, error) {
	span := pages.Span{}
	if life := h.retention(business); life > 0 {
		span.Since = h.now().Add(-life)
	}
	n, err := pages.Count(ctx, h.store, h.sets(business), span)
	if err != nil {
		return 0, fmt.Errorf("count held events: %w", err)
	}
	return n, nil
}

// Read decrypts a held event, to be released. ok is false if there is none (any
// more). webhook.ErrErased if its data key is gone: it is dropped then.
func (h *Held) Read(ctx context.Context, business, id string) (ev webhook.HeldEvent, ok bool, err error) {
	shard, err := h.shard(id)
	if err != nil {
		return webhook.HeldEvent{}, false, err
	}
	text, _, err := h.store.Do(ctx, redis.Command("GET", h.names.Held(shard, business, id))).Text()
	if err != nil || text == "" {
		return webhook.HeldEvent{}, false, err
	}
	about, sealed, err := parse(text)
	if err != nil {
		return webhook.HeldEvent{}, false, err
	}
	ev, err = about.open(ctx, h.keys, spot{business, id}, []byte(sealed))
	if errors.Is(err, webhook.ErrErased) {
		if _, dropped := h.leave(ctx, business, id, tally.Erased); dropped != nil {
			return webhook.HeldEvent{}, false, dropped
		}
	}
	return ev, err == nil, err
}

func (h *Held) sets(business string) []pages.Set {
	sets := make([]pages.Set, h.names.Shards())
	for i := range sets {
		sets[i] = pages.Set{Key: h.names.Helds(i, business), Name: strconv.Itoa(i)}
	}
	return sets
}

// shard is the last part of an id.
func (h *Held) shard(id string) (int, error) {
	shard, err := strconv.Atoi(id[strings.LastIndexByte(id, '-')+1:])
	if err != nil || shard < 0 || shard >= h.names.Shards() || strings.Count(id, "-") < 2 {
		return 0, ErrID
	}
	return shard, nil
}
