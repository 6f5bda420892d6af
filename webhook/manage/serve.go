package manage

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"bauta/webhook"
	"bauta/webhook/access"
)

// headerTrace names the call in Bauta's log; instance in a problem does too.
const headerTrace = "Bauta-Trace"

const typeJSON = "application/json"

// request is one call as far as it is known. It is used by one goroutine.
type request struct {
	came time.Time
	// sought is when looking somebody up began; zero before.
	sought time.Time
	trace  string
	// grant and business: the token was right. Nil and zero before.
	grant    webhook.Grant
	business *webhook.Business
	// route is nil for a path or method that has none.
	route *route
	// handle is what the path has in its place; it may be anything.
	handle string
	page   page
	// span and total say what of the balance is asked for.
	span  Span
	total bool
	// key is the Idempotency-Key, "" if there is none.
	key string
}

// name is the route's name for metrics and log.
func (r *request) name() string {
	if r.route == nil {
		return noRoute
	}
	return r.route.name
}

// outcome is an answer that was made.
type outcome struct {
	status int
	kind   string
	header http.Header
	body   []byte
	// name is ok or the problem's.
	name string
}

// serve is the frame of every call: one answer, one count, one line in the log.
func (h *Handler) serve(c echo.Context) error {
	r := &request{came: time.Now(), trace: rand.Text()}
	out, err := h.guarded(c, r)
	ctx := c.Request().Context()
	if err != nil {
		out = h.refusal(ctx, r, err)
	}
	h.record(ctx, r, out)
	if errors.Is(err, errGone) {
		return nil
	}
	write(c, r, out)
	return nil
}

// guarded makes a panic an error, for which the caller gets an answer. The panic's
// value may hold anything and is not kept.
func (h *Handler) guarded(c echo.Context, r *request) (out *outcome, err error) {
	defer func() {
		if recover() != nil {
			h.Logger.ErrorContext(c.Request().Context(), "a call of the management API panicked", "trace", r.trace, "route", r.name(), "stack", string(debug.Stack()))
			out, err = nil, fail(problemInternal)
		}
	}()
	return h.answer(c, r)
}

// answer goes through a call in the order of doubt: who asks, may they, for what, in
// which words; and only then what it is about.
func (h *Handler) answer(c echo.Context, r *request) (*outcome, error) {
	request := c.Request()
	ctx := request.Context()
	var allow []string
	r.route, r.handle, allow = h.find(request.URL.EscapedPath(), request.Method)
	if r.route == nil || !r.route.open {
		if err := h.authenticate(c, r); err != nil {
			return nil, err
		}
		scope := access.Manage
		if r.route != nil && r.route.operator {
			scope = access.Console
		}
		if !r.grant.Allows(scope) {
			return nil, fail(problemWrongScope)
		}
	}
	if r.route == nil {
		return unrouted(request.Method, allow)
	}
	if err := r.readQuery(request.URL.RawQuery); err != nil {
		return nil, err
	}
	if err := checkBody(c, r.route); err != nil {
		return nil, err
	}
	if request.Method != http.MethodGet && request.Method != http.MethodHead {
		var err error
		if r.key, err = keyOf(request.Header); err != nil {
			return nil, err
		}
	}
	r.sought = time.Now()
	return r.route.handle(h, ctx, r)
}

// unrouted tells a path that is not known from a method that it does not take.
func unrouted(method string, allow []string) (*outcome, error) {
	switch {
	case len(allow) == 0:
		return nil, fail(problemUnknownPath)
	case method == http.MethodOptions:
		return &outcome{status: http.StatusNoContent, header: http.Header{echo.HeaderAllow: {strings.Join(allow, ", ")}}, name: outcomeOK}, nil
	}
	f := fail(problemMethod)
	f.allow = allow
	return nil, f
}

// refusal is the answer that an error becomes. It waits where time would tell.
func (h *Handler) refusal(ctx context.Context, r *request, err error) *outcome {
	if errors.Is(err, errGone) {
		return &outcome{name: outcomeGone} // nobody is there to be answered
	}
	f, ok := errors.AsType[*failure](err)
	if !ok {
		h.Logger.ErrorContext(ctx, "a call of the management API failed inside", "trace", r.trace, "route", r.name(), "type", fmt.Sprintf("%T", err))
		f = fail(problemInternal)
	}
	if f.even {
		// Not since the call came: a body that comes in slowly would end just before a
		// multiple, and a little more work would then cost a whole one.
		access.Even(ctx, cmp.Or(r.sought, r.came))
	}
	return f.outcome(r.trace)
}

// record counts the call and writes its line: no path, no query, no handle.
func (h *Handler) record(ctx context.Context, r *request, out *outcome) {
	took := time.Since(r.came)
	business := ""
	if r.business != nil {
		business = r.business.ID
		h.metrics.answered(business, r.name(), out.status, took)
	}
	h.Logger.DebugContext(ctx, "call of the management API", "trace", r.trace, "business", business, "route", r.name(),
		"status", out.status, "outcome", out.name, "milliseconds", took.Milliseconds())
}

// write sends an answer. A caller that went away is no fault of ours.
func write(c echo.Context, r *request, out *outcome) {
	response := c.Response()
	header := response.Header()
	if out.kind != "" {
		header.Set(echo.HeaderContentType, out.kind)
	}
	maps.Copy(header, out.header)
	header.Set(echo.HeaderCacheControl, "no-store")
	header.Set(echo.HeaderXContentTypeOptions, "nosniff")
	header.Set(headerTrace, r.trace)
	if out.status != http.StatusNoContent {
		header.Set(echo.HeaderContentLength, strconv.Itoa(len(out.body)))
	}
	response.WriteHeader(out.status)
	if len(out.body) > 0 && c.Request().Method != http.MethodHead {
		_, _ = response.Write(out.body)
	}
}
