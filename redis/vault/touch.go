package vault

import (
	"context"
	"time"

	"bauta/redis"
	"bauta/webhook"
)

// Touch notes that customers were seen: their periods begin anew. It writes at
// most once a day and node for each, of short periods four times in one, in one
// round trip. Call it with the customers of every accepted POST.
func (v *Vault) Touch(ctx context.Context, customers []*webhook.Customer) error {
	var due []*webhook.Customer
	for _, c := range customers {
		if c == nil || c.Version < 1 {
			continue
		}
		if turn, seen := v.touched.Get(memoryKey(c)); !seen || turn != v.turn(c.Business) {
			due = append(due, c)
		}
	}
	if err := v.keep(ctx, due); err != nil {
		return err
	}
	for _, c := range due {
		v.touched.Add(memoryKey(c), v.turn(c.Business))
	}
	return nil
}

// turn numbers the spans of time in which one write is enough.
func (v *Vault) turn(business string) int64 {
	span := 24 * time.Hour
	if period := v.retention(business).Customer; period > 0 {
		span = min(span, max(period/4, time.Second))
	}
	return v.now().UnixNano() / int64(span)
}

// keep begins the periods of records, their handles and index entries, and of what says who
// got their number, and of the records that became part of them: what was issued before that leads through these.
func (v *Vault) keep(ctx context.Context, customers []*webhook.Customer) error {
	if len(customers) == 0 {
		return nil
	}
	set, err := v.names.Finder(ctx, "")
	if err != nil {
		return err
	}
	var calls []redis.Call
	for _, c := range customers {
		lives := v.lives(c)
		calls = append(calls, living(v.recordKey(c), lives))
		for _, p := range c.Predecessors {
			if !p.Other {
				calls = append(calls, living(v.store.Keys().Customer(c.Business, p.ID), lives))
			}
		}
		for _, digits := range allHandleKeys(c) {
			calls = append(calls, living(v.store.Keys().Handle(c.Business, digits), lives))
		}
		for scope, s := range c.Scopes {
			if s.Sharing.ActBy != "" {
				calls = append(calls, living(v.store.Keys().Shown(c.Business, c.ID, c.Conversation(v.keys, scope)), lives))
			}
		}
		for _, i := range ordered(c) {
			calls = append(calls, v.under(set.Lookups(), c.Business, i, func(name string) redis.Call { return living(name, v.indexLives(c.Business, lives)) })...)
		}
	}
	return firstError(v.store.Commit(ctx, calls))
}

func living(key string, period time.Duration) redis.Call {
	if period == 0 {
		return redis.Command("PERSIST", key)
	}
	return redis.Command("PEXPIRE", key, period.Milliseconds())
}

// allHandleKeys are the digits of present and former handles.
func allHandleKeys(c *webhook.Customer) []string {
	out := handleKeys(c)
	for _, s := range c.Scopes {
		for _, former := range s.Former {
			out = append(out, former.Key())
		}
	}
	return out
}
