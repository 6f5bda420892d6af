package app

import (
	"context"
	"errors"
	"log/slog"

	"bauta/redis"
	"bauta/webhook/forward"
	"bauta/webhook/receive"
)

// storeReady is the store's readiness, with as much of the reason as may be read
// on the public listener: what does not fit or is refused, but no address. Whatever it
// is, Bauta goes on by itself when the store is back: it is stuck, not dead.
func (n *node) storeReady(ctx context.Context) error {
	err := n.storeFit(ctx)
	if err == nil || !errors.Is(err, redis.ErrUnavailable) && !errors.Is(err, redis.ErrMisconfigured) {
		return err
	}
	n.core.logger.WarnContext(ctx, "redis is not ready", slog.String("error", err.Error()))
	if errors.Is(err, redis.ErrSilent) {
		return receive.Problem(redis.ErrUnavailable.Error() + ": " + redis.ErrSilent.Error())
	}
	return receive.Problem(err.Error())
}

// storeFit is whether the store can be worked with.
func (n *node) storeFit(ctx context.Context) error {
	err := n.core.store.Ready(ctx)
	if err == nil && n.core.ring != nil {
		err = n.core.ring.Ready()
	}
	return err
}

// working is whether deliveries go on, in the words of readiness.
func working(f *forward.Forwarder) error {
	switch err := f.Working(); {
	case errors.Is(err, forward.ErrDead):
		return receive.Dead(err.Error())
	case err != nil:
		return receive.Problem(err.Error())
	}
	return nil
}
