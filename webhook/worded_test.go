package webhook

import (
	"errors"
	"slices"
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

// Whether a question waits for that of a group is nothing that the business finds out
// by asking itself: what it reads and what it is refused are the same.
func TestABusinessesOwnRequestDoesNotTellOfAGroupsQuestion(t *testing.T) {
	t.Parallel()
	type sight struct {
		state          sharing.State
		same, refused  bool
		worded         string
		askable, stays bool
	}
	look := func(group bool) (out []sight) {
		p := newParlour(t, paused)
		p.accept(t, p.message(ada(), text("Hi"), inLisbon))
		p.accept(t, p.message(ada(), text("Hello"), ""))
		if group {
			if _, err := p.request(t, lisbon); err != nil {
				t.Fatal(err)
			}
		}
		key := p.only(t).Scopes[Direct].Handle.Key()
		asked, err := p.request(t, Direct)
		if err != nil {
			t.Fatal(err)
		}
		for _, fails := range []bool{true, false, false} {
			e, c, err := p.consents.Worded(t.Context(), p.business, key, "b1")
			if err == nil && fails {
				if err := p.consents.Failed(t.Context(), p.business, c, e, Uncounted); err != nil {
					t.Fatal(err)
				}
			} else if err == nil {
				if err := p.consents.Sent(t.Context(), p.business, c, Told{Errand: e, Stanza: "3EB0OTHER0000000001"}); err != nil {
					t.Fatal(err)
				}
			}
			_, lately := errors.AsType[*LatelyError](err)
			seen, err := p.consents.View(t.Context(), p.business, key)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, sight{
				state: seen.State, same: seen.Question.ID == asked.Question.ID, refused: lately, worded: seen.Question.WordedBy,
				askable: seen.Askable, stays: seen.Question.Expires.Equal(asked.Question.Expires) && seen.Since.Equal(asked.Since),
			})
		}
		return out
	}
	if alone, beside := look(false), look(true); !slices.Equal(alone, beside) {
		t.Errorf("without a group's question the business sees\n%+v, with one\n%+v", alone, beside)
	}
}

// The customer's answer to it counts, though Bauta's question was waiting.
func TestAnAnswerToARequestBesideAQuestionThatWaitsCounts(t *testing.T) {
	t.Parallel()
	p := newParlour(t, paused)
	p.accept(t, p.message(ada(), text("Hi"), inLisbon))
	p.accept(t, p.message(ada(), text("Hello"), ""))
	for _, scope := range []string{lisbon, Direct} {
		if _, err := p.request(t, scope); err != nil {
			t.Fatal(err)
		}
	}
	e, c, err := p.consents.Worded(t.Context(), p.business, p.only(t).Scopes[Direct].Handle.Key(), "b1")
	if err != nil {
		t.Fatal(err)
	}
	if err := p.consents.Sent(t.Context(), p.business, c, Told{Errand: e, Stanza: "3EB0OTHER0000000001"}); err != nil {
		t.Fatal(err)
	}
	p.accept(t, p.answer(ada()))
	if got := p.only(t).Scopes[Direct].Visibility; got != Shared {
		t.Errorf("the customer is %v", got)
	}
	if last := p.shelf.ledger[len(p.shelf.ledger)-1]; last.Type != sharing.LineShared || last.WordedBy != ByBusiness {
		t.Errorf("the line is %+v", last)
	}
}
