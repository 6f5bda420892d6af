package forward_test

import (
	"io"
	"net"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"bauta/webhook/forward"
)

func TestAnEventThatBreaksTheEndpointDelaysNoOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rc := newReceiver(func(id string, _ int) (*http.Response, error) {
			if id == "poison" {
				return says(500), nil
			}
			return says(200), nil
		})
		e := crm()
		e.Retry.Schedule = []time.Duration{time.Second}
		n := run(t, newStore(), rc, func(o *forward.Options) { o.Businesses = acme(e) })
		n.accept(toCRM("ada"), "poison")
		for _, id := range names("good", 10) {
			pass(time.Minute + 500*time.Millisecond)
			n.accept(toCRM("bob"), id)
			synctest.Wait()
			if !slices.Contains(rc.ids(), id) {
				t.Fatalf("%s was not delivered at once", id)
			}
		}
	})
}

func TestConnectionsThatFailPauseWhosesoeverTheyAre(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := crm()
		e.Retry.Schedule = []time.Duration{time.Second}
		rc := newReceiver(func(string, int) (*http.Response, error) { return nil, io.ErrUnexpectedEOF })
		n := run(t, newStore(), rc, func(o *forward.Options) { o.Businesses = acme(e) })
		n.accept(toCRM("ada"), "a")
		pass(20 * time.Second)
		if p := n.store.pauses[toCRM("").Target()]; p == nil || p.Reason != "connection" || len(rc.arrivals()) != 5 {
			t.Fatalf("pause %+v after %d attempts, want one after five for the reason connection", p, len(rc.arrivals()))
		}
	})
}

// The lane whose event opened the breaker is due after the others, so that it
// is not the one that probes again and again.
func TestTheLaneThatOpenedTheBreakerDoesNotProbeFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rc := newReceiver(func(id string, _ int) (*http.Response, error) {
			if id == "poison" {
				return nil, io.ErrUnexpectedEOF
			}
			return says(200), nil
		})
		e := crm()
		e.Retry.Schedule = []time.Duration{time.Second}
		n := run(t, newStore(), rc, func(o *forward.Options) { o.Businesses = acme(e) })
		n.accept(toCRM("ada"), "poison")
		pass(10 * time.Second)
		n.accept(toCRM("bob"), "good")
		pass(25 * time.Second) // paused from 4 s to 34 s
		if got := rc.ids(); len(got) < 6 || got[4] != "poison" || got[5] != "good" {
			t.Fatalf("arrivals %v, want five of poison and then good as the probe", got)
		}
	})
}

func TestRefusalsAndOwnFaultsDoNotPause(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]func(string, int) (*http.Response, error){
		"refusals":                   always(404),
		"our resolver does not work": func(string, int) (*http.Response, error) { return nil, &net.DNSError{Err: "x", IsTimeout: true} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				n := run(t, newStore(), newReceiver(answer), nil)
				for _, id := range names("e", 30) {
					n.accept(toCRM(id), id)
				}
				pass(20 * time.Second)
				if p := n.store.pauses[toCRM("").Target()]; p != nil {
					t.Fatalf("paused: %+v", p)
				}
			})
		})
	}
}
