package manage

import (
	"context"
	"net/http"
	"time"

	"bauta/webhook/operate"
)

type letter struct {
	ID         string     `json:"id"`
	Business   string     `json:"business"`
	Endpoint   string     `json:"endpoint"`
	Lane       string     `json:"lane"`
	Event      string     `json:"event"`
	Field      string     `json:"field"`
	Kind       string     `json:"kind"`
	Reason     string     `json:"reason"`
	Status     *int       `json:"status"`
	Attempts   int        `json:"attempts"`
	Accepted   time.Time  `json:"accepted"`
	FirstTry   *time.Time `json:"first_try"`
	At         time.Time  `json:"at"`
	Unreadable bool       `json:"unreadable"`
}

func lettersOf(found []operate.DeadLetter) []letter {
	out := make([]letter, len(found))
	for i := range found {
		l := &found[i]
		out[i] = letter{
			ID: l.ID, Business: l.Endpoint.Business, Endpoint: l.Endpoint.Endpoint, Lane: l.Lane, Event: l.Event, Field: l.Field, Kind: l.Kind,
			Reason: l.Reason, Status: numberOf(l.Status), Attempts: l.Attempts, Accepted: l.Accepted.UTC(), FirstTry: timeOf(l.FirstTry),
			At: l.At.UTC(), Unreadable: l.Unreadable,
		}
	}
	return out
}

// filter reads which dead letters are meant.
func (r *request) filter() (f operate.LetterFilter, err error) {
	f = operate.LetterFilter{Business: r.of, Endpoint: r.query.Get(parameterEndpoint), Reason: r.query.Get(parameterReason)}
	if f.Since, err = r.time(parameterSince); err != nil {
		return f, err
	}
	if f.Until, err = r.time(parameterUntil); err != nil {
		return f, err
	}
	f.Status, err = r.number(parameterStatus, leastStatus, mostStatus)
	return f, err
}

// The statuses that HTTP has.
const leastStatus, mostStatus = 100, 599

// letters answers GET /v1/dead-letters.
func (h *Handler) letters(ctx context.Context, r *request) (*outcome, error) {
	f, err := r.filter()
	if err != nil {
		return nil, err
	}
	found, next, err := h.Desk.DeadLetters(ctx, r.actor, f, operate.Page{After: r.page.after, Limit: r.page.limit})
	if err != nil {
		return nil, h.refused(ctx, r, err)
	}
	return answered(http.StatusOK, struct {
		Letters []letter `json:"dead_letters"`
		Next    *string  `json:"next"`
	}{lettersOf(found), r.next(next)})
}

// countLetters answers GET /v1/dead-letters/count.
func (h *Handler) countLetters(ctx context.Context, r *request) (*outcome, error) {
	f, err := r.filter()
	if err != nil {
		return nil, err
	}
	n, err := h.Desk.CountDeadLetters(ctx, r.actor, f)
	if err != nil {
		return nil, h.refused(ctx, r, err)
	}
	return answered(http.StatusOK, struct {
		Count int64 `json:"count"`
	}{n})
}

// replayLetter answers POST /v1/dead-letters/{id}/replay.
func (h *Handler) replayLetter(ctx context.Context, r *request) (*outcome, error) {
	return h.actOn(ctx, r, func(ctx context.Context, id string) (string, error) {
		return becomes("replayed")(h.Desk.WorkOnLetter(ctx, r.actor, r.of, id, operate.Replay))
	})
}

// dropLetter answers POST /v1/dead-letters/{id}/drop.
func (h *Handler) dropLetter(ctx context.Context, r *request) (*outcome, error) {
	return h.actOn(ctx, r, func(ctx context.Context, id string) (string, error) {
		return becomes("dropped")(h.Desk.WorkOnLetter(ctx, r.actor, r.of, id, operate.Drop))
	})
}
