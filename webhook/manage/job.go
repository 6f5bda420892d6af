package manage

import (
	"context"
	"net/http"
	"time"

	"bauta/webhook/operate"
)

type job struct {
	ID       string     `json:"id"`
	Business string     `json:"business"`
	Endpoint string     `json:"endpoint"`
	Work     string     `json:"work"`
	Since    *time.Time `json:"since"`
	Until    *time.Time `json:"until"`
	Reason   *string    `json:"reason"`
	Status   *int       `json:"status"`
	Rate     int        `json:"rate"`
	By       string     `json:"by"`
	State    string     `json:"state"`
	Total    int64      `json:"total"`
	Done     int64      `json:"done"`
	Gone     int64      `json:"gone"`
	Failed   int64      `json:"failed"`
	Begun    time.Time  `json:"begun"`
	Ended    *time.Time `json:"ended"`
}

func jobOf(j *operate.Job) job {
	f := &j.Filter
	return job{
		ID: j.ID, Business: f.Business, Endpoint: f.Endpoint, Work: string(j.Work), Since: timeOf(f.Since), Until: timeOf(f.Until),
		Reason: textOf(f.Reason), Status: numberOf(f.Status), Rate: j.Rate, By: j.By, State: j.State,
		Total: j.Total, Done: j.Done, Gone: j.Gone, Failed: j.Failed, Begun: j.Begun.UTC(), Ended: timeOf(j.Ended),
	}
}

// jobs answers GET /v1/jobs.
func (h *Handler) jobs(ctx context.Context, r *request) (*outcome, error) {
	found, err := h.Desk.JobList(ctx, r.actor, r.of)
	if err != nil {
		return nil, h.refused(ctx, r, err)
	}
	out := make([]job, len(found))
	for i := range found {
		out[i] = jobOf(&found[i])
	}
	return answered(http.StatusOK, struct {
		Jobs []job `json:"jobs"`
	}{out})
}

// job answers GET /v1/jobs/{id}.
func (h *Handler) job(ctx context.Context, r *request) (*outcome, error) {
	found, err := h.Desk.Job(ctx, r.actor, r.of, r.named["id"])
	if err != nil {
		return nil, h.refused(ctx, r, err)
	}
	return answered(http.StatusOK, jobOf(&found))
}

// jobOrder is the body of POST /v1/jobs. Rate nil is the usual one.
type jobOrder struct {
	Endpoint string    `json:"endpoint"`
	Work     string    `json:"work"`
	Since    time.Time `json:"since"`
	Until    time.Time `json:"until"`
	Reason   string    `json:"reason"`
	Status   int       `json:"status"`
	Rate     *int      `json:"rate"`
}

// beginJob answers POST /v1/jobs: 202, for a node goes on with it.
func (h *Handler) beginJob(ctx context.Context, r *request) (*outcome, error) {
	order, _ := r.body.(jobOrder)
	rate := 0
	if order.Rate != nil {
		if rate = *order.Rate; rate == 0 {
			rate = -1 // said, and no rate
		}
	}
	if order.Status != 0 && (order.Status < leastStatus || order.Status > mostStatus) {
		return nil, fail(problemBody).saying("The member status is not a whole number from 100 to 599.")
	}
	f := operate.LetterFilter{
		Business: r.of, Endpoint: order.Endpoint, Since: order.Since, Until: order.Until, Reason: order.Reason, Status: order.Status,
	}
	return h.act(ctx, r, func(ctx context.Context) (*outcome, error) {
		begun, err := h.Desk.BeginJob(ctx, r.actor, operate.Work(order.Work), f, rate)
		if err != nil {
			return nil, err
		}
		return answered(http.StatusAccepted, jobOf(&begun))
	})
}

// cancelJob answers POST /v1/jobs/{id}/cancel, also for one that has ended.
func (h *Handler) cancelJob(ctx context.Context, r *request) (*outcome, error) {
	return h.act(ctx, r, func(ctx context.Context) (*outcome, error) {
		if _, err := h.Desk.CancelJob(ctx, r.actor, r.of, r.named["id"]); err != nil {
			return nil, err
		}
		found, err := h.Desk.Job(ctx, r.actor, r.of, r.named["id"])
		if err != nil {
			return nil, err
		}
		return answered(http.StatusOK, jobOf(&found))
	})
}
