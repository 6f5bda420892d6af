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

// authenticate finds out whose call it is, and fills r up to token, and r.query.
// Whoever fails here gets one answer, whatever they asked for. A right token is let
// in from every source: many businesses may call from one address, and one of them
// with an old token must not lock the others out.
func (h *Handler) authenticate(c echo.Context, r *request) error {
	ctx := c.Request().Context()
	source, _ := netip.ParseAddr(c.RealIP()) // what is no address is a source like another
	r.parseQuery(c.Request().URL.RawQuery)
	shown := r.bearers(c.Request())
	if len(shown) == 0 && mediaType(c.Request()) == typeForm {
		// Reading a stranger's form costs more than a look at a header.
		if !h.Limiter.Source(source) {
			return h.tooManyTries()
		}
		var err error
		if shown, err = h.inForm(c, r); err != nil {
			return err
		}
	}
	token, failure := sole(shown)
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
			return h.tooManyTries()
		}
		if failure != failureMissing {
			h.Limiter.Failed(source)
		}
		h.metrics.failures.WithLabelValues(failure).Inc()
		return fail(meta.FaultUnauthorized, "")
	}
	r.shown = token
	return h.admit(ctx, r)
}

func (h *Handler) tooManyTries() error {
	h.metrics.failures.WithLabelValues(failureSource).Inc()
	return fail(meta.FaultRateLimited, "").wait(sourceWait)
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

// bearers are the tokens that the call shows in the header and in the query.
func (r *request) bearers(request *http.Request) []string {
	var tokens []string
	for _, value := range request.Header.Values(echo.HeaderAuthorization) {
		if scheme, token, ok := strings.Cut(value, " "); ok && strings.EqualFold(scheme, "Bearer") {
			tokens = append(tokens, strings.TrimSpace(token))
		}
	}
	tokens = append(tokens, r.query[parameterToken]...)
	delete(r.query, parameterToken)
	return tokens
}

// inForm are the tokens in a form.
func (h *Handler) inForm(c echo.Context, r *request) ([]string, error) {
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
		case t == "":
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
