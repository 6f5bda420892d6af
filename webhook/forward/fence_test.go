package forward_test

import (
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"bauta/webhook"
)

// A node that stands still between the check of its lease and the request writes nothing
// any more: by then another node has delivered, and what follows too.
func TestAfterAStandstillNothingIsWritten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		written := 0
		stands := true
		n := run(t, newStore(), wire(func(r *http.Request) (*http.Response, error) {
			if stands {
				stands = false
				<-time.After(30 * time.Second) // stopped and continued: no timer of the process helps
			}
			if _, err := io.ReadAll(r.Body); err != nil {
				return nil, err
			}
			written++
			return says(200), nil
		}), nil)
		n.accept(toCRM("ada"), "a")
		pass(25 * time.Second)
		head, ok, _ := n.store.Take(t.Context(), toCRM("ada"), 20*time.Second)
		if !ok {
			t.Fatal("another node could not take the lane")
		}
		if _, _, err := n.store.Finish(t.Context(), head.Lease, webhook.Verdict{Outcome: webhook.Delivered}, 0); err != nil {
			t.Fatal(err)
		}
		pass(time.Minute)
		if written != 0 || n.store.waiting() != 0 {
			t.Errorf("%d requests were written after the standstill, %d wait; want none", written, n.store.waiting())
		}
	})
}

// What a node missed while it stood still is no fault of the endpoint.
func TestAStandstillPausesNoEndpoint(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		stands := map[string]bool{}
		for _, id := range names("e", 4) {
			stands[id] = true
		}
		rc := newReceiver(func(id string, n int) (*http.Response, error) {
			if stands[id] && n < 3 {
				<-time.After(15 * time.Second)
				return nil, timeout{}
			}
			return says(200), nil
		})
		n := run(t, newStore(), rc, nil)
		for id := range stands {
			n.accept(toCRM(id), id)
		}
		pass(45 * time.Second)
		if p := n.store.pauses[toCRM("").Target()]; p != nil {
			t.Errorf("the endpoint is paused: %s", p.Reason)
		}
		if n.store.waiting() != 0 {
			t.Errorf("%d wait", n.store.waiting())
		}
	})
}
