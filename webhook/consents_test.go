package webhook

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"bauta/masking/sharing"
)

func holds2(item Item, what string) bool { return strings.Contains(string(item.Delivery.Body), what) }

// The whole of it once: hidden, asked, shared, withdrawn, in the direct chat.
func TestACustomerSharesAndWithdraws(t *testing.T) {
	t.Parallel()
	p := newParlour(t, nil)
	first := p.accept(t, p.message(ada(), text("Hello"), ""))
	if got := kinds(first); got != ">question message" {
		t.Fatalf("the first message brings %q", got)
	}
	if again := p.accept(t, p.message(ada(), text("Anybody?"), "")); kinds(again) != "message" {
		t.Fatalf("asked again: %q", kinds(again))
	}
	p.ask(t, Direct, "3EB0QUESTION00000001")
	tap := p.tap(ada(), p.token(t, Direct, sharing.ActShare), "3EB0QUESTION00000001")
	shared := p.accept(t, tap)
	if got := kinds(shared); got != "number_shared >confirmation message" {
		t.Fatalf("the tap brings %q", got)
	}
	if !holds2(shared[0], `"+`+adaNumber+`"`) || !holds2(shared[0], `"ledger":"head"`) {
		t.Errorf("number_shared says %s", shared[0].Delivery.Body)
	}
	if !holds2(shared[2], `"bauta:share"`) || !holds2(shared[2], adaNumber) || holds2(shared[2], adaUser) {
		t.Errorf("the tap reads %s", shared[2].Delivery.Body)
	}
	if shared[2].Delivery.Visibility != "shared" {
		t.Errorf("visibility %q", shared[2].Delivery.Visibility)
	}
	if again := p.accept(t, tap); len(again) != 0 {
		t.Errorf("the tap counts again: %q", kinds(again))
	}
	handle := p.only(t).Scopes[Direct].Handle
	if _, err := p.consents.Withdraw(t.Context(), p.business, handle.Key(), ByBusiness, "call 1"); err != nil {
		t.Fatal(err)
	}
	after := p.accept(t, p.message(ada(), text("And now?"), ""))
	if kinds(after) != "message" || holds2(after[0], adaNumber) || after[0].Delivery.Visibility != "withdrawn" {
		t.Errorf("after the withdrawal: %q %s", kinds(after), after[0].Delivery.Body)
	}
	if again := p.accept(t, tap); len(again) != 0 {
		t.Errorf("an old tap lifts the mask again: %q", kinds(again))
	}
	if got := p.lines(); got != "asked shared withdrawn" {
		t.Errorf("the ledger has %q", got)
	}
}

// Whatever breaks on the way, the event that comes again brings all of it to its end,
// once, and nothing is shown before the ledger has it.
func TestAShareActionSurvivesEveryBreak(t *testing.T) {
	t.Parallel()
	for n := range 12 {
		p := newParlour(t, nil)
		p.accept(t, p.message(ada(), text("Hello"), ""))
		p.ask(t, Direct, "3EB0QUESTION00000001")
		tap := p.tap(ada(), p.token(t, Direct, sharing.ActShare), "3EB0QUESTION00000001")
		before := len(p.shelf.items)
		p.shelf.steps = n
		err := p.Accept(t.Context(), "main", tap)
		if err != nil && !errors.Is(err, errBroken) {
			t.Fatal(err)
		}
		p.shelf.steps = -2
		if err != nil {
			// Another message comes first, by another node.
			p.accept(t, p.message(ada(), text("Did it work?"), ""))
			p.accept(t, tap)
		}
		items := p.shelf.items[before:]
		told := false
		for _, item := range items {
			told = told || item.Delivery.Kind == "number_shared"
			if item.Delivery.Kind == "message" && holds2(item, adaNumber) && !told {
				t.Errorf("broken at step %d: a message shows the number before number_shared", n)
			}
		}
		if got := strings.Count(kinds(items), "number_shared"); got != 1 {
			t.Errorf("broken at step %d: number_shared comes %d times: %s", n, got, kinds(items))
		}
		if got := strings.Count(kinds(items), ">confirmation"); got != 1 {
			t.Errorf("broken at step %d: %d confirmations", n, got)
		}
		if got := p.lines(); got != "asked shared" {
			t.Errorf("broken at step %d: the ledger has %q", n, got)
		}
		if got := p.only(t).Scopes[Direct].Visibility; got != Shared {
			t.Errorf("broken at step %d: %v", n, got)
		}
	}
}

// A button that is not the customer's own, of this question and in force has no
// effect: it is recorded, the customer is told, and no token reaches the business.
func TestButtonsWithoutEffect(t *testing.T) {
	t.Parallel()
	const stanza = "3EB0QUESTION00000001"
	claims := func(p *parlour, t *testing.T) sharing.Claims {
		s := p.only(t).Scopes[Direct]
		return sharing.Claims{
			Business: "acme", Handle: s.Handle.Key(), Action: sharing.ActShare, Question: s.Sharing.Question.ID, Expires: p.now.Add(time.Hour),
		}
	}
	for name, row := range map[string]struct {
		change func(*sharing.Claims)
		forge  func(string) string
		stanza string
		extra  string
		reason string
	}{
		"of another business":   {change: func(c *sharing.Claims) { c.Business = "other" }, reason: RefusedOtherCustomer},
		"of another customer":   {change: func(c *sharing.Claims) { c.Handle = "0000000000" }, reason: RefusedOtherCustomer},
		"of another scope":      {change: func(c *sharing.Claims) { c.Scope = lisbon }, reason: RefusedOtherCustomer},
		"of another question":   {change: func(c *sharing.Claims) { c.Question = "AAAAAAAAAAAAAAAA" }, reason: RefusedUsed},
		"expired":               {change: func(c *sharing.Claims) { c.Expires = time.Unix(1, 0) }, reason: RefusedExpired},
		"on another message":    {stanza: "3EB0OTHER00000000001", reason: RefusedOtherMessage},
		"changed":               {forge: func(s string) string { return s[:len(s)-6] + "AAAAAA" }, reason: RefusedForged},
		"that withdraws, early": {change: func(c *sharing.Claims) { c.Action = sharing.ActWithdraw }, reason: RefusedUsed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newParlour(t, nil)
			p.accept(t, p.message(ada(), text("Hello"), ""))
			p.ask(t, Direct, stanza)
			c := claims(p, t)
			if row.change != nil {
				row.change(&c)
			}
			token := p.tokens.Issue(c)
			if row.forge != nil {
				token = row.forge(token)
			}
			on := stanza
			if row.stanza != "" {
				on = row.stanza
			}
			items := p.accept(t, p.tap(ada(), token, on))
			if got := kinds(items); got != ">notice message" {
				t.Fatalf("it brings %q", got)
			}
			if holds2(items[1], token) || !holds2(items[1], sharing.ReadsVoid) || holds2(items[1], adaNumber) {
				t.Errorf("it reads %s", items[1].Delivery.Body)
			}
			if got := p.only(t).Scopes[Direct].Visibility; got != Hidden {
				t.Errorf("it makes the customer %v", got)
			}
			last := p.shelf.ledger[len(p.shelf.ledger)-1]
			if last.Type != sharing.LineRefused || last.Reason != row.reason {
				t.Errorf("the ledger says %s, %s; want %s", last.Type, last.Reason, row.reason)
			}
		})
	}
}

// Meta reorders: a share word that is older than a withdrawal lifts nothing.
func TestAnOldWordDoesNotUndoAWithdrawal(t *testing.T) {
	t.Parallel()
	p := newParlour(t, func(b *Business) {
		b.Sharing.Ask = AskNever
		b.Sharing.Words = sharing.Words{Share: []string{"share my number"}, Withdraw: []string{"hide my number"}}
	})
	p.accept(t, p.message(ada(), text("Hello"), ""))
	share := p.message(ada(), text("share my number"), "")
	late := p.message(ada(), text("share my number"), "")
	hide := p.message(ada(), text("hide my number"), "")
	if got := kinds(p.accept(t, share)); got != "number_shared >confirmation message" {
		t.Fatalf("the word brings %q", got)
	}
	if got := kinds(p.accept(t, hide)); got != "number_withdrawn >contact_book >notice message" {
		t.Fatalf("the other word brings %q", got)
	}
	if got := kinds(p.accept(t, late)); got != "message" {
		t.Errorf("an older word brings %q", got)
	}
	if got := p.only(t).Scopes[Direct].Visibility; got != Withdrawn {
		t.Errorf("it makes the customer %v", got)
	}
}

// Sharing with a group tells nothing to the direct chat, and its question's tap is not
// shown there.
func TestAGroupIsAScopeOfItsOwn(t *testing.T) {
	t.Parallel()
	p := newParlour(t, nil)
	p.accept(t, p.message(ada(), text("Hi all"), `"group_id":"`+lisbon+`",`))
	p.accept(t, p.message(ada(), text("Hello"), ""))
	p.ask(t, Direct, "3EB0QUESTION00000001")
	declined := p.accept(t, p.tap(ada(), p.token(t, Direct, sharing.ActDecline), "3EB0QUESTION00000001"))
	if kinds(declined) != ">notice message" || !holds2(declined[1], sharing.ReadsDecline) {
		t.Fatalf("the decline brings %q", kinds(declined))
	}
	if got := kinds(p.accept(t, p.message(ada(), text("Bye"), ""))); got != ">question message" {
		t.Fatalf("the group's turn brings %q", got)
	}
	p.ask(t, lisbon, "3EB0QUESTION00000002")
	tapped := p.accept(t, p.tap(ada(), p.token(t, lisbon, sharing.ActShare), "3EB0QUESTION00000002"))
	if got := kinds(tapped); got != ">confirmation" {
		t.Fatalf("the tap brings %q", got)
	}
	direct := p.accept(t, p.message(ada(), text("Still me"), ""))
	if kinds(direct) != "message" || holds2(direct[0], adaNumber) {
		t.Error("the direct chat shows what was shared with the group")
	}
	group := p.accept(t, p.message(ada(), text("Here"), `"group_id":"`+lisbon+`",`))
	if kinds(group) != "number_shared message" || !holds2(group[1], adaNumber) || group[0].Conversation == direct[0].Conversation {
		t.Errorf("the group gets %s", kinds(group))
	}
}

// What carries a number because the customer shared it says so, for it is counted; what
// was before, comes after, or is of somebody else does not.
func TestWhatCarriesANumberSaysSo(t *testing.T) {
	t.Parallel()
	p := newParlour(t, nil)
	p.shares(t)
	p.accept(t, p.message(ada(), text("Thanks"), ""))
	p.accept(t, p.message(ada(), text("Hi all"), `"group_id":"`+lisbon+`",`))
	p.withdraws(t)
	p.accept(t, p.message(ada(), text("Bye"), ""))
	for i := range p.shelf.items {
		item := &p.shelf.items[i]
		if slices.Contains(item.Endpoints, PlatformEndpoint) {
			continue
		}
		want := ""
		if holds2(*item, adaNumber) {
			want = item.Customer
		}
		if item.Delivery.Shows != want {
			t.Errorf("%s, %s: it says %q, want %q", item.Delivery.Kind, item.Delivery.Visibility, item.Delivery.Shows, want)
		}
	}
	if n := len(slices.DeleteFunc(slices.Clone(p.shelf.items), func(i Item) bool { return i.Delivery.Shows == "" })); n < 3 {
		t.Errorf("%d carry it", n)
	}
}
