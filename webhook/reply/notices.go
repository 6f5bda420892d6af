package reply

import (
	"context"
	"log/slog"
	"time"

	"bauta/webhook/graph"
	"bauta/webhook/notice"
)

// What an operator is told of, at most once an hour and business.
const (
	noticeNoToken   = "no_access_token"
	noticeRefused   = "access_token_refused"
	noticeNoNumbers = "phone_numbers_unknown"
)

// noticeAgain is when the same thing is told again.
const noticeAgain = time.Hour

// notices tells the operator what only they can mend, without letting callers fill
// the log. Safe for concurrent use; bounded by businesses and reasons.
type notices struct {
	logger *slog.Logger
	board  *notice.Board[[2]string]
}

func newNotices(logger *slog.Logger) *notices {
	return &notices{logger: logger, board: notice.NewBoard[[2]string](noticeAgain, time.Now)}
}

// operator warns of a reason from the set above.
func (n *notices) operator(ctx context.Context, business, reason string) {
	if !n.board.Due([2]string{business, reason}) {
		return
	}
	switch reason {
	case noticeNoToken:
		n.logger.WarnContext(ctx, "a business calls and has no access token: set access_token", "business", business, "reason", reason)
	case noticeRefused:
		n.logger.WarnContext(ctx, "the platform refuses the access token of a business: renew access_token", "business", business, "reason", reason)
	}
}

// numbers warns that a business can send nothing, because the platform does not tell
// which phone numbers are its own.
func (n *notices) numbers(ctx context.Context, business string, kind graph.Kind) {
	if n.board.Due([2]string{business, noticeNoNumbers + " " + string(kind)}) {
		n.logger.WarnContext(ctx, "Meta does not tell the phone numbers of a business, so that it can send nothing: mend the cause, or set phone_number_ids",
			"business", business, "reason", noticeNoNumbers, "kind", string(kind), "why", because(kind))
	}
}

// store warns that something that is kept could not be read.
func (n *notices) store(ctx context.Context, business string, err error) {
	if ctx.Err() == nil && n.board.Due([2]string{business, "store"}) {
		n.logger.WarnContext(ctx, "calls of businesses fail because the store cannot be read: check redis", "business", business, "error", err)
	}
}
