package graph

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/sony/gobreaker/v2"
)

// Client calls the Graph API. It is safe for concurrent use.
type Client struct {
	base     *url.URL
	version  string
	http     *http.Client
	metrics  *Metrics
	breakers *breakers
	ads      *gobreaker.CircuitBreaker[[]byte]

	timeout, callTimeout, retryFor time.Duration
}

// New returns a client, or every fault of the options, joined.
func New(o Options) (*Client, error) {
	base, err := o.check()
	if err != nil {
		return nil, err
	}
	base.Path = strings.TrimRight(base.Path, "/")
	base.RawPath, base.Fragment = "", ""
	own := *o.HTTP
	own.CheckRedirect = followNone
	own.Jar, own.Timeout = nil, 0
	c := &Client{
		base: base, version: o.Version, http: &own, metrics: o.Metrics, breakers: newBreakers(),
		timeout: o.Timeout, callTimeout: o.CallTimeout, retryFor: o.RetryFor,
	}
	settings := breakerSettings()
	settings.IsSuccessful = func(err error) bool { return err == nil || kindOf(err).answered() }
	settings.IsExcluded = func(err error) bool { return errors.Is(err, context.Canceled) }
	c.ads = gobreaker.NewCircuitBreaker[[]byte](settings)
	c.metrics.watch(c.breakers)
	return c, nil
}

// lookUpAd calls the Marketing API and returns the answer's body. Every error is
// an *Error.
func (c *Client) lookUpAd(ctx context.Context, token, id string, query url.Values) ([]byte, error) {
	body, err := c.ads.Execute(func() ([]byte, error) {
		within, cancel := context.WithTimeout(ctx, c.timeout)
		defer cancel()
		r := &Request{Token: token, Object: id, Method: http.MethodGet, Query: query}
		answer, fault := c.exchange(within, ctx, c.request(r), maxAd)
		switch {
		case fault != nil:
			return nil, fault
		case answer.Status != http.StatusOK:
			return nil, refusal(answer.Status, answer.Body)
		}
		return answer.Body, nil
	})
	if errors.Is(err, gobreaker.ErrOpenState) || errors.Is(err, gobreaker.ErrTooManyRequests) {
		return nil, &Error{Kind: BreakerOpen, RetryAfter: time.Second, cause: err}
	}
	return body, err
}
