package tracing

import (
	"context"
	"net/http"
	"strings"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// webhooks is where the platform's requests go to; all else is the businesses'.
const webhooks = "/webhooks/"

// Handler traces the public listener: every request begins a trace, whatever it says of
// one. Of its path nothing is said but the app, if it is known.
func (t *Tracer) Handler(next http.Handler, known func(app string) bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := spanReply
		app, received := strings.CutPrefix(r.URL.Path, webhooks)
		if received {
			name = spanReceive
		}
		ctx, span := t.tracer.Start(r.Context(), name, trace.WithNewRoot(), trace.WithSpanKind(trace.SpanKindServer))
		defer span.End()
		if !span.IsRecording() {
			next.ServeHTTP(w, r.WithContext(ctx))
			return
		}
		if received && known(app) {
			span.SetAttributes(keyApp.String(app))
		}
		span.SetAttributes(keyMethod.String(method(r.Method)))
		noted := &noting{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(noted, r.WithContext(ctx))
		span.SetAttributes(keyStatus.Int(noted.status))
		if noted.status >= http.StatusInternalServerError {
			span.SetStatus(codes.Error, "")
		}
	})
}

// Answered says of a business's call what the metrics say.
func (t *Tracer) Answered(ctx context.Context, business, route, outcome string) {
	trace.SpanFromContext(ctx).SetAttributes(keyBusiness.String(business), keyRoute.String(route), keyOutcome.String(outcome))
}

// method is a request's method, unless somebody made it up.
func method(name string) string {
	switch name {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return name
	}
	return "_OTHER"
}

// noting notes the status of an answer.
type noting struct {
	http.ResponseWriter

	status int
}

// WriteHeader implements http.ResponseWriter.
func (n *noting) WriteHeader(status int) {
	n.status = status
	n.ResponseWriter.WriteHeader(status)
}

// Unwrap leads http.ResponseController to the connection.
func (n *noting) Unwrap() http.ResponseWriter { return n.ResponseWriter }
