package receive

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/semaphore"
)

type anything struct{}

func (anything) Verify(string, []byte) bool                   { return true }
func (anything) Accept(context.Context, string, []byte) error { return nil }

// The budget cannot be filled from outside without as many bytes, so it is made
// small here.
func TestBodiesShareABudgetAndGiveItBack(t *testing.T) {
	t.Parallel()
	r, err := New(Options{
		Apps:     []App{{ID: "main", VerifyToken: "x", Verifier: anything{}}},
		Pipeline: anything{}, Registerer: prometheus.NewRegistry(), Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	const budget = 4 * firstBytes
	r.memory = semaphore.NewWeighted(budget)
	e := echo.New()
	r.Register(e)
	for _, row := range []struct{ size, want int }{
		{10, http.StatusOK},
		{budget * 2, http.StatusServiceUnavailable},
		{budget - 1, http.StatusOK},
		{BodyLimit + 1, http.StatusRequestEntityTooLarge},
		{budget - 1, http.StatusOK},
	} {
		request := httptest.NewRequest(http.MethodPost, "/webhooks/main", bytes.NewReader(make([]byte, row.size)))
		request.Header.Set("X-Hub-Signature-256", strings.Repeat("0", headerLength))
		answer := httptest.NewRecorder()
		e.ServeHTTP(answer, request)
		if answer.Code != row.want {
			t.Errorf("%d bytes: %d, want %d", row.size, answer.Code, row.want)
		}
		if !r.memory.TryAcquire(budget) {
			t.Fatalf("after %d bytes something is still taken", row.size)
		}
		r.memory.Release(budget)
	}
}
