package webhook

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"bauta/masking/sharing"
	"bauta/webhook/simulator"
)

// words has customers act by words, and asks nobody.
func words(b *Business) {
	b.Sharing.Ask = AskNever
	b.Sharing.Words = sharing.Words{Share: []string{"share"}, Withdraw: []string{"hide"}}
}

const inLisbon = `"group_id":"` + lisbon + `",`

// A new handle starts afresh: no delivery, and nothing that the management API tells,
// holds both names or what was said under the old one.
func TestNothingJoinsTheHandlesOfWhoWithdrew(t *testing.T) {
	t.Parallel()
	p := newParlour(t, func(b *Business) {
		b.Sharing.NewHandleOnWithdraw = true
		b.Sharing.Words = sharing.Words{Withdraw: []string{"hide"}}
	})
	p.shares(t)
	old := p.only(t).Scopes[Direct]
	question := old.Sharing.Question.ID
	p.accept(t, p.message(ada(), text("hide"), ""))
	p.accept(t, p.message(ada(), text("Hello again"), ""))
	now := p.only(t).Scopes[Direct]
	if now.Handle == old.Handle {
		t.Fatal("the handle is the same")
	}
	for _, item := range p.shelf.items {
		says := item.Delivery.Handle + string(item.Delivery.Body)
		if strings.Contains(says, old.Handle.Long) && strings.Contains(says, now.Handle.Long) {
			t.Errorf("%s holds both handles: %s %s", item.Delivery.Kind, item.Delivery.Handle, item.Delivery.Body)
		}
	}
	seen, err := p.consents.View(t.Context(), p.business, now.Handle.Key())
	if err != nil {
		t.Fatal(err)
	}
	if seen.Question.ID == question || !seen.Since.IsZero() {
		t.Errorf("under the new handle it is told what was asked under the old one, or when it ended: %+v", seen)
	}
}

// What is due of a scope that the customer left is told under the name that they had
// there.
func TestNothingJoinsTheHandlesOfWhoJoinsAGroupAgain(t *testing.T) {
	t.Parallel()
	p := newParlour(t, words)
	byNumber, byUser := simulator.Person{Number: adaNumber}, simulator.Person{UserID: adaUser}
	p.accept(t, p.message(byNumber, text("Hello"), inLisbon))
	p.accept(t, p.message(byUser, text("Hello"), inLisbon))
	p.accept(t, p.moves(byNumber, "remove", "removed"))
	var before []string
	for id := range p.shelf.records {
		before = append(before, p.shelf.records[id].Scopes[lisbon].Handle.Long)
	}
	// The direct chat proves that they are one person: the group hears of it later.
	p.accept(t, p.message(ada(), text("Hello"), ""))
	back := p.accept(t, p.moves(ada(), "add", "added"))
	back = append(back, p.accept(t, p.message(ada(), text("Back"), inLisbon))...)
	for _, item := range back {
		says := item.Delivery.Handle + string(item.Delivery.Body)
		now := back[len(back)-1].Delivery.Handle
		for _, old := range before {
			if strings.Contains(says, old) && strings.Contains(says, now) {
				t.Errorf("%s holds both handles: %s %s", item.Delivery.Kind, item.Delivery.Handle, item.Delivery.Body)
			}
		}
	}
}

// moves is a participant who joins (add, added) or leaves (remove, removed) the group.
func (p *parlour) moves(who simulator.Person, kind, list string) []byte {
	p.message(who, "", "") // time goes on
	return change(acmeWABA, "group_participants_update", fmt.Sprintf(
		`{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"groups":[{"timestamp":%d,"group_id":"%s","type":"group_participants_%s","initiated_by":"participant","%s_participants":[{%s}]}]}`,
		p.now.Unix(), lisbon, kind, list, strings.TrimSuffix(named(who, "wa_id", "user_id"), ",")))
}

// named is a person under the keys for number and user id.
func named(who simulator.Person, number, user string) string {
	out := ""
	if who.Number != "" {
		out += fmt.Sprintf(`"%s":"%s",`, number, who.Number)
	}
	if who.UserID != "" {
		out += fmt.Sprintf(`"%s":"%s",`, user, who.UserID)
	}
	return out
}

// A new number is not told to a group whose member withdrew before it was.
func TestAWithdrawalOvertakesANumberThatIsStillToBeTold(t *testing.T) {
	t.Parallel()
	p := newParlour(t, func(b *Business) {
		words(b)
		b.Sharing.ShareNewNumber = true
	})
	p.accept(t, p.message(ada(), text("share"), inLisbon))
	p.accept(t, p.renumbered())
	after := p.accept(t, p.message(simulator.Person{Number: newNumber, UserID: "US.7430000000000077"}, text("hide"), inLisbon))
	for _, item := range after {
		if holds2(item, newNumber) {
			t.Errorf("%s tells the new number: %s", item.Delivery.Kind, item.Delivery.Body)
		}
	}
	if got := p.only(t).Scopes[lisbon].Visibility; got != Withdrawn {
		t.Errorf("the customer is %v", got)
	}
}

// An answer to the platform's own request is none to a question that came after it,
// however often the platform sends it again.
func TestAnAnswerFromBeforeTheQuestionDoesNotCount(t *testing.T) {
	t.Parallel()
	p := newParlour(t, nil)
	early := p.message(ada(), fmt.Sprintf(`"type":"contacts","contacts":[{"origin":"contact_request","phones":[{"phone":"+%s","wa_id":"%s","type":"CELL"}]}]`, adaNumber, adaNumber), "")
	p.accept(t, early)
	p.accept(t, p.message(ada(), text("Hello"), ""))
	p.ask(t, Direct, "3EB0QUESTION00000001")
	p.accept(t, early)
	if got := p.only(t).Scopes[Direct]; got.Visibility != Hidden || got.Sharing.State != sharing.Asked {
		t.Errorf("the customer is %v and %v", got.Visibility, got.Sharing.State)
	}
}

// A word that meant nothing when it was said, because the number was shared already,
// does not lift the mask when it comes again after a change of number or a withdrawal.
// Neither does one from before that comes late.
func TestAWordFromBeforeTheMaskDoesNotLiftIt(t *testing.T) {
	t.Parallel()
	for name, hides := range map[string]func(*parlour){
		"a new number": func(p *parlour) { p.accept(t, p.renumbered()) },
		"a withdrawal by the business": func(p *parlour) {
			if _, err := p.consents.Withdraw(t.Context(), p.business, p.only(t).Scopes[Direct].Handle.Key(), ByBusiness, "call 1"); err != nil {
				t.Fatal(err)
			}
		},
	} {
		for name2, said := range map[string]bool{"again": true, "late": false} {
			t.Run(name+", "+name2, func(t *testing.T) {
				t.Parallel()
				p := newParlour(t, words)
				p.accept(t, p.message(ada(), text("Hello"), ""))
				p.accept(t, p.message(ada(), text("share"), ""))
				word := p.message(ada(), text("share"), "")
				if said {
					p.accept(t, word)
				}
				p.now = p.now.Add(time.Minute)
				hides(p)
				p.accept(t, word)
				if got := p.only(t).Scopes[Direct].Visibility; got == Shared {
					t.Error("the number is shared again")
				}
			})
		}
	}
}

// Whoever joins a group again starts hidden: a word from before they left is of the
// scope that ended.
func TestAWordFromBeforeLeavingSharesNothingAfterwards(t *testing.T) {
	t.Parallel()
	p := newParlour(t, words)
	p.accept(t, p.message(ada(), text("Hello"), inLisbon))
	word := p.message(ada(), text("share"), inLisbon)
	p.accept(t, word)
	p.accept(t, p.moves(ada(), "remove", "removed"))
	p.accept(t, p.moves(ada(), "add", "added"))
	p.accept(t, word)
	if got := p.only(t).Scopes[lisbon].Visibility; got != Hidden {
		t.Errorf("the customer is %v", got)
	}
	if got := p.accept(t, p.message(ada(), text("share"), inLisbon)); !strings.Contains(kinds(got), "number_shared") {
		t.Errorf("a word from now on brings %q", kinds(got))
	}
}

// Whoever left a group is met there under a new number, before the platform says who
// became that. What they wrote there comes again, and is no joining again.
func TestWhatComesAgainAfterAMergeGivesNoOtherName(t *testing.T) {
	t.Parallel()
	p := newParlour(t, words)
	next := simulator.Person{Number: newNumber, UserID: adaNext}
	p.accept(t, p.message(ada(), text("Hello"), inLisbon))
	p.accept(t, p.moves(ada(), "remove", "removed"))
	announced := p.becomes(ada(), next)
	early := p.message(next, text("It is me"), inLisbon)
	p.accept(t, early)
	p.accept(t, announced)
	who := p.living()
	if len(who) != 1 {
		t.Fatalf("they are %d", len(who))
	}
	handle := who[0].Scopes[lisbon].Handle
	if again := p.accept(t, early); len(again) > 0 || p.living()[0].Scopes[lisbon].Handle != handle {
		t.Errorf("it brings %q, and another handle: %v", kinds(again), p.living()[0].Scopes[lisbon].Handle != handle)
	}
	if got := p.accept(t, p.message(next, text("Here I am"), inLisbon)); len(got) != 1 || got[0].Delivery.Handle == handle.Long {
		t.Errorf("whoever is there next has the same name: %s", kinds(got))
	}
}
