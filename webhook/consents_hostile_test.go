package webhook

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"bauta/masking/sharing"
	"bauta/webhook/simulator"
)

const inTheGroup = `"group_id":"` + lisbon + `",`

// With new_handle_on_withdraw the customer starts afresh: nothing that the business
// gets holds both names.
func TestNothingJoinsTheHandlesBeforeAndAfterAWithdrawal(t *testing.T) {
	t.Parallel()
	p := newParlour(t, func(b *Business) { b.Sharing.NewHandleOnWithdraw = true })
	p.shares(t)
	before := p.only(t).Scopes[Direct].Handle
	from := len(p.shelf.items)
	seen, err := p.consents.Withdraw(t.Context(), p.business, before.Key(), ByBusiness, "call 1")
	if err != nil {
		t.Fatal(err)
	}
	after := p.only(t).Scopes[Direct].Handle
	if after == before {
		t.Fatal("the handle is the same")
	}
	if seen.Handle != before.In(p.business.View) || seen.State != sharing.Withdrawn {
		t.Errorf("the call is answered with %s, %v", seen.Handle, seen.State)
	}
	told := p.shelf.items[from]
	if told.Delivery.Kind != "number_withdrawn" || told.Delivery.Handle != before.In(p.business.View) || !holds2(told, before.In(p.business.View)) {
		t.Errorf("%s for %s says %s", told.Delivery.Kind, told.Delivery.Handle, told.Delivery.Body)
	}
	p.accept(t, p.message(ada(), text("Hello again"), ""))
	for _, item := range p.shelf.items[from+1:] {
		if item.Delivery.Handle == before.In(p.business.View) || holds2(item, before.In(p.business.View)) {
			t.Errorf("%s has the old handle: %s", item.Delivery.Kind, item.Delivery.Body)
		}
	}
}

// A withdrawal stops what was not told yet.
func TestANumberThatWaitsToBeToldIsNotToldAfterAWithdrawal(t *testing.T) {
	t.Parallel()
	p := newParlour(t, nil)
	p.accept(t, p.message(ada(), text("Hello"), ""))
	p.ask(t, Direct, "3EB0QUESTION00000001")
	tap := p.tap(ada(), p.token(t, Direct, sharing.ActShare), "3EB0QUESTION00000001")
	if _, err := p.Prepare(t.Context(), "main", tap); err != nil {
		t.Fatal(err)
	}
	// The node ends here: all is decided, nothing is in a lane.
	from := len(p.shelf.items)
	handle := p.only(t).Scopes[Direct].Handle
	if _, err := p.consents.Withdraw(t.Context(), p.business, handle.Key(), ByBusiness, "call 1"); err != nil {
		t.Fatal(err)
	}
	p.accept(t, tap)
	p.accept(t, p.message(ada(), text("Hello again"), ""))
	for _, item := range p.shelf.items[from:] {
		if holds2(item, adaNumber) || item.Delivery.Kind == "number_shared" {
			t.Errorf("%s tells the number: %s", item.Delivery.Kind, item.Delivery.Body)
		}
	}
}

// Two records of one person who is in the direct chat and in a group become one: the
// business is told in each scope, and not so that the two join.
func TestTwoScopesAreNotToldOfAMergeInOneMoment(t *testing.T) {
	t.Parallel()
	p := newParlour(t, func(b *Business) { b.Sharing.Ask = AskNever })
	byNumber, byUser := simulator.Person{Number: adaNumber, Name: "Ada Rossi"}, simulator.Person{UserID: adaUser, Name: "Ada Rossi"}
	for _, who := range []simulator.Person{byNumber, byUser} {
		p.accept(t, p.message(who, text("Hello"), ""))
		p.accept(t, p.message(who, text("Hi all"), inTheGroup))
	}
	stamps := map[string]bool{}
	read := func(items []Item) {
		for _, item := range items {
			var told struct {
				Type      string    `json:"type"`
				Timestamp time.Time `json:"timestamp"`
			}
			if item.Delivery.Kind != "identity_merged" {
				continue
			}
			if err := json.Unmarshal(item.Delivery.Body, &told); err != nil {
				t.Fatal(err)
			}
			stamps[told.Timestamp.String()] = true
		}
	}
	read(p.accept(t, p.message(ada(), text("Both"), "")))
	p.now = p.now.Add(time.Hour)
	read(p.accept(t, p.message(ada(), text("Both"), inTheGroup)))
	if len(stamps) != 2 {
		t.Errorf("the merge is told with the times %v", stamps)
	}
}

// The platform sends again what it has no answer for, for days: a word that shares,
// from before an erasure, must not lift the mask of whoever comes back (promise 9).
func TestAWordFromBeforeAnErasureDoesNotShare(t *testing.T) {
	t.Parallel()
	words := func(b *Business) {
		b.Sharing.Ask = AskNever
		b.Sharing.Words = sharing.Words{Share: []string{"share my number"}}
	}
	p := newParlour(t, words)
	p.accept(t, p.message(ada(), text("Hello"), ""))
	word := p.message(ada(), text("share my number"), "")
	p.accept(t, word)
	if got := p.only(t).Scopes[Direct].Visibility; got != Shared {
		t.Fatalf("the word makes the customer %v", got)
	}
	for name, first := range map[string][]byte{"the word comes first": word, "another message comes first": p.message(ada(), text("Back"), "")} {
		back := newParlour(t, words)
		back.now = p.now.Add(time.Hour)
		back.shelf.forgotten = true
		back.accept(t, first)
		for _, item := range back.accept(t, word) {
			if holds2(item, adaNumber) {
				t.Errorf("%s: %s shows the number: %s", name, item.Delivery.Kind, item.Delivery.Body)
			}
		}
		if got := back.only(t).Scopes[Direct].Visibility; got != Hidden {
			t.Errorf("%s: who comes back is %v", name, got)
		}
		back.now = back.now.Add(time.Minute)
		back.accept(t, back.message(ada(), text("share my number"), ""))
		if got := back.only(t).Scopes[Direct].Visibility; got != Shared {
			t.Errorf("%s: a new word makes the customer %v", name, got)
		}
	}
}

// The same for a group that the customer left, and joined again.
func TestAWordFromBeforeLeavingAGroupDoesNotShare(t *testing.T) {
	t.Parallel()
	p := newParlour(t, func(b *Business) {
		b.Sharing.Ask = AskNever
		b.Sharing.Words = sharing.Words{Share: []string{"share my number"}}
	})
	p.accept(t, p.message(ada(), text("Hi all"), inTheGroup))
	word := p.message(ada(), text("share my number"), inTheGroup)
	p.accept(t, p.moved(t, "group_participants_remove", "removed_participants"))
	p.accept(t, p.moved(t, "group_participants_add", "added_participants"))
	p.accept(t, word)
	if got := p.only(t).Scopes[lisbon].Visibility; got != Hidden {
		t.Errorf("who joined again is %v", got)
	}
}

// moved is a change of the group's participants.
func (p *parlour) moved(t *testing.T, kind, list string) []byte {
	t.Helper()
	p.message(ada(), "", "") // time goes on
	return change(acmeWABA, "group_participants_update", fmt.Sprintf(
		`{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"groups":[{"timestamp":%d,"group_id":"%s","type":"%s","initiated_by":"participant","%s":[{"wa_id":"%s","user_id":"%s"}]}]}`,
		p.now.Unix(), lisbon, kind, list, adaNumber, adaUser))
}

// A request that the platform refuses leaves everything as it was: who declined is not
// somebody who was never asked.
func TestARequestThatWasNotSentChangesNothing(t *testing.T) {
	t.Parallel()
	p := newParlour(t, nil)
	p.accept(t, p.message(ada(), text("Hello"), ""))
	p.ask(t, Direct, "3EB0QUESTION00000001")
	p.accept(t, p.tap(ada(), p.token(t, Direct, sharing.ActDecline), "3EB0QUESTION00000001"))
	before := p.only(t).Scopes[Direct].Sharing
	e, c, err := p.consents.Worded(t.Context(), p.business, p.only(t).Scopes[Direct].Handle.Key(), "00")
	if err != nil || e.Question == "" {
		t.Fatal(e, err)
	}
	if got := p.only(t).Scopes[Direct].Sharing.State; got != sharing.Asked {
		t.Fatalf("the request makes it %v", got)
	}
	if err := p.consents.Failed(t.Context(), p.business, c, e, Uncounted); err != nil {
		t.Fatal(err)
	}
	if got := p.only(t).Scopes[Direct].Sharing; got != before {
		t.Errorf("what is left is %+v, want %+v", got, before)
	}
	if got := kinds(p.accept(t, p.message(ada(), text("Anything else?"), ""))); got != "message" {
		t.Errorf("who declined is asked again: %q", got)
	}
}

// answer is one to the platform's own request (identity.md 2.5).
func (p *parlour) answer(from simulator.Person) []byte {
	return p.message(from, fmt.Sprintf(`"type":"contacts","contacts":[{"origin":"contact_request","phones":[{"phone":"+%s","wa_id":"%s","type":"CELL"}]}]`,
		adaNumber, adaNumber), "")
}

// What the business worded is never recorded as Bauta's words: an answer to a request
// that Bauta did not see does not count for the question with buttons that it asked,
// and one to a request that it saw names the business's words.
func TestAnAnswerIsRecordedWithTheWordsThatItWasGivenTo(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		worded bool
		ends   Visibility
		line   sharing.LineType
		by     string
	}{
		"a request that nobody noted":           {false, Hidden, sharing.LineRefused, ByBauta},
		"a request while a question is pending": {true, Shared, sharing.LineShared, ByBusiness},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newParlour(t, nil)
			p.accept(t, p.message(ada(), text("Hello"), ""))
			p.ask(t, Direct, "3EB0QUESTION00000001")
			if row.worded {
				if _, _, err := p.consents.Worded(t.Context(), p.business, p.only(t).Scopes[Direct].Handle.Key(), "b1"); err != nil {
					t.Fatal(err)
				}
			}
			p.accept(t, p.answer(ada()))
			if got := p.only(t).Scopes[Direct].Visibility; got != row.ends {
				t.Errorf("the customer is %v", got)
			}
			last := p.shelf.ledger[len(p.shelf.ledger)-1]
			if last.Type != row.line || last.WordedBy != row.by || (last.TextHash == "b1") != row.worded || (last.Language == "") != row.worded {
				t.Errorf("the ledger says %+v", last)
			}
		})
	}
}
