package held

import (
	"context"
	"fmt"
	"strconv"

	"bauta/redis"
	"bauta/redis/lanes/pages"
)

// Forget drops a customer's held events in the customer's own shard, and returns how
// many there were. Those of groups that lie in other shards stay until their time is
// over: they are unreadable once the customer's key is gone, and Read drops them.
// Repeat it after an error.
func (h *Held) Forget(ctx context.Context, business, customer string) (int, error) {
	n, err := h.eachOf(ctx, business, customer, func(id string) (bool, error) { return h.Drop(ctx, business, id) })
	if err != nil {
		err = fmt.Errorf("forget a customer's held events: %w", err)
	}
	return n, err
}

// Kept is how many Forget would drop.
func (h *Held) Kept(ctx context.Context, business, customer string) (int, error) {
	n, err := h.eachOf(ctx, business, customer, func(string) (bool, error) { return true, nil })
	if err != nil {
		err = fmt.Errorf("count a customer's held events: %w", err)
	}
	return n, err
}

// eachOf visits the customer's held events, and counts those of which it is true.
func (h *Held) eachOf(ctx context.Context, business, customer string, visit func(id string) (bool, error)) (int, error) {
	shard := h.names.Of(customer)
	sets := []pages.Set{{Key: h.names.Helds(shard, business), Name: strconv.Itoa(shard)}}
	all := 0
	for cursor := ""; ; {
		found, next, err := pages.Read(ctx, h.store, sets, pages.Span{}, pages.Position{Cursor: cursor, Limit: forgetPage})
		if err != nil {
			return all, err
		}
		theirs, err := h.theirs(ctx, business, customer, found)
		if err != nil {
			return all, err
		}
		for _, id := range theirs {
			counts, err := visit(id)
			if err != nil {
				return all, err
			}
			if counts {
				all++
			}
		}
		if cursor = next; cursor == "" {
			return all, nil
		}
	}
}

// theirs are the ids of those held events that are encrypted under a customer's key.
func (h *Held) theirs(ctx context.Context, business, customer string, found []pages.Entry) ([]string, error) {
	calls := make([]redis.Call, len(found))
	for i, e := range found {
		calls[i] = redis.Command("GETRANGE", h.names.Held(h.names.Of(customer), business, e.Member), 0, maxHeader-1)
	}
	var out []string
	for i, r := range h.store.Pipeline(ctx, calls) {
		text, _, err := r.Text()
		if err != nil {
			return nil, err
		}
		if about, _, err := parse(text); err == nil && about.Customer == customer {
			out = append(out, found[i].Member)
		}
	}
	return out, nil
}

// forgetPage is how many held events are looked at in one round trip.
const forgetPage = 64
