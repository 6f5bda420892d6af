package manage

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"bauta/webhook"
	"bauta/webhook/access"
	"bauta/webhook/operate"
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
	// grant: the token was right. Zero before.
	grant webhook.Grant
	// actor is who operates, where the route is for operators.
	actor operate.Actor
	// of is the business that the call is about: "" for all that the actor sees, or _main
	// for what an app got for none. business is nil for both.
	of       string
	business *webhook.Business
	// route is nil for a path or method that has none.
	route *route
	// named is what the path has in the places of the route's {names}; it may be anything.
	named map[string]string
	query url.Values
	page  page
	// said is the body as it came, body what the route's reading made of it.
	said string
	body any
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
	r.route, r.named, allow = h.find(request.URL.EscapedPath(), request.Method)
	if r.route == nil || r.route.scope != "" {
		if err := h.authenticate(c, r); err != nil {
			return nil, err
		}
		if err := r.permitted(); err != nil {
			return nil, err
		}
	}
	if r.route == nil {
		return unrouted(request.Method, allow)
	}
	if err := r.readQuery(request.URL.RawQuery); err != nil {
		return nil, err
	}
	if err := h.choose(r); err != nil {
		return nil, err
	}
	if err := r.readCursor(); err != nil {
		return nil, err
	}
	if err := r.takeBody(c); err != nil {
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

// permitted tells that the token has the route's scope; where there is no route, one of
// this API's.
func (r *request) permitted() error {
	scopes := []string{access.Manage, access.Console}
	if r.route != nil {
		scopes = []string{r.route.scope}
	}
	if slices.ContainsFunc(scopes, r.grant.Allows) {
		r.actor, _ = operate.ActorOf(r.grant) // nobody, where the route is for no operator
		return nil
	}
	f := fail(problemWrongScope)
	f.scope = scopes[0]
	return f
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
	business := cmp.Or(r.of, r.grant.Business)
	if r.business == nil && !slices.Contains(h.Desk.Holders(r.actor), business) {
		business = r.grant.Business // a name from a URL would let callers make metrics
	}
	if business != "" {
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
