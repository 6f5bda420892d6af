package simulator

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// Traffic makes up what customers do, the same for the same seed. It is used
// by one goroutine.
type Traffic struct {
	business Business
	people   []Person
	came     []bool
	random   *rand.Rand
	graph    *Graph
}

// NewTraffic makes up customers with fictional numbers (+1 555 ...).
func NewTraffic(b Business, customers int, seed uint64) *Traffic {
	t := &Traffic{
		business: b, came: make([]bool, customers),
		random: rand.New(rand.NewPCG(seed, 0)), //nolint:gosec // repeatable traffic, not a secret
	}
	for i := range customers {
		t.people = append(t.people, Person{
			Number: fmt.Sprintf("1555%07d", 1000000+i),
			UserID: fmt.Sprintf("US.%016d", 7430000000000000+i),
			Name:   fmt.Sprintf("Customer %d", i+1),
		})
	}
	return t
}

// Through makes the customers known to a stand-in, and their messages pass through
// it: they open the window, and can be quoted. Statuses are then its own, and now
// and then a customer sends a picture, which can be downloaded from it.
func (t *Traffic) Through(g *Graph) {
	t.graph = g
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, p := range t.people {
		g.meet(p)
	}
}

// Next is the next webhook's body.
func (t *Traffic) Next(now time.Time) []byte {
	i := t.random.IntN(len(t.people))
	person := t.people[i]
	if !t.came[i] {
		t.came[i] = true
		m := Message{
			From: person, ID: t.messageID(person, false), At: now, Type: "text",
			Content: Part{{"body", "Hi! Is this still available?"}},
		}
		if t.random.IntN(2) == 0 {
			m.Ad = &Ad{Type: "ad", ID: "120226305854810726", Headline: "Chat with us", Body: "Succulents", ClickID: "Aff-abc123"}
		}
		return t.write(m)
	}
	if t.graph == nil && t.random.IntN(2) == 0 {
		statuses := []string{"sent", "delivered", "read"}
		return t.business.Outcome(Status{
			To: person, ID: t.messageID(person, true), At: now, Status: statuses[t.random.IntN(len(statuses))],
		})
	}
	if t.graph != nil && t.random.IntN(oneIn) == 0 {
		if m, kept := t.picture(person, now); kept {
			return t.write(m)
		}
	}
	texts := []string{
		"Thank you", "My number is " + person.Number, "Call me at +" + person.Number[:1] + " " + person.Number[1:4] + "-" + person.Number[4:],
		"See https://wa.me/" + person.Number, "When do you open?",
	}
	return t.write(Message{
		From: person, ID: t.messageID(person, false), At: now, Type: "text",
		Content: Part{{"body", texts[t.random.IntN(len(texts))]}},
	})
}

// write is the webhook of a message. A customer whom the business blocked has
// it sent all the same: traffic goes on.
func (t *Traffic) write(m Message) []byte {
	if t.graph != nil {
		if body, err := t.graph.Arrive(t.business.PhoneNumberID, m); err == nil {
			return body
		}
	}
	return t.business.Inbound(m)
}

func (t *Traffic) messageID(p Person, fromBusiness bool) string {
	return MessageID(p, fromBusiness, fmt.Sprintf("3EB0%016X", t.random.Uint64()))
}
