package manage

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"bauta/webhook"
	"bauta/webhook/operate"
)

// How long a caller is asked to wait.
const (
	storeWait = 5 * time.Second
	jobWait   = 10 * time.Second
)

// errGone is a caller who hung up before anything was done for them.
var errGone = errors.New("the caller hung up")

// failure is an error that becomes a problem.
type failure struct {
	problem Problem
	// retryAfter is for the header Retry-After, 0 for none.
	retryAfter time.Duration
	// allow lists the methods of a path, for the header Allow.
	allow []string
	// scope that was needed, for the header WWW-Authenticate.
	scope string
	// faults of a configuration.
	faults []string
	// even: it may have been found out by looking somebody up, so that the time it
	// takes must not tell what was found.
	even bool
}

// Error implements error.
func (f *failure) Error() string { return "manage: " + f.problem.Name }

func fail(name string) *failure { return &failure{problem: newProblem(name)} }

// saying returns the failure with another detail: a constant text.
func (f *failure) saying(detail string) *failure {
	f.problem.Detail = detail
	return f
}

// wait returns the failure with a wait for the caller.
func (f *failure) wait(d time.Duration) *failure {
	f.retryAfter = d
	return f
}

func unavailable() *failure { return fail(problemUnavailable).wait(storeWait) }

// refused is what it becomes that the store or the domain answers an error. Each
// could have been found out by looking somebody up, so that its time is made even.
func (h *Handler) refused(ctx context.Context, r *request, err error) error {
	if f, ok := errors.AsType[*failure](err); ok {
		return f
	}
	lately, asked := errors.AsType[*webhook.LatelyError](err)
	f := r.unseen(err)
	switch {
	case f != nil:
	case asked:
		f = fail(problemLately).wait(lately.Wait)
	case errors.Is(err, webhook.ErrUnknownHandle), errors.Is(err, webhook.ErrErased):
		f = fail(problemUnknownHandle)
	case errors.Is(err, webhook.ErrNotHidden):
		f = fail(problemNotHidden)
	case errors.Is(err, webhook.ErrAskNever):
		f = fail(problemAskNever)
	case ctx.Err() != nil && errors.Is(ctx.Err(), context.Canceled):
		return errGone
	default:
		h.notices.store(ctx, r.grant.Business, err)
		f = unavailable()
	}
	f.even = true
	return f
}

// unseen is what it becomes that the desk does not show or do something; nil if the error
// is another.
func (r *request) unseen(err error) *failure {
	switch {
	case errors.Is(err, operate.ErrUnknown) && r.page.after != "":
		return fail(problemCursor)
	case errors.Is(err, operate.ErrUnknown):
		return fail(problemUnknown)
	case errors.Is(err, operate.ErrNotYours):
		return fail(problemAllOnly)
	case errors.Is(err, operate.ErrUnderWay):
		return fail(problemUnderWay).wait(jobWait)
	case errors.Is(err, operate.ErrInvalid):
		name := problemParameter
		if r.route.body != nil {
			name = problemBody
		}
		_, what, _ := strings.Cut(err.Error(), operate.ErrInvalid.Error()+": ")
		return fail(name).saying("This cannot be asked for: " + what + ".")
	}
	return nil
}

// document is a problem's body (RFC 9457, section 3.1).
type document struct {
	Type     string `json:"type"`
	Title    string `json:"title"`
	Status   int    `json:"status"`
	Detail   string `json:"detail"`
	Instance string `json:"instance"`
	// Faults of a configuration, each with where it is and what to do.
	Faults []string `json:"faults,omitempty"`
}

// outcome is the failure as an answer.
func (f *failure) outcome(trace string) *outcome {
	p := f.problem
	body, _ := json.Marshal(document{ // strings and numbers
		Type: problemType + p.Name, Title: p.Title, Status: p.Status, Detail: p.Detail, Instance: instanceType + trace, Faults: f.faults,
	})
	o := &outcome{status: p.Status, kind: "application/problem+json", header: http.Header{}, body: body, name: p.Name}
	if f.retryAfter > 0 {
		o.header.Set(echo.HeaderRetryAfter, strconv.Itoa(int((f.retryAfter+time.Second-1)/time.Second)))
	}
	if len(f.allow) > 0 {
		o.header.Set(echo.HeaderAllow, strings.Join(f.allow, ", "))
	}
	switch p.Name { // RFC 6750, section 3
	case problemUnauthorized:
		o.header.Set(echo.HeaderWWWAuthenticate, "Bearer")
	case problemWrongScope:
		o.header.Set(echo.HeaderWWWAuthenticate, `Bearer error="insufficient_scope", scope="`+f.scope+`"`)
	}
	return o
}
