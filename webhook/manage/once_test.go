package manage_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func under(key string, c call) call {
	c.key = key
	return c
}

func TestTheSameCallIsAnsweredAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	h := r.people.hidden
	for name, c := range map[string]call{"ask": ask(h), "withdraw": withdraw(h), "erase": erase(h)} {
		first := r.do(t, under(name, c))
		again := r.do(t, under(name, c))
		if first.status >= 300 || again.status != first.status || again.body != first.body || again.header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: first %d %s\nagain %d %s", name, first.status, first.body, again.status, again.body)
		}
		if first.header.Get("Idempotency-Replayed") != "" || again.header.Get("Idempotency-Replayed") != "true" {
			t.Errorf("%s: replayed %q, %q", name, first.header.Get("Idempotency-Replayed"), again.header.Get("Idempotency-Replayed"))
		}
		r.people.mu.Lock()
		if r.people.seen[h.Key()] == nil { // erased: the next one finds the customer again
			fresh := newPeople(t, r.handles)
			r.people.seen[h.Key()] = fresh.seen[fresh.hidden.Key()]
			r.people.seen[h.Key()].Handle = "IT." + h.Long
		}
		r.people.mu.Unlock()
	}
}

func TestAKeyIsOfOneCall(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	h := r.people.hidden
	r.do(t, under("k", ask(h)))
	wantProblem(t, r.do(t, under("k", withdraw(h))), 409, "key-reused")
	wantProblem(t, r.do(t, under("k", ask(r.people.grouped))), 409, "key-reused")
	otherShape := call{method: http.MethodPost, path: "/v1/customers/+" + h.Phone + "/share-requests", body: "{}", key: "k"}
	if got := r.do(t, otherShape); got.header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("the other shape is the same call: %d %s", got.status, got.body)
	}
	elsewhere := under("k", ask(h))
	elsewhere.bearer = ofOther
	wantProblem(t, r.do(t, elsewhere), 404, "unknown-handle")
}

// A call that failed can be repeated under its key.
func TestAFailureFreesTheKey(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.people.fail(errDown)
	wantProblem(t, r.do(t, under("k", erase(r.people.hidden))), 503, "unavailable")
	r.people.fail(nil)
	wantProblem(t, r.do(t, under("l", erase(r.people.visible).at("nobody"))), 404, "unknown-handle")
	if got := r.do(t, under("k", erase(r.people.hidden))); got.status != 200 || got.header.Get("Idempotency-Replayed") != "" {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := r.do(t, under("l", erase(r.people.grouped))); got.status != 200 {
		t.Errorf("%d %s", got.status, got.body)
	}
}

// at is the call at another customer's path.
func (c call) at(handle string) call {
	c.path = "/v1/customers/" + handle
	return c
}

func TestWithoutTheStoreOfKeysNothingIsDone(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.kept.fail(errDown)
	for _, c := range []call{ask(r.people.hidden), withdraw(r.people.hidden), erase(r.people.hidden)} {
		wantProblem(t, r.do(t, under("k", c)), 503, "unavailable")
	}
	if acts := r.people.acts(); len(acts) != 0 {
		t.Errorf("%v", acts)
	}
}

// What ended in a panic is under way for ever: nobody knows what was done.
func TestAnUnknownOutcomeIsSaid(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.people.panics = true
	wantProblem(t, r.do(t, under("k", ask(r.people.hidden))), 500, "internal")
	r.people.mu.Lock()
	r.people.panics = false
	r.people.mu.Unlock()
	got := r.do(t, under("k", ask(r.people.hidden)))
	wantProblem(t, got, 409, "key-pending")
	if got.header.Get("Retry-After") == "" {
		t.Error("it does not say when to come again")
	}
}

func TestCallsAtTheSameTimeAreMadeOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			got := r.do(t, under("k", erase(r.people.hidden)))
			if got.status != 200 && !strings.Contains(got.body, "key-pending") {
				t.Errorf("%d %s", got.status, got.body)
			}
		})
	}
	all.Wait()
	if diff := cmp.Diff([]string{"erased by business through management_api"}, r.people.acts()); diff != "" {
		t.Error(diff)
	}
}
