package manage

import (
	"errors"
	"net/netip"

	"github.com/labstack/echo/v4"

	"bauta/webhook/access"
)

// authenticate finds out whose call it is. Whoever fails here gets one answer,
// whatever they asked for. Tokens stand in the header alone: URLs end up in logs.
func (h *Handler) authenticate(c echo.Context, r *request) error {
	ctx := c.Request().Context()
	address, _ := netip.ParseAddr(c.RealIP()) // what is no address is one like another
	guest, err := h.door.EnterOperator(ctx, address, access.Bearers(c.Request().Header.Values(echo.HeaderAuthorization)))
	r.grant = guest.Grant
	if err == nil {
		return nil
	}
	if errors.Is(err, access.ErrInvalid) {
		return fail(problemUnauthorized)
	}
	if busy, ok := errors.AsType[*access.BusyError](err); ok {
		return fail(problemRateLimited).wait(busy.Wait)
	}
	h.notices.store(ctx, "", err)
	return unavailable()
}
