package access

import (
	"context"
	"time"
)

// evenly: refusals that looking people up led to are answered at multiples of it.
const evenly = 50 * time.Millisecond

// Even returns at the next multiple of 50 ms since a time, or when the caller has gone:
// how long a refusal takes must not tell what was found.
func Even(ctx context.Context, since time.Time) {
	timer := time.NewTimer(evenly - time.Since(since)%evenly)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
