package manage

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"bauta/webhook/operate"
)

// balance answers GET /v1/balance.
func (h *Handler) balance(ctx context.Context, r *request) (*outcome, error) {
	span, err := r.span(usualSpan)
	if err != nil {
		return nil, err
	}
	by := r.query.Get(parameterBy)
	if by != "" && by != "minute" && by != "total" {
		return nil, fail(problemParameter).saying("The parameter by is neither minute nor total.")
	}
	found, err := h.Desk.Balance(ctx, r.actor, r.of, span, by != "total")
	if err != nil {
		return nil, h.refused(ctx, r, err)
	}
	rows, next, err := r.pageOf(found.Rows)
	if err != nil {
		return nil, err
	}
	return answered(http.StatusOK, struct {
		Rows        []operate.Tally `json:"rows"`
		Next        *string         `json:"next"`
		Unaccounted int64           `json:"unaccounted"`
		LookedAt    *time.Time      `json:"looked_at"`
	}{rows, r.next(next), found.Unaccounted, timeOf(found.LookedAt)})
}

// pageOf is a page of rows, and the place of what follows: the last row's time.
func (r *request) pageOf(rows []operate.Tally) (page []operate.Tally, next string, err error) {
	if r.page.after != "" {
		last, err := strconv.ParseInt(r.page.after, 10, 64)
		if err != nil {
			return nil, "", fail(problemCursor)
		}
		rows = slices.DeleteFunc(slices.Clone(rows), func(t operate.Tally) bool { return t.From.Unix() <= last })
	}
	if len(rows) > r.page.limit {
		rows = rows[:r.page.limit]
		next = strconv.FormatInt(rows[len(rows)-1].From.Unix(), 10)
	}
	if rows == nil {
		rows = []operate.Tally{}
	}
	return rows, next, nil
}
