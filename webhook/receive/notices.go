package receive

import (
	"log/slog"
	"time"

	"github.com/labstack/echo/v4"

	"bauta/webhook/notice"
)

// noticeAgain is when the same thing is told again. Strangers can cause each of the
// notices: it bounds the log that they can fill.
const noticeAgain = time.Minute

// Why a request was not taken that may well be the platform's: what the operator can
// mend. A closed set.
const (
	noticeUnknownApp   = "unknown_app"
	noticeVerifyToken  = "wrong_verify_token"
	noticeNoSignature  = "no_signature"
	noticeBadSignature = "bad_signature"
	noticeCertificate  = "wrong_certificate"
)

// notices tells the operator why webhooks are not taken. Safe for concurrent use;
// bounded by the configured apps and the reasons.
type notices struct {
	logger *slog.Logger
	board  *notice.Board[told]
}

type told struct{ app, reason string }

func newNotices(logger *slog.Logger, now func() time.Time) *notices {
	return &notices{logger: logger, board: notice.NewBoard[told](noticeAgain, now)}
}

// tell warns of a reason, of one app at most once a minute. Nothing of the request is
// told; app is a configured one or unknownApp, never a stranger's word.
func (n *notices) tell(c echo.Context, app, reason string) { n.among(c, "", app, reason) }

// among is tell with the ids that are configured.
func (n *notices) among(c echo.Context, configured, app, reason string) {
	if !n.board.Due(told{app, reason}) {
		return
	}
	ctx, log := c.Request().Context(), n.logger.With("reason", reason, "app", app)
	switch reason {
	case noticeUnknownApp:
		log.WarnContext(ctx, "a webhook came for an app that is not configured: the callback URL in Meta's dashboard (WhatsApp, Configuration) ends in /webhooks/ and the id of one of the apps", "configured", configured)
	case noticeVerifyToken:
		log.WarnContext(ctx, "the verify token of a callback URL's check differs from the app's verify_token: write the same one into Meta's dashboard (WhatsApp, Configuration)")
	case noticeNoSignature:
		log.WarnContext(ctx, "a webhook has no X-Hub-Signature-256 in Meta's form: if it is Meta's, a proxy before Bauta takes the header away")
	case noticeBadSignature:
		log.WarnContext(ctx, "a webhook's signature fits none of the app's app_secrets: copy the app secret from Meta's dashboard (App settings, Basic); if it is right, a proxy before Bauta changes the body")
	case noticeCertificate:
		log.WarnContext(ctx, "a webhook came without the client certificate that tls.client_cn asks for: see whether Meta's client certificates are switched on, and whether a proxy before Bauta ends TLS")
	}
}
