package app

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"bauta/webhook/meta"
)

// came shows an event on both sides, and whom its message id names.
func (s *stage) came(event pair, form func([]line, string) string) error {
	if err := s.show(event, form, "Meta sends", "the CRM gets"); err != nil {
		return err
	}
	// Who is inside the first message id, nobody sees.
	s.say("\nInside the message id: %s before, %s after.", s.paint.with(red, whom(event.left)), s.paint.with(green, whom(event.right)))
	return nil
}

// show prints both sides, in a form, under two headings. What only one of them
// has is red on the platform's side, and green on the CRM's.
func (s *stage) show(p pair, form func([]line, string) string, left, right string) error {
	one, err := indent(p.left)
	if err != nil {
		return err
	}
	two, err := indent(p.right)
	if err != nil {
		return err
	}
	first, second := red, green
	if p.outward {
		first, second = green, red
	}
	before, after := form(compare(one, two), first), form(compare(two, one), second)
	if before == "" && after == "" {
		s.say("\n%s", s.paint.with(bold, "the same, byte for byte"))
		return nil
	}
	s.say("\n%s\n\n%s", s.paint.with(bold, left), before)
	s.say("\n%s\n\n%s", s.paint.with(bold, right), after)
	return nil
}

// phone shows the newest message on Ada's.
func (s *stage) phone() {
	got := s.graph.Phone(demoAda())
	if len(got) == 0 {
		return
	}
	m := got[len(got)-1]
	s.say("\n%s\n\n  Lucky Shrub", s.paint.with(bold, "on Ada's phone"))
	if m.Quoted != nil {
		s.say("  | %s", clip(m.Quoted.Text))
	}
	s.say("  %s", m.Text)
}

// clip is the beginning of a text, as a phone shows what is quoted.
func clip(text string) string {
	const room = 24
	if letters := []rune(text); len(letters) > room {
		return strings.TrimRight(string(letters[:room]), " ") + "..."
	}
	return text
}

func whom(body []byte) string {
	id, err := meta.ParseID(string(regexp.MustCompile(`wamid\.[A-Za-z0-9+/=_-]+`).Find(body)))
	if err != nil {
		return "nobody"
	}
	who := id.Person()
	return who.Number.Reveal() + who.UserID.Reveal()
}

func indent(body []byte) (string, error) {
	var text bytes.Buffer
	if err := json.Indent(&text, body, "", "  "); err != nil {
		return "", fmt.Errorf("what passed is not JSON: %w", err)
	}
	return text.String(), nil
}
