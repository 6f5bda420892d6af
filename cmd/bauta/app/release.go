package app

import (
	"context"
	"errors"
	"strings"

	"bauta/redis/held"
	"bauta/webhook"
	"bauta/webhook/operate"
)

// releaser runs held events through a pipeline again.
type releaser struct {
	core *core
	// What the event decided, it decided when it was held, unless nobody could tell who
	// its people are.
	decided, undecided *webhook.Pipeline
}

func newReleaser(k *core, courier webhook.Courier) (*releaser, error) {
	decided, err := k.pipeline(courier, func(o *webhook.Options) { o.Consents = nil })
	if err != nil {
		return nil, err
	}
	undecided, err := k.pipeline(courier, nil)
	return &releaser{k, decided, undecided}, err
}

// Release implements operate.Releaser. An event whose customer was erased is gone, and
// stops no other.
func (r *releaser) Release(ctx context.Context, business, id string) (operate.Release, error) {
	event, ok, err := r.core.held.Read(ctx, business, id)
	switch {
	case errors.Is(err, webhook.ErrErased):
		return operate.Gone, nil
	case err != nil || !ok:
		return operate.Gone, unknownIf(err, held.ErrID)
	case event.Reason == webhook.HeldUnreadable:
		return r.through(ctx, r.undecided, id, event)
	}
	return r.through(ctx, r.decided, id, event)
}

// through takes an event out of holding after it was stored in its lane: a crash in
// between releases it twice, under one webhook-id.
func (r *releaser) through(ctx context.Context, pipeline *webhook.Pipeline, id string, event webhook.HeldEvent) (operate.Release, error) {
	app, isApp := strings.CutPrefix(event.Business, webhook.AppBusiness(""))
	if b := r.core.directory.ByID(event.Business); b != nil {
		app = b.App
	} else if !isApp {
		return operate.StillHeld, nil
	}
	prepared, err := pipeline.Prepare(ctx, app, event.Raw)
	if err != nil || len(prepared.Held) > 0 || len(prepared.Items) == 0 && len(prepared.Dropped) == 0 {
		return operate.StillHeld, err
	}
	for i := range prepared.Items {
		prepared.Items[i].Delivery.Held = true
	}
	if err := pipeline.Store(ctx, prepared); err != nil {
		return operate.StillHeld, err
	}
	ok, err := r.core.held.Release(ctx, event.Business, id)
	if err != nil || !ok {
		return operate.Gone, err
	}
	return operate.Released, nil
}
