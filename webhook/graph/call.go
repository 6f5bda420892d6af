package graph

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// maxAnswer bounds what is read of an answer to a call.
const maxAnswer = 4 << 20

// Call makes a call and returns the platform's answer, be it an error of its own.
// Every error is an *Error, and tells by MaybeSent whether the call may have been
// carried out; Refused and TokenRefused with status 0 are calls that no request
// may be built of.
//
// A call is repeated where the platform says that nothing was sent (codes 4, 80007
// and 130429 after 0.5 s and 1 s, 131056 once after 4 s; Retry-After if that is
// longer) and where there was no connection; a GET also once when a connection
// broke. Never a stream, never after Options.RetryFor, never past ctx. What comes
// back then is the last outcome.
func (c *Client) Call(ctx context.Context, r Request) (*Answer, error) {
	answer, fault := c.call(ctx, &r)
	c.metrics.call(outcomeOf(answer, fault))
	if fault != nil {
		return nil, fault
	}
	answer.forget(r.Token)
	return answer, nil
}

func (c *Client) call(caller context.Context, r *Request) (*Answer, *Error) {
	if fault := mayCall(r); fault != nil {
		return nil, fault
	}
	if fault := gone(caller); fault != nil {
		return nil, fault
	}
	if r.Stream != nil {
		return c.upload(caller, r)
	}
	ctx, cancel := context.WithTimeout(caller, c.callTimeout)
	defer cancel()
	end := time.Now().Add(c.retryFor)
	var counts [2]int // repetitions after a limit, after a lost connection
	for {
		answer, again, fault := c.attempt(ctx, caller, r)
		if again == notAgain {
			return answer, fault
		}
		kind := &counts[0]
		if again == afterConnection {
			kind = &counts[1]
		}
		wait, ok := again.wait(*kind)
		wait = jittered(wait)
		if answer != nil {
			wait = max(wait, retryAfter(answer.Header.Get("Retry-After"), time.Now()))
		}
		if fault != nil && fault.sent && *kind > 0 {
			ok = false // a GET whose connection broke: once
		}
		if !ok || !within(ctx, end, wait) || !pause(ctx, wait) {
			return answer, fault
		}
		if !c.breakers.ready(r.breaker()) {
			return answer, fault // it opened meanwhile: the outcome says more than that
		}
		*kind++
		c.metrics.again(again)
	}
}

// attempt makes the call once, and tells whether it may be made again.
func (c *Client) attempt(ctx, caller context.Context, r *Request) (*Answer, repetition, *Error) {
	done, refused := c.breakers.allow(r.breaker())
	if refused != nil {
		return nil, notAgain, refused
	}
	verdict := failed
	defer func() { done(verdict) }()
	answer, fault := c.exchange(ctx, caller, c.request(r), maxAnswer)
	if fault == nil {
		answer, fault = readable(answer)
	}
	if fault != nil {
		verdict = blame(caller, fault)
		return nil, reconnect(fault, r.Method), fault
	}
	code, alone := errorCode(answer.Status, answer.Body)
	verdict = judge(answer.Status, code)
	again := unsent(code)
	if !alone {
		again = notAgain
	}
	answer.Code, answer.Unsent = code, again != notAgain
	return answer, again, nil
}

// upload makes a call with a stream, once. It has a breaker of its own: what
// stores media may fail while messages go out, and the reverse.
func (c *Client) upload(caller context.Context, r *Request) (*Answer, *Error) {
	done, refused := c.breakers.allow("upload:" + r.Object)
	if refused != nil {
		return nil, refused
	}
	verdict := failed
	defer func() { done(verdict) }()
	ctx, watch := newIdle(caller)
	defer watch.stop()
	out := c.request(r)
	stream := &source{from: r.Stream, watch: watch}
	defer func() { _ = stream.Close() }()
	out.Body, out.ContentLength = stream, -1
	answer, fault := c.exchange(ctx, caller, out, maxAnswer)
	if fault == nil {
		answer, fault = readable(answer)
	}
	if fault != nil {
		verdict = blame(caller, fault)
		return nil, fault
	}
	code, alone := errorCode(answer.Status, answer.Body)
	verdict = judge(answer.Status, code)
	answer.Code, answer.Unsent = code, alone && unsent(code) != notAgain
	return answer, nil
}

// readable refuses redirects, which are not followed, and answers that say nothing.
func readable(a *Answer) (*Answer, *Error) {
	switch {
	case a.Status >= 300 && a.Status <= 399:
		return nil, &Error{Kind: Unreadable, Status: a.Status, sent: true}
	case len(a.Body) > 0:
		return a, nil
	case a.Status >= http.StatusInternalServerError:
		return nil, &Error{Kind: Unavailable, Status: a.Status, sent: true}
	}
	return nil, &Error{Kind: Unreadable, Status: a.Status, sent: true}
}

// blame tells how a call without an answer counts: what the caller ended, by
// going away, by a deadline of its own or by a stream that broke, does not.
func blame(caller context.Context, fault *Error) verdict {
	switch {
	case caller.Err() != nil || fault.Kind == SourceBroken:
		return unjudged
	case fault.Status >= http.StatusBadRequest && fault.Status < http.StatusInternalServerError:
		return worked // it refused, however briefly
	}
	return failed
}

// gone is the fault of a caller that went away before anything was done.
func gone(caller context.Context) *Error {
	err := caller.Err()
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.DeadlineExceeded):
		return &Error{Kind: TooSlow, cause: context.DeadlineExceeded}
	}
	return &Error{Kind: Canceled, cause: context.Canceled}
}
