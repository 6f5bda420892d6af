package forward_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"bauta/webhook"
	"bauta/webhook/forward"
)

// wire is an endpoint without a socket.
type wire func(*http.Request) (*http.Response, error)

func (w wire) RoundTrip(r *http.Request) (*http.Response, error) { return w(r) }

// says answers with a status and header pairs.
func says(status int, header ...string) *http.Response {
	h := http.Header{}
	for i := 0; i+1 < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader("answer"))}
}

// receiver notes what reached the endpoint; answer decides by delivery id.
type receiver struct {
	mu     sync.Mutex
	start  time.Time
	got    []arrival
	now    int // requests under way
	most   int // most of them at once since reset
	answer func(id string, n int) (*http.Response, error)
}

type arrival struct {
	ID string
	At time.Duration
}

func newReceiver(answer func(id string, n int) (*http.Response, error)) *receiver {
	return &receiver{start: time.Now(), answer: answer}
}

// RoundTrip implements http.RoundTripper; n counts this id's arrivals from 1.
func (r *receiver) RoundTrip(req *http.Request) (*http.Response, error) {
	id := req.Header.Get("webhook-id")
	r.mu.Lock()
	r.got = append(r.got, arrival{id, time.Since(r.start)})
	n := 0
	for _, a := range r.got {
		if a.ID == id {
			n++
		}
	}
	r.now++
	r.most = max(r.most, r.now)
	r.mu.Unlock()
	defer func() {
		r.mu.Lock()
		r.now--
		r.mu.Unlock()
	}()
	return r.answer(id, n)
}

func (r *receiver) arrivals() []arrival {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]arrival(nil), r.got...)
}

func (r *receiver) underWay() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now
}

func (r *receiver) ids() (out []string) {
	for _, a := range r.arrivals() {
		out = append(out, a.ID)
	}
	return out
}

func always(status int) func(string, int) (*http.Response, error) {
	return func(string, int) (*http.Response, error) { return says(status), nil }
}

// crm is the endpoint of most tests.
func crm() webhook.Endpoint {
	return webhook.Endpoint{
		ID: "crm", URL: "https://crm.example/hooks?token=t0p", Secrets: []string{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"},
		Timeout: 10 * time.Second, Concurrency: 4,
		Retry: webhook.Retry{
			Schedule: []time.Duration{time.Second, 5 * time.Second, 30 * time.Second}, MaxAge: time.Hour, RefusedAttempts: 3,
		},
	}
}

func acme(es ...webhook.Endpoint) []webhook.Business {
	return []webhook.Business{{ID: "acme", Endpoints: es}}
}

func toCRM(conversation string) webhook.Lane {
	return webhook.Lane{Business: "acme", Endpoint: "crm", Conversation: webhook.Conversation(conversation)}
}

func event(id string) webhook.Delivery {
	return webhook.Delivery{ID: id, Body: []byte(`{"id":"` + id + `"}`)}
}

// node is a running Forwarder with its store.
type node struct {
	*forward.Forwarder
	store *store
	stop  func() // ends Run and waits for it
}

// run starts a node in the bubble. Jitter is 0 unless changed.
func run(t *testing.T, s *store, rt http.RoundTripper, change func(*forward.Options)) *node {
	t.Helper()
	o := forward.Options{
		Businesses: acme(crm()), Lanes: s, Pauses: s, Wakes: s,
		Transport: func(webhook.Endpoint) http.RoundTripper { return rt },
		Jitter:    func() float64 { return 0 },
	}
	if change != nil {
		change(&o)
	}
	f, err := forward.New(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- f.Run(ctx) }()
	n := &node{Forwarder: f, store: s}
	n.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(n.stop)
	synctest.Wait()
	return n
}

// accept appends to a lane as the pipeline does.
func (n *node) accept(l webhook.Lane, ids ...string) {
	for _, id := range ids {
		if head, ok := n.store.append(l, 20*time.Second, event(id)); ok {
			n.Offer(head)
		}
	}
}

// pass lets time pass in the bubble and everything come to rest.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func names(prefix string, n int) (out []string) {
	for i := range n {
		out = append(out, fmt.Sprintf("%s%02d", prefix, i))
	}
	return out
}
