package app

import (
	"context"
	"time"

	"bauta/redis/balance"
	"bauta/redis/held"
	"bauta/webhook"
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
