package forward

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"bauta/webhook"
	"bauta/webhook/egress"
)

// class is what an attempt's end means for its event and its endpoint.
type class uint8

const (
	// fault: the endpoint does not work at the moment. Repeated until max_age,
	// counted by the breaker. The zero value, so that doubt repeats.
	fault class = iota
	success
	// refused: the endpoint works and does not want this event.
	refused
	// gone: the endpoint wants nothing any more.
	gone
	// blocked: our guard does not let us connect: a fault of the configuration.
	blocked
	// own: our fault; repeated, and neither counted nor held against the endpoint.
	own
)

// result is an attempt's end.
type result struct {
	class  class
	reason Reason
	// status is 0 if there was no answer.
	status int
	// after is the endpoint's Retry-After, at most maxRetryAfter.
	after time.Duration
	// said is the carrier's verdict; nil for an attempt over HTTP.
	said *webhook.Verdict
}

// maxRetryAfter bounds what an endpoint can ask for.
const maxRetryAfter = 24 * time.Hour

// classify judges a status. The table (deploy/reference/endpoints.md, Standard Webhooks 1.0):
//
//	2xx            success
//	3xx            fault: never followed. It is the endpoint's URL that is wrong
//	               (a login page, http to https), not the event, so events wait
//	               for a repair instead of becoming dead letters.
//	410            gone: the endpoint is paused until the operator resumes it
//	408, 425, 429  fault: come back later
//	other 4xx      refused
//	5xx, others    fault
func classify(status int) (class, Reason) {
	switch {
	case status >= 200 && status <= 299:
		return success, OK
	case status >= 300 && status <= 399:
		return fault, Redirect
	case status == http.StatusGone:
		return gone, Gone
	case status == http.StatusTooManyRequests:
		return fault, Throttled
	case status == http.StatusRequestTimeout, status == http.StatusTooEarly:
		return fault, Busy
	case status >= 400 && status <= 499:
		return refused, Refusal
	case status >= 500 && status <= 599:
		return fault, ServerError
	}
	return fault, OddStatus
}

// classifyError judges an attempt that got no answer.
func classifyError(err error) (class, Reason) {
	var (
		guard  *egress.RefusedError
		lookup *net.DNSError
		cert   *tls.CertificateVerificationError
		record tls.RecordHeaderError
		alert  tls.AlertError
		wire   net.Error
	)
	switch {
	case errors.As(err, &guard):
		return blocked, Blocked
	case errors.Is(err, context.Canceled), errors.Is(err, errStalled):
		return own, Cancelled
	case errors.As(err, &lookup):
		if lookup.IsNotFound {
			return fault, DNS
		}
		return own, DNS // our resolver does not answer
	case errors.As(err, &cert), errors.As(err, &record), errors.As(err, &alert):
		return fault, TLS
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &wire) && wire.Timeout():
		return fault, Timeout
	}
	return fault, Connection
}

// retryAfter reads a Retry-After header (RFC 9110, 10.2.3): seconds or a date.
// What is neither, or past, is 0.
func retryAfter(value string, now time.Time) time.Duration {
	value = strings.TrimSpace(value)
	if value == "" {
		return 0
	}
	if strings.Trim(value, "0123456789") == "" {
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil || n > int64(maxRetryAfter/time.Second) {
			return maxRetryAfter
		}
		return time.Duration(n) * time.Second
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	return min(max(at.Sub(now), 0), maxRetryAfter)
}
