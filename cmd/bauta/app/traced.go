package app

import (
	"context"
	"net/http"
	"slices"

	"bauta/cmd/bauta/app/config"
	"bauta/webhook"
)

// Without a tracer nothing of this is in the way of an event: ports are wrapped, and told,
// only where there is one.

func (k *core) tracedPlatform(client *http.Client) *http.Client {
	if k.tracer != nil {
		client.Transport = k.tracer.Transport(client.Transport)
	}
	return client
}

func (k *core) tracedAttempts() func(webhook.Attempt) {
	if k.tracer == nil {
		return nil
	}
	return k.tracer.Attempt(k.keys)
}

func (k *core) tracedAnswers() func(ctx context.Context, business, route, outcome string) {
	if k.tracer == nil {
		return nil
	}
	return k.tracer.Answered
}

// traced has the requests of the public listener traced.
func (k *core) traced(public http.Handler) http.Handler {
	if k.tracer == nil {
		return public
	}
	return k.tracer.Handler(public, func(app string) bool {
		return slices.ContainsFunc(k.config().Apps, func(a config.App) bool { return a.ID == app })
	})
}
