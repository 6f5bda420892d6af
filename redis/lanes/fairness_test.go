package lanes_test

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"bauta/redis"
	"bauta/redis/endpoints"
	"bauta/redis/lanes"
	"bauta/redis/lanes/lanestest"
	"bauta/redis/redistest"
	"bauta/webhook"
	"bauta/webhook/forward"
)

const (
	manyLanes = 100_000
	// mostAhead is how many events of the big business may be delivered, at most, between
	// the moment in which the small one's event comes and that in which it is delivered:
	// a twentieth of what waits. Some 50 are, on a machine that does nothing else.
	mostAhead = manyLanes / 20
)

// business is an endpoint in process, which counts what it was asked.
type business struct {
	asked, hanging atomic.Int64
	arrived        chan string
	// hangs lets nobody through until it is closed.
	hangs atomic.Pointer[chan struct{}]
}

// RoundTrip implements http.RoundTripper.
func (b *business) RoundTrip(r *http.Request) (*http.Response, error) {
	if until := b.hangs.Load(); until != nil {
		b.hanging.Add(1)
		<-*until
	}
	b.asked.Add(1)
	if b.arrived != nil {
		b.arrived <- r.Header.Get("Webhook-Id")
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: http.NoBody}, nil
}

// fairness is a business with very many lanes beside one with none.
type fairness struct {
	*world

	big, small *business
	l          *lanes.Lanes
}

func newFairness(t *testing.T) *fairness {
	t.Helper()
	f := &fairness{
		world: &world{T: t, store: redistest.Standalone(t).Open(t, redis.Options{}), ring: lanestest.NewRing(t)},
		big:   &business{}, small: &business{arrived: make(chan string, 1)},
	}
	f.l = f.node(0)
	items := make([]webhook.Item, 1000)
	for n := range manyLanes / len(items) {
		for i := range items {
			items[i] = f.item("corp", fmt.Sprintf("evt_%d_%d", n, i))
		}
		f.append(f.l, items...)
	}
	return f
}

// item is an event of a new conversation, under the business's own key: a hundred
// thousand keys of customers would take longer than what is tested.
func (f *fairness) item(owner, id string) webhook.Item {
	f.Helper()
	item := f.ring.Item(f.T, "", id, 1, "crm")
	key, err := f.ring.BusinessKey(f.Context(), owner)
	if err != nil {
		f.Fatal(err)
	}
	item.Business, item.Conversation, item.Key = owner, webhook.Conversation(lanestest.Customer()), key
	return item
}

// forward delivers until the function that it returns is called.
func (f *fairness) forward(wakes forward.Wakes) (node *forward.Forwarder, stop func()) {
	f.Helper()
	crm := webhook.Endpoint{ID: "crm", URL: "https://crm.example", Secrets: []string{"secret"}}
	node, err := forward.New(forward.Options{
		Businesses: []webhook.Business{{ID: "corp", Endpoints: []webhook.Endpoint{crm}}, {ID: "acme", Endpoints: []webhook.Endpoint{crm}}},
		Lanes:      f.l, Pauses: endpoints.New(f.store), Wakes: wakes, Sweep: 100 * time.Millisecond,
		Transport: f.transport(),
	})
	if err != nil {
		f.Fatal(err)
	}
	ctx, cancel := context.WithCancel(f.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = node.Run(ctx)
	}()
	return node, func() { cancel(); <-ended }
}

// transport hands out the endpoints of the two businesses, which are asked for in turn.
func (f *fairness) transport() func(webhook.Endpoint) http.RoundTripper {
	turn := []http.RoundTripper{f.big, f.small}
	return func(webhook.Endpoint) http.RoundTripper {
		next := turn[0]
		turn = turn[1:]
		return next
	}
}

// ahead stores an event of the small business and tells how many of the big one were
// delivered before it.
func (f *fairness) ahead(id string, node *forward.Forwarder) int64 {
	f.Helper()
	item, l := f.item("acme", id), f.l
	if node != nil {
		l = f.node(long)
	}
	before := f.big.asked.Load()
	for _, lease := range f.append(l, item)[0].Leases {
		node.Offer(webhook.Leased{Lease: lease, Delivery: item.Delivery})
	}
	if got := <-f.small.arrived; got != id {
		f.Fatalf("%s was delivered, want %s", got, id)
	}
	return f.big.asked.Load() - before
}

// Promise 5 on a real server: whoever has very many lanes waiting delays another's new
// event by no more than a few of theirs, however it comes to be known; where their
// endpoint hangs, by none.
func TestABusinessWithAHundredThousandLanesDelaysNoOther(t *testing.T) {
	t.Parallel()
	f := newFairness(t)
	node, stop := f.forward(f.l)
	f.poll("the big business is being delivered to", func() bool { return f.big.asked.Load() > 100 })
	if n := f.ahead("evt_offered", node); n > mostAhead {
		t.Errorf("offered by the node that stored it: after %d events of the big business, want at most %d", n, mostAhead)
	}
	if n := f.ahead("evt_told", nil); n > mostAhead {
		t.Errorf("stored by another node, which tells: after %d events of the big business, want at most %d", n, mostAhead)
	}
	stop()
	node, stop = f.forward(nil)
	defer stop()
	began := f.big.asked.Load()
	f.poll("the big business is being delivered to again", func() bool { return f.big.asked.Load() > began+100 })
	if n := f.ahead("evt_found", nil); n > mostAhead {
		t.Errorf("found by looking: after %d events of the big business, want at most %d", n, mostAhead)
	}
	until := make(chan struct{})
	defer close(until)
	f.big.hangs.Store(&until)
	f.poll("all requests to the big business hang", func() bool { return f.big.hanging.Load() == 32 })
	for id, offeredBy := range map[string]*forward.Forwarder{"evt_offered_again": node, "evt_found_again": nil} {
		if n := f.ahead(id, offeredBy); n != 0 {
			t.Errorf("%s, while the big business's endpoint hangs: after %d of its events, want none", id, n)
		}
	}
	if n := f.big.asked.Load(); n > manyLanes/2 {
		t.Errorf("%d of %d events of the big business were delivered meanwhile: few were left to be behind", n, manyLanes)
	}
}
