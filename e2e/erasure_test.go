package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"bauta/webhook/simulator"
)

// somebody is one of many people.
func somebody(n int) simulator.Person {
	return simulator.Person{
		Number: fmt.Sprintf("1650555%04d", 300+n), UserID: fmt.Sprintf("US.74300000000%05d", 300+n), Name: fmt.Sprintf("Some Body %d", n),
	}
}

// An erasure while the endpoint is broken: what waits is gone and is never delivered,
// the handle leads nowhere and is like any that never was, and the store cannot name
// the customer.
func TestAnErasureWhileEventsWait(t *testing.T) {
	t.Parallel()
	s := decides(t, setup{Sharing: "ask: never", Endpoint: "own_events: true"}, ada())
	s.writes(t, ada(), "Hello", ctwa())
	handle := s.gets(t, "hidden")[0].header.Get("Bauta-Handle")
	sent := s.call(t, http.MethodPost, messages(), text(handle, "Hello, who is there?"))
	if sent.status != http.StatusOK {
		t.Fatalf("an answer: %d %s", sent.status, sent.body)
	}
	s.graph.HoldBack() // its statuses come late
	s.crm.answer(http.StatusServiceUnavailable)
	s.graph.Release(func(held [][]byte) [][]byte { return held })
	s.writes(t, ada(), "this never arrives", nil)
	s.crm.attempts(t, s.read+1)

	erased := s.asks(t, http.MethodDelete, "/v1/customers/"+handle)
	if erased.status != http.StatusOK || in(t, erased.body, "contact_book") == "failed" || in(t, erased.body, "ledger") == "" {
		t.Fatalf("an erasure: %d %s", erased.status, erased.body)
	}
	late := business().Outcome(simulator.Status{To: ada(), ID: simulator.MessageID(ada(), true, "3EB0A1"), At: time.Now(), Status: "read"})
	s.send(t, late)
	if _, page := s.get(t, s.admin+"/metrics"); !strings.Contains(page, `bauta_dropped_total{business="acme",reason="forgotten"} 1`) {
		t.Error("a late status is not dropped and counted")
	}
	s.crm.answer(http.StatusOK)
	eventually(t, "customer_erased", s.told("customer_erased"))
	for _, d := range s.crm.all() {
		if strings.Contains(d.body, "this never arrives") {
			t.Errorf("what waited is delivered: %s", d.body)
		}
	}

	never := strings.Repeat("7", len(handle)-3)
	never = handle[:3] + never
	gone, unknown := s.asks(t, http.MethodGet, "/v1/customers/"+handle), s.asks(t, http.MethodGet, "/v1/customers/"+never)
	if gone.status != http.StatusNotFound || unknown.status != gone.status || in(t, gone.body, "detail") != in(t, unknown.body, "detail") {
		t.Errorf("the handle is %d %s, one that never was %d %s", gone.status, gone.body, unknown.status, unknown.body)
	}
	if refused := s.call(t, http.MethodPost, messages(), text(handle, "Hi")); in(t, refused.body, "error", "code") != "131009" {
		t.Errorf("a message to the handle is answered %d %s", refused.status, refused.body)
	}
	sweep(t, "Redis", dump(t, s.redis.Address), ada().Number, ada().UserID, handle[3:])
}

// Whatever of them comes first, whoever was erased starts hidden under a new handle.
func TestWhoWasErasedComesBackHidden(t *testing.T) {
	t.Parallel()
	first := map[string]func(t *testing.T, s *story, who simulator.Person, old []byte){
		"an organic message": func(*testing.T, *story, simulator.Person, []byte) {},
		"a late status": func(t *testing.T, s *story, who simulator.Person, _ []byte) {
			t.Helper()
			s.send(t, business().Outcome(simulator.Status{To: who, ID: simulator.MessageID(who, true, "3EB0B1"), At: time.Now(), Status: "delivered"}))
		},
		"an ad": func(t *testing.T, s *story, who simulator.Person, _ []byte) {
			t.Helper()
			s.writes(t, who, "from the ad again", ctwa())
		},
		"an old event again": func(t *testing.T, s *story, _ simulator.Person, old []byte) {
			t.Helper()
			s.send(t, old)
		},
	}
	names := []string{"an organic message", "a late status", "an ad", "an old event again"}
	for _, known := range []bool{false, true} {
		s := decides(t, setup{Sharing: "ask: never, keywords: {erase: [forget me]}"}, ada())
		for n, name := range names {
			who := somebody(n)
			ad := ctwa()
			if known {
				ad = nil // they show from the start
			}
			old := says(who, fmt.Sprintf("3A0E%02d", n), "the first message", ad)
			s.send(t, old)
			kind := map[bool]string{false: "hidden", true: "visible"}[known]
			handle := s.gets(t, kind)[0].header.Get("Bauta-Handle")
			if known {
				s.erasesByWord(t, who)
			} else if got := s.asks(t, http.MethodDelete, "/v1/customers/"+handle); got.status != http.StatusOK {
				t.Fatalf("%s: erased %d %s", name, got.status, got.body)
			}
			before := len(s.crm.all())
			first[name](t, s, who, old)
			s.writes(t, who, fmt.Sprintf("back again %d", n), nil)
			eventually(t, "the message of who comes back", s.has(fmt.Sprintf("back again %d", n)))
			for _, d := range s.crm.all()[before:] {
				if kindOf(d) == "customer_erased" {
					continue
				}
				s.hides(t, who, d)
				if v := d.header.Get("Bauta-Visibility"); v != "hidden" && v != "undecided" {
					t.Errorf("%s first (known: %t): %s comes %s", name, known, d.header.Get("Bauta-Decision"), v)
				}
				if handle != "" && (strings.Contains(d.body, handle) || d.header.Get("Bauta-Handle") == handle) {
					t.Errorf("%s first: the old handle is in %s", name, d.body)
				}
			}
			s.read = len(s.crm.all())
		}
	}
}

// erasesByWord has a person who shows ask to be forgotten, and waits until they are.
func (s *story) erasesByWord(t testing.TB, who simulator.Person) {
	t.Helper()
	s.writes(t, who, "forget me", nil)
	eventually(t, "the erasure by keyword", s.told("customer_erased"))
	s.settle(t)
	s.read = len(s.crm.all())
}
