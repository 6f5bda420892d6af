package reply

import (
	"context"

	"github.com/labstack/echo/v4"

	"bauta/webhook/meta"
)

// mediaPath is where media are downloaded from.
const mediaPath = "/media/"

// upload is written next; until then it refuses.
func (h *Handler) upload(_ echo.Context, _ *request) (*outcome, error) {
	return nil, fail(meta.FaultRefusedPath, "")
}

// download is written next; until then it refuses.
func (h *Handler) download(_ echo.Context, _ *request) (*outcome, error) {
	return nil, fail(meta.FaultRefusedPath, "")
}

// lookUp is written next; until then it refuses.
func (h *Handler) lookUp(_ context.Context, _ *request) (*outcome, error) {
	return nil, fail(meta.FaultRefusedPath, "")
}
