package graph

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"
)

// journey follows one request: how far it may have come. The transport itself
// repeats a request on a new connection only where nothing of it was taken, so
// the last connection counts.
type journey struct{ at atomic.Int32 }

// The stations of a journey. A transport that does not tell (a stand-in) leaves
// it at 0, of which nothing is known.
const (
	// dialing: no connection yet; nothing was written, TLS and proxy included.
	dialing int32 = 1
	// connected: from here on it may arrive.
	connected int32 = 2
)

func (j *journey) trace(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { j.at.Store(dialing) },
		GotConn: func(httptrace.GotConnInfo) { j.at.Store(connected) },
	})
}

func (j *journey) maybeSent() bool { return j.at.Load() != dialing }

// request builds the HTTP request of a call, without its context.
func (c *Client) request(r *Request) *http.Request {
	out := &http.Request{
		Method: r.Method, URL: c.url(r), Host: c.base.Host, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: headers(r.Token, "application/json"),
	}
	if r.ContentType != "" {
		out.Header["Content-Type"] = []string{r.ContentType}
	}
	if r.Stream == nil && len(r.Body) > 0 {
		body := r.Body
		out.ContentLength = int64(len(body))
		// GetBody lets the transport take another connection if it found an old one
		// closed before anything was written.
		out.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
		out.Body = io.NopCloser(bytes.NewReader(body))
	}
	return out
}

func headers(token, accept string) http.Header {
	v := [...]string{"Bearer " + token, accept, "bauta"}
	return http.Header{"Authorization": v[:1:1], "Accept": v[1:2:2], "User-Agent": v[2:]}
}

// exchange makes one request and reads the whole answer, whatever it says, up to
// limit bytes after decompression. caller is the context that the caller gave,
// ctx what became of it. An answer that is too large is Unreadable.
func (c *Client) exchange(ctx, caller context.Context, r *http.Request, limit int64) (*Answer, *Error) {
	j := &journey{}
	started := time.Now()
	answer, err := c.http.Do(r.WithContext(j.trace(ctx)))
	if err != nil {
		return nil, c.lost(ctx, caller, err, j.maybeSent())
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := readAll(answer, limit+1)
	c.metrics.took(operationCall, time.Since(started))
	if err != nil {
		return nil, c.lost(ctx, caller, err, true)
	}
	if int64(len(body)) > limit {
		return nil, &Error{Kind: Unreadable, Status: answer.StatusCode, sent: true}
	}
	return &Answer{Status: answer.StatusCode, Header: allowed(answer.Header), Body: body}, nil
}

// readAll reads up to limit bytes into a buffer of the length that was announced,
// if one was: what is announced and does not come costs 64 KiB at most.
func readAll(answer *http.Response, limit int64) ([]byte, error) {
	size := min(max(answer.ContentLength, 0), limit, 64<<10)
	buffer := bytes.NewBuffer(make([]byte, 0, size+bytes.MinRead))
	_, err := buffer.ReadFrom(io.LimitReader(answer.Body, limit))
	return buffer.Bytes(), err
}

// maxHeader bounds one header of an answer.
const maxHeader = 8 << 10

// allowed are the headers that a caller may have.
func allowed(from http.Header) http.Header {
	to := make(http.Header, 4)
	for _, name := range [...]string{
		"Content-Type", "Retry-After", "X-App-Usage", "X-Business-Use-Case-Usage", "X-Ad-Account-Usage",
	} {
		if v := from.Get(name); v != "" && isHeader(v, maxHeader) {
			to[name] = []string{v}
		}
	}
	return to
}

// lost is a call without an answer. The cause's text can hold the URL and is
// not kept, unless it is the caller's own going away.
func (c *Client) lost(ctx, caller context.Context, err error, sent bool) *Error {
	var timeout interface{ Timeout() bool }
	switch {
	case errors.Is(caller.Err(), context.Canceled):
		return &Error{Kind: Canceled, cause: context.Canceled, sent: sent}
	case errors.Is(err, errSource), errors.Is(context.Cause(ctx), errSource):
		return &Error{Kind: SourceBroken, sent: sent}
	case errors.Is(err, context.DeadlineExceeded), ctx.Err() != nil, errors.As(err, &timeout) && timeout.Timeout():
		return &Error{Kind: TooSlow, cause: context.DeadlineExceeded, sent: sent}
	}
	return &Error{Kind: Unreachable, sent: sent}
}
