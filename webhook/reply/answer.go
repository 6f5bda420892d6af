package reply

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"bauta/webhook/access"
	"bauta/webhook/meta"
)

// The headers of Bauta's own: the name of an error that is not the platform's, and
// what names the call in Bauta's log (fbtrace_id in the body).
const (
	headerError = "Bauta-Error"
	headerTrace = "Bauta-Trace"
)

// contentType is the platform's own notation of it.
const contentType = "application/json; charset=UTF-8"

// handling answers a call, or returns neither outcome nor error if it has answered
// by itself.
type handling func(c echo.Context, r *request) (*outcome, error)

// answering is the frame of every handling: one answer, one count, one line in the
// log.
func (h *Handler) answering(handle handling) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := &request{came: time.Now(), trace: rand.Text()}
		defer func() { h.release(r) }()
		out, err := h.guarded(c, r, handle)
		ctx := c.Request().Context()
		if err != nil {
			out = h.refusal(ctx, r, err)
		}
		h.record(ctx, c, r, out)
		if out == nil || errors.Is(err, errGone) {
			return nil
		}
		return write(c, r, out)
	}
}

// guarded makes a panic of a handling an error, for which the caller gets an answer.
func (h *Handler) guarded(c echo.Context, r *request, handle handling) (out *outcome, err error) {
	defer func() {
		value := recover()
		if value == http.ErrAbortHandler { //nolint:errorlint // the server compares this value itself
			panic(value)
		}
		if value != nil {
			h.Logger.ErrorContext(c.Request().Context(), "a call of a business panicked", "trace", r.trace, "route", r.name(), "stack", string(debug.Stack()))
			out, err = nil, fail(meta.FaultInternal, "")
		}
	}()
	return handle(c, r)
}

// refusal is the answer that an error becomes. It waits where time would tell.
func (h *Handler) refusal(ctx context.Context, r *request, err error) *outcome {
	if errors.Is(err, errGone) {
		return &outcome{name: outcomeGone} // nobody is there to be answered
	}
	f, ok := errors.AsType[*failure](err)
	if !ok {
		h.Logger.ErrorContext(ctx, "a call of a business failed inside", "trace", r.trace, "route", r.name(), "type", fmt.Sprintf("%T", err))
		f = fail(meta.FaultInternal, "")
	}
	if f.even {
		// Not since the call came: a body that comes in slowly would end just before a
		// multiple, and a little more work would then cost a whole one.
		access.Even(ctx, cmp.Or(r.sought, r.came))
	}
	return f.outcome(r.trace)
}

// outcome is the failure as an answer.
func (f *failure) outcome(trace string) *outcome {
	o := &outcome{status: f.fault.Status, header: http.Header{}, body: f.fault.Body(trace), name: string(f.fault.Name)}
	o.header.Set(headerError, string(f.fault.Name))
	if f.retryAfter > 0 {
		o.header.Set(echo.HeaderRetryAfter, strconv.Itoa(int((f.retryAfter+time.Second-1)/time.Second)))
	}
	if len(f.allow) > 0 {
		o.header.Set(echo.HeaderAllow, strings.Join(f.allow, ", "))
	}
	return o
}

// record counts the call and writes its line: no path, no query, no id.
func (h *Handler) record(ctx context.Context, c echo.Context, r *request, out *outcome) {
	took := time.Since(r.came)
	status, name := c.Response().Status, outcomeOK
	if out != nil {
		status, name = out.status, out.name
	}
	if name == "" {
		name = outcomeOK
		if status >= http.StatusBadRequest {
			name = outcomePlatformError
		}
	}
	business := ""
	if r.business != nil {
		business = r.business.ID
		h.metrics.answered(business, r.name(), name, took)
		if h.Answered != nil {
			h.Answered(ctx, business, r.name(), name)
		}
	}
	h.Logger.DebugContext(ctx, "call of a business", "trace", r.trace, "business", business, "route", r.name(),
		"status", status, "outcome", name, "milliseconds", took.Milliseconds())
}

// write sends an answer. Its error is the connection's.
func write(c echo.Context, r *request, out *outcome) error {
	response := c.Response()
	header := response.Header()
	header.Set(echo.HeaderContentType, contentType)
	maps.Copy(header, out.header)
	header.Set(echo.HeaderCacheControl, "no-store")
	header.Set(echo.HeaderXContentTypeOptions, "nosniff")
	header.Set(headerTrace, r.trace)
	if out.stream == nil {
		header.Set(echo.HeaderContentLength, strconv.Itoa(len(out.body)))
		response.WriteHeader(out.status)
		_, _ = response.Write(out.body) // a caller that went away is no fault of ours
		return nil
	}
	defer func() { _ = out.stream.Close() }()
	if out.length >= 0 {
		header.Set(echo.HeaderContentLength, strconv.FormatInt(out.length, 10))
	}
	response.WriteHeader(out.status)
	if _, err := io.Copy(response, out.stream); err != nil {
		// What was sent cannot be taken back: the caller must not take it for whole.
		panic(http.ErrAbortHandler)
	}
	return nil
}
