package manage

import (
	"context"
	"net/http"
	"time"

	"bauta/webhook/operate"
)

type heldEvent struct {
	ID        string     `json:"id"`
	Business  string     `json:"business"`
	Field     string     `json:"field"`
	Reason    string     `json:"reason"`
	Positions []position `json:"positions"`
	At        time.Time  `json:"at"`
	Size      *int       `json:"size"`
}

type position struct {
	Pointer  string  `json:"pointer"`
	Notation *string `json:"notation"`
}

// heldEvents answers GET /v1/held-events.
func (h *Handler) heldEvents(ctx context.Context, r *request) (*outcome, error) {
	found, next, err := h.Desk.HeldEvents(ctx, r.actor, r.of, operate.Page{After: r.page.after, Limit: r.page.limit})
	if err != nil {
		return nil, h.refused(ctx, r, err)
	}
	out := make([]heldEvent, len(found))
	for i := range found {
		e := &found[i]
		out[i] = heldEvent{ID: e.ID, Business: e.Business, Field: e.Field, Reason: e.Reason, Positions: make([]position, len(e.Positions)), At: e.At.UTC(), Size: numberOf(e.Size)}
		for j, p := range e.Positions {
			out[i].Positions[j] = position{p.Pointer, textOf(p.Notation)}
		}
	}
	return answered(http.StatusOK, struct {
		Events []heldEvent `json:"held_events"`
		Next   *string     `json:"next"`
	}{out, r.next(next)})
}

// releaseHeld answers POST /v1/held-events/{id}/release.
func (h *Handler) releaseHeld(ctx context.Context, r *request) (*outcome, error) {
	return h.actOn(ctx, r, func(ctx context.Context, id string) (string, error) {
		became, err := h.Desk.ReleaseHeld(ctx, r.actor, r.of, id)
		switch {
		case err != nil:
			return "", err
		case became == operate.Released:
			return "released", nil
		case became == operate.StillHeld:
			return "still_held", nil
		}
		return "", operate.ErrUnknown
	})
}

// dropHeld answers POST /v1/held-events/{id}/drop.
func (h *Handler) dropHeld(ctx context.Context, r *request) (*outcome, error) {
	return h.actOn(ctx, r, func(ctx context.Context, id string) (string, error) {
		return becomes("dropped")(h.Desk.DropHeld(ctx, r.actor, r.of, id))
	})
}
