package tracing

import (
	"context"
	"log/slog"
)

// said is the log of OpenTelemetry's SDK: what it could not do with a setting of the
// environment, without what it quotes, which can be a token or a password.
type said struct{ log *slog.Logger }

// Enabled implements slog.Handler.
func (said) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelError }

// Handle implements slog.Handler.
func (s said) Handle(ctx context.Context, r slog.Record) error { //nolint:gocritic // slog's own shape
	s.log.WarnContext(ctx, "OpenTelemetry does not take a setting as it is: look at the variables OTEL_EXPORTER_OTLP_* and OTEL_BSP_*", slog.String("error", r.Message))
	return nil
}

// WithAttrs implements slog.Handler.
func (s said) WithAttrs([]slog.Attr) slog.Handler { return s }

// WithGroup implements slog.Handler.
func (s said) WithGroup(string) slog.Handler { return s }
