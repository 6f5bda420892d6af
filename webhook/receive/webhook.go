package receive

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
)

// headerLength is "sha256=" and 64 hex digits (platform/webhooks.md 1.2).
const headerLength = 71

// webhook takes one signed body. What can be refused without reading it is
// refused first; after a valid signature the answer is 200 or 503, because the
// platform sends everything else again for days.
func (r *Receiver) webhook(c echo.Context) error {
	begun := time.Now()
	id, request := c.Param("app"), c.Request()
	apps := r.apps.Load()
	app, ok := apps.of[id]
	if !ok {
		r.notices.among(c, apps.ids, unknownApp, noticeUnknownApp)
		return r.refuse(unknownApp, answerUnknownApp, http.StatusNotFound)
	}
	if r.clientCN != "" && !certified(request.TLS, r.clientCN) {
		r.notices.tell(c, id, noticeCertificate)
		return r.refuse(id, answerWrongCertificate, http.StatusForbidden)
	}
	if coding := request.Header.Get(echo.HeaderContentEncoding); coding != "" && !strings.EqualFold(coding, "identity") {
		return r.refuse(id, answerEncoded, http.StatusUnsupportedMediaType)
	}
	signature := request.Header.Get("X-Hub-Signature-256")
	if len(signature) != headerLength {
		r.notices.tell(c, id, noticeNoSignature)
		return r.refuse(id, answerBadSignature, http.StatusUnauthorized)
	}
	body, release, err := r.read(c)
	defer release()
	switch {
	case errors.Is(err, errTooLarge):
		return r.refuse(id, answerTooLarge, http.StatusRequestEntityTooLarge)
	case errors.Is(err, errNoMemory):
		return r.later(c, id, answerOverloaded)
	case err != nil:
		return r.refuse(id, answerUnreadable, http.StatusRequestTimeout)
	}
	if !app.verifier.Verify(signature, body) {
		r.notices.tell(c, id, noticeBadSignature)
		return r.refuse(id, answerBadSignature, http.StatusUnauthorized)
	}
	app.common.size.Observe(float64(len(body)))
	if err := r.accept(request.Context(), id, body); err != nil {
		if full, ok := errors.AsType[interface {
			error
			RetryAfter() time.Duration
		}](err); ok {
			// Whoever set the limit says that it is reached, once.
			return r.after(c, id, answerFull, full.RetryAfter())
		}
		r.logger.WarnContext(request.Context(), "webhook not stored, the platform is asked to send it again", "app", id, "error", err)
		return r.later(c, id, answerNotStored)
	}
	app.common.stored.Inc()
	app.common.latency.Observe(time.Since(begun).Seconds())
	return c.NoContent(http.StatusOK)
}

// accept runs the pipeline to its end even if the platform hangs up meanwhile:
// what was begun is finished, so that the redelivery finds it done. A panic is
// an error of ours, never a reason to drop the connection; its value may hold
// the body and is not kept.
func (r *Receiver) accept(ctx context.Context, app string, body []byte) (err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.acceptTimeout)
	defer cancel()
	defer func() {
		if value := recover(); value != nil {
			err = fmt.Errorf("the pipeline panicked with a %T at %s", value, debug.Stack())
		}
	}()
	return r.pipeline.Accept(ctx, app, body)
}

// later asks the platform to send the body again.
func (r *Receiver) later(c echo.Context, app, answer string) error {
	c.Response().Header().Set(echo.HeaderRetryAfter, r.retryAfter)
	return r.refuse(app, answer, http.StatusServiceUnavailable)
}

// after asks for that in so long.
func (r *Receiver) after(c echo.Context, app, answer string, wait time.Duration) error {
	c.Response().Header().Set(echo.HeaderRetryAfter, strconv.Itoa(max(int(wait.Seconds()), 1)))
	return r.refuse(app, answer, http.StatusServiceUnavailable)
}

// certified tells that the peer showed a certificate of the client CA with
// exactly that common name; a match on a part of the subject would let others in
// (platform/webhooks.md 1.3).
func certified(state *tls.ConnectionState, name string) bool {
	return state != nil && len(state.VerifiedChains) > 0 && state.VerifiedChains[0][0].Subject.CommonName == name
}
