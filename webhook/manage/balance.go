package manage

import (
	"context"
	"net/http"
	"strconv"
	"time"
)

// Span is a span of time: From inclusive, To exclusive, whole minutes.
type Span struct{ From, To time.Time }

// Tally is what became of the events that were accepted in a span, one for each of an
// event's endpoints: Accepted is the sum of all others.
type Tally struct {
	From      time.Time `json:"from"`
	To        time.Time `json:"to"`
	Accepted  int64     `json:"accepted"`
	Delivered int64     `json:"delivered"`
	Waiting   int64     `json:"waiting"`
	Dead      int64     `json:"dead"`
	Held      int64     `json:"held"`
	Expired   int64     `json:"expired"`
	Dropped   int64     `json:"dropped"`
	Erased    int64     `json:"erased"`
	Lost      int64     `json:"lost"`
}

const (
	// mostSpan is for how long what was counted is there, usualSpan what is told if
	// nobody says for how long.
	mostSpan, usualSpan = 8 * 24 * time.Hour, time.Hour

	parameterFrom = "from"
	parameterTo   = "to"
	parameterBy   = "by"
)

// readSpan reads from, to and by.
func (r *request) readSpan(query func(name string) string) error {
	to := r.came.UTC().Truncate(time.Minute).Add(time.Minute)
	if text := query(parameterTo); text != "" {
		var err error
		if to, err = time.Parse(time.RFC3339, text); err != nil {
			return fail(problemParameter).saying("The parameter to is not a time such as 2026-09-10T08:00:00Z.")
		}
	}
	from := to.Add(-usualSpan)
	if text := query(parameterFrom); text != "" {
		var err error
		if from, err = time.Parse(time.RFC3339, text); err != nil {
			return fail(problemParameter).saying("The parameter from is not a time such as 2026-09-10T08:00:00Z.")
		}
	}
	if !from.Before(to) || to.Sub(from) > mostSpan {
		return fail(problemParameter).saying("The time from has to be before to, by at most 8 days: that is how long counters are kept.")
	}
	r.span = Span{from.UTC().Truncate(time.Minute), to.UTC().Add(time.Minute - 1).Truncate(time.Minute)}
	switch query(parameterBy) {
	case "", "minute":
	case "total":
		r.total = true
	default:
		return fail(problemParameter).saying("The parameter by is neither minute nor total.")
	}
	return nil
}

// balance answers GET /v1/balance.
func (h *Handler) balance(ctx context.Context, r *request) (*outcome, error) {
	rows, next, err := h.tallies(ctx, r)
	if err != nil {
		return nil, err
	}
	unaccounted, at, err := h.Balance.Unaccounted(ctx, r.business.ID)
	if err != nil {
		return nil, h.refused(ctx, r, err)
	}
	var looked *time.Time
	if !at.IsZero() {
		utc := at.UTC()
		looked = &utc
	}
	return answered(http.StatusOK, struct {
		Rows        []Tally    `json:"rows"`
		Next        *string    `json:"next"`
		Unaccounted int64      `json:"unaccounted"`
		LookedAt    *time.Time `json:"looked_at"`
	}{rows, cursorOf(next), unaccounted, looked})
}

// tallies are a page of rows, and the cursor of what follows.
func (h *Handler) tallies(ctx context.Context, r *request) (rows []Tally, next string, err error) {
	if r.total {
		row, err := h.Balance.Total(ctx, r.business.ID, r.span)
		if err != nil {
			return nil, "", h.refused(ctx, r, err)
		}
		return []Tally{row}, "", nil
	}
	span := r.span
	if r.page.after != "" {
		last, err := strconv.ParseInt(r.page.after, 10, 64)
		after := time.Unix(last, 0).UTC().Add(time.Minute)
		if err != nil || after.Before(span.From) || after.After(span.To) {
			return nil, "", fail(problemCursor)
		}
		span.From = after
	}
	// One more than asked for tells whether there is another page.
	rows, err = h.Balance.Minutes(ctx, r.business.ID, span, r.page.limit+1)
	if err != nil {
		return nil, "", h.refused(ctx, r, err)
	}
	if len(rows) > r.page.limit {
		rows = rows[:r.page.limit]
		next = writeCursor(r.route.name, strconv.FormatInt(rows[len(rows)-1].From.Unix(), 10))
	}
	if rows == nil {
		rows = []Tally{}
	}
	return rows, next, nil
}
