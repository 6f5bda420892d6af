package reply

import (
	"context"
	"errors"
	"net/http"
	"time"

	"bauta/webhook/graph"
	"bauta/webhook/meta"
)

// How long a caller is asked to wait where nothing says it better.
const (
	// tokenWait: the bucket of a token fills again by the second.
	tokenWait = time.Second
	// sourceWait: wrong tokens are forgiven one by one.
	sourceWait = 10 * time.Second
	// storeWait is for the store and for the platform, operatorWait for what only the
	// operator can mend.
	storeWait    = 5 * time.Second
	operatorWait = time.Minute
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
		f := fail(meta.FaultOutcomeUnknown, "")
		f.uncertain = true
		return f
	case known.Kind == graph.Unreadable:
		f := fail(meta.FaultBadAnswer, "")
		f.uncertain = true
		return f
	default:
		f := fail(meta.FaultUnavailable, maybeDone(r.route)).wait(storeWait)
		f.uncertain = true
		return f
	}
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
	return fail(meta.FaultUnavailable, "").wait(max(known.RetryAfter, time.Second))
}

// tokenless is a business without an access token that could be used.
func (h *Handler) tokenless(ctx context.Context, r *request) error {
	h.notices.operator(ctx, r.business.ID, noticeNoToken)
	return fail(meta.FaultUnavailable, "The operator of Bauta has configured no access token of the platform for this business. Nothing was sent.").wait(operatorWait)
}

// maybeDone says of a call that sends nothing what its missing answer means.
func maybeDone(route *meta.Route) string {
	if route.Method == http.MethodGet {
		return ""
	}
	return "The platform did not answer in time. The call may have been carried out: repeating it reaches no customer."
}
