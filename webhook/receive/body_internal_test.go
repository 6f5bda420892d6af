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

// The room cannot be filled from outside without as many bytes, so it is made
// small here.
func TestBodiesShareARoomAndGiveItBack(t *testing.T) {
	t.Parallel()
	r, err := New(Options{
		Apps:     []App{{ID: "main", VerifyToken: "x", Verifier: anything{}}},
		Pipeline: anything{}, Registerer: prometheus.NewRegistry(), Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	const small, large = 4 * firstBytes, 2 * smallBody
	r.room = room{small: semaphore.NewWeighted(small), large: semaphore.NewWeighted(large)}
	e := echo.New()
	r.Register(e)
	post := func(size int, announced bool) int {
		request := httptest.NewRequest(http.MethodPost, "/webhooks/main", bytes.NewReader(make([]byte, size)))
		if !announced {
			request.ContentLength = -1
		}
		request.Header.Set("X-Hub-Signature-256", strings.Repeat("0", headerLength))
		answer := httptest.NewRecorder()
		e.ServeHTTP(answer, request)
		return answer.Code
	}
	for _, row := range []struct{ size, want int }{
		{0, http.StatusOK},
		{10, http.StatusOK},
		{small - 1, http.StatusOK},
		{small + 1, http.StatusServiceUnavailable}, // half of a small body's way
		{BodyLimit + 1, http.StatusRequestEntityTooLarge},
		{10, http.StatusOK},
	} {
		for _, announced := range []bool{true, false} {
			want := row.want
			if want == http.StatusRequestEntityTooLarge && !announced {
				want = http.StatusServiceUnavailable // before it is seen how large it is
			}
			if got := post(row.size, announced); got != want {
				t.Errorf("%d bytes, announced: %v: %d, want %d", row.size, announced, got, want)
			}
			if !r.room.small.TryAcquire(small) || !r.room.large.TryAcquire(large) {
				t.Fatalf("after %d bytes something is still taken", row.size)
			}
			r.room.small.Release(small)
			r.room.large.Release(large)
		}
	}
}

// Whatever a body takes on its way it gives back, and a large one leaves the room of the
// small ones.
func TestALargeBodyLeavesTheRoomOfTheSmall(t *testing.T) {
	t.Parallel()
	r := newRoom(defaultMemory)
	var large []*seat
	for {
		s := &seat{room: r}
		for size := int64(firstBytes); size < BodyLimit; size *= 2 {
			if !s.grow(size) {
				s.leave()
				s = nil
				break
			}
		}
		if s == nil {
			break
		}
		large = append(large, s)
	}
	if len(large) < 20 {
		t.Fatalf("%d large bodies fill the room", len(large))
	}
	if !r.small.TryAcquire(defaultMemory / smallPart) {
		t.Error("large bodies are in the room of the small ones")
	}
	r.small.Release(defaultMemory / smallPart)
	for _, s := range large {
		s.leave()
	}
	if !r.large.TryAcquire(defaultMemory - defaultMemory/smallPart) {
		t.Error("something is still taken")
	}
}
