package manage

import (
	"context"
	"net/http"
	"time"

	"bauta/webhook"
	"bauta/webhook/operate"
)

type lane struct {
	Lane       string      `json:"lane"`
	Business   string      `json:"business"`
	Endpoint   string      `json:"endpoint"`
	Aside      bool        `json:"aside"`
	Waiting    int64       `json:"waiting"`
	Oldest     *time.Time  `json:"oldest"`
	NextTry    *time.Time  `json:"next_try"`
	LeaseUntil *time.Time  `json:"lease_until"`
	Attempts   int         `json:"attempts"`
	Refusals   int         `json:"refusals"`
	FirstTry   *time.Time  `json:"first_try"`
	Events     []laneEvent `json:"events"`
	Tried      []attempt   `json:"tried"`
}

// laneEvent is one that waits.
type laneEvent struct {
	Event      string    `json:"event"`
	Field      string    `json:"field"`
	Kind       string    `json:"kind"`
	Accepted   time.Time `json:"accepted"`
	Unreadable bool      `json:"unreadable"`
}

type attempt struct {
	At       time.Time `json:"at"`
	Business string    `json:"business"`
	Endpoint string    `json:"endpoint"`
	Lane     string    `json:"lane"`
	Event    string    `json:"event"`
	Field    string    `json:"field"`
	Kind     string    `json:"kind"`
	Number   int       `json:"number"`
	Status   *int      `json:"status"`
	Reason   *string   `json:"reason"`
	Outcome  string    `json:"outcome"`
	Took     float64   `json:"took_ms"`
}

func lanesOf(found []operate.Lane) []lane {
	out := make([]lane, len(found))
	for i := range found {
		l := &found[i]
		out[i] = lane{
			Lane: l.Hash, Business: l.Endpoint.Business, Endpoint: l.Endpoint.Endpoint, Aside: l.Aside, Waiting: l.Waiting, Oldest: timeOf(l.Oldest),
			NextTry: timeOf(l.NextTry), LeaseUntil: timeOf(l.LeaseUntil), Attempts: l.Attempts, Refusals: l.Refusals, FirstTry: timeOf(l.FirstTry),
			Events: make([]laneEvent, len(l.Events)), Tried: attemptsOf(l.Tried),
		}
		for j, e := range l.Events {
			out[i].Events[j] = laneEvent{Event: e.ID, Field: e.Field, Kind: e.Kind, Accepted: e.Accepted.UTC(), Unreadable: e.Unreadable}
		}
	}
	return out
}

func attemptsOf(found []operate.Tried) []attempt {
	out := make([]attempt, len(found))
	for i := range found {
		t := &found[i]
		out[i] = attempt{
			At: t.At.UTC(), Business: t.Endpoint.Business, Endpoint: t.Endpoint.Endpoint, Lane: t.Lane, Event: t.Event, Field: t.Field, Kind: t.Kind,
			Number: t.Number, Status: numberOf(t.Status), Reason: textOf(t.Reason), Outcome: t.Outcome, Took: *millisecondsOf(t.Took),
		}
	}
	return out
}

// lanes answers GET /v1/endpoints/{endpoint}/lanes: of each lane the first event alone.
func (h *Handler) lanes(ctx context.Context, r *request) (*outcome, error) {
	found, next, err := h.Desk.Lanes(ctx, r.actor, r.endpoint(), operate.Page{After: r.page.after, Limit: r.page.limit})
	if err != nil {
		return nil, h.refused(ctx, r, err)
	}
	return answered(http.StatusOK, struct {
		Lanes []lane  `json:"lanes"`
		Next  *string `json:"next"`
	}{lanesOf(found), r.next(next)})
}

// lane answers GET /v1/endpoints/{endpoint}/lanes/{lane}.
func (h *Handler) lane(ctx context.Context, r *request) (*outcome, error) {
	found, err := h.Desk.Lane(ctx, r.actor, r.endpoint(), r.named["lane"])
	if err != nil {
		return nil, h.refused(ctx, r, err)
	}
	return answered(http.StatusOK, lanesOf([]operate.Lane{found})[0])
}

// attempts answers GET /v1/attempts.
func (h *Handler) attempts(ctx context.Context, r *request) (*outcome, error) {
	key := webhook.EndpointKey{Business: r.of, Endpoint: r.query.Get(parameterEndpoint)}
	found, err := h.Desk.Attempts(r.actor, key, r.page.limit)
	if err != nil {
		return nil, h.refused(ctx, r, err)
	}
	return answered(http.StatusOK, struct {
		Tried []attempt `json:"tried"`
	}{attemptsOf(found)})
}

// deliveries answers GET /v1/customers/{handle}/deliveries.
func (h *Handler) deliveries(ctx context.Context, r *request) (*outcome, error) {
	found, err := h.Desk.Deliveries(ctx, r.actor, r.of, r.named["handle"])
	if err != nil {
		return nil, h.refused(ctx, r, err)
	}
	return answered(http.StatusOK, struct {
		Lanes []lane    `json:"lanes"`
		Tried []attempt `json:"tried"`
		Dead  []letter  `json:"dead_letters"`
	}{lanesOf(found.Lanes), attemptsOf(found.Tried), lettersOf(found.Dead)})
}
