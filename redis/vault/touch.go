package vault

import (
	"context"
	"time"

	"bauta/redis"
	"bauta/webhook"
)

// Touch notes that customers were seen: their periods begin anew. It writes at
// most once a day for each, of short periods four times in one, in one
// round trip. Call it with the customers of every accepted POST.
func (v *Vault) Touch(ctx context.Context, customers []*webhook.Customer) error {
	var due []*webhook.Customer
	for _, c := range customers {
		if c == nil || c.Version < 1 {
			continue
		}
		if !v.renewed(ref{c.Business, c.ID}) {
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

// renewed tells that a record's period is known to have begun anew in this turn.
func (v *Vault) renewed(r ref) bool {
	turn, seen := v.touched.Get(r.business + "\x00" + r.id)
	return seen && turn == v.turn(r.business)
}

// lived takes in how long a record that was read still lives: among more customers than
// are remembered here, and after a restart, that tells whose period began anew of late. One
// that lives longer than its period has one from before, which was lowered.
func (v *Vault) lived(c *webhook.Customer, left redis.Result) {
	const skew = time.Minute // of the store's clock
	ms, err := left.Int()
	if err != nil {
		return
	}
	period, rest := v.lives(c), time.Duration(ms)*time.Millisecond
	if period == 0 && ms == -1 || period > 0 && rest > period-v.span(c.Business) && rest <= period+skew {
		v.touched.Add(memoryKey(c), v.turn(c.Business))
	}
}

// turn numbers the spans of time in which one write is enough.
func (v *Vault) turn(business string) int64 {
	return v.now().UnixNano() / int64(v.span(business))
}

func (v *Vault) span(business string) time.Duration {
	const day = 24 * time.Hour
	if period := v.retention(business).Customer; period > 0 {
		return min(day, max(period/4, time.Second))
	}
	return day
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
	for _, c := range customers { // last: it tells that all is done
		calls = append(calls, living(v.recordKey(c), v.lives(c)))
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
