package manage

import (
	"context"
	"math"
	"net/http"
	"time"

	"bauta/webhook"
	"bauta/webhook/operate"
)

type endpoint struct {
	Business string     `json:"business"`
	Endpoint string     `json:"endpoint"`
	Platform bool       `json:"platform"`
	Target   *string    `json:"target"`
	Fields   []string   `json:"fields"`
	State    string     `json:"state"`
	Reason   *string    `json:"reason"`
	Until    *time.Time `json:"until"`
	Pauses   int        `json:"pauses"`
	Waiting  int64      `json:"waiting"`
	Oldest   *time.Time `json:"oldest"`
	Dead     int64      `json:"dead"`
	Here     *here      `json:"here"`
}

type here struct {
	Most     int `json:"most"`
	Limit    int `json:"limit"`
	InFlight int `json:"in_flight"`
	Queued   int `json:"queued"`
}

func endpointOf(e *operate.Endpoint) endpoint {
	out := endpoint{
		Business: e.Key.Business, Endpoint: e.Key.Endpoint, Platform: e.Platform, Target: textOf(e.Target), Fields: e.Fields, State: e.State,
		Reason: textOf(e.Reason), Until: timeOf(e.Until), Pauses: e.Pauses, Waiting: e.Waiting, Oldest: timeOf(e.Oldest), Dead: e.Dead,
	}
	if out.Fields == nil {
		out.Fields = []string{}
	}
	if e.Here != nil {
		out.Here = &here{Most: e.Here.Most, Limit: e.Here.Limit, InFlight: e.Here.InFlight, Queued: e.Here.Queued}
	}
	return out
}

// textOf is nil for no text.
func textOf(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// endpoints answers GET /v1/endpoints.
func (h *Handler) endpoints(ctx context.Context, r *request) (*outcome, error) {
	found, err := h.Desk.Endpoints(ctx, r.actor, r.of)
	if err != nil {
		return nil, h.refused(ctx, r, err)
	}
	out := make([]endpoint, len(found))
	for i := range found {
		out[i] = endpointOf(&found[i])
	}
	return answered(http.StatusOK, struct {
		Endpoints []endpoint `json:"endpoints"`
	}{out})
}

// endpoint is the one of the path.
func (r *request) endpoint() webhook.EndpointKey {
	return webhook.EndpointKey{Business: r.of, Endpoint: r.named["endpoint"]}
}

// endpoint answers GET /v1/endpoints/{endpoint}.
func (h *Handler) endpoint(ctx context.Context, r *request) (*outcome, error) {
	out, err := h.stand(ctx, r)
	if err != nil {
		return nil, h.refused(ctx, r, err)
	}
	return answered(http.StatusOK, out)
}

// stand tells how the endpoint of the path stands.
func (h *Handler) stand(ctx context.Context, r *request) (endpoint, error) {
	found, err := h.Desk.Endpoints(ctx, r.actor, r.of)
	if err != nil {
		return endpoint{}, err
	}
	for i := range found {
		if found[i].Key == r.endpoint() {
			return endpointOf(&found[i]), nil
		}
	}
	return endpoint{}, operate.ErrUnknown
}

// pauseOrder is the body of POST /v1/endpoints/{endpoint}/pause. Seconds nil: until it is
// resumed.
type pauseOrder struct {
	Seconds *int64 `json:"seconds"`
}

// pause answers POST /v1/endpoints/{endpoint}/pause.
func (h *Handler) pause(ctx context.Context, r *request) (*outcome, error) {
	order, _ := r.body.(pauseOrder)
	lasts := time.Duration(0)
	if order.Seconds != nil {
		if *order.Seconds < 1 || *order.Seconds > math.MaxInt64/int64(time.Second) {
			return nil, fail(problemBody).saying("The member seconds is not a whole number from 1 to 2592000 (30 days). Leave it out for a pause without an end.")
		}
		lasts = time.Duration(*order.Seconds) * time.Second
	}
	return h.act(ctx, r, func(ctx context.Context) (*outcome, error) {
		if err := h.Desk.PauseEndpoint(ctx, r.actor, r.endpoint(), lasts); err != nil {
			return nil, err
		}
		out, err := h.stand(ctx, r)
		if err != nil {
			return nil, err
		}
		return answered(http.StatusOK, out)
	})
}

// resume answers POST /v1/endpoints/{endpoint}/resume, also where there was no pause.
func (h *Handler) resume(ctx context.Context, r *request) (*outcome, error) {
	return h.act(ctx, r, func(ctx context.Context) (*outcome, error) {
		if _, err := h.Desk.ResumeEndpoint(ctx, r.actor, r.endpoint()); err != nil {
			return nil, err
		}
		out, err := h.stand(ctx, r)
		if err != nil {
			return nil, err
		}
		return answered(http.StatusOK, out)
	})
}

// trial is a webhook.Trial as callers read it.
type trial struct {
	At     time.Time `json:"at"`
	Took   float64   `json:"took_ms"`
	OK     bool      `json:"ok"`
	Status *int      `json:"status"`
	Reason *string   `json:"reason"`
	Detail *string   `json:"detail"`
}

// tried is the answer about a trial: that it failed is no failure of the call.
func tried(t webhook.Trial) (*outcome, error) {
	return answered(http.StatusOK, trial{
		At: t.At.UTC(), Took: *millisecondsOf(t.Took), OK: t.OK, Status: numberOf(t.Status), Reason: textOf(t.Reason), Detail: textOf(t.Detail),
	})
}

// numberOf is nil for 0: there is none.
func numberOf(n int) *int {
	if n == 0 {
		return nil
	}
	return &n
}

// test answers POST /v1/endpoints/{endpoint}/test.
func (h *Handler) test(ctx context.Context, r *request) (*outcome, error) {
	return h.act(ctx, r, func(ctx context.Context) (*outcome, error) {
		t, err := h.Desk.TestEndpoint(ctx, r.actor, r.endpoint())
		if err != nil {
			return nil, err
		}
		return tried(t)
	})
}

// handshakeOrder is the body of POST /v1/endpoints/{endpoint}/handshake.
type handshakeOrder struct {
	VerifyToken string `json:"verify_token"`
}

// handshake answers POST /v1/endpoints/{endpoint}/handshake.
func (h *Handler) handshake(ctx context.Context, r *request) (*outcome, error) {
	order, _ := r.body.(handshakeOrder)
	return h.act(ctx, r, func(ctx context.Context) (*outcome, error) {
		t, err := h.Desk.ShakeHands(ctx, r.actor, r.endpoint(), order.VerifyToken)
		if err != nil {
			return nil, err
		}
		return tried(t)
	})
}
