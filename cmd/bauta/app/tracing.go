package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strconv"
	"strings"

	"bauta/cmd/bauta/app/config"
	"bauta/webhook/tracing"
)

// defaultSample is the part of all traces that is kept where nobody says another one.
const defaultSample = 0.01

// newTracer is nil unless the configuration or the environment names a collector.
func newTracer(ctx context.Context, env func(string) (string, bool), c config.Tracing, logger *slog.Logger) (*tracing.Tracer, error) {
	if c.Endpoint == "" && !traces(env) {
		return nil, nil //nolint:nilnil // the nil tracer makes no spans
	}
	sample, err := sampleOf(env, c.Sample)
	if err != nil {
		return nil, usageError{err}
	}
	headers, err := headersOf(c.Headers.Reveal())
	if err != nil {
		return nil, usageError{err}
	}
	t, err := tracing.Open(ctx, tracing.Options{Endpoint: c.Endpoint, Headers: headers, Sample: sample, Version: version(), Logger: logger})
	if err != nil {
		return nil, usageError{err}
	}
	return t, nil
}

// traces tells whether the environment names a collector, as OpenTelemetry's
// specification says.
func traces(env func(string) (string, bool)) bool {
	value := func(name string) string { v, _ := env(name); return v }
	named := value("OTEL_EXPORTER_OTLP_ENDPOINT") != "" || value("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") != ""
	exporter := value("OTEL_TRACES_EXPORTER")
	return named && !strings.EqualFold(value("OTEL_SDK_DISABLED"), "true") && (exporter == "" || exporter == "otlp")
}

// sampleOf is the part of all traces that is kept. Nobody outside begins a trace, so that
// with and without parentbased_ the environment's samplers are the same.
func sampleOf(env func(string) (string, bool), configured *config.Share) (float64, error) {
	if configured != nil {
		return float64(*configured), nil
	}
	sampler, _ := env("OTEL_TRACES_SAMPLER")
	switch strings.TrimPrefix(sampler, "parentbased_") {
	case "always_on":
		return 1, nil
	case "always_off":
		return 0, nil
	case "traceidratio":
		arg, set := env("OTEL_TRACES_SAMPLER_ARG")
		if !set || arg == "" {
			return 1, nil
		}
		ratio, err := strconv.ParseFloat(arg, 64)
		if err != nil || !(ratio >= 0 && ratio <= 1) {
			return 0, errors.New("OTEL_TRACES_SAMPLER_ARG: want a part of a whole, such as 0.01")
		}
		return ratio, nil
	case "":
		return defaultSample, nil
	}
	return 0, errors.New("OTEL_TRACES_SAMPLER: want always_on, always_off, traceidratio, or one of them with parentbased_ in front")
}

// headersOf reads the notation of OTEL_EXPORTER_OTLP_HEADERS. The error quotes nothing.
func headersOf(text string) (map[string]string, error) {
	headers := map[string]string{}
	for i, pair := range strings.Split(text, ",") {
		if strings.TrimSpace(pair) == "" {
			continue
		}
		name, value, ok := strings.Cut(pair, "=")
		value, err := url.PathUnescape(strings.TrimSpace(value))
		if name = strings.TrimSpace(name); !ok || name == "" || err != nil {
			return nil, fmt.Errorf("tracing.headers: part %d is no name=value; write values percent-encoded, and commas between the parts", i+1)
		}
		headers[name] = value
	}
	return headers, nil
}
