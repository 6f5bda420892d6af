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
	req := e.request.WithContext(ctx)
	e.fence(req, d.Body, now.Add(e.conf.Timeout))
	req.Header = e.headers(d, now)
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

// headers are what every delivery carries; deploy/reference/endpoints.md lists them. Their names are in the form
// that net/http keeps them in.
func (e *endpoint) headers(d *webhook.Delivery, now time.Time) http.Header {
	signed := e.sign.sign(d.ID, now, d.Body)
	h := make(http.Header, 12)
	all := [...][2]string{
		{"Content-Type", "application/json"},
		{"User-Agent", e.f.agent},
		{"X-Hub-Signature-256", signed.hub},
		{"Webhook-Id", d.ID},
		{"Webhook-Timestamp", signed.stamp},
		{"Webhook-Signature", signed.standard},
		{"Bauta-Visibility", headerValue(d.Visibility)},
		{"Bauta-Handle", headerValue(d.Handle)},
		{"Bauta-Decision", headerValue(d.Decision)},
		{"Bauta-Held", ""},
	}
	if d.Held {
		all[len(all)-1][1] = "true"
	}
	values := make([]string, len(all))
	for i, v := range all {
		if v[1] != "" {
			values[i] = v[1]
			h[v[0]] = values[i : i+1 : i+1]
		}
	}
	// Without a value it is not sent, and tells net/http that a request may be
	// written anew when a kept connection was closed under it.
	h["Idempotency-Key"] = nil
	return h
}
