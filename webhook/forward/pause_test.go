package forward_test

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"bauta/webhook"
	"bauta/webhook/egress"
	"bauta/webhook/forward"
)

// outage fails until up is set.
func outage(up *atomic.Bool, status int) func(string, int) (*http.Response, error) {
	return func(string, int) (*http.Response, error) {
		if up.Load() {
			return says(200), nil
		}
		return says(status), nil
	}
}

func TestAnOutagePausesTheEndpointInsteadOfBurningAttempts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var up atomic.Bool
		rc := newReceiver(outage(&up, 503))
		e := crm()
		e.Concurrency = 1
		n := run(t, newStore(), rc, func(o *forward.Options) { o.Businesses = acme(e) })
		for _, id := range names("e", 50) {
			n.accept(toCRM(id), id)
		}
		pass(29 * time.Second)
		if got := len(rc.arrivals()); got != 5 {
			t.Fatalf("%d attempts before the first pause is over, want the 5 that opened the breaker", got)
		}
		// Pauses of 30 s, 1 m, 2 m, 4 m, 8 m, then 10 m: one probe after each.
		pass(27 * time.Minute)
		var at []time.Duration
		for _, a := range rc.arrivals()[5:] {
			at = append(at, a.At.Round(time.Second))
		}
		want := []time.Duration{30 * time.Second, 90 * time.Second, 210 * time.Second, 450 * time.Second, 930 * time.Second, 1530 * time.Second}
		if d := cmp.Diff(want, at); d != "" {
			t.Fatalf("probes (-want +got):\n%s", d)
		}
		if got := n.store.attempts(); got != 11 {
			t.Fatalf("%d attempts counted, want 11", got)
		}
		up.Store(true)
		pass(12 * time.Minute)
		if n.store.waiting() != 0 || len(n.store.letters()) != 0 {
			t.Fatalf("%d wait, %d dead; want none after the endpoint is back", n.store.waiting(), len(n.store.letters()))
		}
	})
}

func TestTheOldestLaneProbes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var up atomic.Bool
		rc := newReceiver(outage(&up, 503))
		n := run(t, newStore(), rc, nil)
		s := n.store
		if err := s.Pause(t.Context(), toCRM("").Target(), webhook.Pause{Left: time.Minute, Count: 1}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		up.Store(true)
		s.append(toCRM("zoe"), 0, event("older"))
		s.mu.Lock()
		s.lanes[toCRM("zoe")].due = time.Now()
		s.mu.Unlock()
		pass(2 * time.Second)
		n.accept(toCRM("ada"), "newer")
		pass(2 * time.Minute)
		if d := cmp.Diff([]string{"older", "newer"}, rc.ids()); d != "" {
			t.Fatalf("arrivals (-want +got):\n%s", d)
		}
		if at := rc.arrivals()[0].At.Round(time.Second); at != time.Minute {
			t.Fatalf("probed at %v, want when the pause is over, 1m0s", at)
		}
		if s.probed() != 1 {
			t.Fatalf("%d probes, want 1", s.probed())
		}
	})
}

func TestOneProbeInTheWholeCluster(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var up atomic.Bool
		rc := newReceiver(outage(&up, 503))
		s := newStore()
		var nodes []*node
		for range 3 {
			nodes = append(nodes, run(t, s, rc, nil))
		}
		for i, id := range names("e", 60) {
			nodes[i%3].accept(toCRM(id), id)
		}
		pass(29 * time.Second)
		before := len(rc.arrivals())
		if before > 3*(5+3) {
			t.Fatalf("%d attempts, want at most what opens three breakers", before)
		}
		pass(5 * time.Second)
		if got := len(rc.arrivals()) - before; got != 1 || s.probed() != 1 {
			t.Fatalf("%d requests and %d probes when the pause was over, want one of each", got, s.probed())
		}
		up.Store(true)
		pass(3 * time.Minute)
		if s.waiting() != 0 {
			t.Fatalf("%d wait, want none", s.waiting())
		}
	})
}

func TestAfterAPauseWorkGrowsSlowly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rc := newReceiver(func(string, int) (*http.Response, error) {
			<-time.After(time.Second)
			return says(200), nil
		})
		e := crm()
		e.Concurrency = 8
		n := run(t, newStore(), rc, func(o *forward.Options) { o.Businesses = acme(e) })
		if err := n.store.Pause(t.Context(), toCRM("").Target(), webhook.Pause{Left: time.Minute, Count: 1}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		for _, id := range names("e", 60) {
			n.accept(toCRM(id), id)
		}
		pass(2 * time.Minute)
		at := map[time.Duration]int{}
		for _, a := range rc.arrivals() {
			at[(a.At-time.Minute).Truncate(time.Second)]++
		}
		var got []int
		for s := range 6 {
			got = append(got, at[time.Duration(s)*time.Second])
		}
		// The probe; it alone proves the endpoint, and from then on 2, 4, 8.
		if d := cmp.Diff([]int{1, 2, 4, 8, 8, 8}, got); d != "" {
			t.Fatalf("requests in each second (-want +got):\n%s", d)
		}
	})
}

func TestGonePausesUntilTheOperatorResumes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var up atomic.Bool
		rc := newReceiver(outage(&up, 410))
		n := run(t, newStore(), rc, nil)
		n.accept(toCRM("ada"), "a", "b")
		pass(time.Minute)
		n.accept(toCRM("bob"), "c")
		pass(3 * time.Hour)
		if d := cmp.Diff([]string{"a"}, rc.ids()); d != "" {
			t.Fatalf("arrivals (-want +got):\n%s", d)
		}
		if p := n.store.pauses[toCRM("").Target()]; p == nil || !p.Endless || p.Reason != "gone" {
			t.Fatalf("pause %+v, want an endless one for the reason gone", p)
		}
		if n.store.waiting() != 3 || n.store.attempts() != 0 {
			t.Fatalf("%d wait with %d attempts, want 3 with none", n.store.waiting(), n.store.attempts())
		}
		// What came just before the operator's word does not wait any longer.
		n.accept(toCRM("cleo"), "d")
		synctest.Wait()
		up.Store(true)
		n.store.lift(toCRM("").Target())
		pass(time.Second)
		if n.store.waiting() != 0 {
			t.Fatalf("%d wait after the operator resumed the endpoint, want none", n.store.waiting())
		}
	})
}

func TestARefusalByTheGuardPausesTheEndpointAndKeepsTheEvent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var up atomic.Bool
		rc := newReceiver(func(string, int) (*http.Response, error) {
			if !up.Load() {
				return nil, fmt.Errorf("dial: %w", &egress.RefusedError{Kind: egress.Private})
			}
			return says(200), nil
		})
		n := run(t, newStore(), rc, nil)
		n.accept(toCRM("ada"), "a")
		pass(9 * time.Minute)
		if p := n.store.pauses[toCRM("").Target()]; p == nil || p.Reason != "blocked" || len(rc.arrivals()) != 1 {
			t.Fatalf("pause %+v after %d attempts, want blocked after one", p, len(rc.arrivals()))
		}
		if n.store.waiting() != 1 || n.store.attempts() != 0 {
			t.Fatal("the event was not kept as it was")
		}
		up.Store(true)
		pass(2 * time.Minute)
		if n.store.waiting() != 0 {
			t.Fatal("the event was not delivered after the fault was repaired")
		}
	})
}

func TestANewNodeFindsTheEndpointPaused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rc := newReceiver(always(200))
		s := newStore()
		if err := s.Pause(t.Context(), toCRM("").Target(), webhook.Pause{Left: time.Minute, Count: 3}); err != nil {
			t.Fatal(err)
		}
		n := run(t, s, rc, nil)
		n.accept(toCRM("ada"), "a")
		pass(59 * time.Second)
		if got := rc.ids(); len(got) != 0 {
			t.Fatalf("requests %v during the pause", got)
		}
		pass(2 * time.Second)
		if d := cmp.Diff([]string{"a"}, rc.ids()); d != "" {
			t.Fatalf("arrivals (-want +got):\n%s", d)
		}
	})
}

func TestAnEventAfterAQuietPauseIsTheProbe(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rc := newReceiver(always(200))
		s := newStore()
		s.slow = time.Second / 10 // the sweep must not come before the lane is back
		if err := s.Pause(t.Context(), toCRM("").Target(), webhook.Pause{Left: time.Minute, Count: 1}); err != nil {
			t.Fatal(err)
		}
		n := run(t, s, rc, func(o *forward.Options) { o.Wakes, o.Sweep = nil, 24*time.Hour })
		pass(time.Hour)
		n.accept(toCRM("ada"), "a")
		pass(time.Second)
		if d := cmp.Diff([]string{"a"}, rc.ids()); d != "" {
			t.Fatalf("arrivals (-want +got):\n%s", d)
		}
	})
}
