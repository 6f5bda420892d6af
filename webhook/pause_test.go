package webhook

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"bauta/masking/sharing"
)

const porto = "Y2FwaV9ncm91cDoy"

// paused is a business with two groups and a pause of a day.
func paused(b *Business) {
	b.Sharing.Ask, b.Sharing.AskPause = AskOnRequest, 24*time.Hour
	b.Groups[porto] = Group{ID: porto, Name: "Porto bakers", Hide: true}
}

func (p *parlour) request(t *testing.T, scope string) (Seen, error) {
	t.Helper()
	p.stanzas++
	return p.consents.Request(t.Context(), p.business, p.only(t).Scopes[scope].Handle.Key(), fmt.Sprint("call ", p.stanzas))
}

func (p *parlour) state(t *testing.T, scope string) sharing.State {
	t.Helper()
	return p.only(t).Scopes[scope].Sharing.State
}

// A "no" is one for a day, also for who words the question itself; after that the
// business may ask again.
func TestABusinessDoesNotAskAgainRightAfterADecline(t *testing.T) {
	t.Parallel()
	p := newParlour(t, paused)
	p.accept(t, p.message(ada(), text("Hello"), ""))
	if _, err := p.request(t, Direct); err != nil {
		t.Fatal(err)
	}
	p.ask(t, Direct, questionStanza)
	p.now = p.now.Add(30 * time.Hour) // the answer counts, not the question
	p.accept(t, p.tap(ada(), p.token(t, Direct, sharing.ActDecline), questionStanza))
	lines := p.lines()
	p.now = p.now.Add(24*time.Hour - time.Minute)
	_, err := p.request(t, Direct)
	if lately, ok := errors.AsType[*LatelyError](err); !ok || lately.Wait != time.Minute {
		t.Errorf("a request is answered %v", err)
	}
	_, _, err = p.consents.Worded(t.Context(), p.business, p.only(t).Scopes[Direct].Handle.Key(), "b1")
	if _, ok := errors.AsType[*LatelyError](err); !ok {
		t.Errorf("a request of its own is answered %v", err)
	}
	if p.state(t, Direct) != sharing.Declined || p.lines() != lines {
		t.Errorf("it is %v, the ledger has %s", p.state(t, Direct), p.lines())
	}
	p.now = p.now.Add(time.Minute)
	p.accept(t, p.message(ada(), text("Hello again"), ""))
	if seen, err := p.request(t, Direct); err != nil || seen.State != sharing.Asked {
		t.Errorf("after the pause a request is answered %v, %v", seen.State, err)
	}
}

// Beside a pending question the business words one request, not many.
func TestOneRequestBesideAPendingQuestion(t *testing.T) {
	t.Parallel()
	p := newParlour(t, paused)
	p.accept(t, p.message(ada(), text("Hello"), ""))
	if _, err := p.request(t, Direct); err != nil {
		t.Fatal(err)
	}
	p.ask(t, Direct, questionStanza)
	key := p.only(t).Scopes[Direct].Handle.Key()
	if _, _, err := p.consents.Worded(t.Context(), p.business, key, "b1"); err != nil {
		t.Fatal(err)
	}
	_, _, err := p.consents.Worded(t.Context(), p.business, key, "b1")
	if _, ok := errors.AsType[*LatelyError](err); !ok {
		t.Errorf("the second is answered %v", err)
	}
}

// Who is asked in many groups has one question at a time and a day between them, and
// nothing in the answers tells that the others are there.
func TestManyGroupsAskOneCustomerOneByOne(t *testing.T) {
	t.Parallel()
	p := newParlour(t, paused)
	p.accept(t, p.message(ada(), text("Hi"), inLisbon))
	p.accept(t, p.message(ada(), text("Hi"), `"group_id":"`+porto+`",`))
	p.accept(t, p.message(ada(), text("Hello"), ""))
	for _, scope := range []string{porto, lisbon, Direct} { // the order of asking
		seen, err := p.request(t, scope)
		if err != nil || seen.State != sharing.Asked {
			t.Errorf("a request in %q is answered %v, %v", scope, seen.State, err)
		}
		p.now = p.now.Add(time.Second)
	}
	states := func(inPorto, inLisbonGroup, direct sharing.State) {
		t.Helper()
		if got, want := []sharing.State{p.state(t, porto), p.state(t, lisbon), p.state(t, Direct)}, []sharing.State{inPorto, inLisbonGroup, direct}; !slices.Equal(got, want) {
			t.Errorf("they are %v, want %v", got, want)
		}
	}
	states(sharing.Asked, sharing.Waiting, sharing.Waiting)
	p.ask(t, porto, questionStanza)
	p.accept(t, p.message(ada(), text("Busy"), ""))
	states(sharing.Asked, sharing.Waiting, sharing.Waiting)
	p.accept(t, p.tap(ada(), p.token(t, porto, sharing.ActDecline), questionStanza))
	// What the business asks in the direct chat does not wait for the pause.
	p.accept(t, p.message(ada(), text("Now"), ""))
	states(sharing.Declined, sharing.Waiting, sharing.Asked)
	p.ask(t, Direct, "3EB0QUESTION00000002")
	p.accept(t, p.tap(ada(), p.token(t, Direct, sharing.ActDecline), "3EB0QUESTION00000002"))
	p.accept(t, p.message(ada(), text("What else?"), ""))
	states(sharing.Declined, sharing.Waiting, sharing.Declined)
	p.now = p.now.Add(24 * time.Hour)
	p.accept(t, p.message(ada(), text("Good morning"), ""))
	states(sharing.Declined, sharing.Asked, sharing.Declined)
	// In the group where the answer was no, the next question waits for its turn as well.
	if seen, err := p.request(t, porto); err != nil || seen.State != sharing.Asked {
		t.Errorf("a request after the decline is answered %v, %v", seen.State, err)
	}
	states(sharing.Waiting, sharing.Asked, sharing.Declined)
}

// Bauta by itself asks a customer once a day at most, whatever they join.
func TestBautaItselfAsksOnceADay(t *testing.T) {
	t.Parallel()
	p := newParlour(t, func(b *Business) { paused(b); b.Sharing.Ask = AskFirstContact })
	p.accept(t, p.message(ada(), text("Hi"), inLisbon))
	p.accept(t, p.message(ada(), text("Hello"), ""))
	p.ask(t, Direct, questionStanza)
	p.accept(t, p.tap(ada(), p.token(t, Direct, sharing.ActDecline), questionStanza))
	if got := kinds(p.accept(t, p.message(ada(), text("Bye"), ""))); got != "message" {
		t.Errorf("on the same day there is %s", got)
	}
	p.now = p.now.Add(24 * time.Hour)
	if got := kinds(p.accept(t, p.message(ada(), text("Good morning"), ""))); got != ">question message" {
		t.Errorf("on the next day there is %s", got)
	}
}
