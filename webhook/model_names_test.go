package webhook

import (
	"fmt"
	"strings"
	"testing"

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
