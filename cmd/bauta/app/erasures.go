package app

import (
	"context"
	"log/slog"
	"time"
)

// erasuresRound is how often erasures that broke off are gone on with.
const erasuresRound = time.Minute

// endErasures brings erasures to their end that broke off, until teardown.
func (n *node) endErasures(ctx context.Context) {
	n.background(ctx, "the erasures that broke off", func(ctx context.Context) {
		ticker := time.NewTicker(erasuresRound)
		defer ticker.Stop()
		for {
			n.core.endErasures(ctx)
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
		}
	})
}

func (k *core) endErasures(ctx context.Context) {
	for _, b := range k.directory.All() {
		if err := k.deciding.consents.ResumeAll(ctx, b); err != nil && ctx.Err() == nil {
			k.logger.ErrorContext(ctx, "an erasure broke off and could not be brought to its end; it is tried again every minute",
				slog.String("business", b.ID), slog.String("error", err.Error()))
		}
	}
}
