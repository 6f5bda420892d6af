package e2e

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"bauta/ads"
	"bauta/redis"
	"bauta/redis/redistest"
	"bauta/webhook"
	"bauta/webhook/simulator"
)

// walk is one random way through payloads of three numbers and three user ids, and
// what the business saw on it.
type walk struct {
	random *rand.Rand
	// disclosed and hidden are "scope number": seen in clear; seen masked, as a
	// hidden customer's own, before it ever was disclosed.
	disclosed, hidden map[string]bool
	trace             []string
}

// pace is one payload: the body, its scope, and the number that its customer is
// named by, "" if none.
type pace struct{ body, scope, number, words string }

func (w *walk) number() string { return fmt.Sprintf("165055501%02d", 42+w.random.IntN(3)) }
func (w *walk) userID() string { return fmt.Sprintf("US.743000000000000%d", 1+w.random.IntN(3)) }

// person is somebody named by number, by user id, or by both.
func (w *walk) person() simulator.Person {
	p := simulator.Person{Number: w.number(), UserID: w.userID(), Name: "Ada Rossi"}
	switch w.random.IntN(4) {
	case 0:
		return withoutUserID(p)
	case 1:
		return withoutNumber(p)
	}
	return p
}

func (w *walk) step(i int) pace {
	p, stanza := w.person(), fmt.Sprintf("3A%04d", i)
	s := pace{number: p.Number, words: fmt.Sprintf("%s %s hides=%t: ", p.Number, p.UserID, p.Hides)}
	if p.Hides {
		s.number = ""
	}
	body := []byte(nil)
	switch w.random.IntN(7) {
	case 0:
		s.words, body = s.words+"from an ad", says(p, stanza, "hi", ctwa())
	case 1, 2:
		s.words, body = s.words+"organic", says(p, stanza, "hi", nil)
	case 3:
		s.words, body = s.words+"a status", business().Outcome(simulator.Status{
			To: p, ID: simulator.MessageID(p, true, stanza), At: time.Unix(1789000300, 0), Status: "failed",
		})
	case 4:
		s.scope = []string{"open", "hiding"}[w.random.IntN(2)]
		s.words, body = s.words+"in group "+s.scope, inGroup(p, stanza, s.scope)
	case 5:
		to := simulator.Person{Number: w.number()}
		p.Hides, s.number = false, p.Number
		s.words, body = s.words+"changes to "+to.Number, changed(p, to)
	case 6:
		quoted := simulator.Person{Number: w.number()}
		s.words = s.words + "quotes " + quoted.Number
		body = business().Inbound(simulator.Message{
			From: p, ID: simulator.MessageID(p, false, stanza), At: time.Unix(1789000000, 0), Type: "text",
			Content: simulator.Part{{Name: "body", Value: "hi"}}, Quoted: simulator.MessageID(quoted, false, "3AF"+stanza),
		})
	}
	s.body = string(body)
	return s
}

// saw notes what a delivery showed, and fails where that is a number which was
// hidden in this scope and never shown.
func (w *walk) saw(t *testing.T, s pace, d webhook.Delivery) {
	t.Helper()
	for i := range 3 {
		number := fmt.Sprintf("165055501%02d", 42+i)
		at := s.scope + " " + number
		switch {
		case readable(string(d.Body), number) == "":
		case w.hidden[at]:
			t.Fatalf("%s came out after\n%s\n%s", number, strings.Join(w.trace, "\n"), d.Body)
		default:
			w.disclosed[at] = true
		}
	}
	if at := s.scope + " " + s.number; d.Visibility == "hidden" && s.number != "" && !w.disclosed[at] {
		w.hidden[at] = true
	}
}

// Whatever the platform sends, in whatever order: a number that a customer hides
// behind in a scope, and that the business never saw there, stays hidden there.
func TestARandomWalkBringsNoHiddenNumberOut(t *testing.T) {
	t.Parallel()
	b := acme()
	b.Groups = map[string]webhook.Group{"hiding": {ID: "hiding", Hide: true}, "open": {ID: "open"}}
	const walks, steps = 120, 8
	hidden, delivered := 0, 0
	for seed := range uint64(walks) {
		w := walk{random: rand.New(rand.NewPCG(seed, 1)), disclosed: map[string]bool{}, hidden: map[string]bool{}}
		store := redistest.Embedded(t, redis.Options{})
		world := newWorld(t, store, newKeys(t), b, ads.Policy{})
		for i := range steps {
			s := w.step(i)
			prepared, err := world.Prepare(t.Context(), "main", []byte(s.body))
			if err != nil {
				t.Fatal(err)
			}
			w.trace = append(w.trace, fmt.Sprintf("seed %d, %s: %d held", seed, s.words, len(prepared.Held)))
			for _, item := range prepared.Items {
				w.trace = append(w.trace, "    "+item.Delivery.Visibility+" "+item.Delivery.Decision)
				w.saw(t, s, item.Delivery)
				delivered++
			}
		}
		hidden += len(w.hidden)
	}
	if hidden < walks/2 || delivered < walks*steps/2 {
		t.Errorf("%d numbers were hidden and %d events delivered: the walk sees too little", hidden, delivered)
	}
}
