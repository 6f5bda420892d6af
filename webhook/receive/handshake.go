package receive

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"

	"github.com/labstack/echo/v4"
)

// handshake answers the platform's check of the callback URL
// (platform/webhooks.md 1.1): the challenge, if the verify token is right. A
// handshake carries no signature. The query is never logged.
func (r *Receiver) handshake(c echo.Context) error {
	id := c.Param("app")
	apps := r.apps.Load()
	app, ok := apps.of[id]
	if !ok {
		r.notices.among(c, apps.ids, unknownApp, noticeUnknownApp)
		return r.refuse(unknownApp, answerUnknownApp, http.StatusNotFound)
	}
	query := c.QueryParams()
	token := sha256.Sum256([]byte(query.Get("hub.verify_token")))
	if subtle.ConstantTimeCompare(token[:], app.token[:]) != 1 {
		if query.Has("hub.verify_token") { // else somebody only opened the URL
			r.notices.tell(c, id, noticeVerifyToken)
		}
		return r.refuse(id, answerWrongToken, http.StatusForbidden)
	}
	if query.Get("hub.mode") != "subscribe" {
		return r.refuse(id, answerWrongToken, http.StatusForbidden)
	}
	challenge := query.Get("hub.challenge")
	if challenge == "" || len(challenge) > challengeLimit {
		return r.refuse(id, answerBadChallenge, http.StatusBadRequest)
	}
	r.metrics.answered(id, answerHandshake)
	c.Response().Header().Set(echo.HeaderXContentTypeOptions, "nosniff")
	return c.Blob(http.StatusOK, echo.MIMETextPlainCharsetUTF8, []byte(challenge))
}

// refuse counts an answer and returns the error that makes it. The body of the
// answer is constant for its status: nothing of the request comes back.
func (r *Receiver) refuse(app, answer string, status int) error {
	r.metrics.answered(app, answer)
	return echo.NewHTTPError(status)
}
