package errand

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"bauta/webhook/graph"
)

// Waits before another attempt, where the schedule of the endpoint does not fit.
const (
	// pairWait: the platform wants 4^X seconds (webhooks.md 6.6), and the client has
	// waited 4 already.
	pairWait = 16 * time.Second
	// throttledWait at least, or what the platform asks for.
	throttledWait = time.Minute
	// operatorWait is for what the operator, or Meta, has to mend.
	operatorWait = 10 * time.Minute
	maxWait      = time.Hour
)

// class is what an answer means for an errand.
type class uint8

const (
	// unclear: it may have been carried out. The zero value, so that doubt does not
	// repeat it.
	unclear class = iota
	taken
	// refused for good; nothing was sent.
	refused
	// later: nothing was sent, and it may work later.
	later
)

// outcome is the end of a call.
type outcome struct {
	class class
	why   Reason
	// wait before the next attempt, 0: the endpoint's schedule.
	wait time.Duration
	// fault: the platform does not work, or takes nothing of the business.
	fault bool
	// called: the platform was.
	called bool
	// code is the platform's, 0 if it gave none.
	code int
	body []byte
}

// judge reads what came of a call.
func judge(answer *graph.Answer, err error) outcome {
	if err != nil {
		return judgeError(err)
	}
	if answer.Status >= 200 && answer.Status <= 299 {
		return outcome{class: taken, why: Sent, body: answer.Body}
	}
	o := judgeCode(answer.Code, answer.Status)
	o.code = answer.Code
	switch {
	case o.why == PairLimit || o.why == Throttled:
		o.wait = max(o.wait, retryAfter(answer.Header))
		if !answer.Unsent && answer.Status != http.StatusTooManyRequests {
			// The code alone would say that nothing was sent; the answer says more.
			return outcome{why: Unknown, code: answer.Code}
		}
	case o.class == unclear:
		o.fault = true
	}
	return o
}

// judgeError is the end of a call without an answer.
func judgeError(err error) outcome {
	var e *graph.Error
	if !errors.As(err, &e) {
		return outcome{why: Unknown}
	}
	down := e.Kind != graph.Canceled && e.Kind != graph.SourceBroken
	switch {
	case e.MaybeSent():
		return outcome{why: Unknown, fault: down}
	case e.Kind == graph.TokenRefused:
		return outcome{class: later, why: TokenRefused, wait: operatorWait}
	case e.Kind == graph.Refused:
		return outcome{class: refused, why: Refused}
	}
	return outcome{class: later, why: Unreachable, wait: e.RetryAfter, fault: down}
}

// judgeCode is the end of a call with an error of the platform's (webhooks.md 6.6).
func judgeCode(code, status int) outcome {
	switch code {
	case 131056:
		return outcome{class: later, why: PairLimit, wait: pairWait}
	case 4, 80007, 130429:
		return outcome{class: later, why: Throttled, wait: throttledWait, fault: true}
	case 102, 190:
		return outcome{class: later, why: TokenRefused, wait: operatorWait}
	case 3, 10, 131005:
		return outcome{class: later, why: Forbidden, wait: operatorWait}
	// Locked, restricted, unpaid, unregistered, without certificate or display name;
	// too many customers complained.
	case 368, 131031, 131037, 131042, 131045, 131048, 133010:
		return outcome{class: later, why: Account, wait: operatorWait}
	case 131047:
		return outcome{class: refused, why: WindowClosed}
	// Not on WhatsApp, not on a test account's list, the business itself, blocked by
	// it, or in a country that it may not write to.
	case 131026, 131030, 131021, 130403, 130497:
		return outcome{class: refused, why: Undeliverable}
	case 131049, 131050, 130472:
		return outcome{class: refused, why: OptedOut}
	// Temporary, and the message may have gone out.
	case 1, 2, 131000, 131016, 131057, 133004:
		return outcome{why: Unknown}
	case 0:
		return judgeStatus(status)
	}
	switch {
	case code >= 200 && code <= 299:
		return outcome{class: later, why: Forbidden, wait: operatorWait}
	case status >= http.StatusBadRequest && status < http.StatusInternalServerError:
		return outcome{class: refused, why: Refused}
	}
	return outcome{why: Unknown}
}

// judgeStatus is the end of a call with an error that says no code: maybe not even
// the platform's.
func judgeStatus(status int) outcome {
	switch {
	case status == http.StatusUnauthorized:
		return outcome{class: later, why: TokenRefused, wait: operatorWait}
	case status == http.StatusForbidden:
		return outcome{class: later, why: Forbidden, wait: operatorWait}
	case status == http.StatusTooManyRequests:
		return outcome{class: later, why: Throttled, wait: throttledWait, fault: true}
	case status == http.StatusRequestTimeout:
		return outcome{why: Unknown}
	case status >= http.StatusBadRequest && status < http.StatusInternalServerError:
		return outcome{class: refused, why: Refused}
	}
	return outcome{why: Unknown}
}

// retryAfter reads the seconds of a Retry-After header, 0 for anything else.
func retryAfter(header http.Header) time.Duration {
	seconds, err := strconv.ParseInt(header.Get("Retry-After"), 10, 32)
	if err != nil {
		return 0
	}
	return min(max(time.Duration(seconds)*time.Second, 0), maxWait)
}
