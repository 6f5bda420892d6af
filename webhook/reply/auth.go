package reply

import (
	"context"
	"errors"
	"net/http"
	"net/netip"

	"github.com/labstack/echo/v4"

	"bauta/webhook/access"
	"bauta/webhook/meta"
)

// parameterToken is where the platform takes a token beside the header.
const parameterToken = "access_token"

// authenticate finds out whose call it is, and fills r up to token, and r.query.
// Whoever fails here gets one answer, whatever they asked for.
func (h *Handler) authenticate(c echo.Context, r *request) error {
	ctx := c.Request().Context()
	address, _ := netip.ParseAddr(c.RealIP()) // what is no address is one like another
	r.parseQuery(c.Request().URL.RawQuery)
	shown := r.bearers(c.Request())
	if len(shown) == 0 && mediaType(c.Request()) == typeForm {
		// Reading a stranger's form costs more than a look at a header.
		err := h.door.Knock(address)
		if err != nil {
			return h.outside(ctx, err)
		}
		if shown, err = h.inForm(c, r); err != nil {
			return err
		}
	}
	guest, err := h.door.Enter(ctx, address, shown)
	r.grant, r.business, r.shown = guest.Grant, guest.Business, guest.Token
	if err != nil {
		return h.outside(ctx, err)
	}
	if r.token = h.AccessToken(r.business.ID); r.token == "" {
		return h.tokenless(ctx, r)
	}
	return nil
}

// outside is what becomes of a call that was not let in.
func (h *Handler) outside(ctx context.Context, err error) error {
	if errors.Is(err, access.ErrInvalid) {
		return fail(meta.FaultUnauthorized, "")
	}
	if busy, ok := errors.AsType[*access.BusyError](err); ok {
		return fail(meta.FaultRateLimited, "").wait(busy.Wait)
	}
	h.notices.store(ctx, "", err)
	return unavailable()
}

// bearers are the tokens that the call shows in the header and in the query.
func (r *request) bearers(request *http.Request) []string {
	tokens := access.Bearers(request.Header.Values(echo.HeaderAuthorization))
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
