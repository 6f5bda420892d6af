package errand

import (
	"context"
	"log/slog"
	"time"

	"bauta/webhook/notice"
)

// noticeAgain is when the same thing is told again.
const noticeAgain = time.Hour

// notices tells the operator what only they can mend, at most once an hour and
// business. Safe for concurrent use; bounded by businesses and reasons.
type notices struct {
	logger *slog.Logger
	board  *notice.Board[told]
}

type told struct {
	business string
	reason   Reason
}

func newNotices(logger *slog.Logger, now func() time.Time) *notices {
	return &notices{logger: logger, board: notice.NewBoard[told](noticeAgain, now)}
}

// operator warns of a reason that they can mend; of others it says nothing.
func (n *notices) operator(ctx context.Context, business string, why Reason, code int) {
	if why != TokenRefused && why != Forbidden && why != Account || !n.board.Due(told{business, why}) {
		return
	}
	log := n.logger.With(slog.String("business", business), slog.String("reason", string(why)), slog.Int("code", code))
	switch why { //nolint:exhaustive // the others came no further
	case TokenRefused:
		log.WarnContext(ctx, "the platform refuses the access token of a business, or there is none, so that customers are not asked: renew access_token")
	case Forbidden:
		log.WarnContext(ctx, "the access token of a business lacks a permission, so that customers are not asked: give it whatsapp_business_messaging")
	case Account:
		log.WarnContext(ctx, "the platform restricts the account of a business, so that customers are not asked: look Meta's code up")
	}
}
