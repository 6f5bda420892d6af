package webhook

import (
	"encoding/json"
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
