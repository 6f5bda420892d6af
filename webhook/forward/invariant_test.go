package forward_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"bauta/webhook/forward"
)

// moody is an endpoint in changing moods: it answers well, badly, late or not
// at all. It notes what it took, in order, and how much came at once.
type moody struct {
	mu        sync.Mutex
	rnd       *rand.Rand
	took      []string
	now, most int
}

// RoundTrip implements http.RoundTripper.
func (m *moody) RoundTrip(r *http.Request) (*http.Response, error) {
	m.mu.Lock()
	mood, late := m.rnd.IntN(10), time.Duration(m.rnd.IntN(3000))*time.Millisecond
	m.now++
	m.most = max(m.most, m.now)
	m.mu.Unlock()
	defer func() {
		m.mu.Lock()
		m.now--
		m.mu.Unlock()
	}()
	switch mood {
	case 0:
		return says(503, "Retry-After", "3"), nil
	case 1:
		return nil, io.ErrUnexpectedEOF
	case 2:
		<-r.Context().Done()
		return nil, context.Cause(r.Context())
	case 3:
		return says(302), nil
	}
	<-time.After(late)
	m.mu.Lock()
	m.took = append(m.took, r.Header.Get("webhook-id"))
	m.mu.Unlock()
	return says(200), nil
}

// Whatever the endpoint does, with three nodes at work, one of which stops and
// is replaced: every event is taken once, each lane in order.
func TestEveryEventOnceAndInOrder(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				rc := &moody{rnd: rand.New(rand.NewPCG(seed, 7))}
				e := crm()
				e.Retry.MaxAge = 1000 * time.Hour
				s := newStore()
				start := func() *node {
					return run(t, s, rc, func(o *forward.Options) { o.Businesses, o.Queue = acme(e), 8 })
				}
				nodes := []*node{start(), start(), start()}
				const lanes, events = 12, 8
				for i := range events {
					for l := range lanes {
						nodes[(i+l)%3].accept(toCRM(fmt.Sprint(l)), fmt.Sprintf("%d/%d", l, i))
					}
					pass(time.Duration(seed) * time.Second)
				}
				nodes[0].stop()
				nodes[0] = start()
				for range 600 {
					if pass(10 * time.Minute); s.waiting() == 0 {
						break
					}
				}
				if s.waiting() != 0 || len(s.letters()) != 0 {
					t.Fatalf("%d wait and %d are dead, want none", s.waiting(), len(s.letters()))
				}
				rc.mu.Lock()
				defer rc.mu.Unlock()
				if rc.most > 3*e.Concurrency {
					t.Errorf("%d requests at once from three nodes, want at most %d", rc.most, 3*e.Concurrency)
				}
				for l := range lanes {
					var got, want []string
					for i := range events {
						want = append(want, fmt.Sprintf("%d/%d", l, i))
					}
					for _, id := range rc.took {
						if strings.HasPrefix(id, fmt.Sprintf("%d/", l)) {
							got = append(got, id)
						}
					}
					if !slices.Equal(got, want) {
						t.Errorf("lane %d took %v, want %v", l, got, want)
					}
				}
			})
		})
	}
}
