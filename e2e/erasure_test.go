package e2e

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"bauta/webhook/simulator"
)

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
