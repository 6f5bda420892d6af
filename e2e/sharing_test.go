package e2e

import (
	"net/http"
	"os/exec"
	"strings"
	"testing"
)

// The whole story: ad, hidden, asked, declined, asked by the business, shared,
// withdrawn, erased, back.
func TestTheCustomerDecides(t *testing.T) {
	t.Parallel()
	s := decides(t, setup{}, ada())

	s.writes(t, ada(), "Is it in stock?", ctwa())
	first := s.gets(t, "hidden")
	s.hides(t, ada(), first...)
	handle := first[0].header.Get("Bauta-Handle")

	question := s.on(t, ada(), 1)
	s.taps(t, ada(), question, button(t, question, 1).Title)
	declined := s.gets(t, "hidden")
	s.hides(t, ada(), declined...)
	if !strings.Contains(declined[0].body, `"bauta:decline"`) {
		t.Errorf("the tap reads %s", declined[0].body)
	}
	s.on(t, ada(), 2) // it is confirmed to the customer

	asked := s.asks(t, http.MethodPost, "/v1/customers/"+handle+"/share-requests")
	if asked.status != http.StatusAccepted || in(t, asked.body, "sharing", "state") != "asked" {
		t.Fatalf("a request for the number: %d %s", asked.status, asked.body)
	}
	question = s.on(t, ada(), 3)
	s.settle(t)
	s.taps(t, ada(), question, button(t, question, 0).Title)
	shared := s.gets(t, "number_shared", "shared")
	if got := in(t, shared[0].body, "data", "number"); got != "+"+ada().Number {
		t.Errorf("number_shared names %q", got)
	}
	if got := in(t, shared[0].body, "data", "handle"); got != handle {
		t.Errorf("number_shared is about %q, want %q", got, handle)
	}
	if !strings.Contains(shared[1].body, `"bauta:share"`) || in(t, shared[1].body, "entry", 0, "changes", 0, "value", "messages", 0, "from") != ada().Number {
		t.Errorf("the tap reads %s", shared[1].body)
	}
	sweep(t, "a shared customer's event", shared[1].body, ada().UserID)

	s.writes(t, ada(), "Call me", nil)
	called := s.gets(t, "shared")
	value := []any{"entry", 0, "changes", 0, "value"}
	if in(t, called[0].body, append(value, "messages", 0, "from_user_id")...) != handle || in(t, called[0].body, append(value, "messages", 0, "from")...) != ada().Number {
		t.Errorf("a shared customer's message names them otherwise: %s", called[0].body)
	}

	confirmation := s.on(t, ada(), 4)
	s.taps(t, ada(), confirmation, button(t, confirmation, 0).Title)
	withdrawn := s.gets(t, "number_withdrawn", "withdrawn")
	s.hides(t, ada(), withdrawn...)

	erased := s.asks(t, http.MethodDelete, "/v1/customers/"+handle)
	if erased.status != http.StatusOK || !strings.Contains(erased.body, handle) {
		t.Fatalf("an erasure: %d %s", erased.status, erased.body)
	}
	s.gets(t, "customer_erased")

	s.writes(t, ada(), "Hello again", nil)
	back := s.gets(t, "hidden")
	s.hides(t, ada(), back...)
	if back[0].header.Get("Bauta-Handle") == handle {
		t.Error("who was erased returns under the same handle")
	}
	s.quiet(t)
}

// The documented calls of the management API, in its order.
func TestTheReadmesManagementCallsWork(t *testing.T) {
	t.Parallel()
	s := decides(t, setup{Sharing: "ask: on_request, ask_pause: 0s"}, ada())
	s.writes(t, ada(), "Hello", ctwa())
	handle := s.gets(t, "hidden")[0].header.Get("Bauta-Handle")
	for _, call := range []struct{ command, want string }{
		{curlView, `"state":"unasked"`},
		{curlRequest, `"state":"asked"`},
		{curlRequest, `"state":"asked"`},
		{curlWithdraw, `"visibility":"hidden"`},
		{curlErase, handle},
		{curlView, "unknown-handle"},
	} {
		command := strings.NewReplacer("http://127.0.0.1:9090", s.admin, "$BAUTA_MANAGE_TOKEN", s.manage, "IT.9041174520836617350284", handle).Replace(call.command)
		out, err := exec.CommandContext(t.Context(), "sh", "-c", command+" --silent --show-error").CombinedOutput()
		if err != nil || !strings.Contains(string(out), call.want) {
			t.Errorf("%s: %v, want %s: %s", call.command, err, call.want, out)
		}
		if call.command == curlRequest {
			s.on(t, ada(), 1)
		}
	}
	if asked := len(s.graph.Phone(ada())); asked != 1 {
		t.Errorf("the customer was asked %d times", asked)
	}
}
