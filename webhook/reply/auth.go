package reply

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"strings"

	"github.com/labstack/echo/v4"

	"bauta/webhook/access"
	"bauta/webhook/meta"
)

// parameterToken is where the platform takes a token beside the header.
const parameterToken = "access_token"

// mostToken bounds a token before anything reads it, in bytes.
const mostToken = 4 << 10

// authenticate finds out whose call it is, and fills r up to token, and r.query.
// Whoever fails here gets one answer, whatever they asked for.
func (h *Handler) authenticate(c echo.Context, r *request) error {
	ctx := c.Request().Context()
	source, _ := netip.ParseAddr(c.RealIP()) // what is no address is a source like another
	if !h.Limiter.Source(source) {
		h.metrics.failures.WithLabelValues(failureSource).Inc()
		return fail(meta.FaultRateLimited, "").wait(sourceWait)
	}
	r.parseQuery(c.Request().URL.RawQuery)
	shown, err := h.shown(c, r)
	if err != nil {
		return err
	}
	token, failure := sole(shown)
	if failure == "" {
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
		if failure != failureMissing {
			h.Limiter.Failed(source)
		}
		h.metrics.failures.WithLabelValues(failure).Inc()
		return fail(meta.FaultUnauthorized, "")
	}
	r.shown = token
	return h.admit(ctx, r)
}

// admit lets a right token in: its business is still configured, and it has not
// called too often.
func (h *Handler) admit(ctx context.Context, r *request) error {
	b := h.Businesses.ByID(r.grant.Business)
	if b == nil {
		h.metrics.failures.WithLabelValues(failureUnconfigured).Inc()
		return fail(meta.FaultUnauthorized, "")
	}
	r.business = b
	if !h.Limiter.Token(r.grant) {
		return fail(meta.FaultRateLimited, "").wait(tokenWait)
	}
	if r.token = h.AccessToken(b.ID); r.token == "" {
		return h.tokenless(ctx, r)
	}
	return nil
}

// shown are the tokens that the call shows: in the header, in the query, or in
// neither and in a form.
func (h *Handler) shown(c echo.Context, r *request) ([]string, error) {
	request := c.Request()
	var tokens []string
	for _, value := range request.Header.Values(echo.HeaderAuthorization) {
		if scheme, token, ok := strings.Cut(value, " "); ok && strings.EqualFold(scheme, "Bearer") {
			tokens = append(tokens, strings.TrimSpace(token))
		}
	}
	tokens = append(tokens, r.query[parameterToken]...)
	delete(r.query, parameterToken)
	if len(tokens) > 0 || mediaType(request) != typeForm {
		return tokens, nil
	}
	tokens, err := h.take(c, r)
	if f, ok := errors.AsType[*failure](err); ok && f.fault.Status != http.StatusServiceUnavailable {
		return nil, nil // who shows no token is not told either what is wrong with the form
	}
	return tokens, err
}

// sole is the one token that all places agree on, or why there is none.
func sole(shown []string) (token, failure string) {
	for _, t := range shown {
		switch {
		case t == "" || len(t) > mostToken:
			return "", failureInvalid
		case token != "" && t != token:
			return "", failureAmbiguous
		}
		token = t
	}
	if token == "" {
		return "", failureMissing
	}
	return token, ""
}
