package e2e

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// gone is what happens to a node in the middle of a stream, beside another that goes on.
type gone struct {
	name  string
	leave func(t *testing.T, b *bauta)
	// twice is how many events of one lane may come twice.
	twice int
	// back continues a node that was stopped, after everything was delivered.
	back bool
	// pause is the longest time without a delivery, from the leaving on.
	pause time.Duration
}

// lease is for how long a lane is leased: the endpoint's time-out and ten seconds; looked
// is how often lanes are looked for whose node is gone.
const (
	lease  = 3*time.Second + 10*time.Second
	looked = 5 * time.Second
)

// Nodes come and go in the middle of a stream. Nothing is missing, each customer's
// messages come in order, and of a lane at most the one that was under way comes twice.
// A node that stood still for longer than its leases writes nothing when it goes on.
func TestNodesComeAndGoUnderLoad(t *testing.T) {
	t.Parallel()
	for _, row := range []gone{
		{"asked to end", func(t *testing.T, b *bauta) { b.stop(t) }, 0, false, lease},
		{"killed", func(_ *testing.T, b *bauta) { b.kill() }, 1, false, lease + 2*looked},
		{"stopped and continued", func(t *testing.T, b *bauta) { b.signal(t, syscall.SIGSTOP) }, 1, true, lease + 2*looked},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, setup{Timeout: "3s", Endpoint: "own_events: false\n        concurrency: 2"})
			// Slow, so that a node has leases in its queue at every moment.
			s.crm.before = func(*http.Request) { <-time.After(20 * time.Millisecond) }
			leaving, staying := s.bauta, serve(t, s.dir)
			t.Cleanup(func() { _ = leaving.cmd.Process.Signal(syscall.SIGCONT) })
			// It begins at the node that leaves, so that this one has the leases.
			var p platform
			p.url.Store(leaving.public)
			var failed atomic.Int32
			var streaming sync.WaitGroup
			for streamer := range streamers {
				streaming.Go(func() { p.stream(t, streamer, &failed) })
			}
			s.crm.wait(t, streamed/4)
			left := time.Now()
			row.leave(t, leaving)
			p.url.Store(staying.public)
			joined := serve(t, s.dir)
			p.url.Store(joined.public)
			streaming.Wait()
			eventuallyAll(t, s.crm)
			if row.back {
				leaving.signal(t, syscall.SIGCONT)
				eventually(t, "the node that goes on has lost its leases", func(context.Context) bool {
					_, metrics := leaving.get(t, leaving.admin+"/metrics") //nolint:contextcheck // it has a deadline of its own
					return metric(metrics, "bauta_forward_leases_lost_total") > 0
				})
				leaving.stop(t)
			}
			inTheirOrder(t, s.crm.all(), row.twice)
			if pause := longest(s.crm, left); pause > row.pause {
				t.Errorf("nothing was delivered for %s, want at most %s", pause, row.pause)
			}
		})
	}
}

// inTheirOrder wants the whole stream, each customer's in order: what comes again comes
// at once, and twice at most so many of a lane.
func inTheirOrder(t *testing.T, got []delivery, twice int) {
	t.Helper()
	last, again, seen := map[string]int{}, map[string]int{}, map[int]bool{}
	for _, d := range got {
		lane, number := d.header.Get("Bauta-Handle"), numberOf(t, d.body)
		before, some := last[lane]
		switch {
		case some && number < before:
			t.Errorf("message %d came after message %d of the same customer", number, before)
		case some && number == before:
			if again[lane]++; again[lane] > twice {
				t.Errorf("a lane has %d duplicates, want at most %d", again[lane], twice)
			}
		}
		last[lane], seen[number] = number, true
	}
	if len(seen) != streamed || len(last) != writers {
		t.Errorf("%d messages of %d customers, want %d of %d", len(seen), len(last), streamed, writers)
	}
}

// longest is the longest time between two requests to the endpoint, since then.
func longest(c *crm, since time.Time) (most time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, at := range c.tried {
		if at.After(since) {
			most, since = max(most, at.Sub(since)), at
		}
	}
	return most
}

// metric is a metric's value by its name and labels as they stand there, 0 without it.
func metric(text, name string) float64 {
	for line := range strings.Lines(text) {
		if value, ok := strings.CutPrefix(line, name+" "); ok {
			v, _ := strconv.ParseFloat(strings.TrimSpace(value), 64)
			return v
		}
	}
	return 0
}

func (b *bauta) signal(t *testing.T, s syscall.Signal) {
	t.Helper()
	if err := b.cmd.Process.Signal(s); err != nil {
		t.Fatal(fmt.Errorf("%s: %w", s, err))
	}
}
