package reply

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"bauta/webhook/graph"
	"bauta/webhook/meta"
)

// How long a caller is asked to wait where nothing says it better.
const (
	// storeWait is for the store and for the platform.
	storeWait = 5 * time.Second
)

// failure is an error that becomes an answer in the platform's words. It says
// nothing of the call.
type failure struct {
	fault meta.Fault
	// retryAfter is for the header Retry-After, 0 for none.
	retryAfter time.Duration
	// allow lists the methods of a path, for the header Allow.
	allow []string
	// uncertain: the platform may have done what was asked for.
	uncertain bool
	// even: it may have been found out by looking people up, so that the time it
	// takes must not tell what was found.
	even bool
}

// Error implements error.
func (f *failure) Error() string { return "reply: " + string(f.fault.Name) }

// fail returns a failure of the closed set; details "" are the usual ones. They are
// constant texts, or name a position; they never quote a value.
func fail(name meta.FaultName, details string) *failure {
	return &failure{fault: meta.NewFault(name, details)}
}

// wait returns the failure with another wait for the caller.
func (f *failure) wait(d time.Duration) *failure {
	f.retryAfter = d
	return f
}

// unavailable is a store that cannot be reached: nothing was done.
func unavailable() *failure { return fail(meta.FaultUnavailable, "").wait(storeWait) }

// errGone is a caller who hung up before anything was done for them.
var errGone = errors.New("the caller hung up")

// lost is what a call to the platform that has no answer becomes.
func (h *Handler) lost(ctx context.Context, r *request, err error) error {
	known, ok := errors.AsType[*graph.Error](err)
	switch {
	case !ok:
		f := fail(meta.FaultInternal, "")
		f.uncertain = true
		return f
	case !known.MaybeSent():
		return h.unsent(ctx, r, known)
	case r.route.Sends:
		f := fail(meta.FaultOutcomeUnknown, unanswered(known.Kind))
		f.uncertain = true
		return f
	case known.Kind == graph.Unreadable:
		f := fail(meta.FaultBadAnswer, "")
		f.uncertain = true
		return f
	default:
		f := fail(meta.FaultUnavailable, maybeDone(r.route, known.Kind)).wait(storeWait)
		f.uncertain = true
		return f
	}
}

// unanswered says of a call that may have been carried out what became of its
// answer; "" where there was none in time.
func unanswered(kind graph.Kind) string {
	switch kind {
	case graph.Unreadable, graph.Unavailable:
		return meta.DetailsUnread
	case graph.Unreachable:
		return "The connection to the platform broke before its answer had come. The call may have been carried out: wait for a status before you repeat it."
	case graph.TooSlow, graph.Canceled, graph.BreakerOpen, graph.SourceBroken, graph.NotFound, graph.TokenRefused, graph.Forbidden, graph.RateLimited, graph.Refused:
	}
	return ""
}

// unsent is what a call that was not made becomes.
func (h *Handler) unsent(ctx context.Context, r *request, known *graph.Error) error {
	switch known.Kind {
	case graph.TokenRefused:
		return h.tokenless(ctx, r)
	case graph.Refused:
		return fail(meta.FaultNotFound, "")
	case graph.SourceBroken:
		return fail(meta.FaultBadBody, "The upload did not come in whole. Send it again.")
	case graph.NotFound, graph.Forbidden, graph.RateLimited, graph.Unavailable, graph.Unreadable,
		graph.TooSlow, graph.Unreachable, graph.BreakerOpen, graph.Canceled:
	}
	return fail(meta.FaultUnavailable, because(known.Kind)+". Nothing was sent."+repeatLater).wait(max(known.RetryAfter, time.Second))
}

// repeatLater ends the details of what can be repeated.
const repeatLater = " Repeat the call after the time that the header Retry-After says."

// because says why the platform did not answer a question or take a call.
func because(kind graph.Kind) string {
	switch kind {
	case graph.TokenRefused:
		return "Meta refuses the access token that the operator of Bauta configured (access_token)"
	case graph.Forbidden:
		return "The access token that the operator of Bauta configured (access_token) lacks a permission at Meta"
	case graph.NotFound:
		return "The access token that the operator of Bauta configured (access_token) does not reach this business's account at Meta, or its id (wabas) is wrong"
	case graph.RateLimited:
		return "Meta takes no more calls of this business for now"
	case graph.BreakerOpen:
		return "Calls to Meta failed of late, so that Bauta makes none for some seconds"
	case graph.Unreachable:
		return "Bauta cannot reach Meta"
	case graph.TooSlow, graph.Canceled:
		return "Meta did not answer in time"
	case graph.Unavailable:
		return "Meta says that it is out of order for now"
	case graph.Unreadable:
		return "Meta's answer could not be read"
	case graph.Refused, graph.SourceBroken:
	}
	return "Meta refused the call"
}

// tokenless is a business without an access token that could be used.
func (h *Handler) tokenless(ctx context.Context, r *request) error {
	h.notices.operator(ctx, r.business.ID, noticeNoToken)
	return fail(meta.FaultPlatformToken, "The operator of Bauta configured no access token of Meta for this business (access_token); Bauta's own token is fine. Nothing was sent. Ask the operator to set it: repeating does not help before.")
}

// tokenRefused is a call of which the platform says that the business's access token
// is no good (webhooks.md 6.6): nothing was sent. Its code would make clients renew
// the token that they have for Bauta, so that it stands in the details only.
func (h *Handler) tokenRefused(ctx context.Context, r *request, code, subcode int) error {
	h.notices.operator(ctx, r.business.ID, noticeRefused)
	f := fail(meta.FaultPlatformToken, "")
	f.fault.Details += metaSays(code, subcode)
	return f
}

// longestCode: codes of tokens and their subcodes have three digits. Longer ones are
// none, and could be part of a number.
const longestCode = 999

// metaSays tells the platform's own codes.
func metaSays(code, subcode int) string {
	switch {
	case code < 0 || code > longestCode:
		return ""
	case subcode <= 0 || subcode > longestCode:
		return fmt.Sprintf(" Meta's code %d.", code)
	}
	return fmt.Sprintf(" Meta's code %d, subcode %d.", code, subcode)
}

// maybeDone says of a call that sends nothing what its missing answer means.
func maybeDone(route *meta.Route, kind graph.Kind) string {
	why := because(kind)
	if kind == graph.Unreachable {
		why = "The connection to Meta broke before its answer had come"
	}
	if route.Method == http.MethodGet {
		return why + ". Nothing was changed." + repeatLater
	}
	return why + ". The call may have been carried out: repeating it reaches no customer."
}
