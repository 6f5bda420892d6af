package graph

import (
	"context"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The waits before a repetition: twice for a limit that holds for all, once for
// one customer's (the platform wants 4^X seconds, webhooks.md 6.6).
const (
	firstWait = 500 * time.Millisecond
	pairWait  = 4 * time.Second
	maxRepeat = 2
)

// repetition is why a call is made again: a closed set, fit for a metric label.
type repetition string

const (
	notAgain        repetition = ""
	afterLimit      repetition = "rate_limit"
	afterPairLimit  repetition = "pair_limit"
	afterConnection repetition = "connection"
)

// wait is how long to wait before repetition n (from 0) for the reason; ok is
// false if there is no such repetition.
func (r repetition) wait(n int) (d time.Duration, ok bool) {
	switch r {
	case afterLimit, afterConnection:
		return firstWait << n, n < maxRepeat
	case afterPairLimit:
		return pairWait, n == 0
	case notAgain:
	}
	return 0, false
}

// unsent tells for which codes the platform says that nothing was sent, and what
// that means for a repetition (webhooks.md 6.6). Codes 1, 2, 131000, 131016,
// 131057 and 133004 are "temporary" too, but the message may have gone out.
func unsent(code int) repetition {
	switch code {
	case 4, 80007, 130429:
		return afterLimit
	case 131056:
		return afterPairLimit
	}
	return notAgain
}

// reconnect tells whether a call without an answer may be made again: nothing was
// written, or it only reads and its connection broke.
func reconnect(fault *Error, method string) repetition {
	switch fault.Kind {
	case Unreachable:
		if !fault.sent || method == http.MethodGet {
			return afterConnection
		}
	case TooSlow:
		if !fault.sent {
			return afterConnection
		}
	case NotFound, TokenRefused, Forbidden, RateLimited, Refused, Unavailable, Unreadable, BreakerOpen, Canceled, SourceBroken:
	}
	return notAgain
}

// within tells that a wait ends in time.
func within(ctx context.Context, end time.Time, wait time.Duration) bool {
	at := time.Now().Add(wait)
	deadline, ok := ctx.Deadline()
	return !at.After(end) && (!ok || at.Before(deadline))
}

// pause waits, false if the context ended first.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// jittered adds up to a fifth, so that those who were refused together do not
// come back together. Never less: the platform named the wait.
func jittered(d time.Duration) time.Duration {
	return d + rand.N(d/5+1) //nolint:gosec // it spreads load and keeps no secret
}

// retryAfter reads a Retry-After header (RFC 9110, 10.2.3): seconds or a date.
// What is neither, or past, is 0.
func retryAfter(value string, now time.Time) time.Duration {
	if value = strings.TrimSpace(value); value == "" {
		return 0
	}
	if n, err := strconv.ParseInt(value, 10, 32); err == nil {
		return max(time.Duration(n)*time.Second, 0)
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	return max(at.Sub(now), 0)
}
