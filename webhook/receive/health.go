package receive

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
)

// Bounds of a readiness report: one is made at most once a second, however many
// ask, and a check that takes longer than its bound has failed; in the grace it can
// still say of what.
const (
	reportAge    = time.Second
	checkTimeout = 2 * time.Second
	checkGrace   = time.Second
)

// What a check came to. Stuck: it waits for something outside of this process, such as
// Redis, and goes on by itself when that is back. Dead: a part of this process does not
// run any more; only a restart helps.
const (
	well  = "ok"
	stuck = "stuck"
	dead  = "dead"
)

// Problem is an error text that may be shown to everybody, of something that is stuck.
// Every other error of a check is logged, and shown as "stuck: see the log".
type Problem string //nolint:errname // readers see a problem; that it is an error is for Go

// Error is the text.
func (p Problem) Error() string { return string(p) }

// Dead is a Problem of something that is dead.
type Dead string //nolint:errname // as Problem

// Error is the text.
func (d Dead) Error() string { return string(d) }

// Check is one thing that must be well. Ready returns nil if it is; it is called
// concurrently with other checks and must heed its context.
type Check struct {
	Name  string
	Ready func(context.Context) error
	// Inside: it looks at this process only and answers at once, so that /healthz asks
	// it too.
	Inside bool
}

// Health answers /healthz and /readyz. Safe for concurrent use.
type Health struct {
	checks   []Check
	warnings func() []string
	logger   *slog.Logger

	mu   sync.Mutex
	last report
	made time.Time
}

// report is the body of /readyz.
type report struct {
	Status   string            `json:"status"`
	Checks   map[string]string `json:"checks"`
	Warnings []string          `json:"warnings,omitempty"`
}

// NewHealth takes the checks and a function that lists warnings, such as
// raw_path_present, from a closed set; they are shown and fail nothing. It may
// be nil.
func NewHealth(logger *slog.Logger, warnings func() []string, checks ...Check) *Health {
	return &Health{checks: checks, warnings: warnings, logger: logger}
}

// Register adds GET /healthz (503 if a part of the process is dead: restart it) and
// /readyz (it can work: 200, else 503, and what is stuck or dead).
func (h *Health) Register(e *echo.Echo) {
	e.GET("/healthz", func(c echo.Context) error {
		ctx := c.Request().Context()
		for _, check := range h.checks {
			if check.Inside && strings.HasPrefix(h.run(ctx, check), dead) {
				return c.JSON(http.StatusServiceUnavailable, map[string]string{"status": dead})
			}
		}
		return c.JSON(http.StatusOK, map[string]string{"status": well})
	})
	e.GET("/readyz", func(c echo.Context) error {
		r := h.report(c.Request().Context())
		status := http.StatusOK
		if r.Status != well {
			status = http.StatusServiceUnavailable
		}
		return c.JSON(status, r)
	})
}

func (h *Health) report(ctx context.Context) report {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.made.IsZero() && time.Since(h.made) < reportAge {
		return h.last
	}
	// The answer is shared: one asker who hangs up must not fail it for others.
	whole, cancel := context.WithTimeout(context.WithoutCancel(ctx), checkTimeout+checkGrace)
	defer cancel()
	ctx, end := context.WithTimeout(whole, checkTimeout)
	defer end()
	texts := make(chan [2]string, len(h.checks))
	for _, check := range h.checks {
		go func() { texts <- [2]string{check.Name, h.run(ctx, check)} }()
	}
	r := report{Status: well, Checks: make(map[string]string, len(h.checks))}
	for _, check := range h.checks {
		r.Checks[check.Name] = stuck + ": no answer in time"
	}
	for range h.checks {
		select {
		case text := <-texts:
			r.Checks[text[0]] = text[1]
		case <-whole.Done():
		}
	}
	for _, text := range r.Checks {
		switch {
		case strings.HasPrefix(text, dead):
			r.Status = dead
		case text != well && r.Status == well:
			r.Status = stuck
		}
	}
	if h.warnings != nil {
		r.Warnings = h.warnings()
	}
	h.last, h.made = r, time.Now()
	return r
}

func (h *Health) run(ctx context.Context, check Check) (text string) {
	defer func() {
		if value := recover(); value != nil {
			h.logger.ErrorContext(ctx, "readiness check panicked", "check", check.Name, "type", fmt.Sprintf("%T", value))
			text = stuck + ": see the log"
		}
	}()
	err := check.Ready(ctx)
	if err == nil {
		return well
	}
	if gone, ok := errors.AsType[Dead](err); ok {
		return dead + ": " + gone.Error()
	}
	if shown, ok := errors.AsType[Problem](err); ok {
		return stuck + ": " + shown.Error()
	}
	h.logger.WarnContext(ctx, "readiness check failed", "check", check.Name, "error", err)
	return stuck + ": see the log"
}
