package webhook

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bauta/masking"
)

// member is a parlour where Ada shares in the direct chat and is in a group.
func member(t *testing.T) (*parlour, *graveyard) {
	t.Helper()
	p := newParlour(t, nil)
	g := p.buries()
	p.shares(t)
	p.accept(t, p.message(ada(), text("Hi all"), `"group_id":"`+lisbon+`",`))
	return p, g
}

// erasureSteps is more than an erasure has.
const erasureSteps = 14

// Whatever breaks on the way, the erasure comes to its end once: by the same call again,
// whether the handle still leads anywhere or not, or by itself.
func TestAnErasureSurvivesEveryBreak(t *testing.T) {
	t.Parallel()
	for by, ends := range map[string]int{ByOperator: 2, ByBusiness: 1} {
		for _, itself := range []bool{false, true} {
			breaks := 0
			for n := range erasureSteps {
				p, g := member(t)
				c, before := p.only(t), len(p.shelf.items)
				handle := c.Scopes[Direct].Handle
				lines := p.lines()
				p.shelf.steps = n
				receipt, err := p.consents.EraseHandle(t.Context(), p.business, handle.Key(), by, "test")
				p.shelf.steps = -2
				if err != nil && !errors.Is(err, errBroken) {
					t.Fatal(err)
				}
				if err != nil {
					breaks++
					p.now = p.now.Add(time.Hour)
					if itself {
						if err := p.consents.ResumeAll(t.Context(), p.business); err != nil {
							t.Fatal(err)
						}
					}
					if receipt, err = p.consents.EraseHandle(t.Context(), p.business, handle.Key(), by, "test"); err != nil {
						t.Fatalf("by %s, broken at step %d, again: %v", by, n, err)
					}
				}
				if !slices.Contains(receipt.Handles, longHandle(handle)) || len(receipt.Handles) != ends || receipt.Ledger == "" || receipt.ErasedAt.After(p.now) {
					t.Errorf("by %s, broken at step %d: the receipt is %+v", by, n, receipt)
				}
				if want := map[bool]string{true: "deleted", false: "kept"}[ends == 2]; receipt.ContactBook != want {
					t.Errorf("by %s, broken at step %d: the contact book is %q", by, n, receipt.ContactBook)
				}
				if got := kinds(p.shelf.items[before:]); got != strings.TrimSpace(strings.Repeat("customer_erased ", ends)) {
					t.Errorf("by %s, broken at step %d: the endpoints get %q", by, n, got)
				}
				if got := strings.TrimPrefix(p.lines(), lines); got != strings.Repeat(" erased", ends) {
					t.Errorf("by %s, broken at step %d: the ledger gets %q", by, n, got)
				}
				if len(g.forgotten) == 0 || len(g.noted) < ends {
					t.Errorf("by %s, broken at step %d: %d traces, %d lines of the audit log", by, n, len(g.forgotten), len(g.noted))
				}
				if _, err := p.consents.View(t.Context(), p.business, handle.Key()); err == nil {
					t.Errorf("by %s, broken at step %d: the handle leads on", by, n)
				}
				p.now = p.now.Add(receiptFor + time.Hour)
				if err := p.consents.ResumeAll(t.Context(), p.business); err != nil || len(g.erasures) != 0 {
					t.Errorf("by %s, broken at step %d: %d erasures are left, %v", by, n, len(g.erasures), err)
				}
			}
			if breaks < 7 || breaks == erasureSteps {
				t.Errorf("by %s: %d steps broke", by, breaks)
			}
		}
	}
}

// While the ledger takes no lines people are erased all the same. Its lines follow once
// it does, those of other scopes stay with the record: nothing is shown without them.
func TestALedgerGetsTheLinesOfAnErasureOnceItHolds(t *testing.T) {
	t.Parallel()
	for by, ends := range map[string]int{ByOperator: 2, ByBusiness: 1} {
		p, g := member(t)
		handle := p.only(t).Scopes[lisbon].Handle
		lines := p.lines()
		p.shelf.torn = true
		if _, err := p.consents.Withdraw(t.Context(), p.business, p.only(t).Scopes[Direct].Handle.Key(), ByBusiness, "call 1"); err != nil {
			t.Fatal(err)
		}
		receipt, err := p.consents.EraseHandle(t.Context(), p.business, handle.Key(), by, "test")
		if err != nil || receipt.Ledger != "" || len(receipt.Handles) != ends {
			t.Fatalf("by %s: %v, %+v", by, err, receipt)
		}
		if by == ByBusiness && !p.only(t).unproven(Direct) {
			t.Error("the direct chat's line is forgotten")
		}
		p.now = p.now.Add(time.Hour)
		if err := p.consents.ResumeAll(t.Context(), p.business); err != nil || p.lines() != lines {
			t.Errorf("by %s: %v, the ledger has %q", by, err, p.lines())
		}
		p.shelf.torn = false
		told := len(p.shelf.items)
		if err := p.consents.ResumeAll(t.Context(), p.business); err != nil {
			t.Fatal(err)
		}
		if got := strings.TrimPrefix(p.lines(), lines); got != " withdrawn"+strings.Repeat(" erased", ends) {
			t.Errorf("by %s: the ledger gets %q", by, got)
		}
		if len(p.shelf.items) != told || len(g.forgotten) != 1 {
			t.Errorf("by %s: what was done is done again", by)
		}
		receipt, err = p.consents.EraseHandle(t.Context(), p.business, handle.Key(), by, "test")
		if err != nil || receipt.Ledger == "" || !receipt.Resumed {
			t.Errorf("by %s, again: %v, %+v", by, err, receipt)
		}
	}
}

// What an erasure leads to: of one scope exactly what lies there, of a customer all.
func TestWhatAnErasureLeadsTo(t *testing.T) {
	t.Parallel()
	group := func(p *parlour) Conversation { return groupOf(p.PRF, "acme", lisbon) }
	for name, row := range map[string]struct {
		by, scope string
		want      func(p *parlour, id string) Trace
	}{
		"a business and a group": {ByBusiness, lisbon, func(p *parlour, id string) Trace {
			return Trace{Customers: []string{id}, Conversations: []Conversation{group(p)}, Until: p.now}
		}},
		"a business and the direct chat": {ByBusiness, Direct, func(p *parlour, id string) Trace {
			return Trace{Customers: []string{id}, Conversations: []Conversation{Conversation(id)}, Until: p.now}
		}},
		"the operator": {ByOperator, lisbon, func(p *parlour, id string) Trace {
			return Trace{Customers: []string{id}, Conversations: []Conversation{Conversation(id), group(p)}, Errands: true}
		}},
	} {
		p, g := member(t)
		c := p.only(t)
		if _, err := p.consents.EraseHandle(t.Context(), p.business, c.Scopes[row.scope].Handle.Key(), row.by, "test"); err != nil {
			t.Fatal(err)
		}
		want := row.want(p, c.ID)
		want.Business, want.Endpoints = "acme", []string{"crm"}
		if row.by == ByBusiness {
			want.Handles = []masking.Handle{c.Scopes[row.scope].Handle}
		}
		if diff := cmp.Diff([]*Trace{&want}, g.forgotten); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// Of those whom the customer took over it leads to all, also where no handle tells of
// them any more; so does an export.
func TestAnErasureLeadsToWhoWasTakenOver(t *testing.T) {
	t.Parallel()
	p, g := member(t)
	c := p.only(t)
	c.Predecessors = []Predecessor{{ID: "taken over"}, {ID: "somebody else", Other: true}}
	p.shelf.records[c.ID] = *c
	want := &Trace{
		Business: "acme", Customers: []string{c.ID, "taken over"}, Errands: true,
		Conversations: []Conversation{Conversation(c.ID), "taken over", groupOf(p.PRF, "acme", lisbon)},
	}
	if diff := cmp.Diff(want, p.consents.TraceOf(c)); diff != "" {
		t.Errorf("an export (-want +got):\n%s", diff)
	}
	if _, err := p.consents.EraseHandle(t.Context(), p.business, c.Scopes[Direct].Handle.Key(), ByOperator, "test"); err != nil {
		t.Fatal(err)
	}
	want.Endpoints = []string{"crm"}
	if diff := cmp.Diff([]*Trace{want}, g.forgotten); diff != "" {
		t.Errorf("an erasure (-want +got):\n%s", diff)
	}
}

// By number an erasure is found that nothing leads to any more; by another's it is not.
func TestAnErasureIsFoundByNumber(t *testing.T) {
	t.Parallel()
	p, g := member(t)
	handle := p.only(t).Scopes[Direct].Handle
	for n := 3; len(p.shelf.records) > 0; n++ { // until the record is gone
		p.shelf.steps = n
		if _, err := p.consents.EraseHandle(t.Context(), p.business, handle.Key(), ByOperator, "test"); err == nil {
			t.Fatal("it did not break")
		}
	}
	p.shelf.steps = -2
	number := func(text string) masking.Identity {
		n, _ := masking.ParseNumber(text)
		return masking.Identity{Number: n}
	}
	if _, err := p.consents.Resume(t.Context(), p.business, p.consents.Named(p.business, number(newNumber))); !errors.Is(err, ErrUnknownHandle) {
		t.Errorf("of a stranger: %v", err)
	}
	receipt, err := p.consents.Resume(t.Context(), p.business, p.consents.Named(p.business, number(adaNumber)))
	if err != nil || !receipt.Resumed || len(receipt.Handles) != 2 {
		t.Errorf("%v, %+v", err, receipt)
	}
	for _, e := range g.erasures {
		for _, name := range e.Names {
			if strings.Contains(name, adaNumber) || strings.Contains(name, adaUser) {
				t.Errorf("an erasure names the customer: %s", name)
			}
		}
	}
}

// Whoever comes back before a broken erasure of their scope ends is another one there,
// and stays.
func TestWhoReturnsInBetweenIsNotErased(t *testing.T) {
	t.Parallel()
	for n := range erasureSteps {
		p, g := member(t)
		c := p.only(t)
		p.shelf.steps = n
		_, err := p.consents.EraseHandle(t.Context(), p.business, c.Scopes[Direct].Handle.Key(), ByBusiness, "test")
		p.shelf.steps = -2
		if _, there := p.only(t).Scopes[Direct]; err == nil || there {
			continue
		}
		erased := p.now
		p.accept(t, p.message(ada(), text("Hello again"), ""))
		back := p.only(t).Scopes[Direct].Handle
		p.now = p.now.Add(time.Hour)
		if err := p.consents.ResumeAll(t.Context(), p.business); err != nil {
			t.Fatal(err)
		}
		last := g.forgotten[len(g.forgotten)-1]
		if got := p.only(t).Scopes[Direct]; got == nil || got.Handle != back || !last.Until.Equal(erased) {
			t.Errorf("broken at step %d: the scope is %+v, forgotten was until %v", n, got, last.Until)
		}
	}
}

// Whoever was to end, and withdraws under a new handle while the erasure is broken, ends
// all the same: the ledger says so already.
func TestANewHandleDoesNotSaveFromABrokenErasure(t *testing.T) {
	t.Parallel()
	breaks := 0
	for n := range erasureSteps {
		p := newParlour(t, func(b *Business) { b.Sharing.NewHandleOnWithdraw = true })
		g := p.buries()
		p.shares(t)
		handle := p.only(t).Scopes[Direct].Handle
		p.shelf.steps = n
		_, err := p.consents.EraseHandle(t.Context(), p.business, handle.Key(), ByBusiness, "test")
		p.shelf.steps = -2
		if err == nil || len(p.shelf.records) == 0 || len(g.erasures) == 0 {
			continue
		}
		breaks++
		p.withdraws(t)
		p.now = p.now.Add(time.Hour)
		if err := p.consents.ResumeAll(t.Context(), p.business); err != nil {
			t.Fatal(err)
		}
		if len(p.shelf.records) != 0 {
			t.Errorf("broken at step %d: the record is there", n)
		}
		receipt, err := p.consents.EraseHandle(t.Context(), p.business, handle.Key(), ByBusiness, "test")
		if err != nil || !receipt.Resumed || receipt.Ledger == "" {
			t.Errorf("broken at step %d, again: %+v, %v", n, receipt, err)
		}
	}
	if breaks < 3 {
		t.Errorf("%d steps broke while the record was there", breaks)
	}
}

// The same holds for one scope of several, whoever was erased before: whoever withdraws
// under a new handle is still the one who was to end there.
func TestANewHandleDoesNotSaveAScopeFromABrokenErasure(t *testing.T) {
	t.Parallel()
	for _, returned := range []bool{false, true} {
		breaks := 0
		for n := range erasureSteps {
			p := newParlour(t, func(b *Business) { b.Sharing.NewHandleOnWithdraw = true })
			p.buries()
			p.accept(t, p.message(ada(), text("Hi all"), `"group_id":"`+lisbon+`",`))
			if returned {
				if _, err := p.consents.EraseHandle(t.Context(), p.business, p.only(t).Scopes[lisbon].Handle.Key(), ByBusiness, "test"); err != nil {
					t.Fatal(err)
				}
				p.accept(t, p.message(ada(), text("Hi again"), `"group_id":"`+lisbon+`",`))
			}
			p.shares(t)
			handle := p.only(t).Scopes[Direct].Handle
			p.shelf.steps = n
			_, err := p.consents.EraseHandle(t.Context(), p.business, handle.Key(), ByBusiness, "test")
			p.shelf.steps = -2
			if _, there := p.only(t).Scopes[Direct]; err == nil || !there {
				continue
			}
			breaks++
			p.withdraws(t)
			p.now = p.now.Add(time.Hour)
			if err := p.consents.ResumeAll(t.Context(), p.business); err != nil {
				t.Fatal(err)
			}
			if _, err := p.consents.EraseHandle(t.Context(), p.business, handle.Key(), ByBusiness, "test"); err != nil && n > 0 {
				t.Errorf("returned %v, broken at step %d, again: %v", returned, n, err)
			}
			c := p.only(t)
			if _, there := c.Scopes[Direct]; there && n > 0 || c.Scopes[lisbon] == nil {
				t.Errorf("returned %v, broken at step %d: the direct chat is there %v, the group %v", returned, n, there, c.Scopes[lisbon] != nil)
			}
		}
		if breaks < 4 {
			t.Errorf("%d steps broke while the scope was there", breaks)
		}
	}
}

// The time of an answer does not tell a business that there was a contact book to ask.
func TestABusinessDoesNotWaitForTheContactBook(t *testing.T) {
	t.Parallel()
	p := newParlour(t, nil)
	g := p.buries()
	g.slow = make(chan struct{}, 1)
	p.accept(t, p.message(ada(), text("Hello"), ""))
	receipt, err := p.consents.EraseHandle(t.Context(), p.business, p.only(t).Scopes[Direct].Handle.Key(), ByBusiness, "test")
	if err != nil || receipt.ContactBook != "asked" || len(p.shelf.records) != 0 {
		t.Errorf("%v, %+v, %d records", err, receipt, len(p.shelf.records))
	}
	g.slow <- struct{}{}
	p.consents.Wait()
	select {
	case <-g.slow:
	default:
		t.Error("the contact book was not asked")
	}
}

// No handle leads anywhere that a customer has no more.
func TestHandlesThatAreNoMoreAreFreed(t *testing.T) {
	t.Parallel()
	p, g := member(t)
	erased := p.only(t).Scopes[lisbon].Handle
	if _, err := p.consents.EraseHandle(t.Context(), p.business, erased.Key(), ByBusiness, "test"); err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(g.freed, erased) {
		t.Errorf("after an erasure %d are freed", len(g.freed))
	}
	p = newParlour(t, func(b *Business) { b.Sharing.NewHandleOnWithdraw = true })
	p.shares(t)
	was := p.only(t).Scopes[Direct].Handle
	p.withdraws(t)
	if freed := p.only(t).Freed; !slices.Equal(freed, []masking.Handle{was}) {
		t.Errorf("after a withdrawal %d are freed", len(freed))
	}
}
