package manage

import (
	"errors"
	"net/http"
	"net/netip"
	"strings"

	"github.com/labstack/echo/v4"

	"bauta/webhook/access"
)

// authenticate finds out whose call it is. Whoever fails here gets one answer,
// whatever they asked for. A right token is let in from every source, as in package
// reply. Tokens stand in the header alone: URLs end up in logs.
func (h *Handler) authenticate(c echo.Context, r *request) error {
	ctx := c.Request().Context()
	source, _ := netip.ParseAddr(c.RealIP()) // what is no address is a source like another
	token, failure := bearer(c.Request().Header)
	if failure == "" {
		var err error
		r.grant, err = h.Tokens.Check(ctx, token)
		switch {
		case errors.Is(err, access.ErrInvalid):
			failure = failureInvalid
		case err != nil:
			h.notices.store(ctx, "", err)
			return unavailable()
		}
	}
	if failure != "" {
		if !h.Limiter.Source(source) {
			h.metrics.failures.WithLabelValues(failureSource).Inc()
			return fail(problemRateLimited).wait(sourceWait)
		}
		if failure != failureMissing {
			h.Limiter.Failed(source)
		}
		h.metrics.failures.WithLabelValues(failure).Inc()
		return fail(problemUnauthorized)
	}
	return h.admit(r)
}

// admit lets a right token in: its business is still configured, and it has not
// called too often.
func (h *Handler) admit(r *request) error {
	b := h.Businesses.ByID(r.grant.Business)
	if b == nil {
		h.metrics.failures.WithLabelValues(failureUnconfigured).Inc()
		return fail(problemUnauthorized)
	}
	r.business = b
	if !h.Limiter.Token(r.grant) {
		return fail(problemRateLimited).wait(tokenWait)
	}
	return nil
}

// bearer is the one token that the header shows, or why there is none.
func bearer(header http.Header) (token, failure string) {
	for _, value := range header.Values(echo.HeaderAuthorization) {
		scheme, shown, ok := strings.Cut(value, " ")
		if !ok || !strings.EqualFold(scheme, "Bearer") {
			continue
		}
		shown = strings.TrimSpace(shown)
		switch {
		case shown == "":
			return "", failureInvalid
		case token != "" && shown != token:
			return "", failureAmbiguous
		}
		token = shown
	}
	if token == "" {
		return "", failureMissing
	}
	return token, ""
}
