package webhook

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"bauta/masking/sharing"
)

// asked brings ada to a question under a stanza, and returns her tap on "share".
func (p *parlour) asked(t *testing.T) []byte {
	t.Helper()
	p.accept(t, p.message(ada(), text("Hello"), ""))
	p.ask(t, Direct, "3EB0QUESTION00000001")
	return p.tap(ada(), p.token(t, Direct, sharing.ActShare), "3EB0QUESTION00000001")
}

// A ledger that does not hold keeps no event waiting, and shows nothing: what was
// decided waits with the record until the ledger takes it.
func TestABrokenLedgerKeepsNobodyWaiting(t *testing.T) {
	t.Parallel()
	p := newParlour(t, nil)
	tap := p.asked(t)
	p.shelf.torn = true
	for n, body := range [][]byte{tap, tap, p.message(ada(), text("Did it work?"), "")} {
		for _, item := range p.accept(t, body) {
			if item.Delivery.Kind != "message" || holds2(item, adaNumber) || item.Delivery.Visibility != "hidden" || item.Delivery.Decision != ReasonUnrecorded {
				t.Errorf("body %d brings %s (%s, %s) %s", n, item.Delivery.Kind, item.Delivery.Visibility, item.Delivery.Decision, item.Delivery.Body)
			}
		}
	}
	if got := p.only(t); got.Scopes[Direct].Visibility != Shared || len(got.Lines) == 0 {
		t.Errorf("the record is %v with %d lines", got.Scopes[Direct].Visibility, len(got.Lines))
	}
	if !slices.Equal(p.consents.Broken(), []string{"acme"}) || testutil.ToFloat64(p.Metrics.ledgers) < 3 {
		t.Errorf("nobody is told: %v, counted %v", p.consents.Broken(), testutil.ToFloat64(p.Metrics.ledgers))
	}
	p.shelf.torn = false
	after := p.accept(t, p.message(ada(), text("Hello?"), ""))
	if got := kinds(after); got != "number_shared >confirmation message" || !holds2(after[2], adaNumber) {
		t.Errorf("once the ledger holds: %q", got)
	}
	if got := p.lines(); got != "asked shared" || len(p.consents.Broken()) != 0 {
		t.Errorf("the ledger has %q, broken are %v", got, p.consents.Broken())
	}
}

// What was shared and withdrawn before the ledger could hold it is never told.
func TestAWithdrawalTakesBackWhatWasNotToldYet(t *testing.T) {
	t.Parallel()
	p := newParlour(t, nil)
	tap := p.asked(t)
	p.shelf.torn = true
	before := len(p.shelf.items)
	p.accept(t, tap)
	handle := p.only(t).Scopes[Direct].Handle
	if _, err := p.consents.Withdraw(t.Context(), p.business, handle.Key(), ByBusiness, "call 1"); err != nil {
		t.Fatal(err)
	}
	p.shelf.torn = false
	p.accept(t, p.message(ada(), text("Hello?"), ""))
	items := p.shelf.items[before:]
	if got := kinds(items); strings.Contains(got, "number_shared") || strings.Contains(got, "confirmation") || !strings.Contains(got, "number_withdrawn") {
		t.Errorf("the business gets %q", got)
	}
	for _, item := range items {
		if holds2(item, adaNumber) {
			t.Errorf("%s shows the number", item.Delivery.Kind)
		}
	}
	if got := p.lines(); got != "asked shared withdrawn" {
		t.Errorf("the ledger has %q", got)
	}
}

// A record does not grow without bound beside a ledger that takes nothing, and a
// withdrawal goes through all the same.
func TestWhatWaitsForABrokenLedgerIsBounded(t *testing.T) {
	t.Parallel()
	p := newParlour(t, nil)
	p.shares(t)
	p.shelf.torn = true
	for n := range 3 * mostLines {
		p.accept(t, p.tap(ada(), p.token(t, Direct, sharing.ActShare), fmt.Sprintf("3EB0ANOTHER%09d", n)))
	}
	if got := len(p.only(t).Lines); got > mostLines {
		t.Errorf("%d lines wait", got)
	}
	handle := p.only(t).Scopes[Direct].Handle
	if _, err := p.consents.Withdraw(t.Context(), p.business, handle.Key(), ByBusiness, "call 1"); err != nil {
		t.Fatal(err)
	}
	if got := p.only(t).Scopes[Direct].Visibility; got != Withdrawn {
		t.Errorf("after the withdrawal: %v", got)
	}
}

// An erasure does not wait for a ledger that does not hold.
func TestAnErasureBesideABrokenLedger(t *testing.T) {
	t.Parallel()
	p := newParlour(t, nil)
	g := p.buries()
	p.shares(t)
	p.shelf.torn = true
	receipt, err := p.consents.Erase(t.Context(), p.business, p.only(t), ByCustomer, "keyword")
	if err != nil || receipt.Ledger != "" || len(g.erased) != 1 || len(g.noted) != 1 {
		t.Errorf("%v, %+v; erased %d, noted %d", err, receipt, len(g.erased), len(g.noted))
	}
}
