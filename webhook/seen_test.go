package webhook

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"bauta/masking/sharing"
)

// reads is all that the management API has of the group's scope.
func (p *parlour) reads(t *testing.T) string {
	t.Helper()
	seen, err := p.consents.View(t.Context(), p.business, p.only(t).Scopes[lisbon].Handle.Key())
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%+v", seen)
}

// What the customer does in the direct chat, and what the group's question comes to
// there, is at no moment to be seen under the group's handle.
func TestAGroupDoesNotTellWhatTheDirectChatDoes(t *testing.T) {
	t.Parallel()
	for _, when := range []AskWhen{AskFirstContact, AskOnRequest} {
		p := newParlour(t, func(b *Business) { b.Sharing.Ask, b.Sharing.AskAgainAfter = when, time.Hour })
		p.accept(t, p.message(ada(), text("Hi all"), inLisbon))
		key := p.only(t).Scopes[lisbon].Handle.Key()
		if when == AskOnRequest {
			if got := p.reads(t); !strings.Contains(got, "State:unasked") {
				t.Errorf("before anybody asked it reads %s", got)
			}
			if _, err := p.consents.Request(t.Context(), p.business, key, "call 1"); err != nil {
				t.Fatal(err)
			}
		}
		want := p.reads(t)
		if !strings.Contains(want, "State:asked Since:0001-01-01") || !strings.Contains(want, "Question:{ID: ") {
			t.Errorf("to begin with it reads %s", want)
		}
		same := func(after string) {
			t.Helper()
			if got := p.reads(t); got != want {
				t.Errorf("%v, after %s it reads %s\nwant %s", when, after, got, want)
			}
		}
		p.accept(t, p.message(ada(), text("Hello"), ""))
		same("the window opened")
		if when == AskFirstContact { // the direct chat is first
			p.ask(t, Direct, questionStanza)
			p.accept(t, p.tap(ada(), p.token(t, Direct, sharing.ActDecline), questionStanza))
			p.accept(t, p.message(ada(), text("Something else"), ""))
			same("the question began")
		}
		e := Errand{Kind: ErrandQuestion, Scope: lisbon, Question: p.only(t).Scopes[lisbon].Sharing.Question.ID}
		if err := p.consents.Failed(t.Context(), p.business, p.only(t), e, WindowClosed); err != nil {
			t.Fatal(err)
		}
		same("the window was closed")
		p.accept(t, p.message(ada(), text("Once more"), ""))
		p.ask(t, lisbon, "3EB0GROUPQUESTION001")
		same("it was sent")
		p.accept(t, p.tap(ada(), p.token(t, lisbon, sharing.ActDecline), "3EB0GROUPQUESTION001"))
		same("the customer declined")
		p.now = p.now.Add(8 * 24 * time.Hour)
		p.accept(t, p.message(ada(), text("Still there"), ""))
		if q := p.only(t).Scopes[Direct].Sharing; when == AskFirstContact && q.State == sharing.Asked {
			p.ask(t, Direct, questionStanza)
			p.accept(t, p.tap(ada(), p.token(t, Direct, sharing.ActDecline), questionStanza))
			p.accept(t, p.message(ada(), text("Well then"), ""))
		}
		same("it was asked again")
		if seen, err := p.consents.Request(t.Context(), p.business, key, "call 2"); err != nil || fmt.Sprintf("%+v", seen) != want {
			t.Errorf("a request is answered %+v, %v", seen, err)
		}
		if q := p.only(t).Scopes[lisbon].Sharing.Question; q.Stanza == "" {
			p.ask(t, lisbon, "3EB0GROUPQUESTION002")
		}
		p.accept(t, p.tap(ada(), p.token(t, lisbon, sharing.ActShare), p.only(t).Scopes[lisbon].Sharing.Question.Stanza))
		same("the customer shared")

		// With the group's next event the business hears of it; the day, not the moment.
		items := p.accept(t, p.message(ada(), text("Here I am"), inLisbon))
		if got := kinds(items); got != "number_shared message" || !strings.Contains(string(items[0].Delivery.Body), `"shared_at":"`+p.now.UTC().Format(time.DateOnly)+`T00:00:00Z"`) {
			t.Errorf("the group gets %s: %s", got, items[0].Delivery.Body)
		}
		want = p.reads(t)
		if !strings.Contains(want, "Visibility:shared Reason:shared_by_customer State:shared Since:0001-01-01") {
			t.Errorf("afterwards it reads %s", want)
		}
		if _, err := p.consents.Withdraw(t.Context(), p.business, p.only(t).Scopes[Direct].Handle.Key(), ByBusiness, "call 3"); err != nil {
			t.Fatal(err)
		}
		same("the direct chat was withdrawn")
	}
}

// A share that is taken back before the group wrote again was never seen.
func TestWhatWasNotToldOfAGroupIsNotSeen(t *testing.T) {
	t.Parallel()
	p := newParlour(t, func(b *Business) { b.Sharing.Ask = AskOnRequest })
	p.accept(t, p.message(ada(), text("Hi all"), inLisbon))
	key := p.only(t).Scopes[lisbon].Handle.Key()
	if _, err := p.consents.Request(t.Context(), p.business, key, "call 1"); err != nil {
		t.Fatal(err)
	}
	want := p.reads(t)
	p.accept(t, p.message(ada(), text("Hello"), ""))
	p.ask(t, lisbon, questionStanza)
	p.accept(t, p.tap(ada(), p.token(t, lisbon, sharing.ActShare), questionStanza))
	c := p.only(t)
	e := Errand{Kind: ErrandConfirmation, Scope: lisbon, Question: c.Scopes[lisbon].Sharing.Question.ID}
	if err := p.consents.Sent(t.Context(), p.business, c, Told{Errand: e, Stanza: confirmationStanza}); err != nil {
		t.Fatal(err)
	}
	p.accept(t, p.tap(ada(), p.token(t, lisbon, sharing.ActWithdraw), confirmationStanza))
	if got := p.reads(t); got != want {
		t.Errorf("it reads %s\nwant %s", got, want)
	}
	if got := kinds(p.accept(t, p.message(ada(), text("Hi again"), inLisbon))); got != "number_withdrawn message" {
		t.Errorf("the group gets %s", got)
	}
	if got := p.reads(t); !strings.Contains(got, "State:withdrawn") {
		t.Errorf("afterwards it reads %s", got)
	}
}
