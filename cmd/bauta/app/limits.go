package app

import (
	"context"
	"errors"

	"bauta/cmd/bauta/app/config"
	"bauta/redis"
	"bauta/redis/counts"
	"bauta/webhook"
	"bauta/webhook/limits"
)

// newGate is what keeps the store from getting full.
func newGate(k *core) *limits.Gate {
	return limits.New(limits.Options{
		Limits: limitsOf(k.config()),
		Store:  loads{k.store.Bulk(), counts.New(k.store.Bulk())}, Registerer: k.registry, Logger: k.logger,
	})
}

func limitsOf(c *config.Config) limits.Limits {
	l := c.Limits
	return limits.Limits{RedisBytes: int64(l.RedisBytes), Oldest: l.Oldest.Std(), PerBusiness: int64(l.PerBusiness)}
}

// loads is how full the store is.
type loads struct {
	store  *redis.Store
	counts *counts.Counts
}

// Servers implements limits.Store.
func (l loads) Servers(ctx context.Context) (servers []limits.Server, unfit, err error) {
	memory, unfit, err := l.store.Load(ctx)
	for _, m := range memory {
		servers = append(servers, limits.Server(m))
	}
	return servers, unfit, err
}

// Queues implements limits.Store. Errands are not of the platform's sending: they do not
// count.
func (l loads) Queues(ctx context.Context) (map[string]limits.Queue, error) {
	waiting, err := l.counts.Waiting(ctx)
	queues := map[string]limits.Queue{}
	for _, w := range waiting {
		if w.Endpoint.Endpoint == webhook.PlatformEndpoint {
			continue
		}
		q := queues[w.Endpoint.Business]
		q.Events += w.Events
		if q.Oldest.IsZero() || !w.Oldest.IsZero() && w.Oldest.Before(q.Oldest) {
			q.Oldest = w.Oldest
		}
		queues[w.Endpoint.Business] = q
	}
	return queues, err
}

// watchLimits looks at the store until teardown.
func (n *node) watchLimits(ctx context.Context, gate *limits.Gate) {
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() {
		defer close(done)
		gate.Run(running)
	}()
	n.down.add(stepTimeout, func(ctx context.Context) error {
		cancel()
		select {
		case <-done:
			return nil
		case <-ctx.Done():
			return errors.New("the look at the limits did not end in time")
		}
	})
}
