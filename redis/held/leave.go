package held

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"bauta/redis"
	"bauta/redis/lanes/pages"
	"bauta/redis/lanes/place"
	"bauta/redis/lanes/tally"
)

const (
	// lapseEach bounds how many events one call of Lapse looks at.
	lapseEach = 100
	// slack is by how much the clocks of the store and of the nodes may differ.
	slack = 2 * time.Hour
)

// released stands for no ending: the event goes on in its lanes.
const released = ""

// Drop throws a held event away. false if there is none (any more).
func (h *Held) Drop(ctx context.Context, business, id string) (bool, error) {
	ok, err := h.leave(ctx, business, id, tally.Dropped)
	if err != nil {
		err = fmt.Errorf("drop a held event: %w", err)
	}
	return ok, err
}

// Release takes an event out of holding that was stored in its lanes. false if there
// is none (any more).
func (h *Held) Release(ctx context.Context, business, id string) (bool, error) {
	ok, err := h.leave(ctx, business, id, released)
	if err != nil {
		err = fmt.Errorf("take a released event out of holding: %w", err)
	}
	return ok, err
}

// leave takes an event out of holding and counts it under a kind, in one step.
func (h *Held) leave(ctx context.Context, business, id, kind string) (bool, error) {
	call, err := h.leaving(business, id, kind)
	if err != nil {
		return false, err
	}
	n, err := h.store.Do(ctx, call).Int()
	return n == 1, err
}

func (h *Held) leaving(business, id, kind string) (redis.Call, error) {
	shard, err := h.shard(id)
	if err != nil {
		return redis.Call{}, err
	}
	stamp, _, _ := strings.Cut(id, "-")
	ms, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return redis.Call{}, ErrID
	}
	at := time.UnixMilli(ms)
	counts, minute := place.Minute(h.names, shard, business, at)
	gone := tally.Lost
	if life := h.retention(business); life > 0 && h.now().Sub(at) > life-slack {
		gone = tally.Expired
	}
	keys := []string{h.names.Held(shard, business, id), h.names.Helds(shard, business), counts}
	return h.scripts.leave.Call(keys, id, minute, kind, gone), nil
}

// Lapse counts held events whose time has run out as expired: the oldest of a business
// in one shard, at most 100. It returns how many there were.
func (h *Held) Lapse(ctx context.Context, business string, shard int) (int, error) {
	life := h.retention(business)
	if life <= 0 {
		return 0, nil
	}
	sets := h.sets(business)[shard : shard+1]
	old, _, err := pages.Read(ctx, h.store, sets, pages.Span{Until: h.now().Add(-life)}, pages.Position{Limit: lapseEach})
	if err != nil {
		return 0, fmt.Errorf("look for held events whose time ran out: %w", err)
	}
	calls := make([]redis.Call, len(old))
	for i, e := range old {
		calls[i] = redis.Command("EXISTS", h.names.Held(shard, business, e.Member))
	}
	var gone []pages.Entry
	for i, r := range h.store.Pipeline(ctx, calls) {
		switch n, err := r.Int(); {
		case err != nil:
			return 0, fmt.Errorf("look for held events whose time ran out: %w", err)
		case n == 0:
			gone = append(gone, old[i])
		}
	}
	h.lapse(ctx, business, gone)
	return len(gone), nil
}

// lapse counts events whose records are gone. What is lost of it is done by the next
// one.
func (h *Held) lapse(ctx context.Context, business string, gone []pages.Entry) {
	calls := make([]redis.Call, 0, len(gone))
	for _, e := range gone {
		if call, err := h.leaving(business, e.Member, tally.Expired); err == nil {
			calls = append(calls, call)
		}
	}
	h.store.Pipeline(ctx, calls)
}
