package playground

import (
	"encoding/base64"
	"regexp"
	"strings"

	"bauta/webhook/meta"
)

// inspection is what a message id holds.
type inspection struct {
	// ID is what was asked for, "" if nothing was. Readable: it is of a known form.
	ID       string
	Readable bool
	// Who is inside, and as what: number, user, handle or nobody.
	Who, Kind     string
	FromBusiness  bool
	Stanza, Group string
	// Before, Found and After are the bytes as text; Found is where Who stands.
	Before, Found, After string
}

// inspect takes an id apart, with the code that the pipeline has.
func inspect(text string) inspection {
	out := inspection{ID: text}
	id, err := meta.ParseID(text)
	if text == "" || err != nil {
		return out
	}
	out.Readable = true
	person := id.Person()
	out.Who = person.Number.Reveal() + person.UserID.Reveal()
	out.Kind = kindOf(out.Who)
	out.FromBusiness, out.Stanza, out.Group = id.FromBusiness(), id.Stanza(), id.Group()
	bytes := printable(text)
	if before, after, ok := strings.Cut(bytes, out.Who); ok && out.Who != "" {
		out.Before, out.Found, out.After = before, out.Who, after
	} else {
		out.Before = bytes
	}
	return out
}

// kindOf tells a handle by its looks: Bauta alone can tell whether it issued it.
func kindOf(who string) string {
	switch {
	case who == "":
		return "nobody"
	case regexp.MustCompile(`^(999\d{12}|[A-Z]{2}\.\d{22})$`).MatchString(who):
		return "handle"
	case strings.Contains(who, "."):
		return "user"
	}
	return "number"
}

// printable is what is in an id, a dot for every byte that is no letter.
func printable(id string) string {
	_, body, _ := strings.Cut(id, ".")
	raw, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(strings.NewReplacer("-", "+", "_", "/").Replace(body), "="))
	if err != nil {
		return ""
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '·'
		}
		return r
	}, latin(raw))
}

// latin is bytes as runes, one each.
func latin(raw []byte) string {
	out := make([]rune, len(raw))
	for i, b := range raw {
		out[i] = rune(b)
	}
	return string(out)
}

// messageID is the first one in a document, "" if there is none.
func messageID(body []byte) string {
	return string(regexp.MustCompile(`wamid\.[A-Za-z0-9+/=_-]+`).Find(body))
}

// examine has the inspector show an id: one that was typed, or that of a side of the step
// at the front.
func (s *Show) examine(side, typed string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.touch()
	n := s.step(s.front)
	switch {
	case side == "platform" && n != nil:
		typed = messageID(n.platform)
	case side == "business" && n != nil:
		typed = messageID(n.business)
	}
	const longest = 1024
	typed = strings.TrimSpace(typed)
	if typed == "" || len(typed) > longest {
		return errNothing
	}
	s.inspected = typed
	return nil
}
