package manage

import (
	"context"
	"maps"
	"net/http"
	"slices"

	"bauta/webhook/operate"
)

// act does what an operator wants, as once.
func (h *Handler) act(ctx context.Context, r *request, do doing) (*outcome, error) {
	what := []string{r.of, r.said}
	for _, name := range slices.Sorted(maps.Keys(r.named)) {
		what = append(what, r.named[name])
	}
	return h.once(ctx, r, what, do)
}

// actOn does something to the thing whose id the path names, and answers what became of it.
func (h *Handler) actOn(ctx context.Context, r *request, do func(ctx context.Context, id string) (became string, err error)) (*outcome, error) {
	return h.act(ctx, r, func(ctx context.Context) (*outcome, error) {
		if !isID(r.named["id"]) {
			return nil, operate.ErrUnknown
		}
		became, err := do(ctx, r.named["id"])
		if err != nil {
			return nil, err
		}
		return answered(http.StatusOK, struct {
			Outcome string `json:"outcome"`
		}{became})
	})
}

// becomes tells what a thing that was there became.
func becomes(what string) func(there bool, err error) (string, error) {
	return func(there bool, err error) (string, error) {
		if err == nil && !there {
			err = operate.ErrUnknown
		}
		return what, err
	}
}
