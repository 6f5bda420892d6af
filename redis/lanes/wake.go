package lanes

import (
	"context"

	"bauta/redis"
	"bauta/redis/lanes/place"
	"bauta/webhook"
)

// wakeBuffer is how many lanes wait for a reader before they are dropped.
const wakeBuffer = 1024

// Wake returns the lanes that became due without a lease on any node. A lane
// without a conversation means that the endpoint was paused or resumed. It
// reconnects by itself and may lose lanes; Due finds those. The channel is closed
// when ctx ends.
func (l *Lanes) Wake(ctx context.Context) <-chan webhook.Lane {
	out := make(chan webhook.Lane, wakeBuffer)
	subscription := l.store.Client().Subscribe(ctx, redis.WakeChannel)
	messages := subscription.Channel()
	go func() {
		defer close(out)
		defer func() { _ = subscription.Close() }()
		for {
			select {
			case <-ctx.Done():
				return
			case m, ok := <-messages:
				if !ok {
					return
				}
				if lane, ok := place.ParseMessage(m.Payload); ok {
					offer(out, lane)
				}
			}
		}
	}()
	return out
}

// offer never waits.
func offer(out chan<- webhook.Lane, lane webhook.Lane) {
	select {
	case out <- lane:
	default:
	}
}
