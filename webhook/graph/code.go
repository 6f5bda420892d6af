package graph

import (
	"encoding/json"
	"net/http"
	"time"
)

// maxErrorBody bounds an answer that is looked at for a code.
const maxErrorBody = 64 << 10

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

// errorCode reads the platform's code out of an answer. alone is false when the
// body says more than the error: a part of the call was done then.
func errorCode(status int, body []byte) (code int, alone bool) {
	if status < http.StatusBadRequest || len(body) > maxErrorBody {
		return 0, false
	}
	var answer map[string]json.RawMessage
	if err := json.Unmarshal(body, &answer); err != nil {
		return 0, false
	}
	var fault struct {
		Code int `json:"code"`
	}
	if err := json.Unmarshal(answer["error"], &fault); err != nil {
		return 0, false
	}
	return fault.Code, len(answer) == 1
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

// judge tells how an answer counts for the breaker. The temporary codes are the
// platform's failures whatever their status; so is a 5xx, but for the codes that
// say with a 5xx what is the business's own affair: a missing capability,
// display name, payment, certificate or registration. Every other error is an
// answer of a platform that works.
func judge(status, code int) verdict {
	switch code {
	case 1, 2, 131000, 131016, 131057, 133004:
		return failed
	case 3, 131037, 131042, 131045, 133010:
		return worked
	}
	if status >= http.StatusInternalServerError {
		return failed
	}
	return worked
}
