package simulator

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// retryAfter is when webhooks that were not taken are posted again.
const retryAfter = time.Second

// Run posts webhooks as they come, until ctx ends. What is not taken is posted
// again; failed, which may be nil, is told why.
func (g *Graph) Run(ctx context.Context, failed func(error)) {
	again := time.NewTimer(retryAfter)
	defer again.Stop()
	for {
		again.Stop()
		if err := g.Flush(ctx); err != nil && ctx.Err() == nil {
			if failed != nil {
				failed(err)
			}
			again.Reset(retryAfter)
		}
		select {
		case <-ctx.Done():
			return
		case <-g.wake:
		case <-again.C:
		}
	}
}

func (g *Graph) post(ctx context.Context, body []byte) error {
	status, err := g.o.Sender.Send(ctx, body)
	if err != nil {
		return err
	}
	if status != http.StatusOK {
		return fmt.Errorf("a webhook was answered with %d", status)
	}
	return nil
}
