package reply

import (
	"bytes"
	"context"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"bauta/webhook/meta"
)

// headerKey is the header that makes a repeated call harmless.
const headerKey = "Idempotency-Key"

// serve answers a call of the platform's API, in the order of doubt: who asks, for
// what, may they, in which words; and only then what it is about.
func (h *Handler) serve(c echo.Context, r *request) (*outcome, error) {
	request := c.Request()
	ctx := request.Context()
	if err := h.authenticate(c, r); err != nil {
		return nil, err
	}
	if err := h.find(ctx, r, request); err != nil {
		return nil, err
	}
	if !r.grant.Allows(string(r.route.Family)) {
		return nil, fail(meta.FaultWrongScope, "")
	}
	h.locate(r, request)
	switch r.route.Handling {
	case meta.Refuse:
		return nil, fail(meta.FaultRefusedPath, r.route.Why)
	case meta.Local:
		// Nothing of the call goes anywhere, so nothing of it is looked at.
		return &outcome{status: http.StatusOK, body: []byte(r.route.Reply)}, nil
	case meta.Forward, meta.Upload, meta.LookUp:
	}
	if err := r.checkQuery(); err != nil {
		return nil, err
	}
	if err := h.checkNumber(ctx, r); err != nil {
		return nil, err
	}
	if r.route.Handling == meta.Upload {
		return h.upload(c, r)
	}
	if err := h.takeBody(c, r); err != nil {
		return nil, err
	}
	switch {
	case r.route.Handling == meta.LookUp:
		return h.lookUp(ctx, r)
	case request.Method == http.MethodGet:
		return h.call(ctx, r)
	}
	var err error
	if r.key, err = keyOf(request.Header); err != nil {
		return nil, err
	}
	return h.once(ctx, r, func(ctx context.Context) (*outcome, error) { return h.call(ctx, r) })
}

// takeBody reads the body that the route has, and none that it has not.
func (h *Handler) takeBody(c echo.Context, r *request) error {
	tokens, err := h.take(c, r)
	if err != nil {
		return err
	}
	for _, token := range tokens {
		if token != r.shown {
			return h.outside(c.Request().Context(), h.door.Differs())
		}
	}
	if r.route.Body != nil {
		if r.form && bytes.HasPrefix(bytes.TrimSpace(r.body), []byte("{")) {
			return fail(meta.FaultBadMediaType, "This is JSON, and its Content-Type is a form's. Send the header Content-Type: application/json.")
		}
		return nil
	}
	switch strings.TrimSpace(string(bytes.TrimSpace(r.body))) {
	case "", "{}", "null": // clients that always send a body
		r.body, r.form = nil, false
		return nil
	}
	return fail(meta.FaultBadBody, "This call has no body. Leave it out.")
}
