package graph

import (
	"encoding/json"
	"net/http"
)

// maxErrorBody bounds an answer that is looked at for a code.
const maxErrorBody = 64 << 10

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
