package held

import (
	"context"
	"fmt"
	"time"

	"bauta/redis/lanes/pages"
	"bauta/redis/lanes/tally"
	"bauta/webhook"
)

// Forget drops the held events of a customer in some conversations, and returns how
// many there were. Repeat it after an error.
func (h *Held) Forget(ctx context.Context, t *webhook.Trace) (int, error) {
	n, err := h.eachOf(ctx, t, func(id string) (bool, error) { return h.leave(ctx, t.Business, id, tally.Erased) })
	if err != nil {
		err = fmt.Errorf("forget a customer's held events: %w", err)
	}
	return n, err
}

// Kept is how many Forget would drop.
func (h *Held) Kept(ctx context.Context, t *webhook.Trace) (int, error) {
	n, err := h.eachOf(ctx, t, func(string) (bool, error) { return true, nil })
	if err != nil {
		err = fmt.Errorf("count a customer's held events: %w", err)
	}
	return n, err
}

// eachOf visits the held events of a trace, and counts those of which it is true.
func (h *Held) eachOf(ctx context.Context, t *webhook.Trace, visit func(id string) (bool, error)) (int, error) {
	all := 0
	for _, shard := range h.names.ShardsOf(t.Conversations) {
		records := pages.Records{
			Set: pages.Set{Key: h.names.Helds(shard, t.Business), Name: "held"}, Header: maxHeader,
			Key: func(member string) string { return h.names.Held(shard, t.Business, member) },
		}
		n, err := pages.Walk(ctx, h.store, records, func(id, text string) (bool, error) {
			a, _, err := parse(text)
			if err != nil || !t.Holds(a.Customer, a.conversation(), time.UnixMilli(a.At), "") {
				return false, nil //nolint:nilerr // what cannot be read is nobody's
			}
			return visit(id)
		})
		if all += n; err != nil {
			return all, err
		}
	}
	return all, nil
}

// conversation is the one that the event is in, or the nearest that can be told.
func (a *about) conversation() webhook.Conversation {
	return conversationOf(&webhook.HeldEvent{Conversation: a.Conversation, Customer: a.Customer, Field: a.Field})
}
