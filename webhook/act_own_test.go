package webhook

import (
	"testing"

	"bauta/masking/sharing"
	"bauta/webhook/simulator"
)

// Somebody is visible by the number, and hides by the user id: one person, of which
// nobody is told. What they ask Bauta for they get, as who hides; but the number is not
// theirs to share under that name.
func TestWhoIsSeenInTwoWaysSpeaksForTheOneWhoHides(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		act         func(*parlour) []byte
		want, lines string
	}{
		"erase":  {func(p *parlour) []byte { return p.message(ada(), text("forget me"), "") }, ">erase message", ""},
		"show":   {func(p *parlour) []byte { return p.message(ada(), text("show me"), "") }, ">overview message", ""},
		"answer": {func(p *parlour) []byte { return p.answer(ada()) }, "message", "refused"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newParlour(t, func(b *Business) {
				b.Sharing.Words = sharing.Words{Erase: []string{"forget me"}, Show: []string{"show me"}}
			})
			p.shelf.shows = true
			p.accept(t, p.message(simulator.Person{Number: adaNumber}, text("Hello"), ""))
			p.accept(t, p.message(simulator.Person{UserID: adaUser}, text("Hello"), ""))
			p.accept(t, p.message(ada(), text("Hello"), ""))
			if got := kinds(p.accept(t, row.act(p))); got != row.want {
				t.Errorf("it brings %q, want %q", got, row.want)
			}
			if got := p.lines(); got != row.lines {
				t.Errorf("the ledger has %q, want %q", got, row.lines)
			}
		})
	}
}

// A hidden customer's number comes with the user id of somebody who shows: nobody can
// tell who wrote, so the number stays hidden, and the word for erasing erases neither.
func TestAWordOfWhoContradictsThemselvesErasesNobody(t *testing.T) {
	t.Parallel()
	p := newParlour(t, func(b *Business) { b.Sharing.Words = sharing.Words{Erase: []string{"forget me"}} })
	p.shelf.shows = true
	p.accept(t, p.message(simulator.Person{Number: adaNumber, UserID: adaNext}, text("Hello"), fromAdvert))
	p.accept(t, p.message(simulator.Person{Number: newNumber, UserID: adaUser}, text("Hello"), ""))
	if got := kinds(p.accept(t, p.message(ada(), text("forget me"), ""))); got != "message" {
		t.Errorf("it brings %q, want the message alone", got)
	}
}
