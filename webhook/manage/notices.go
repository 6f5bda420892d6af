package manage

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// noticeAgain is when the same thing is told again.
const noticeAgain = time.Hour

// notices tells the operator what only they can mend, without letting callers fill
// the log. Safe for concurrent use; bounded by businesses.
type notices struct {
	logger *slog.Logger
	mu     sync.Mutex
	told   map[string]time.Time
}

func newNotices(logger *slog.Logger) *notices {
	return &notices{logger: logger, told: map[string]time.Time{}}
}

// store warns that something that is kept could not be read or written.
func (n *notices) store(ctx context.Context, business string, err error) {
	if ctx.Err() == nil && n.first(business) {
		n.logger.WarnContext(ctx, "calls of the management API fail because the store cannot be used: check redis", "business", business, "error", err)
	}
}

func (n *notices) first(business string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if told, ok := n.told[business]; ok && time.Since(told) < noticeAgain {
		return false
	}
	n.told[business] = time.Now()
	return true
}
