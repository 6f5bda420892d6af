package simulator

import (
	"errors"
	"strings"
)

// requestContactInfo is the platform's own request for the number.
const requestContactInfo = "request_contact_info"

// errNotAsked: the message does not ask for the number.
var errNotAsked = errors.New("the message is no request for the number")

// Card is a contact card that a person sends by hand, theirs or somebody else's
// (identity.md 2.5 and Appendix A, D3).
func Card(from Person, name string, numbers ...string) Message {
	var vcard strings.Builder
	vcard.WriteString("BEGIN:VCARD\nVERSION:3.0\nFN:" + name + "\n")
	var phones []Part
	for _, number := range numbers {
		vcard.WriteString("TEL;type=CELL;waid=" + number + ":+" + number + "\n")
		phones = append(phones, Part{{"phone", "+" + number}, {"wa_id", number}, {"type", "CELL"}})
	}
	vcard.WriteString("END:VCARD")
	card := Part{{"origin", "other"}, {"vcard", vcard.String()}, {"name", Part{{"formatted_name", name}}}, {"phones", phones}}
	return Message{From: from, Type: "contacts", Content: []Part{card}}
}

// Attested is the message with which the platform answers its own request: who
// gives it, and which number (Appendix A, D2). ShareNumber is what an honest phone
// does.
func Attested(from Person, number string) Message {
	return Message{From: from, Type: "contacts", Content: []Part{{
		{"origin", "contact_request"},
		{"phones", []Part{{{"phone", "+" + number}, {"wa_id", number}, {"type", "CELL"}}}},
	}}}
}

// ShareNumber has a person answer the platform's own request on their phone, and
// posts the webhook. The number is then in the contact book, and later webhooks
// have it (identity.md 2.3). It returns the id of the message.
func (g *Graph) ShareNumber(who Person, messageID string) (string, error) {
	d, err := g.onPhone(who, messageID)
	switch {
	case err != nil:
		return "", err
	case !d.AsksNumber:
		return "", errNotAsked
	}
	g.mu.Lock()
	number := g.find(who).Number
	g.mu.Unlock()
	if number == "" {
		return "", errUnknownPerson
	}
	id, err := g.Say(d.PhoneNumberID, Attested(who, number))
	if err != nil {
		return "", err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.find(who).book[g.byNumberID(d.PhoneNumberID).portfolio()] = true
	return id, nil
}

// InBook tells whether a person is in the contact book of a business's portfolio.
func (g *Graph) InBook(who Person, phoneNumberID string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	c, a := g.find(who), g.byNumberID(phoneNumberID)
	return c != nil && a != nil && c.book[a.portfolio()]
}
