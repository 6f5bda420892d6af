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
	"testing/synctest"
	"time"

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
		"all is well":                  {[]receive.Check{check("redis", nil), check("keys", nil)}, nil, 200, `{"status":"ok","checks":{"keys":"ok","redis":"ok"}}`},
		"a warning fails nothing":      {[]receive.Check{check("redis", nil)}, []string{"raw_path_present"}, 200, `{"status":"ok","checks":{"redis":"ok"},"warnings":["raw_path_present"]}`},
		"a public problem is said":     {[]receive.Check{check("redis", public), check("keys", nil)}, nil, 503, `{"status":"stuck","checks":{"keys":"ok","redis":"stuck: redis has an eviction policy"}}`},
		"other errors are only logged": {[]receive.Check{check("redis", errors.New("dial s3cr3t@host"))}, nil, 503, `{"status":"stuck","checks":{"redis":"stuck: see the log"}}`},
		"what only a restart mends is dead": {
			[]receive.Check{check("redis", public), check("delivery", fmt.Errorf("x: %w", receive.Dead("the sweep ended: restart")))},
			nil, 503,
			`{"status":"dead","checks":{"delivery":"dead: the sweep ended: restart","redis":"stuck: redis has an eviction policy"}}`,
		},
		"a panic is a failure":            {[]receive.Check{{Name: "redis", Ready: func(context.Context) error { panic("s3cr3t") }}}, nil, 503, `{"status":"stuck","checks":{"redis":"stuck: see the log"}}`},
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

// /healthz is for whoever restarts: of what is outside it knows nothing.
func TestOnlyWhatIsDeadIsToBeRestarted(t *testing.T) {
	t.Parallel()
	inside := func(err error) receive.Check {
		c := check("delivery", err)
		c.Inside = true
		return c
	}
	for name, row := range map[string]struct {
		check  receive.Check
		status int
	}{
		"all is well":                {inside(nil), 200},
		"delivery waits for redis":   {inside(receive.Problem("due lanes could not be listed")), 200},
		"delivery has ended":         {inside(receive.Dead("the sweep ended")), 503},
		"redis is away":              {check("redis", receive.Problem("it does not answer")), 200},
		"what is outside never does": {check("redis", receive.Dead("it does not answer")), 200},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := receive.NewEcho(slog.New(slog.DiscardHandler), nil)
			receive.NewHealth(slog.New(slog.DiscardHandler), nil, row.check).Register(e)
			answer := httptest.NewRecorder()
			e.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/healthz", http.NoBody))
			if answer.Code != row.status {
				t.Errorf("%d %s, want %d", answer.Code, answer.Body, row.status)
			}
		})
	}
}

// A check whose time is up says what it waited for, however late the machine is.
func TestACheckWhoseTimeIsUpSaysWhy(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hang := make(chan struct{})
		defer close(hang)
		answer, _ := ready(t, nil, receive.Check{Name: "redis", Ready: func(ctx context.Context) error {
			<-ctx.Done()
			<-time.After(500 * time.Millisecond)
			return receive.Problem("it does not answer")
		}}, receive.Check{Name: "other", Ready: func(context.Context) error { <-hang; return nil }})
		want := `{"status":"stuck","checks":{"other":"stuck: no answer in time","redis":"stuck: it does not answer"}}`
		if got := strings.TrimSpace(answer.Body.String()); answer.Code != 503 || got != want {
			t.Errorf("%d %s\nwant %s", answer.Code, got, want)
		}
	})
}
