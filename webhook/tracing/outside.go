package tracing

import (
	"context"
	"net/http"
	"strings"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// Transport traces requests to the platform that belong to something traced. Nothing is
// added to them.
func (t *Tracer) Transport(next http.RoundTripper) http.RoundTripper { return transport{t, next} }

type transport struct {
	t    *Tracer
	next http.RoundTripper
}

// RoundTrip implements http.RoundTripper. The span ends with the answer's headers.
func (p transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if !inside(r.Context()) {
		return p.next.RoundTrip(r)
	}
	ctx, span := p.t.tracer.Start(r.Context(), spanPlatform, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(keyMethod.String(method(r.Method))))
	defer span.End()
	response, err := p.next.RoundTrip(r.WithContext(ctx))
	if err != nil {
		span.SetStatus(codes.Error, "")
		return response, err
	}
	span.SetAttributes(keyStatus.Int(response.StatusCode))
	failed(span, response.StatusCode >= http.StatusInternalServerError)
	return response, nil
}

// CloseIdleConnections lets the connections go that are not in use.
func (p transport) CloseIdleConnections() {
	if closer, ok := p.next.(interface{ CloseIdleConnections() }); ok {
		closer.CloseIdleConnections()
	}
}

// Command traces commands of Redis that belong to something traced: the first one's name,
// and how many there are. It implements redis.Tracer.
func (t *Tracer) Command(ctx context.Context, name string, commands int) (within context.Context, end func(failed bool)) {
	if !inside(ctx) {
		return ctx, func(bool) {}
	}
	within, span := t.tracer.Start(ctx, spanRedis, trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(keyStore.String("redis"), keyCommand.String(strings.ToUpper(name)), keyCommands.Int(commands)))
	return within, func(is bool) {
		failed(span, is)
		span.End()
	}
}
