package graph

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// Kind is why a call failed: a closed set, fit for a metric label. The zero
// value is never returned.
type Kind string

// The kinds. The first five are answers of a working API.
const (
	// NotFound: no such object, or not one that the token can see (code 100, 803).
	NotFound Kind = "not_found"
	// TokenRefused: the access token has expired or is wrong (code 190, 102, 401),
	// or it is none.
	TokenRefused Kind = "token_refused"
	// Forbidden: the token lacks a permission (codes 10 and 200 to 299, 403).
	Forbidden Kind = "forbidden"
	// RateLimited: too many calls (codes 4, 17, 32, 613, 80000 to 80014, 429).
	RateLimited Kind = "rate_limited"
	// Refused: any other error of the API, or a call that is not made because no URL
	// may be built of what it names.
	Refused Kind = "refused"

	// Unavailable: a 5xx, or the API's own "temporary" codes 1 and 2.
	Unavailable Kind = "unavailable"
	// Unreadable: an answer that is no JSON, empty, too large, a redirect, or about
	// something else than was asked for.
	Unreadable Kind = "unreadable"
	// TooSlow: no answer within the timeout.
	TooSlow Kind = "too_slow"
	// Unreachable: no connection, or one that broke.
	Unreachable Kind = "unreachable"
	// BreakerOpen: not called, because calls of late failed.
	BreakerOpen Kind = "breaker_open"
	// Canceled: the caller gave up; errors.Is(err, context.Canceled) holds.
	Canceled Kind = "canceled"
	// SourceBroken: the caller's own stream failed, stood still, or was shorter or
	// longer than it said.
	SourceBroken Kind = "source_broken"
)

// answered tells that the API works, whatever it answered.
func (k Kind) answered() bool {
	switch k {
	case NotFound, TokenRefused, Forbidden, RateLimited, Refused:
		return true
	case Unavailable, Unreadable, TooSlow, Unreachable, BreakerOpen, Canceled, SourceBroken:
		return false
	}
	return false
}

// advice says what to do about it.
func (k Kind) advice() string {
	switch k {
	case NotFound:
		return "it was deleted, or the token cannot see it"
	case TokenRefused:
		return "renew the business's access token (marketing_token for ads)"
	case Forbidden:
		return "give the token's user the permission (ads_read for ads)"
	case RateLimited:
		return "wait, or ask Meta for a higher limit"
	case Refused:
		return "look the code up in Meta's error reference"
	case Unavailable, Unreadable, TooSlow, Unreachable:
		return "it can be tried again; check graph_url and the network if this stays"
	case BreakerOpen:
		return "calls of late failed; the next is let through within seconds"
	case Canceled:
		return "the caller went away"
	case SourceBroken:
		return "the upload did not come in whole; send it again"
	}
	return ""
}

// Error is a failed call. It holds nothing of the answer's text, the URL or the
// token.
type Error struct {
	Kind Kind
	// Status is the HTTP status, 0 without an answer.
	Status int
	// Code and Subcode are the API's own, 0 if it gave none.
	Code, Subcode int
	// RetryAfter is when a BreakerOpen may be over, at least a second; 0 for every
	// other kind.
	RetryAfter time.Duration

	cause error
	sent  bool
}

// Error implements error.
func (e *Error) Error() string {
	text := "graph: " + string(e.Kind)
	if e.Status != 0 {
		text += fmt.Sprintf(" (status %d, code %d, subcode %d)", e.Status, e.Code, e.Subcode)
	}
	return text + ": " + e.Kind.advice()
}

// Unwrap returns context.Canceled, context.DeadlineExceeded, the breaker's
// error, or nil.
func (e *Error) Unwrap() error { return e.cause }

// MaybeSent tells whether the request may have reached the platform, and with it
// whether a message may have gone out. False is certain: the call was refused
// here, the breaker was open, the caller had gone, or there was no connection.
func (e *Error) MaybeSent() bool { return e.sent }

func kindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return ""
}

// refusal reads the error of an answer that is not 200.
func refusal(status int, body []byte) *Error {
	var answer struct {
		Error struct {
			Code    int `json:"code"`
			Subcode int `json:"error_subcode"`
		} `json:"error"`
	}
	e := &Error{Status: status, sent: true}
	if err := json.Unmarshal(body, &answer); err == nil {
		e.Code, e.Subcode = answer.Error.Code, answer.Error.Subcode
	}
	e.Kind = kindOfCode(e.Code)
	if e.Kind == "" {
		e.Kind = kindOfStatus(status)
	}
	return e
}

// kindOfCode returns "" for a code that says nothing by itself.
func kindOfCode(code int) Kind {
	switch {
	case code == 1 || code == 2:
		return Unavailable
	case code == 4 || code == 17 || code == 32 || code == 613 || code >= 80000 && code <= 80014:
		return RateLimited
	case code == 10 || code >= 200 && code <= 299:
		return Forbidden
	case code == 100 || code == 803:
		return NotFound
	case code == 102 || code == 190:
		return TokenRefused
	}
	return ""
}

func kindOfStatus(status int) Kind {
	switch {
	case status >= http.StatusInternalServerError:
		return Unavailable
	case status == http.StatusUnauthorized:
		return TokenRefused
	case status == http.StatusForbidden:
		return Forbidden
	case status == http.StatusTooManyRequests:
		return RateLimited
	case status < http.StatusBadRequest:
		return Unreadable
	}
	return Refused
}
