package app

import (
	"context"
	"fmt"
	"sync"
	"time"

	"bauta/redis/counts"
)

// straysRound is how often it is looked for what nobody is configured for.
const straysRound = 30 * time.Second

// strays are the events that wait for endpoints which the configuration in force does not
// have: they wait until it has them again.
type strays struct {
	core   *core
	counts *counts.Counts
	// changed is signalled when the endpoints are others.
	changed chan struct{}

	mu  sync.Mutex
	now []string
}

// findStrays begins that, until teardown.
func (n *node) findStrays(ctx context.Context) {
	n.strays = &strays{core: n.core, counts: counts.New(n.core.store.Bulk()), changed: make(chan struct{}, 1)}
	n.background(ctx, "the look for events of endpoints that are not configured", n.strays.run)
}

func (s *strays) run(ctx context.Context) {
	ticker := time.NewTicker(straysRound)
	defer ticker.Stop()
	for {
		s.look(ctx)
		select {
		case <-ctx.Done():
			return
		case <-s.changed:
		case <-ticker.C:
		}
	}
}

// look finds them. While the store does not answer, what was found before holds.
func (s *strays) look(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, gaugeTimeout)
	defer cancel()
	found, err := s.core.strays(ctx, s.counts)
	if err != nil {
		return
	}
	now := make([]string, len(found))
	for i, w := range found {
		now[i] = "waiting_for_unconfigured: " + strayOf(w)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = now
}

// warnings name the endpoints, and how many events wait.
func (s *strays) warnings() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

// strays is what waits for endpoints that are not configured.
func (k *core) strays(ctx context.Context, of *counts.Counts) ([]counts.Waiting, error) {
	waiting, err := of.Waiting(ctx)
	var found []counts.Waiting
	for _, w := range waiting {
		if k.endpoint(w.Endpoint) == nil {
			found = append(found, w)
		}
	}
	return found, err
}

// strayOf is such an endpoint for people.
func strayOf(w counts.Waiting) string {
	return fmt.Sprintf("%s/%s: %s", w.Endpoint.Business, w.Endpoint.Endpoint, count(int(w.Events), "event", "events"))
}

// signal wakes the reader of a channel of one place; it never waits.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
