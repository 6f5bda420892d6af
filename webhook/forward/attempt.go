package forward

import (
	"context"
	"io"
	"net/http"
	"time"

	"bauta/webhook"
)

// maxAnswer is how much of an answer is read, so that its connection can be used
// again. It is thrown away: what a receiver says of an event may quote it.
const maxAnswer = 64 << 10

// attempt sends a delivery once. It is not bound to the life of the node: an
// attempt that has begun ends by itself, at the latest after the endpoint's timeout.
func (e *endpoint) attempt(lane webhook.Lane, d *webhook.Delivery, now time.Time) result {
	ctx, cancel := context.WithTimeout(context.Background(), e.conf.Timeout)
	defer cancel()
	if e.carrier != nil {
		return e.carry(ctx, lane, d)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, e.conf.URL, nil)
	if err != nil {
		return result{class: blocked, reason: Blocked}
	}
	e.fence(req, d.Body, now.Add(e.conf.Timeout))
	e.headers(req.Header, d, now)
	resp, err := e.wire.RoundTrip(req)
	if err != nil {
		c, why := classifyError(err)
		return result{class: c, reason: why}
	}
	// The status has decided; a body that breaks off or hangs changes nothing.
	_, _ = io.CopyN(io.Discard, resp.Body, maxAnswer)
	_ = resp.Body.Close()
	c, why := classify(resp.StatusCode)
	r := result{class: c, reason: why, status: resp.StatusCode}
	if c == fault {
		r.after = retryAfter(resp.Header.Get("Retry-After"), now)
	}
	return r
}

// headers sets what every delivery carries; README lists them.
func (e *endpoint) headers(h http.Header, d *webhook.Delivery, now time.Time) {
	h.Set("Content-Type", "application/json")
	h.Set("User-Agent", e.f.agent)
	// Without a value it is not sent, and tells net/http that a request may be
	// written anew when a kept connection was closed under it.
	h["Idempotency-Key"] = nil
	e.sign.sign(h, d.ID, now, d.Body)
	for _, v := range [...][2]string{
		{"Bauta-Visibility", d.Visibility}, {"Bauta-Handle", d.Handle}, {"Bauta-Decision", d.Decision},
	} {
		if v[1] != "" {
			h.Set(v[0], headerValue(v[1]))
		}
	}
	if d.Held {
		h.Set("Bauta-Held", "true")
	}
}
