package webhook

import (
	"strings"
	"testing"

	"bauta/masking"
	"bauta/masking/sharing"
	"bauta/webhook/meta"
	"bauta/webhook/simulator"
)

func phoneShape(b *Business) { b.View.Shape = masking.ShapePhone }

// Software that knows people by numbers alone gets a shared number as a contact card
// from the handle, once, right behind number_shared.
func TestASharedNumberComesAsACardInThePhoneShape(t *testing.T) {
	t.Parallel()
	p := newParlour(t, func(b *Business) {
		phoneShape(b)
		b.Endpoints = append(b.Endpoints, Endpoint{ID: "plain"}, Endpoint{ID: "statuses", Fields: []string{"calls"}})
	})
	p.accept(t, p.message(ada(), text("Hello"), ""))
	p.ask(t, Direct, "3EB0QUESTION00000001")
	shared := p.accept(t, p.tap(ada(), p.token(t, Direct, sharing.ActShare), "3EB0QUESTION00000001"))
	if got := kinds(shared); got != "number_shared message >confirmation message" {
		t.Fatalf("the tap brings %q", got)
	}
	card := shared[1]
	if got := strings.Join(card.Endpoints, " "); got != "crm plain" || card.Delivery.Field != "messages" || card.Conversation != shared[3].Conversation {
		t.Errorf("the card goes to %q, field %q", got, card.Delivery.Field)
	}
	handle := p.only(t).Scopes[Direct].Handle.In(p.business.View)
	body := string(card.Delivery.Body)
	for _, want := range []string{
		`"from":"` + handle + `"`, `"wa_id":"` + handle + `"`, `"contacts":[{"origin":"contact_request","phones":[{"phone":"+` + adaNumber + `","wa_id":"` + adaNumber + `","type":"CELL"}]}]`,
		`"phone_number_id":"106540352242922"`, `"display_phone_number":"15550783881"`, `"id":"` + acmeWABA + `"`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the card has no %s: %s", want, body)
		}
	}
	if strings.Contains(body, adaUser) {
		t.Errorf("the card has the user id: %s", body)
	}
	batch, err := meta.NewCatalogue().Split(card.Delivery.Body)
	if err != nil || len(batch.Events) != 1 || batch.Events[0].Type != "contacts" {
		t.Errorf("the card reads as %+v, %v", batch, err)
	}
	if got := kinds(p.accept(t, p.message(ada(), text("And now?"), ""))); got != "message" {
		t.Errorf("the next message brings %q", got)
	}
}

// A group's card waits for an event of the group: the tap in the direct chat does not
// say which phone number of the business the group is with.
func TestAGroupsCardComesBeforeItsNextEvent(t *testing.T) {
	t.Parallel()
	p := newParlour(t, phoneShape)
	inGroup := `"group_id":"` + lisbon + `",`
	p.accept(t, p.message(ada(), text("Hi all"), inGroup))
	p.accept(t, p.message(ada(), text("Hello"), ""))
	p.ask(t, Direct, "3EB0QUESTION00000001")
	p.accept(t, p.tap(ada(), p.token(t, Direct, sharing.ActDecline), "3EB0QUESTION00000001"))
	p.accept(t, p.message(ada(), text("Bye"), ""))
	p.ask(t, lisbon, "3EB0QUESTION00000002")
	tapped := p.accept(t, p.tap(ada(), p.token(t, lisbon, sharing.ActShare), "3EB0QUESTION00000002"))
	if got := kinds(tapped); got != ">confirmation" {
		t.Fatalf("the tap brings %q", got)
	}
	if got := p.accept(t, p.message(ada(), text("Direct"), "")); kinds(got) != "message" || holds2(got[0], adaNumber) {
		t.Errorf("the direct chat gets %q", kinds(got))
	}
	group := p.accept(t, p.message(ada(), text("Here"), inGroup))
	if kinds(group) != "number_shared message message" || !holds2(group[1], `"group_id":"`+lisbon+`"`) || !holds2(group[1], adaNumber) || group[1].Conversation == tapped[0].Conversation {
		t.Fatalf("the group gets %q %s", kinds(group), group[0].Delivery.Body)
	}
	if got := kinds(p.accept(t, p.message(ada(), text("Again"), inGroup))); got != "message" {
		t.Errorf("the card comes twice: %q", got)
	}
}

// What was taken back before it was brought is not brought.
func TestACardThatIsOutdatedIsNotBrought(t *testing.T) {
	t.Parallel()
	p := newParlour(t, phoneShape)
	inGroup := `"group_id":"` + lisbon + `",`
	p.accept(t, p.message(ada(), text("Hi all"), inGroup))
	p.accept(t, p.message(ada(), text("Hello"), ""))
	p.ask(t, Direct, "3EB0QUESTION00000001")
	p.accept(t, p.tap(ada(), p.token(t, Direct, sharing.ActDecline), "3EB0QUESTION00000001"))
	p.accept(t, p.message(ada(), text("Bye"), ""))
	p.ask(t, lisbon, "3EB0QUESTION00000002")
	p.accept(t, p.tap(ada(), p.token(t, lisbon, sharing.ActShare), "3EB0QUESTION00000002"))
	if _, err := p.consents.Withdraw(t.Context(), p.business, p.only(t).Scopes[lisbon].Handle.Key(), ByBusiness, "call 1"); err != nil {
		t.Fatal(err)
	}
	group := p.accept(t, p.message(ada(), text("Here"), inGroup))
	if kinds(group) != "message" || holds2(group[0], adaNumber) {
		t.Errorf("the group gets %q %s", kinds(group), group[0].Delivery.Body)
	}
	if got := p.only(t).Due; len(got) > 0 {
		t.Errorf("still due: %v", got)
	}
}

// A new number comes on a card of its own; an answer to the platform's request is the
// card.
func TestWhenACardIsBrought(t *testing.T) {
	t.Parallel()
	p := newParlour(t, func(b *Business) {
		phoneShape(b)
		b.Sharing.ShareNewNumber = true
	})
	p.shares(t)
	renewed := p.accept(t, p.renumbered())
	if got := kinds(renewed); got != "identity_changed number_shared message message" || !holds2(renewed[2], `"wa_id":"`+newNumber+`"`) || holds2(renewed[2], adaNumber) {
		t.Errorf("a new number brings %q: %s", got, renewed[2].Delivery.Body)
	}

	p = newParlour(t, func(b *Business) {
		phoneShape(b)
		b.Sharing.Native = true
	})
	p.accept(t, p.message(ada(), text("Hello"), ""))
	p.ask(t, Direct, "3EB0QUESTION00000001")
	answer := `"type":"contacts","contacts":[{"origin":"contact_request","phones":[{"phone":"+` + adaNumber + `","wa_id":"` + adaNumber + `","type":"CELL"}]}]`
	shared := p.accept(t, p.message(simulator.Person{UserID: adaUser}, answer, ""))
	if got := kinds(shared); got != "number_shared >confirmation message" || !holds2(shared[2], `"wa_id":"`+adaNumber+`"`) {
		t.Errorf("the platform's answer brings %q: %s", got, shared[len(shared)-1].Delivery.Body)
	}
}

// Whoever forwards another person's answer to the platform's request does not get their
// number.
func TestAForwardedAnswerIsNobodysNumber(t *testing.T) {
	t.Parallel()
	p := newParlour(t, nil)
	hides := simulator.Person{UserID: adaUser}
	answer := `"type":"contacts","contacts":[{"origin":"contact_request","phones":[{"phone":"+` + adaNumber + `","wa_id":"` + adaNumber + `","type":"CELL"}]}]`
	p.accept(t, p.message(hides, text("Hello"), ""))
	p.ask(t, Direct, "3EB0QUESTION00000001")
	forwarded := p.accept(t, p.message(hides, answer, `"context":{"forwarded":true},`))
	if got := kinds(forwarded); got != "message" || holds2(forwarded[0], adaNumber) {
		t.Errorf("it brings %q: %s", got, forwarded[0].Delivery.Body)
	}
	if !p.only(t).Number().IsZero() {
		t.Error("the number on it is taken for the sender's")
	}
	if got := p.lines(); got != "asked refused" {
		t.Errorf("the ledger has %q", got)
	}
}
