package receive_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"bauta/webhook/receive"
)

func ready(t *testing.T, warnings func() []string, checks ...receive.Check) (*httptest.ResponseRecorder, string) {
	t.Helper()
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, nil))
	e := receive.NewEcho(logger, nil)
	receive.NewHealth(logger, warnings, checks...).Register(e)
	answer := httptest.NewRecorder()
	e.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/readyz", http.NoBody))
	return answer, log.String()
}

func check(name string, err error) receive.Check {
	return receive.Check{Name: name, Ready: func(context.Context) error { return err }}
}

func TestReadiness(t *testing.T) {
	t.Parallel()
	public := fmt.Errorf("store: %w", receive.Problem("redis has an eviction policy"))
	for name, row := range map[string]struct {
		checks   []receive.Check
		warnings []string
		status   int
		body     string
	}{
		"all is well":                     {[]receive.Check{check("redis", nil), check("keys", nil)}, nil, 200, `{"status":"ok","checks":{"keys":"ok","redis":"ok"}}`},
		"a warning fails nothing":         {[]receive.Check{check("redis", nil)}, []string{"raw_path_present"}, 200, `{"status":"ok","checks":{"redis":"ok"},"warnings":["raw_path_present"]}`},
		"a public problem is said":        {[]receive.Check{check("redis", public), check("keys", nil)}, nil, 503, `{"status":"failed","checks":{"keys":"ok","redis":"failed: redis has an eviction policy"}}`},
		"other errors are only logged":    {[]receive.Check{check("redis", errors.New("dial s3cr3t@host"))}, nil, 503, `{"status":"failed","checks":{"redis":"failed: see the log"}}`},
		"a panic is a failure":            {[]receive.Check{{Name: "redis", Ready: func(context.Context) error { panic("s3cr3t") }}}, nil, 503, `{"status":"failed","checks":{"redis":"failed: see the log"}}`},
		"nothing to check is still alive": {nil, nil, 200, `{"status":"ok","checks":{}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer, log := ready(t, func() []string { return row.warnings }, row.checks...)
			if got := strings.TrimSpace(answer.Body.String()); answer.Code != row.status || got != row.body {
				t.Errorf("%d %s\nwant %d %s", answer.Code, got, row.status, row.body)
			}
			if row.status == 503 && strings.Contains(row.body, "see the log") && !strings.Contains(log, "check=redis") {
				t.Errorf("nothing in the log: %s", log)
			}
		})
	}
}

func TestManyAskersMakeOneReport(t *testing.T) {
	t.Parallel()
	var runs atomic.Int32
	e := receive.NewEcho(slog.New(slog.DiscardHandler), nil)
	receive.NewHealth(slog.New(slog.DiscardHandler), nil, receive.Check{Name: "redis", Ready: func(context.Context) error {
		runs.Add(1)
		return nil
	}}).Register(e)
	for range 50 {
		e.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/readyz", http.NoBody))
	}
	// A slow machine may take more than the second that a report lasts.
	if got := runs.Load(); got < 1 || got > 5 {
		t.Errorf("%d reports for 50 askers", got)
	}
	answer := httptest.NewRecorder()
	e.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/healthz", http.NoBody))
	if answer.Code != 200 || strings.TrimSpace(answer.Body.String()) != `{"status":"ok"}` {
		t.Errorf("healthz: %d %s", answer.Code, answer.Body)
	}
}
