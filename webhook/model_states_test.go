package webhook

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"bauta/masking/sharing"
	"bauta/webhook/simulator"
)

// outcomes are issue 4's rules by hand, for a business that asks on request: a column
// for each state that a customer's direct chat is in, a row for what happens to it. A
// cell is the state after it; a dot is: the state stays; an x: it stays, and the ledger
// has the refusal.
const outcomes = `
what                unasked     not_askable  asked        expired      declined     shared       withdrawn
message             .           asked        .            .            .            .            .
share_tap           x           x            shared       x            x            x            x
decline_tap         x           x            declined     x            x            x            x
withdraw_tap        x           x            x            x            x            withdrawn    x
forged_tap          x           x            x            x            x            x            x
forwarded_tap       x           x            x            x            x            x            x
answer              x           x            shared       x            x            x            x
own_card            shared      shared       shared       shared       shared       .            shared
others_card         .           asked        .            .            .            .            .
typed_number        .           asked        .            .            .            .            .
share_word          shared      shared       shared       shared       shared       .            shared
withdraw_word       .           .            .            .            .            withdrawn    .
number_change       .           .            .            .            .            asked        .
request             asked       .            .            not_askable  asked        .            asked
withdraw            .           .            .            .            .            withdrawn    .
undeliverable       .           .            expired      .            .            .            .
window_closed       .           .            not_askable  .            .            .            .
`

const (
	questionStanza     = "3EB0QUESTION00000001"
	confirmationStanza = "3EB0CONFIRMATION0001"
)

// inState brings the direct chat of a customer into a state, by what really happens.
func inState(t *testing.T, state string, native bool) *parlour {
	t.Helper()
	p := newParlour(t, func(b *Business) {
		words(b)
		b.Sharing.Ask, b.Sharing.OwnCardShares, b.Sharing.Native = AskOnRequest, true, native
	})
	p.accept(t, p.message(ada(), text("Hello"), ""))
	if state == "unasked" {
		return p
	}
	if state == "not_askable" {
		p.now = p.now.Add(25 * time.Hour)
		p.does(t, "request")
		return p
	}
	p.does(t, "request")
	p.ask(t, Direct, questionStanza)
	switch state {
	case "expired":
		p.now = p.now.Add(8 * 24 * time.Hour)
	case "declined":
		p.does(t, "decline_tap")
	case "shared", "withdrawn":
		p.does(t, "share_tap")
		c := p.only(t)
		e := Errand{Kind: ErrandConfirmation, Question: c.Scopes[Direct].Sharing.Question.ID}
		if err := p.consents.Sent(t.Context(), p.business, c, Told{Errand: e, Stanza: confirmationStanza}); err != nil {
			t.Fatal(err)
		}
		if state == "withdrawn" {
			p.does(t, "withdraw_word")
		}
	}
	return p
}

// does has one thing happen to the customer.
func (p *parlour) does(t *testing.T, what string) []Item {
	t.Helper()
	before := len(p.shelf.items)
	c := p.only(t)
	question := c.Scopes[Direct].Sharing.Question.ID
	card := func(origin, number string) []byte {
		return p.message(ada(), fmt.Sprintf(`"type":"contacts","contacts":[{"origin":"%s","phones":[{"phone":"+%s","wa_id":"%s"}]}]`, origin, number, number), "")
	}
	var err error
	switch what {
	case "message":
		p.accept(t, p.message(ada(), text("Anybody?"), ""))
	case "typed_number":
		p.accept(t, p.message(ada(), text("+"+adaNumber), ""))
	case "share_tap":
		p.accept(t, p.tap(ada(), p.token(t, Direct, sharing.ActShare), questionStanza))
	case "decline_tap":
		p.accept(t, p.tap(ada(), p.token(t, Direct, sharing.ActDecline), questionStanza))
	case "withdraw_tap":
		p.accept(t, p.tap(ada(), p.token(t, Direct, sharing.ActWithdraw), confirmationStanza))
	case "forged_tap":
		token := p.token(t, Direct, sharing.ActShare)
		p.accept(t, p.tap(ada(), token[:len(token)-6]+"AAAAAA", questionStanza))
	case "forwarded_tap":
		tap := string(p.tap(ada(), p.token(t, Direct, sharing.ActShare), questionStanza))
		p.accept(t, []byte(strings.Replace(tap, `"context":{`, `"context":{"forwarded":true,`, 1)))
	case "answer":
		p.accept(t, card("contact_request", adaNumber))
	case "own_card":
		p.accept(t, card("other", adaNumber))
	case "others_card":
		p.accept(t, card("other", beaNumber))
	case "share_word":
		p.accept(t, p.message(ada(), text("share"), ""))
	case "withdraw_word":
		p.accept(t, p.message(ada(), text("hide"), ""))
	case "number_change":
		p.accept(t, p.renumbered())
	case "undeliverable":
		p.accept(t, change(acmeWABA, "messages", fmt.Sprintf(
			`{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"statuses":[{"id":"%s","status":"failed","timestamp":"%d","recipient_id":"%s","biz_opaque_callback_data":"bauta:question:%s"}]}`,
			simulator.MessageID(ada(), true, questionStanza), p.now.Unix(), adaNumber, question)))
	case "window_closed":
		err = p.consents.Failed(t.Context(), p.business, c, Errand{Kind: ErrandQuestion, Question: question}, WindowClosed)
	case "request":
		_, err = p.consents.Request(t.Context(), p.business, c.Scopes[Direct].Handle.Key(), "call "+what+p.now.String())
	case "withdraw":
		_, err = p.consents.Withdraw(t.Context(), p.business, c.Scopes[Direct].Handle.Key(), ByBusiness, "call "+what)
	default:
		t.Fatalf("nobody knows how to do %s", what)
	}
	if err != nil {
		t.Fatal(err)
	}
	return p.shelf.items[before:]
}

func TestEveryStateMeetsEverythingThatHappens(t *testing.T) {
	t.Parallel()
	rows := strings.Split(strings.TrimSpace(outcomes), "\n")
	states := strings.Fields(rows[0])[1:]
	for _, row := range rows[1:] {
		cells := strings.Fields(row)
		for i, state := range states {
			t.Run(cells[0]+" while "+state, func(t *testing.T) {
				t.Parallel()
				p := inState(t, state, cells[0] == "answer")
				refused := strings.Count(p.lines(), "refused")
				items := p.does(t, cells[0])
				want, refusals := cells[i+1], 0
				switch want {
				case "x":
					want, refusals = state, 1
				case ".":
					want = state
				}
				standing := p.only(t).Scopes[Direct]
				seen, err := p.consents.View(t.Context(), p.business, standing.Handle.Key())
				if err != nil {
					t.Fatal(err)
				}
				if seen.State == sharing.Asked && standing.Sharing.State == sharing.Waiting {
					seen.State = sharing.Waiting // to the business it is on its way: the window is open
				}
				if seen.State.String() != want {
					t.Errorf("it leads to %v, want %s", seen.State, want)
				}
				if got := strings.Count(p.lines(), "refused") - refused; got != refusals {
					t.Errorf("%d refusals, want %d", got, refusals)
				}
				shared := want == "shared"
				if (standing.Visibility == Shared) != shared {
					t.Errorf("the customer is %v", standing.Visibility)
				}
				for _, item := range items {
					if holds2(item, adaNumber) && !shared || holds2(item, newNumber) || holds2(item, adaUser) {
						t.Errorf("%s shows %s", item.Delivery.Kind, item.Delivery.Body)
					}
				}
			})
		}
	}
}
