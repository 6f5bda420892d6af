package forward_test

import (
	"context"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"bauta/webhook"
	"bauta/webhook/forward"
)

// endless is a lane that has one more head until left is 0.
type endless struct {
	*store
	left atomic.Int64
	done chan struct{}
}

func (l *endless) Finish(_ context.Context, le webhook.Lease, _ webhook.Verdict, d time.Duration) (webhook.Leased, bool, error) {
	if l.left.Add(-1) <= 0 {
		close(l.done)
		return webhook.Leased{}, false, nil
	}
	le.Deadline = time.Now().Add(d)
	return webhook.Leased{Lease: le, Delivery: benchEvent()}, true, nil
}

func benchEvent() webhook.Delivery {
	return webhook.Delivery{
		ID: "evt_0123456789abcdef", Body: benchBody(), Visibility: "hidden", Handle: "IT.9041174520836617350284",
		Decision: "pilot-countries", Accepted: time.Now(),
	}
}

func benchBody() []byte {
	b := make([]byte, 1024)
	for i := range b {
		b[i] = 'a'
	}
	return b
}

// BenchmarkDeliver is one event of 1 KB from a leased head to its verdict: both
// signatures, the breaker, an in-process answer, metrics; no store, no socket.
func BenchmarkDeliver(b *testing.B) {
	answer := says(200)
	l := &endless{store: newStore(), done: make(chan struct{})}
	l.left.Store(int64(b.N))
	f, err := forward.New(forward.Options{
		Businesses: acme(crm()), Lanes: l, Pauses: l.store,
		Transport: func(webhook.Endpoint) http.RoundTripper {
			return wire(func(*http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: 200, Header: answer.Header, Body: http.NoBody}, nil
			})
		},
	})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.ResetTimer()
	f.Offer(webhook.Leased{
		Lease:    webhook.Lease{Lane: toCRM("ada"), Deadline: time.Now().Add(time.Hour)},
		Delivery: benchEvent(),
	})
	<-l.done
}
