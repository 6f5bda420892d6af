package e2e

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"bauta/webhook/simulator"
)

// Software that knows people by numbers alone: the handle stays the customer's number,
// and what they shared comes on a contact card from them.
func TestASharedNumberInThePhoneShape(t *testing.T) {
	t.Parallel()
	calls := &heard{}
	s := tellsWith(t, setup{Shape: "phone"}, simulator.GraphOptions{People: []simulator.Person{ada()}, Observe: calls.observe})
	handle := s.arrives(t, ada())
	s.joins(t, lisbon, ada())
	s.hidden(t, ada(), "hidden")
	s.requests(t, handle, "asked")
	s.taps(t, ada(), s.phone(t, ada()), 0)
	got := s.shown(t, ada(), "number_shared", "shared", "shared")
	message := []any{"entry", 0, "changes", 0, "value", "messages", 0}
	at := func(d delivery, path ...any) string {
		return in(t, d.body, slices.Concat(message, path)...)
	}
	card := got[1]
	if at(card, "type") != "contacts" || at(card, "from") != handle || card.handle() != handle ||
		at(card, "contacts", 0, "phones", 0, "wa_id") != ada().Number || at(card, "contacts", 0, "phones", 0, "phone") != "+"+ada().Number {
		t.Errorf("the card is %s", card.body)
	}
	verifySignatures(t, card)
	if tap := got[2]; at(tap, "from") != handle || !strings.Contains(tap.body, `"bauta:share"`) {
		t.Errorf("the tap is %s", tap.body)
	}
	s.phone(t, ada())

	// The handle goes on being what the business writes to. The card is no message at
	// the platform: nothing that names it gets there.
	calls.take()
	quoting := strings.Replace(text(handle, "Thank you"), `"to":`, `"context":{"message_id":"`+at(card, "id")+`"},"to":`, 1)
	if sent := s.call(t, http.MethodPost, messages(), quoting); sent.status < 400 || sent.status >= 500 {
		t.Errorf("a message that quotes the card is answered %d: %s", sent.status, sent.body)
	}
	if asked := strings.Join(calls.take(), " "); strings.Contains(asked, "messages") {
		t.Errorf("the platform was asked: %s", asked)
	}
	if sent := s.call(t, http.MethodPost, messages(), text(handle, "Thank you")); sent.status != http.StatusOK {
		t.Errorf("a message is answered %d: %s", sent.status, sent.body)
	}
	s.settle(t)
	s.shown(t, ada(), "shared", "shared", "shared")
	s.writesIn(t, "", ada(), "Call me on 16505550142")
	if d := s.shown(t, ada(), "shared")[0]; at(d, "from") != handle || !strings.Contains(d.body, ada().Number) {
		t.Errorf("a message after the share: %s", d.body)
	}
	s.writesIn(t, lisbon, ada(), "Call me on 16505550142")
	s.hidden(t, ada(), "hidden")
	s.ends(t, ada())
}
