package webhook

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"bauta/webhook/simulator"
)

const adaNext = "US.7430000000000077"

// becomes is the platform's word for another number and user id, in one message.
func (p *parlour) becomes(from, to simulator.Person) []byte {
	content := fmt.Sprintf(
		`"type":"system","system":{"type":"user_changed_number","wa_id":"%s","user_id":"%s","previous_user_id":"%s","body":"User changed from %s to %s"}`,
		to.Number, to.UserID, from.UserID, from.Number, to.Number)
	return p.message(simulator.Person{Number: from.Number}, content, "")
}

// living are the records to which anything leads.
func (p *parlour) living() []*Customer {
	var out []*Customer
	for _, c := range p.shelf.records {
		if c.MergedInto == "" && slices.ContainsFunc(c.Links, func(l Link) bool { return !l.Lost }) {
			out = append(out, clone(c))
		}
	}
	return out
}

// A number goes to somebody else. What its owner wrote before, named by the number
// alone, comes again: it is known, and does not reach the business as the other's.
func TestARedeliveryAfterANumberWentToAnotherIsRecognised(t *testing.T) {
	t.Parallel()
	alone := simulator.Person{Number: adaNumber}
	for name, owner := range map[string]simulator.Person{"somebody new": {Number: adaNumber, UserID: beaUser}, "somebody who is known": {Number: adaNumber, UserID: adaNext}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newParlour(t, words)
			p.accept(t, p.message(ada(), text("Hello"), ""))
			p.accept(t, p.message(simulator.Person{Number: newNumber, UserID: adaNext}, text("Hello"), ""))
			before := p.message(alone, text("A secret"), "")
			p.accept(t, before)
			p.accept(t, p.message(owner, text("Who is this?"), ""))
			if again := p.accept(t, before); len(again) > 0 {
				t.Errorf("it comes again: %s", kinds(again))
			}
			if after := p.accept(t, p.message(alone, text("News"), "")); kinds(after) != "message" {
				t.Errorf("the new owner's message brings %q", kinds(after))
			}
		})
	}
}

// A word that the number's owner said before it went to somebody else, named by the
// number alone, lifts nobody's mask when it comes again, or late; nor does one whose
// number is one customer's and whose user id is another's.
func TestAWordOfSomebodyElseSharesNothing(t *testing.T) {
	t.Parallel()
	next := simulator.Person{Number: adaNumber, UserID: beaUser}
	for name, said := range map[string]bool{"again": true, "late": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newParlour(t, words)
			p.accept(t, p.message(ada(), text("Hello"), ""))
			alone, both := p.message(simulator.Person{Number: adaNumber}, text("share"), ""), p.message(ada(), text("share"), "")
			if said {
				p.accept(t, alone)
				p.accept(t, both)
				p.accept(t, p.message(ada(), text("hide"), ""))
			}
			p.accept(t, p.message(next, text("Who is this?"), ""))
			for _, word := range [][]byte{alone, both} {
				p.accept(t, word)
				for _, c := range p.living() {
					if s := c.Scopes[Direct]; s.Visibility == Shared {
						t.Error("the number is shared")
					}
				}
			}
			if got := p.accept(t, p.message(next, text("share"), "")); !strings.Contains(kinds(got), "number_shared") {
				t.Errorf("their own word brings %q", kinds(got))
			}
		})
	}
}

// Two nodes meet one customer at one moment, in every order of their steps: there is one
// record, the handle stays, and every event comes once.
func TestTwoNodesMeetOneCustomerAtOneMoment(t *testing.T) {
	t.Parallel()
	next := simulator.Person{Number: newNumber, UserID: adaNext}
	type bodies struct{ one, other []byte }
	for name, meet := range map[string]func(*parlour) bodies{
		"a change, and who became": func(p *parlour) bodies {
			change := p.becomes(ada(), next)
			return bodies{change, p.message(next, text("Me again"), "")}
		},
		"a new number, and the number alone": func(p *parlour) bodies {
			return bodies{p.message(simulator.Person{Number: newNumber, UserID: adaUser}, text("Me again"), ""), p.message(simulator.Person{Number: newNumber}, text("Me"), "")}
		},
		"the same event": func(p *parlour) bodies {
			body := p.message(simulator.Person{Number: newNumber, UserID: adaUser}, text("Me again"), "")
			return bodies{body, body}
		},
		"a change, twice": func(p *parlour) bodies {
			body := p.becomes(ada(), next)
			return bodies{body, body}
		},
	} {
		for turn := range 14 {
			for _, swapped := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, turn %d, swapped %v", name, turn, swapped), func(t *testing.T) {
					t.Parallel()
					p := newParlour(t, words)
					p.accept(t, p.message(ada(), text("Hello"), ""))
					handle := p.only(t).Scopes[Direct].Handle
					both := meet(p)
					if swapped {
						both.one, both.other = both.other, both.one
					}
					p.shelf.turns = turn
					p.shelf.meanwhile = func() { p.accept(t, both.other) }
					p.accept(t, both.one)
					p.shelf.other()
					last := next
					if name == "a new number, and the number alone" || name == "the same event" {
						last.UserID = adaUser
					}
					p.accept(t, p.message(last, text("And last"), ""))
					who := p.living()
					if len(who) != 1 || who[0].Scopes[Direct].Handle != handle {
						t.Fatalf("%d customers, want one under the handle from before", len(who))
					}
					p.accept(t, both.one)
					p.accept(t, both.other)
					once := map[string]int{}
					for i := range p.shelf.items {
						d := &p.shelf.items[i].Delivery
						if once[d.ID]++; once[d.ID] > 1 {
							t.Errorf("%s comes twice", d.Kind)
						}
					}
				})
			}
		}
	}
}
