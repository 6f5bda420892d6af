package manage

import (
	"context"
	"net/http"
	"time"

	"bauta/webhook/operate"
)

// businesses answers GET /v1/businesses.
func (h *Handler) businesses(_ context.Context, r *request) (*outcome, error) {
	type entry struct {
		ID string `json:"id"`
		// App: it is the name of an app, for bodies that name no business.
		App bool `json:"app"`
	}
	out := []entry{}
	for _, id := range h.Desk.Holders(r.actor) {
		if r.of == "" || r.of == id {
			out = append(out, entry{id, h.Businesses.ByID(id) == nil})
		}
	}
	return answered(http.StatusOK, struct {
		Businesses []entry `json:"businesses"`
	}{out})
}

type point struct {
	operate.Tally

	Masked int64 `json:"masked"`
	Shown  int64 `json:"shown"`
}

type standing struct {
	Total       point      `json:"total"`
	Waiting     int64      `json:"waiting"`
	Oldest      *time.Time `json:"oldest"`
	Held        int64      `json:"held"`
	Dead        int64      `json:"dead"`
	Paused      int        `json:"paused"`
	Unaccounted int64      `json:"unaccounted"`
	LookedAt    *time.Time `json:"looked_at"`
	Series      []point    `json:"series"`
}

type ofBusiness struct {
	Business string `json:"business"`
	standing
}

// quantiles are null where nothing was measured.
type quantiles struct {
	N   int64    `json:"n"`
	P50 *float64 `json:"p50_ms"`
	P99 *float64 `json:"p99_ms"`
}

// overview answers GET /v1/overview.
func (h *Handler) overview(ctx context.Context, r *request) (*outcome, error) {
	span, err := r.span(usualSpan)
	if err != nil {
		return nil, err
	}
	step, err := r.number(parameterStep, 60, int(operate.MostSpan/time.Second))
	if err != nil {
		return nil, err
	}
	seen, err := h.Desk.Overview(ctx, r.actor, operate.Query{Business: r.of, Span: span, Step: time.Duration(step) * time.Second})
	if err != nil {
		return nil, h.refused(ctx, r, err)
	}
	businesses := make([]ofBusiness, len(seen.Businesses))
	for i := range seen.Businesses {
		businesses[i] = ofBusiness{seen.Businesses[i].Business, standingOf(&seen.Businesses[i])}
	}
	acknowledged := quantiles{N: seen.Acknowledged.N}
	if acknowledged.N > 0 {
		acknowledged.P50, acknowledged.P99 = millisecondsOf(seen.Acknowledged.P50), millisecondsOf(seen.Acknowledged.P99)
	}
	return answered(http.StatusOK, struct {
		At           time.Time    `json:"at"`
		Step         int64        `json:"step_seconds"`
		All          standing     `json:"all"`
		Businesses   []ofBusiness `json:"businesses"`
		Acknowledged quantiles    `json:"acknowledged"`
	}{seen.At.UTC(), int64(seen.Step / time.Second), standingOf(&seen.All), businesses, acknowledged})
}

func standingOf(s *operate.Standing) standing {
	out := standing{
		Total: point(s.Total), Waiting: s.Waiting, Oldest: timeOf(s.Oldest), Held: s.Held, Dead: s.Dead, Paused: s.Paused,
		Unaccounted: s.Unaccounted, LookedAt: timeOf(s.LookedAt), Series: make([]point, len(s.Series)),
	}
	for i := range s.Series {
		out.Series[i] = point(s.Series[i])
	}
	return out
}

// millisecondsOf is a time that something took, to a microsecond.
func millisecondsOf(d time.Duration) *float64 {
	ms := float64(d.Microseconds()) / 1000
	return &ms
}

// actions answers GET /v1/actions: with a token of all businesses and none named, what
// concerned all of them.
func (h *Handler) actions(ctx context.Context, r *request) (*outcome, error) {
	list := h.Desk.Actions
	switch r.query.Get(parameterOrder) {
	case "", "oldest":
	case "newest":
		list = h.Desk.LatestActions
	default:
		return nil, fail(problemParameter).saying("The parameter order is neither oldest nor newest.")
	}
	found, next, err := list(ctx, r.actor, r.of, operate.Page{After: r.page.after, Limit: r.page.limit})
	if err != nil {
		return nil, h.refused(ctx, r, err)
	}
	type action struct {
		At       time.Time `json:"at"`
		Business string    `json:"business"`
		By       string    `json:"by"`
		Label    *string   `json:"label"`
		What     string    `json:"what"`
		On       string    `json:"on"`
		Outcome  string    `json:"outcome"`
	}
	out := make([]action, len(found))
	for i, a := range found {
		out[i] = action{At: a.At.UTC(), Business: a.Business, By: a.By, Label: textOf(a.Label), What: a.What, On: a.On, Outcome: a.Outcome}
	}
	return answered(http.StatusOK, struct {
		Actions []action `json:"actions"`
		Next    *string  `json:"next"`
	}{out, r.next(next)})
}

// tokens answers GET /v1/tokens: what tokens are for, never one.
func (h *Handler) tokens(ctx context.Context, r *request) (*outcome, error) {
	found, err := h.Desk.Tokens(ctx, r.actor, r.of)
	if err != nil {
		return nil, h.refused(ctx, r, err)
	}
	type token struct {
		ID       string    `json:"id"`
		Business string    `json:"business"`
		Scopes   []string  `json:"scopes"`
		Label    *string   `json:"label"`
		Issued   time.Time `json:"issued"`
		Expires  time.Time `json:"expires"`
	}
	out := make([]token, len(found))
	for i, g := range found {
		out[i] = token{ID: g.ID, Business: g.Business, Scopes: g.Scopes, Label: textOf(g.Label), Issued: g.Issued.UTC(), Expires: g.Expires.UTC()}
	}
	return answered(http.StatusOK, struct {
		Tokens []token `json:"tokens"`
	}{out})
}
