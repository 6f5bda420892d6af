package app

import (
	"context"

	"bauta/webhook"
	"bauta/webhook/receive"
)

// observed is the pipeline, which shows what it stored to whoever observes the core.
func (k *core) observed(p *webhook.Pipeline) receive.Pipeline {
	if k.observe == nil {
		return p
	}
	return observer{p, k.observe}
}

type observer struct {
	pipeline *webhook.Pipeline
	show     func(body []byte, p *webhook.Prepared)
}

// Accept implements receive.Pipeline as webhook.Pipeline does.
func (o observer) Accept(ctx context.Context, app string, body []byte) error {
	prepared, err := o.pipeline.Prepare(ctx, app, body)
	if err != nil {
		return err
	}
	o.show(body, prepared)
	return o.pipeline.Store(ctx, prepared)
}
