package forward_test

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"bauta/webhook"
	"bauta/webhook/forward"
)

// ways hands each endpoint the receiver of its URL.
func ways(of map[string]http.RoundTripper) func(*forward.Options) {
	return func(o *forward.Options) {
		o.Transport = func(e webhook.Endpoint) http.RoundTripper { return of[e.URL] }
	}
}

// take has other endpoints in the place of those of acme, as a reload does.
func (n *node) take(t *testing.T, es ...webhook.Endpoint) {
	t.Helper()
	change, err := n.Prepare(acme(es...))
	if err != nil {
		t.Fatal(err)
	}
	change.Open()
	change.Close()
	synctest.Wait()
}

// gate is a receiver that answers when it is told to.
type gate struct {
	*receiver

	open chan struct{}
}

func newGate() gate {
	g := gate{open: make(chan struct{})}
	g.receiver = newReceiver(func(string, int) (*http.Response, error) { <-g.open; return says(http.StatusOK), nil })
	return g
}

// What is under way ends at the endpoint as it was, and what waits goes to the endpoint as
// it is, each event once and every lane in order.
func TestAChangedEndpointTakesOverWhatWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		before, after := newGate(), newReceiver(always(http.StatusOK))
		moved := crm()
		moved.URL, moved.Timeout = "https://crm.example/new", 2*time.Minute
		n := run(t, newStore(), nil, ways(map[string]http.RoundTripper{crm().URL: before, moved.URL: after}))
		var want []string
		for _, lane := range names("c", 20) {
			n.accept(toCRM(lane), lane+".1", lane+".2", lane+".3")
			want = append(want, lane+".1", lane+".2", lane+".3")
		}
		synctest.Wait()
		under := before.ids()
		if len(under) != crm().Concurrency {
			t.Fatalf("%d are under way before the change, want %d", len(under), crm().Concurrency)
		}
		n.take(t, moved)
		if busy := after.ids(); len(busy) == 0 {
			t.Error("what waited is not delivered while the old endpoint hangs")
		}
		close(before.open)
		pass(30 * time.Second)
		if again := before.ids(); len(again) != len(under) {
			t.Errorf("the old endpoint got %v after the change", again[len(under):])
		}
		got := append(under, after.ids()...)
		inOrder(t, got)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("delivered %v, want each once", got)
		}
	})
}

// inOrder wants the events c00.1, c00.2 ... of each lane in order.
func inOrder(t *testing.T, ids []string) {
	t.Helper()
	last := map[string]string{}
	for _, id := range ids {
		lane, _, _ := strings.Cut(id, ".")
		if id < last[lane] {
			t.Errorf("%s came after %s", id, last[lane])
		}
		last[lane] = id
	}
}

// Nothing is lost of an endpoint that is taken out while events wait, and its events come
// in order when it is back.
func TestAnEndpointThatIsGoneKeepsItsEvents(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newGate()
		n := run(t, newStore(), r, nil)
		n.accept(toCRM("ada"), "a1", "a2")
		for _, lane := range names("c", 8) {
			n.accept(toCRM(lane), lane+".1")
		}
		synctest.Wait()
		n.take(t) // none
		close(r.open)
		pass(time.Minute)
		if got := r.ids(); len(got) != crm().Concurrency {
			t.Errorf("after the end %d requests were made, want only those under way: %v", len(got), got)
		}
		n.accept(toCRM("ada"), "a3")
		pass(time.Minute)
		n.take(t, crm())
		pass(time.Minute)
		got := r.ids()
		if len(got) != 11 {
			t.Errorf("%d deliveries, want each of 11 once: %v", len(got), got)
		}
		if a := slices.DeleteFunc(got, func(id string) bool { return !strings.HasPrefix(id, "a") }); !slices.Equal(a, []string{"a1", "a2", "a3"}) {
			t.Errorf("delivered %v", a)
		}
	})
}

// An endpoint that is as it was keeps its work, breaker and pace.
func TestWhatIsNotChangedGoesOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		made := 0
		r := newReceiver(always(http.StatusServiceUnavailable))
		n := run(t, newStore(), r, func(o *forward.Options) {
			o.Transport = func(webhook.Endpoint) http.RoundTripper { made++; return r }
		})
		n.accept(toCRM("ada"), "a1")
		synctest.Wait()
		slowed, _ := n.Here(toCRM("ada").Target())
		other := crm()
		other.ID = "other"
		n.take(t, crm(), other)
		if here, _ := n.Here(toCRM("ada").Target()); here != slowed || here.Limit >= here.Most {
			t.Errorf("it stood at %+v, and stands at %+v", slowed, here)
		}
		if made != 2 {
			t.Errorf("%d ways to endpoints were made, want one each", made)
		}
	})
}

// A pause outlives a change, and what failed before it does not pause what is since.
func TestAPauseOutlivesAChange(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStore()
		r := newReceiver(always(http.StatusGone))
		n := run(t, s, r, nil)
		n.accept(toCRM("ada"), "a1", "a2")
		synctest.Wait()
		changed := crm()
		changed.Concurrency = 8
		n.take(t, changed)
		pass(time.Hour)
		if got := r.ids(); len(got) != 1 {
			t.Errorf("an endpoint that is off until it is resumed got %v", got)
		}
	})
}

// A change that has a fault changes nothing.
func TestAFaultyChangeChangesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newReceiver(always(http.StatusOK))
		n := run(t, newStore(), r, nil)
		bad, none := crm(), crm()
		bad.URL, none.ID, none.Secrets = "ftp://crm.example", "other", nil
		_, err := n.Prepare(acme(bad, none))
		if err == nil || !strings.Contains(err.Error(), `"crm"`) || !strings.Contains(err.Error(), `"other"`) {
			t.Errorf("the error is %v, want both faults with business and endpoint", err)
		}
		n.accept(toCRM("ada"), "a1")
		synctest.Wait()
		if got := r.ids(); !slices.Equal(got, []string{"a1"}) {
			t.Errorf("delivered %v", got)
		}
	})
}

// Changes beside offers, deliveries and the end of the node lose nothing and race with
// nothing.
func TestChangesUnderLoad(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStore()
		r := newReceiver(func(string, int) (*http.Response, error) {
			<-time.After(3 * time.Millisecond)
			return says(http.StatusOK), nil
		})
		n := run(t, s, r, nil)
		var load sync.WaitGroup
		for _, lane := range names("c", 16) {
			load.Go(func() {
				for i := range 40 {
					n.accept(toCRM(lane), lane+"."+names("", 40)[i])
					<-time.After(5 * time.Millisecond)
				}
			})
		}
		for i := range 30 {
			<-time.After(7 * time.Millisecond)
			changed := crm()
			changed.Concurrency = 1 + i%6
			switch i % 5 {
			case 4:
				n.take(t)
			default:
				n.take(t, changed)
			}
		}
		n.take(t, crm())
		load.Wait()
		pass(2 * time.Minute)
		got := r.ids()
		if len(got) != 16*40 {
			t.Errorf("%d deliveries, want %d", len(got), 16*40)
		}
		inOrder(t, got)
	})
}
