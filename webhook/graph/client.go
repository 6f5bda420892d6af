// Package graph is the client of Meta's Graph API. It has one breaker for the
// API as a whole: what one business's token may not do, or what does not exist,
// is an answer and does not open it.
//
// Facts: webhooks.md 7 (look-up of an ad, fields, error codes), 6.6 (errors).
package graph

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/sony/gobreaker/v2"
)

// maxAnswer bounds what is read of an answer.
const maxAnswer = 256 << 10

// The breaker opens when at least half of 5 or more calls within a minute
// failed, and lets one call through after 15 s.
const (
	breakerWindow = time.Minute
	breakerBucket = 10 * time.Second
	breakerOpen   = 15 * time.Second
	breakerCalls  = 5
)

// DefaultTimeout is how long one call may take.
const DefaultTimeout = 2 * time.Second

// Options of a Client.
type Options struct {
	// URL is platform.graph_url, such as https://graph.facebook.com.
	URL string
	// Version is platform.graph_version, such as v25.0.
	Version string
	// HTTP makes the calls. It is copied; the copy follows no redirect, since
	// that would carry the access token elsewhere.
	HTTP *http.Client
	// Timeout of one call; DefaultTimeout if it is 0.
	Timeout time.Duration
}

// Client calls the Graph API. It is safe for concurrent use.
type Client struct {
	base    string
	http    *http.Client
	timeout time.Duration
	breaker *gobreaker.CircuitBreaker[[]byte]
}

// New returns a client, or every fault of the options, joined.
func New(o Options) (*Client, error) {
	var faults []error
	base, err := url.Parse(o.URL)
	if err != nil || base.Host == "" || base.User != nil || base.RawQuery != "" || base.Scheme != "https" && base.Scheme != "http" {
		faults = append(faults, errors.New("graph_url: want a URL such as https://graph.facebook.com, without query or user"))
	}
	if !regexp.MustCompile(`^v[0-9]{1,3}\.[0-9]{1,2}$`).MatchString(o.Version) {
		faults = append(faults, errors.New("graph_version: want a version such as v25.0"))
	}
	if o.HTTP == nil {
		faults = append(faults, errors.New("graph: an HTTP client is required"))
	}
	if o.Timeout < 0 {
		faults = append(faults, fmt.Errorf("graph: the timeout must not be negative, it is %v", o.Timeout))
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	own := *o.HTTP
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c := &Client{base: strings.TrimRight(o.URL, "/") + "/" + o.Version, http: &own, timeout: o.Timeout}
	if c.timeout == 0 {
		c.timeout = DefaultTimeout
	}
	c.breaker = gobreaker.NewCircuitBreaker[[]byte](gobreaker.Settings{
		Name: "graph", MaxRequests: 1, Interval: breakerWindow, BucketPeriod: breakerBucket, Timeout: breakerOpen,
		ReadyToTrip: func(n gobreaker.Counts) bool {
			return n.Requests >= breakerCalls && 2*n.TotalFailures >= n.Requests
		},
		IsSuccessful: func(err error) bool { return err == nil || kindOf(err).answered() },
		IsExcluded:   func(err error) bool { return errors.Is(err, context.Canceled) },
	})
	return c, nil
}

// get calls the API and returns the answer's body. Every error is an *Error.
func (c *Client) get(ctx context.Context, token, path string, query url.Values) ([]byte, error) {
	body, err := c.breaker.Execute(func() ([]byte, error) { return c.call(ctx, token, path, query) })
	if errors.Is(err, gobreaker.ErrOpenState) || errors.Is(err, gobreaker.ErrTooManyRequests) {
		return nil, &Error{Kind: BreakerOpen, cause: err}
	}
	return body, err
}

func (c *Client) call(ctx context.Context, token, path string, query url.Values) ([]byte, error) {
	within, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(within, http.MethodGet, c.base+"/"+path+"?"+query.Encode(), http.NoBody)
	if err != nil {
		return nil, &Error{Kind: Refused}
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Accept", "application/json")
	answer, err := c.http.Do(request)
	if err != nil {
		return nil, lost(ctx, err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, lost(ctx, err)
	case len(body) > maxAnswer:
		return nil, &Error{Kind: Unreadable, Status: answer.StatusCode}
	case answer.StatusCode != http.StatusOK:
		return nil, refusal(answer.StatusCode, body)
	}
	return body, nil
}

// lost is a call without an answer. The cause's text can hold the URL and is
// not kept, unless it is the caller's own going away.
func lost(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil && errors.Is(context.Cause(ctx), context.Canceled):
		return &Error{Kind: Canceled, cause: context.Canceled}
	case errors.Is(err, context.DeadlineExceeded):
		return &Error{Kind: TooSlow, cause: context.DeadlineExceeded}
	}
	var timeout interface{ Timeout() bool }
	if errors.As(err, &timeout) && timeout.Timeout() {
		return &Error{Kind: TooSlow, cause: context.DeadlineExceeded}
	}
	return &Error{Kind: Unreachable}
}
