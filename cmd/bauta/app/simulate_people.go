package app

import (
	"cmp"
	"hash/fnv"
	"strings"

	"bauta/webhook/simulator"
)

// people are customers who write back, unless they are silent. What one does about a
// message depends on its id alone. Shown: what reaches their phones is printed.
type people struct {
	out           *lines
	silent, shown bool
}

// reached is that a message is on somebody's phone.
func (p *people) reached(to simulator.Person, d simulator.Delivered) (simulator.Message, bool) {
	if p.shown {
		p.show(to, d)
	}
	if p.silent {
		return simulator.Message{}, false
	}
	return p.writeBack(to, d)
}

// show prints a message as one reads it, the lines of a long one below each other.
func (p *people) show(to simulator.Person, d simulator.Delivered) {
	read := strings.Split(strings.ReplaceAll(cmp.Or(d.Text, d.Type), "\n\n", "\n"), "\n")
	if d.ReactsTo != nil {
		read = append(read, "(a reaction)")
	}
	for _, b := range d.Buttons {
		read = append(read, "["+b.Title+"]")
	}
	if d.AsksNumber {
		read = append(read, "[WhatsApp's own button that shares the number]")
	}
	p.out.say("on %s's phone: %s", cmp.Or(to.Name, "a customer"), strings.Join(read, "\n    "))
}

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
