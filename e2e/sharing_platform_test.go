package e2e

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"bauta/webhook/simulator"
)

// asksNative is the platform's own request, as the business words it.
func asksNative(handle string) string {
	return `{"messaging_product":"whatsapp","recipient_type":"individual","recipient":"` + handle + `","type":"interactive","interactive":` +
		`{"type":"request_contact_info","body":{"text":"May we call you?"},"action":{"name":"request_contact_info"}}}`
}

// ignored has a person send what must be masked, and change nothing.
func (s *saga) ignored(t *testing.T, who simulator.Person, handle, state string, m simulator.Message) {
	t.Helper()
	s.says(t, m)
	s.hidden(t, who, "hidden")
	s.stands(t, handle, state)
}

// Whose number Bauta does not know is asked by the platform's own request. Only their
// own answer to it counts.
func TestThePlatformsOwnRequest(t *testing.T) {
	t.Parallel()
	s := tells(t, setup{}, cleo(), dan())
	s.writesIn(t, "", cleo(), "Buongiorno")
	first := s.hidden(t, cleo(), "hidden")[0]
	handle := first.handle()
	if got := first.header.Get("Bauta-Decision"); got != "platform_hid_it" {
		t.Errorf("the reason is %q", got)
	}
	s.requests(t, handle, "asked")
	question := s.reads(t, cleo(), "può vedere il tuo numero")
	if !question.AsksNumber || len(question.Buttons) > 0 {
		t.Errorf("the question is no request of the platform's: %+v", question)
	}

	// What does not count: a typed number, a card by hand, an answer that was forwarded,
	// or says so in the message and not on the card, or names two numbers.
	s.ignored(t, cleo(), handle, "asked", simulator.Text(cleo(), "Sono +39 347 123 4567"))
	s.ignored(t, cleo(), handle, "asked", simulator.Card(cleo(), "Cleo", cleo().Number))
	forwarded := simulator.Attested(cleo(), cleo().Number)
	forwarded.Forwarded = true
	s.ignored(t, cleo(), handle, "asked", forwarded)
	draft := simulator.Attested(cleo(), cleo().Number)
	draft.ID, draft.At = simulator.MessageID(cleo(), false, "3EB00000000000000001"), s.clock.now()
	s.send(t, []byte(strings.Replace(string(business().Inbound(draft)), `"contacts":[{"origin":"contact_request",`, `"origin":"contact_request","contacts":[{`, 1)))
	s.hidden(t, cleo(), "hidden")
	s.stands(t, handle, "asked")

	// Somebody else, who was not asked, answers.
	other := s.arrives(t, dan())
	s.ignored(t, dan(), other, "unasked", simulator.Attested(dan(), dan().Number))
	s.written(t, other, "refused:not_pending")

	s.moves(t, func() error {
		_, err := s.graph.ShareNumber(cleo(), question.ID)
		return err
	})
	shared := s.shown(t, cleo(), "number_shared", "shared")
	if in(t, shared[0].body, "data", "number") != "+"+cleo().Number || in(t, shared[0].body, "data", "action") != "platform_answer" {
		t.Errorf("number_shared says %s", shared[0].body)
	}
	s.reads(t, cleo(), "Ora acme può vedere")
	s.writesIn(t, "", cleo(), "Chiamami")
	if got := in(t, s.shown(t, cleo(), "shared")[0].body, "entry", 0, "changes", 0, "value", "messages", 0, "from"); got != cleo().Number {
		t.Errorf("after the answer the message is from %q", got)
	}
	s.written(t, handle, "asked refused:forwarded shared")

	// The platform remembers whom it gave the number of, until it is withdrawn.
	if !s.graph.InBook(cleo(), business().PhoneNumberID) {
		t.Fatal("the number is not in the contact book")
	}
	if got := s.asks(t, http.MethodDelete, "/v1/customers/"+handle+"/sharing"); got.status != http.StatusOK {
		t.Fatalf("a withdrawal: %d %s", got.status, got.body)
	}
	s.hidden(t, cleo(), "number_withdrawn")
	s.reads(t, cleo(), "di nuovo nascosto")
	eventually(t, "the entry of the contact book is deleted", func(context.Context) bool {
		return !s.graph.InBook(cleo(), business().PhoneNumberID)
	})
	s.ends(t, cleo(), dan())
}

// A business may word the platform's request itself, if it may: it is recorded as such,
// and the answer counts.
func TestARequestInTheBusinesssWords(t *testing.T) {
	t.Parallel()
	s := tells(t, setup{}, ada())
	handle := s.arrives(t, ada())
	if got := s.call(t, http.MethodPost, messages(), asksNative(handle)); got.status != http.StatusOK {
		t.Fatalf("the request is answered %d: %s", got.status, got.body)
	}
	question := s.reads(t, ada(), "May we call you?")
	s.hidden(t, ada(), "hidden", "hidden", "hidden") // its statuses
	if got := s.asks(t, http.MethodGet, "/v1/customers/"+handle); in(t, got.body, "sharing", "question", "worded_by") != "business" {
		t.Errorf("the question is %s", got.body)
	}
	s.moves(t, func() error {
		_, err := s.graph.ShareNumber(ada(), question.ID)
		return err
	})
	s.shown(t, ada(), "number_shared", "shared")
	lines := s.ledger(t, handle)
	if len(lines) != 2 || lines[0].Type != "asked" || lines[0].WordedBy != "business" || lines[0].By != "business" || lines[1].Type != "shared" {
		t.Errorf("the ledger has %+v", lines)
	}
	s.reads(t, ada(), "can now see")
	s.ends(t, ada())
}

func TestRequestsThatABusinessMayNotMake(t *testing.T) {
	t.Parallel()
	for choice, want := range map[string]string{"ask: on_request, business_requests: bauta_text_only": "bauta_text_only", "ask: never": "never"} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			s := tells(t, setup{Sharing: choice}, ada())
			handle := s.arrives(t, ada())
			if got := s.call(t, http.MethodPost, messages(), asksNative(handle)); got.status != http.StatusBadRequest || !strings.Contains(got.body, want) {
				t.Errorf("the request is answered %d: %s", got.status, got.body)
			}
			if want == "never" {
				if got := s.asks(t, http.MethodPost, "/v1/customers/"+handle+"/share-requests"); got.status != http.StatusConflict || !strings.Contains(got.body, "asking-is-off") {
					t.Errorf("a request is answered %d: %s", got.status, got.body)
				}
			}
			// An answer to nothing.
			s.ignored(t, ada(), handle, "unasked", simulator.Attested(ada(), ada().Number))
			if got := s.graph.Phone(ada()); len(got) > 0 {
				t.Errorf("on the phone: %+v", got)
			}
			s.ends(t, ada())
		})
	}
}

// A card by hand is masked, or shares: the sender's own number alone.
func TestACardByHand(t *testing.T) {
	t.Parallel()
	for _, choice := range []string{"mask", "share"} {
		t.Run(choice, func(t *testing.T) {
			t.Parallel()
			s := tells(t, setup{Sharing: "ask: on_request, ask_pause: 0s, own_card: " + choice}, ada())
			handle := s.arrives(t, ada())
			forwarded := simulator.Card(ada(), "Ada", ada().Number)
			forwarded.Forwarded = true
			for _, m := range []simulator.Message{
				forwarded, simulator.Card(ada(), "Bea", bea().Number), simulator.Card(ada(), "Both", ada().Number, bea().Number),
				simulator.Text(ada(), "+1 650-555-0142"),
			} {
				s.ignored(t, ada(), handle, "unasked", m)
			}
			s.says(t, simulator.Card(ada(), "Ada", ada().Number))
			if choice == "mask" {
				s.hidden(t, ada(), "hidden")
				s.written(t, handle, "")
			} else {
				s.shown(t, ada(), "number_shared", "shared")
				s.written(t, handle, "shared")
			}
			s.ends(t, ada())
		})
	}
}
