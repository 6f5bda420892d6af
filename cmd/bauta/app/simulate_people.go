package app

import (
	"hash/fnv"

	"bauta/webhook/simulator"
)

// people are customers who write back. What one does about a message depends on its
// id alone.
type people struct{ out *lines }

// writeBack answers every other message, so that a business that answers everything
// comes to an end. Questions are answered as people do: yes, no, or not at all; and
// now and then somebody thinks better of it.
func (p *people) writeBack(to simulator.Person, d simulator.Delivered) (simulator.Message, bool) {
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(d.ID))
	mood := sum.Sum32() % 8
	var m simulator.Message
	switch {
	case d.ReactsTo != nil || d.Group != "":
		return m, false
	case d.AsksNumber:
		if mood >= 4 {
			return m, false
		}
		p.out.say("a customer shares the number by WhatsApp's own request")
		return simulator.Attested(to, to.Number), true
	case len(d.Buttons) > 0:
		at, taps := chosen(mood, len(d.Buttons))
		if !taps {
			return m, false
		}
		p.out.say("a customer taps %q", d.Buttons[at].Title)
		m = simulator.Reply(to, d.Buttons[at])
	case mood%2 == 1:
		return m, false
	default:
		m = simulator.Text(to, "Thank you")
	}
	m.Quoted = d.ID
	return m, true
}

// chosen is the button that somebody taps. The first one in half of the cases, the
// second in a quarter; a button that stands alone, as below a confirmation, seldom.
func chosen(mood uint32, buttons int) (at int, taps bool) {
	switch {
	case buttons == 1:
		return 0, mood == 0
	case mood < 4:
		return 0, true
	case mood < 6:
		return 1, true
	}
	return 0, false
}
