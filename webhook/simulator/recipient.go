package simulator

import "strings"

// recipient is whom a message goes to.
type recipient struct {
	// input is how the caller wrote them; number or userID what it was read as.
	input, number, userID string
	contact               *contact
	group                 *group
	// lost: accepted, and nobody gets it.
	lost bool
}

// as is the person in ids and webhooks about a message to them: as they were
// addressed.
func (to *recipient) as() Person {
	p := Person{Number: to.number, UserID: to.userID, Hides: to.userID != ""}
	if to.contact != nil {
		p.Name = to.contact.Name
	}
	return p
}

// maxRecipient is longer than any number or group id, in bytes.
const maxRecipient = 256

// recipient reads to and recipient as the platform does (webhooks.md 6.1,
// identity.md 2.4): to wins.
func (g *Graph) recipient(c *call) (*recipient, *reply) {
	to, user := c.fields.text("to"), c.fields.text("recipient")
	fail := func(code int, details string) (*recipient, *reply) {
		answer := g.refuse(code, details)
		return nil, &answer
	}
	if len(to) > maxRecipient {
		return fail(codeParameter, "The parameter to is too long")
	}
	if c.fields.text("recipient_type") == "group" {
		d := g.groups[to]
		if d == nil || d.account != c.account {
			return fail(codeValue, "Parameter value is not valid: to is no group of this phone number")
		}
		return &recipient{input: to, group: d}, nil
	}
	switch {
	case to != "":
		return g.numbered(c, to)
	case user == "":
		return fail(codeMissing, "The parameter to or recipient is required.")
	}
	contact := g.users[user]
	if contact == nil {
		return fail(codeUndeliverable, "Message undeliverable: no such user for this business")
	}
	return &recipient{input: user, userID: user, contact: contact}, nil
}

// numbered reads to. Without + the country code of the business's own number is
// put in front, so that a bare wa_id reaches a stranger. A user id loses its
// country and is taken for a number: accepted, and dropped.
func (g *Graph) numbered(c *call, to string) (*recipient, *reply) {
	if isUserID(to) {
		return &recipient{input: to, number: digitsOf(to), lost: true}, nil
	}
	digits := digitsOf(to)
	if !strings.HasPrefix(strings.TrimSpace(to), "+") {
		digits = callingCode(c.account.Number) + digits
	}
	if strings.Trim(to, "+0123456789 -()") != "" {
		answer := g.refuse(codeParameter, "The parameter to is no phone number")
		return nil, &answer
	}
	// No country has the calling code 999.
	if len(digits) < 7 || len(digits) > 15 || digits[0] == '0' || strings.HasPrefix(digits, "999") {
		answer := g.refuse(codeUndeliverable, "Message undeliverable to "+to)
		return nil, &answer
	}
	if digits == c.account.Number {
		answer := g.refuse(131021, "Recipient cannot be sender")
		return nil, &answer
	}
	contact := g.find(Person{Number: digits})
	if contact == nil {
		contact = g.meet(Person{Number: digits})
	}
	return &recipient{input: to, number: digits, contact: contact}, nil
}

func isUserID(text string) bool {
	return len(text) > 2 && text[2] == '.' && strings.Trim(text[:2], "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

func digitsOf(text string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
}

// callingCode is the country's of a number: one, two or three digits (ITU E.164).
func callingCode(number string) string {
	const two = " 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98 "
	switch {
	case len(number) < 3:
		return number
	case number[0] == '1' || number[0] == '7':
		return number[:1]
	case strings.Contains(two, " "+number[:2]+" "):
		return number[:2]
	}
	return number[:3]
}
