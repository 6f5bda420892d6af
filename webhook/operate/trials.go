package operate

import (
	"context"

	"bauta/webhook"
)

// Trials makes requests to endpoints that are no deliveries: *forward.Tester. An error
// means that there is no such endpoint with a URL.
type Trials interface {
	Send(ctx context.Context, k webhook.EndpointKey) (webhook.Trial, error)
	Shake(ctx context.Context, k webhook.EndpointKey, verifyToken string) (webhook.Trial, error)
}

// TestEndpoint sends a test event (endpoint_test), signed as every delivery, also to an
// endpoint that is paused. It counts as no attempt.
func (d *Desk) TestEndpoint(ctx context.Context, a Actor, key webhook.EndpointKey) (webhook.Trial, error) {
	return d.try(ctx, a, ofEndpoint(ActTest, key), key, func(ctx context.Context) (webhook.Trial, error) { return d.Trials.Send(ctx, key) })
}

// ShakeHands does the platform's handshake with an endpoint, whose software may know a
// verify token; it is kept nowhere.
func (d *Desk) ShakeHands(ctx context.Context, a Actor, key webhook.EndpointKey, verifyToken string) (webhook.Trial, error) {
	if len(verifyToken) > 256 {
		return webhook.Trial{}, invalid("a verify token has at most 256 bytes")
	}
	return d.try(ctx, a, ofEndpoint(ActHandshake, key), key, func(ctx context.Context) (webhook.Trial, error) {
		return d.Trials.Shake(ctx, key, verifyToken)
	})
}

func (d *Desk) try(ctx context.Context, a Actor, action *Action, key webhook.EndpointKey, do func(context.Context) (webhook.Trial, error)) (webhook.Trial, error) {
	e, err := d.endpoint(a, key)
	if err != nil {
		return webhook.Trial{}, err
	}
	if e.Platform {
		return webhook.Trial{}, invalid("the platform is no endpoint that can be tried")
	}
	var out webhook.Trial
	err = d.act(ctx, a, action, func(ctx context.Context) (string, error) {
		out, err = do(ctx)
		if out.OK {
			return Done, err
		}
		return Refused, err
	})
	return out, err
}
