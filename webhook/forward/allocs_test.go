//go:build !race

package forward_test

import (
	"net/http"
	"testing"
	"time"

	"bauta/webhook"
	"bauta/webhook/forward"
)

// Time is noisy where tests run, allocations are not: this is the ceiling of one event on
// its way from a leased head to its verdict, but for the store and the socket. The race
// detector allocates by itself.
//
//nolint:paralleltest // AllocsPerRun counts the allocations of the whole process
func TestAllocationsOfOneDelivery(t *testing.T) {
	const events, ceiling = 100, 32
	l := &endless{store: newStore()}
	f, err := forward.New(forward.Options{
		Businesses: acme(crm()), Lanes: l, Pauses: l.store,
		Transport: func(webhook.Endpoint) http.RoundTripper {
			return wire(func(*http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: 200, Header: http.Header{}, Body: http.NoBody}, nil
			})
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	deliver := func() {
		l.left.Store(events)
		l.done = make(chan struct{})
		f.Offer(webhook.Leased{
			Lease:    webhook.Lease{Lane: toCRM("ada"), Deadline: time.Now().Add(time.Hour)},
			Delivery: benchEvent(),
		})
		<-l.done
	}
	if got := testing.AllocsPerRun(20, deliver) / events; got > ceiling {
		t.Errorf("an event is delivered with %v allocations, want at most %d", got, ceiling)
	}
}
