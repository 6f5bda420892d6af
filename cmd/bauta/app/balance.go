package app

import (
	"context"
	"time"

	"bauta/redis/balance"
	"bauta/redis/counts"
	"bauta/redis/held"
	"bauta/webhook"
	"bauta/webhook/manage"
)

// reconciler holds what was counted of events against what is there.
func (k *core) reconciler() *balance.Reconciler {
	store := k.store.Bulk()
	return balance.New(balance.Options{
		Store: store, Businesses: k.holders, Registerer: k.registry, Logger: k.logger,
		Holding:   held.New(held.Options{Store: store, Keys: k.vault, Retention: func(b string) time.Duration { return k.retention(b).Held }}),
		Endpoints: func(business string) []string { return append(k.endpointIDs(business), webhook.PlatformEndpoint) },
	})
}

// reconcile mends what differs until teardown, if no other node does.
func (n *node) reconcile(ctx context.Context) {
	n.background(ctx, "the reconciler", n.core.reconciler().Run)
}

// balances tells what became of events.
type balances struct{ core *core }

// Minutes implements manage.Balance.
func (b balances) Minutes(ctx context.Context, business string, span manage.Span, limit int) ([]manage.Tally, error) {
	var out []manage.Tally
	err := b.each(ctx, business, span, func(m *counts.Minute) bool {
		out = append(out, tallyOf(m, m.At, m.At.Add(time.Minute)))
		return len(out) < limit
	})
	return out, err
}

// Total implements manage.Balance.
func (b balances) Total(ctx context.Context, business string, span manage.Span) (manage.Tally, error) {
	var sum counts.Minute
	err := b.each(ctx, business, span, func(m *counts.Minute) bool {
		sum.Add(m)
		return true
	})
	return tallyOf(&sum, span.From, span.To), err
}

// each visits the minutes of a span that have counters, hour by hour, the oldest first,
// until visit says that it is enough.
func (b balances) each(ctx context.Context, business string, span manage.Span, visit func(m *counts.Minute) bool) error {
	reader := counts.New(b.core.store.Bulk())
	for from := span.From; from.Before(span.To); {
		until := from.Truncate(time.Hour).Add(time.Hour)
		if until.After(span.To) {
			until = span.To
		}
		minutes, err := reader.Minutes(ctx, business, from, until)
		if err != nil {
			return err
		}
		for i := range minutes {
			if !visit(&minutes[i]) {
				return nil
			}
		}
		from = until
	}
	return nil
}

// Unaccounted implements manage.Balance.
func (b balances) Unaccounted(ctx context.Context, business string) (int64, time.Time, error) {
	state, err := balance.Read(ctx, b.core.store.Bulk())
	return state.Unaccounted[business], state.Looked, err
}

// tallyOf is what was counted of a span.
func tallyOf(m *counts.Minute, from, to time.Time) manage.Tally {
	return manage.Tally{
		From: from.UTC(), To: to.UTC(), Accepted: m.In, Delivered: m.Out, Waiting: m.Waiting(), Dead: m.Dead, Held: m.Held,
		Expired: m.Expired, Dropped: m.Dropped, Erased: m.Erased, Lost: m.Lost,
	}
}
