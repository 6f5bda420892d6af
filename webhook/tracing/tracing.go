// Package tracing sends spans of what happens to an event to an OpenTelemetry collector:
// received, stored, forwarded, answered, and the commands of Redis in between.
//
// What stands in a span comes from the configuration and closed sets, or is an event's id
// or a lane's hash: nobody, and nothing that somebody said. Spans have no events, no error
// texts, no addresses, paths or arguments of commands.
//
// A trace leads to nobody outside: what a caller says of a trace (traceparent) is not
// read, since anybody could have everything traced, or join traces that are not one; and
// endpoints and the platform are told of none, since two businesses could join by it what
// they got of one customer.
//
// Without tracing nothing of this package is in the way of an event: it wraps the ports of
// others where it is on.
package tracing

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"github.com/go-logr/logr"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"bauta/webhook/notice"
)

// failureAgain is how often it is said that spans cannot be sent.
const failureAgain = 10 * time.Minute

// Options of a Tracer.
type Options struct {
	// Endpoint is the collector's URL, to which /v1/traces is added if it has no path; "":
	// as the environment says (OTEL_EXPORTER_OTLP_ENDPOINT and the like).
	Endpoint string
	// Headers go with every request, such as for a token; beside the environment's.
	Headers map[string]string
	// Sample is the part of all traces that is kept, from 0 to 1.
	Sample  float64
	Version string
	Logger  *slog.Logger
}

// Tracer makes spans. The nil pointer makes none. Safe for concurrent use.
type Tracer struct {
	provider *sdk.TracerProvider
	tracer   trace.Tracer
}

// Open builds a tracer. Nothing is dialled: a collector that is not there is said in the
// log, and costs spans only. The SDK's own settings come from the environment (OTEL_BSP_*,
// OTEL_RESOURCE_ATTRIBUTES, OTEL_SERVICE_NAME ...).
func Open(ctx context.Context, o Options) (*Tracer, error) {
	otel.SetLogger(logr.FromSlogHandler(said{o.Logger}))
	exporter, err := newExporter(ctx, o)
	if err != nil {
		return nil, err
	}
	// What the environment says comes last: it replaces the name.
	self, err := resource.New(ctx, resource.WithTelemetrySDK(),
		resource.WithAttributes(attribute.String("service.name", "bauta"), attribute.String("service.version", o.Version)), resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("OTEL_RESOURCE_ATTRIBUTES: %w", err)
	}
	board := notice.NewBoard[string](failureAgain, time.Now)
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) {
		if board.Due("") {
			o.Logger.WarnContext(context.WithoutCancel(ctx), "spans could not be sent to the collector: look at tracing.endpoint; said every ten minutes", slog.String("error", err.Error()))
		}
	}))
	// Of an event nobody decides before: where its first span was made, another node
	// decides the same by the trace's id.
	ratio := sdk.TraceIDRatioBased(o.Sample)
	provider := sdk.NewTracerProvider(sdk.WithBatcher(exporter), sdk.WithResource(self), sdk.WithIDGenerator(ids{}),
		sdk.WithSampler(sdk.ParentBased(ratio, sdk.WithRemoteParentSampled(ratio), sdk.WithRemoteParentNotSampled(ratio))))
	return &Tracer{provider: provider, tracer: provider.Tracer("bauta")}, nil
}

func newExporter(ctx context.Context, o Options) (sdk.SpanExporter, error) {
	var options []otlptracehttp.Option
	if o.Endpoint != "" {
		target, err := url.Parse(o.Endpoint)
		if err != nil || target.Host == "" || target.Scheme != "http" && target.Scheme != "https" || target.User != nil {
			return nil, errors.New("tracing.endpoint: want the URL of a collector such as http://127.0.0.1:4318, without a user (see tracing.headers)")
		}
		if strings.Trim(target.Path, "/") == "" {
			target.Path = "/v1/traces"
		}
		options = append(options, otlptracehttp.WithEndpointURL(target.String()))
	}
	if len(o.Headers) > 0 {
		options = append(options, otlptracehttp.WithHeaders(o.Headers))
	}
	exporter, err := otlptracehttp.New(ctx, options...)
	if err != nil {
		return nil, fmt.Errorf("open the way to the collector: %w", err)
	}
	return exporter, nil
}

// Close sends what is left, as long as ctx lets it.
func (t *Tracer) Close(ctx context.Context) error {
	if t == nil {
		return nil
	}
	// That a collector is away is no failure of the program: it was logged.
	_ = t.provider.Shutdown(ctx)
	return nil
}

// inside tells whether a span of this trace is kept: only then is it worth another.
func inside(ctx context.Context) bool { return trace.SpanFromContext(ctx).IsRecording() }
