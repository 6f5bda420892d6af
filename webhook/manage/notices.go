package manage

import (
	"context"
	"log/slog"
	"time"

	"bauta/webhook/notice"
)

// noticeAgain is when the same thing is told again.
const noticeAgain = time.Hour

// notices tells the operator what only they can mend, without letting callers fill
// the log. Safe for concurrent use; bounded by businesses.
type notices struct {
	logger *slog.Logger
	board  *notice.Board[string]
}

func newNotices(logger *slog.Logger) *notices {
	return &notices{logger: logger, board: notice.NewBoard[string](noticeAgain, time.Now)}
}

// store warns that something that is kept could not be read or written.
func (n *notices) store(ctx context.Context, business string, err error) {
	if ctx.Err() == nil && n.board.Due(business) {
		n.logger.WarnContext(ctx, "calls of the management API fail because the store cannot be used: check redis", "business", business, "error", err)
	}
}
