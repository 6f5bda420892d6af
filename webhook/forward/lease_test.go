package forward_test

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"bauta/webhook"
	"bauta/webhook/forward"
)

func TestAStaleLeaseWritesNoRequest(t *testing.T) {
	t.Parallel()
	t.Run("another node has the lane", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			rc := newReceiver(always(200))
			n := run(t, newStore(), rc, nil)
			head, _ := n.store.append(toCRM("ada"), time.Second, event("a"))
			pass(time.Second)
			if _, ok, _ := n.store.Take(t.Context(), toCRM("ada"), time.Hour); !ok {
				t.Fatal("the other node could not take the lane")
			}
			n.Offer(head)
			pass(time.Minute)
			if got := rc.ids(); len(got) != 0 {
				t.Fatalf("requests %v, want none", got)
			}
		})
	})
	t.Run("even the renewed lease is too short for an attempt", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			rc := newReceiver(always(200))
			s := newStore()
			s.short = 15 * time.Second // of 20 s; an attempt may last 10 s
			n := run(t, s, rc, nil)
			n.accept(toCRM("ada"), "a")
			pass(time.Minute)
			if got := rc.ids(); len(got) != 0 {
				t.Fatalf("requests %v, want none", got)
			}
		})
	})
	t.Run("a lease that ran out and that nobody took is renewed", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			rc := newReceiver(always(200))
			n := run(t, newStore(), rc, func(o *forward.Options) { o.Sweep = time.Hour })
			head, _ := n.store.append(toCRM("ada"), time.Second, event("a"))
			pass(2 * time.Second)
			n.Offer(head)
			pass(time.Second)
			if d := cmp.Diff([]string{"a"}, rc.ids()); d != "" {
				t.Fatalf("arrivals (-want +got):\n%s", d)
			}
		})
	})
}

func TestStoppingFinishesWhatIsUnderWayAndGivesBackTheRest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rc := newReceiver(func(string, int) (*http.Response, error) {
			<-time.After(5 * time.Second)
			return says(200), nil
		})
		n := run(t, newStore(), rc, nil)
		for _, id := range names("e", 10) {
			n.accept(toCRM(id), id, id+"-next")
		}
		pass(time.Second)
		n.stop()
		if got := len(rc.arrivals()); got != 4 {
			t.Fatalf("%d attempts, want the 4 that were under way", got)
		}
		if n.store.waiting() != 16 || n.store.attempts() != 0 {
			t.Fatalf("%d wait with %d attempts, want 16 with none", n.store.waiting(), n.store.attempts())
		}
		lanes, _ := n.store.Due(t.Context(), 100)
		if len(lanes) != 10 {
			t.Fatalf("%d lanes are open to other nodes at once, want all 10", len(lanes))
		}
	})
}

func TestWhatDoesNotFitIsGivenBackAndDeliveredLater(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rc := newReceiver(func(string, int) (*http.Response, error) {
			<-time.After(time.Second)
			return says(200), nil
		})
		e := crm()
		e.Concurrency = 1
		n := run(t, newStore(), rc, func(o *forward.Options) { o.Businesses, o.Queue, o.Wakes = acme(e), 2, nil })
		for _, id := range names("e", 8) {
			n.accept(toCRM(id), id)
		}
		synctest.Wait()
		back := 0
		for _, v := range n.store.verdicts() {
			if v[len("e00 "):] == fmt.Sprintf("%d returned", webhook.Again) {
				back++
			}
		}
		if back < 5 || n.store.attempts() != 0 {
			t.Fatalf("%d given back with %d attempts, want at least 5 with none", back, n.store.attempts())
		}
		pass(9 * time.Second) // eight attempts of a second: no time was lost to the sweep
		if n.store.waiting() != 0 || len(rc.arrivals()) != 8 {
			t.Fatalf("%d wait after %d attempts, want none after 8", n.store.waiting(), len(rc.arrivals()))
		}
	})
}

func TestErasedEventsAreLetGoWithoutARequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rc := newReceiver(always(200))
		n := run(t, newStore(), rc, nil)
		head, _ := n.store.append(toCRM("ada"), 20*time.Second, webhook.Delivery{ID: "gone", Erased: true}, event("b"))
		n.Offer(head)
		pass(time.Second)
		if d := cmp.Diff([]string{"b"}, rc.ids()); d != "" {
			t.Fatalf("arrivals (-want +got):\n%s", d)
		}
		want := []string{fmt.Sprintf("gone %d erased", webhook.Dropped), fmt.Sprintf("b %d ok", webhook.Delivered)}
		if d := cmp.Diff(want, n.store.verdicts()); d != "" {
			t.Fatalf("verdicts (-want +got):\n%s", d)
		}
	})
}

func TestAVerdictIsToldAgainWhenTheStoreIsAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rc := newReceiver(always(200))
		s := newStore()
		s.broken = 3
		n := run(t, s, rc, nil)
		n.accept(toCRM("ada"), "a", "b")
		pass(time.Minute)
		if d := cmp.Diff([]string{"a", "b"}, rc.ids()); d != "" {
			t.Fatalf("arrivals (-want +got):\n%s", d)
		}
	})
}

func TestALostAnswerOfTheStoreLosesNoEvent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rc := newReceiver(always(200))
		s := newStore()
		s.answers = 1
		n := run(t, s, rc, nil)
		n.accept(toCRM("ada"), "a", "b", "c")
		pass(time.Minute)
		if d := cmp.Diff([]string{"a", "b", "c"}, rc.ids()); d != "" {
			t.Fatalf("arrivals (-want +got):\n%s", d)
		}
	})
}
