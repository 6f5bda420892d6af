package forward

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"bauta/webhook"
	"bauta/webhook/egress"
)

// TestEvent is the type of the event that Tester.Send sends.
const TestEvent = "endpoint_test"

// Wrong is that a handshake was answered with something else than the challenge: a Reason of
// trials alone.
const Wrong Reason = "wrong_challenge"

// ErrNoURL is that there is nothing to try, because there is no such endpoint, or it is the
// platform.
var ErrNoURL = errors.New("there is no such endpoint with a URL")

// Tester makes requests to endpoints that are no deliveries: they count for no breaker
// and no pause, and are made also while the endpoint rests. Safe for concurrent use.
type Tester struct {
	agent     string
	find      func(webhook.EndpointKey) *webhook.Endpoint
	transport func(webhook.Endpoint) http.RoundTripper
}

// tried is an endpoint with a connection of its own.
type tried struct {
	conf webhook.Endpoint
	wire http.RoundTripper
}

// NewTester returns a Tester. Find returns an endpoint as it is configured now, nil if
// there is none; transport is as in Options.
func NewTester(find func(webhook.EndpointKey) *webhook.Endpoint, transport func(webhook.Endpoint) http.RoundTripper, version string) *Tester {
	if transport == nil {
		transport = guarded
	}
	return &Tester{agent: "Bauta/" + version, find: find, transport: transport}
}

// open prepares a request to an endpoint. Whoever calls closes it.
func (t *Tester) open(k webhook.EndpointKey) (*tried, bool) {
	found := t.find(k)
	if found == nil || found.Platform {
		return nil, false
	}
	e := *found
	e.Concurrency = 1
	return &tried{conf: e, wire: t.transport(e)}, true
}

func (e *tried) close() {
	if c, ok := e.wire.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// Send sends an event of the type TestEvent, signed as every delivery: a Standard Webhooks
// body that names the endpoint and nobody. ErrNoURL: there is none.
func (t *Tester) Send(ctx context.Context, k webhook.EndpointKey) (webhook.Trial, error) {
	e, ok := t.open(k)
	if !ok {
		return webhook.Trial{}, ErrNoURL
	}
	defer e.close()
	now := time.Now()
	body, err := json.Marshal(map[string]any{"type": TestEvent, "timestamp": now.UTC(), "data": map[string]string{"endpoint": k.Endpoint}})
	if err != nil {
		return webhook.Trial{}, fmt.Errorf("write a test event: %w", err)
	}
	return t.request(ctx, e, http.MethodPost, e.conf.URL, body)
}

// Shake asks as the platform does when a webhook is entered: GET with hub.mode,
// hub.challenge and the verify token that the endpoint's software knows ("" for one that
// asks for none). OK: it answered 2xx with the challenge. ErrNoURL: there is none.
func (t *Tester) Shake(ctx context.Context, k webhook.EndpointKey, verifyToken string) (webhook.Trial, error) {
	e, ok := t.open(k)
	if !ok {
		return webhook.Trial{}, ErrNoURL
	}
	defer e.close()
	to, err := url.Parse(e.conf.URL)
	if err != nil {
		return webhook.Trial{Reason: string(Blocked), Detail: "its URL cannot be read"}, nil
	}
	query := to.Query()
	challenge := rand.Text()
	query.Set("hub.mode", "subscribe")
	query.Set("hub.challenge", challenge)
	query.Set("hub.verify_token", verifyToken)
	to.RawQuery = query.Encode()
	return t.request(ctx, e, http.MethodGet, to.String(), []byte(challenge))
}

// request makes one. Of a GET want is what the answer has to be, of a POST it is the body.
func (t *Tester) request(ctx context.Context, e *tried, method, to string, want []byte) (webhook.Trial, error) {
	timeout := e.conf.Timeout
	if timeout <= 0 {
		timeout = 10 * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	began := time.Now()
	out := webhook.Trial{At: began.UTC()}
	var body io.Reader
	if method == http.MethodPost {
		body = bytes.NewReader(want)
	}
	req, err := http.NewRequestWithContext(ctx, method, to, body)
	if err != nil {
		out.Reason, out.Detail = string(Blocked), "its URL cannot be read"
		return out, nil
	}
	req.Header.Set("User-Agent", t.agent)
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/json")
		sign, err := newSigner(e.conf.Secrets)
		if err != nil {
			return webhook.Trial{}, fmt.Errorf("sign a test event: %w", err)
		}
		id := "test_" + rand.Text()
		signed := sign.sign(id, began, want)
		req.Header.Set("X-Hub-Signature-256", signed.hub)
		req.Header.Set("Webhook-Id", id)
		req.Header.Set("Webhook-Timestamp", signed.stamp)
		if signed.standard != "" {
			req.Header.Set("Webhook-Signature", signed.standard)
		}
	}
	resp, err := e.wire.RoundTrip(req)
	out.Took = time.Since(began)
	if err != nil {
		_, why := classifyError(err)
		out.Reason, out.Detail = string(why), detailOf(why, err)
		return out, nil
	}
	answer, _ := io.ReadAll(io.LimitReader(resp.Body, maxAnswer)) // what breaks off is not the challenge
	_ = resp.Body.Close()
	class, why := classify(resp.StatusCode)
	out.Status, out.OK = resp.StatusCode, class == success
	if out.OK && method == http.MethodGet && subtle.ConstantTimeCompare(bytes.TrimSpace(answer), want) != 1 {
		out.OK, why = false, Wrong
	}
	out.Reason, out.Detail = string(why), detailOf(why, nil)
	return out, nil
}

// detailOf says what is wrong, and what to do. It quotes nothing of URL or answer.
func detailOf(why Reason, err error) string {
	if guard, ok := errors.AsType[*egress.RefusedError](err); ok {
		return guard.Error()
	}
	return map[Reason]string{
		Redirect:    "it answered with a redirect, and those are not followed: configure the URL that it leads to",
		Refusal:     "it refused the request: look at its log; wrong secrets, or a login in front of it, are the usual causes",
		Gone:        "it answered 410: it wants nothing any more; after a real event Bauta switches it off until it is resumed",
		Busy:        "it has no time now: try again",
		Throttled:   "it asks for less: try again later",
		ServerError: "it failed: look at its log",
		OddStatus:   "it answered with a status that HTTP does not have",
		Timeout:     "it did not answer within the endpoint's timeout",
		Connection:  "no connection, or it broke off: is it running, and does a firewall let this machine through?",
		DNS:         "its host name leads to no address: check the URL and this machine's resolver",
		TLS:         "its certificate is not valid for its name, or is not trusted, or it speaks no TLS: renew it, or check port and scheme",
		Blocked:     "the guard refused it",
		Cancelled:   "it was broken off here: try again",
		Wrong:       "it answered something else than the challenge: it does not do the platform's handshake, or knows another verify token",
	}[why]
}
