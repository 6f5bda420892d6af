package receive

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
)

// NewEcho returns an Echo that tells strangers nothing: constant error bodies,
// panics caught, one access record a request at debug level (route pattern, never
// path or query), and the direct peer as client address unless it is one of the
// trusted proxies.
func NewEcho(logger *slog.Logger, trusted []netip.Prefix) *echo.Echo {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	// Echo's own logger prints errors with their text; ours is the only one.
	e.Logger.SetOutput(io.Discard)
	e.StdLogger.SetOutput(io.Discard)
	e.HTTPErrorHandler = hideErrors
	e.IPExtractor = extractor(trusted)
	e.Use(access(logger), recovery(logger))
	return e
}

func extractor(trusted []netip.Prefix) echo.IPExtractor {
	if len(trusted) == 0 {
		return echo.ExtractIPDirect()
	}
	options := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, prefix := range trusted {
		options = append(options, echo.TrustIPRange(&net.IPNet{
			IP: prefix.Addr().AsSlice(), Mask: net.CIDRMask(prefix.Bits(), prefix.Addr().BitLen()),
		}))
	}
	return echo.ExtractIPFromXFFHeader(options...)
}

// hideErrors writes the status of an *echo.HTTPError with its standard text, and
// 500 for everything else. No text of an error reaches the client.
func hideErrors(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	status := http.StatusInternalServerError
	if known, ok := errors.AsType[*echo.HTTPError](err); ok {
		status = known.Code
	}
	body := map[string]string{"error": strings.ToLower(http.StatusText(status))}
	if c.Request().Method == http.MethodHead {
		_ = c.NoContent(status)
		return
	}
	// A client that went away cannot be answered, which is no fault of ours.
	_ = c.JSON(status, body)
}

// access records each request: an event of its own only when debugging.
func access(logger *slog.Logger) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			ctx := c.Request().Context()
			if !logger.Enabled(ctx, slog.LevelDebug) {
				return next(c)
			}
			begun := time.Now()
			if err := next(c); err != nil {
				c.Error(err)
			}
			record(ctx, logger, c, time.Since(begun))
			return nil
		}
	}
}

func record(ctx context.Context, logger *slog.Logger, c echo.Context, took time.Duration) {
	route := c.Path()
	if route == "" {
		route = "none"
	}
	logger.DebugContext(ctx, "request",
		"method", methodOf(c.Request()), "route", route, "status", c.Response().Status,
		"bytes_out", c.Response().Size, "seconds", took.Seconds())
}

// methodOf is the method if it is a known one: a stranger's word is not logged.
func methodOf(r *http.Request) string {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return r.Method
	}
	return "other"
}

// recovery turns a panic into a bare 500. The panic's value may hold anything, so
// only its type and the stack are logged.
func recovery(logger *slog.Logger) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) (err error) {
			defer func() {
				value := recover()
				if value == nil {
					return
				}
				if value == http.ErrAbortHandler { //nolint:errorlint // the server compares this value itself
					panic(value)
				}
				logger.ErrorContext(c.Request().Context(), "handler panicked", "route", c.Path(), "stack", string(debug.Stack()))
				err = echo.NewHTTPError(http.StatusInternalServerError)
			}()
			return next(c)
		}
	}
}
