package forward_test

import (
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

// large is an event of a KiB, which its first bytes name.
func large(id string) webhook.Delivery {
	return webhook.Delivery{ID: id, Body: []byte(id + strings.Repeat(" ", 1<<10-len(id)))}
}

// bodies is an endpoint that answers when it may and knows what it holds of bodies.
type bodies struct {
	hold chan struct{}

	mu        sync.Mutex
	now, most int
	got       []string
}

// RoundTrip implements http.RoundTripper.
func (b *bodies) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	b.now += len(body)
	b.most = max(b.most, b.now)
	b.mu.Unlock()
	if b.hold != nil {
		<-b.hold
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now -= len(body)
	b.got = append(b.got, strings.TrimSpace(string(body)))
	return says(200), nil
}

// Where bodies are large an endpoint that is slow gets fewer of them at once, and what
// waits is let go of and read again; another endpoint goes on, with one at a time, and
// everything arrives whole, once and in order.
func TestLargeBodiesAreNotHeldBeyondTheMemory(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const lanes, memory = 100, 16
		slow, fast := crm(), crm()
		slow.ID, fast.ID, slow.Concurrency, fast.Concurrency = "slow", "fast", 64, 64
		slow.Timeout = time.Minute
		ways := map[string]*bodies{"slow": {hold: make(chan struct{})}, "fast": {}}
		s := newStore()
		n := run(t, s, nil, func(o *forward.Options) {
			o.Businesses, o.Memory = acme(slow, fast), memory<<10
			o.Transport = func(e webhook.Endpoint) http.RoundTripper { return ways[e.ID] }
		})
		for i := range lanes {
			for _, e := range []string{"slow", "fast"} {
				for k := range 3 {
					l := webhook.Lane{Business: "acme", Endpoint: e, Conversation: webhook.Conversation(fmt.Sprint(i))}
					if head, ok := s.append(l, 80*time.Second, large(fmt.Sprint(i, "-", k))); ok {
						n.Offer(head)
					}
				}
			}
		}
		pass(30 * time.Second)
		if most := ways["slow"].most; most == 0 || most > (memory+1)<<10 {
			t.Errorf("%d KiB were under way to the slow endpoint, want some and at most %d", most>>10, memory)
		}
		if got := len(ways["fast"].got); got != 3*lanes {
			t.Errorf("the fast endpoint got %d of %d", got, 3*lanes)
		}
		close(ways["slow"].hold)
		pass(30 * time.Second)
		for name, way := range ways {
			next := map[string]int{}
			for _, id := range way.got {
				conversation, k, _ := strings.Cut(id, "-")
				if k != fmt.Sprint(next[conversation]) {
					t.Fatalf("%s: %s came, want number %d", name, id, next[conversation])
				}
				next[conversation]++
			}
			if len(way.got) != 3*lanes || s.waiting() != 0 {
				t.Errorf("%s got %d of %d, %d wait", name, len(way.got), 3*lanes, s.waiting())
			}
		}
	})
}
