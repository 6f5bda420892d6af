package webhook

import (
	"testing"

	"bauta/masking/sharing"
)

// words are how often the ledger says that the business asked in its own words.
func (p *parlour) asksOf(by string) (hashes []string) {
	for _, l := range p.shelf.ledger {
		if l.Type == sharing.LineAsked && l.WordedBy == by && l.By == by {
			hashes = append(hashes, l.TextHash)
		}
	}
	return hashes
}

// A request of the business's own beside a pending question was shown to the customer
// once the platform took it, and is in the ledger as what it was, once.
func TestARequestBesideAPendingQuestionIsRecorded(t *testing.T) {
	t.Parallel()
	p := newParlour(t, nil)
	p.accept(t, p.message(ada(), text("Hello"), ""))
	pending := p.ask(t, Direct, questionStanza)
	key := p.only(t).Scopes[Direct].Handle.Key()
	e, c, err := p.consents.Worded(t.Context(), p.business, key, "b1")
	if err != nil || e.Question != pending {
		t.Fatal(e, err)
	}
	if got := p.asksOf(ByBusiness); len(got) != 0 {
		t.Errorf("before it is sent the ledger has %v", got)
	}
	for range 2 { // noting it is repeated where the answer of the store was lost
		if err := p.consents.Sent(t.Context(), p.business, c, Told{Errand: e, Stanza: "3EB0OTHER0000000001"}); err != nil {
			t.Fatal(err)
		}
		c = p.only(t)
	}
	if got := p.asksOf(ByBusiness); len(got) != 1 || got[0] != "b1" {
		t.Errorf("the ledger has %v", got)
	}
	last := p.shelf.ledger[len(p.shelf.ledger)-1]
	if last.Question != pending || last.Action != "request" || last.Language+last.Version != "" {
		t.Errorf("the line is %+v", last)
	}
	// Bauta's question is still the one with the buttons.
	p.accept(t, p.tap(ada(), p.token(t, Direct, sharing.ActShare), questionStanza))
	if last := p.shelf.ledger[len(p.shelf.ledger)-1]; last.Type != sharing.LineShared || last.WordedBy != ByBauta {
		t.Errorf("the share is %+v", last)
	}
}

// What was never shown is not what an answer is given to.
func TestARequestBesideAPendingQuestionThatWasNotSentChangesNothing(t *testing.T) {
	t.Parallel()
	p := newParlour(t, nil)
	p.accept(t, p.message(ada(), text("Hello"), ""))
	p.ask(t, Direct, questionStanza)
	before := p.only(t).Scopes[Direct].Sharing
	e, c, err := p.consents.Worded(t.Context(), p.business, p.only(t).Scopes[Direct].Handle.Key(), "b1")
	if err != nil {
		t.Fatal(err)
	}
	if err := p.consents.Failed(t.Context(), p.business, c, e, Uncounted); err != nil {
		t.Fatal(err)
	}
	if got := p.only(t).Scopes[Direct].Sharing; got != before {
		t.Errorf("what is left is %+v, want %+v", got, before)
	}
	if got := p.lines(); got != "asked" {
		t.Errorf("the ledger has %s", got)
	}
}
