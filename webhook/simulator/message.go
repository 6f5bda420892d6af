package simulator

import (
	"encoding/json"
	"fmt"
	"time"
)

// message is one that passed, either way.
type message struct {
	id, stanza    string
	phoneNumberID string
	fromBusiness  bool
	kind, text    string
	at            time.Time
	contact       *contact
	read          bool
}

// message answers POST messages and marketing_messages: a message, or a read mark.
func (g *Graph) message(c *call) reply {
	if c.fields.text("messaging_product") != "whatsapp" {
		return g.refuse(codeParameter, "The parameter messaging_product is required.")
	}
	if c.fields.text("status") != "" {
		return g.mark(c)
	}
	to, refused := g.recipient(c)
	if c.wish.refused >= 0 {
		return g.refuse(c.wish.refused, "Requested by the message to "+c.fields.text("to")+c.fields.text("recipient"))
	}
	if refused != nil {
		return *refused
	}
	if fault := g.check(c, to); fault != nil {
		return *fault
	}
	if answer, limited := g.limited(c, to.contact); limited {
		return answer
	}
	if to.contact != nil && to.contact.refused != 0 {
		return g.refuse(to.contact.refused, "Requested for the person")
	}
	if fault := g.allowed(c, to); fault != nil {
		return *fault
	}
	return g.accept(c, to)
}

// mark answers a read mark, with or without typing.
func (g *Graph) mark(c *call) reply {
	m := g.messages.get(c.fields.text("message_id"))
	if c.fields.text("status") != "read" || m == nil || m.fromBusiness || m.phoneNumberID != c.account.PhoneNumberID {
		return g.refuse(codeValue, "Parameter value is not valid: message_id")
	}
	m.read = true
	if c.fields.object("typing_indicator") != nil && m.contact != nil {
		m.contact.chat(c.account.PhoneNumberID).typingUntil = g.o.Now().Add(typingTime)
	}
	return success()
}

// allowed tells why the person may not be written to now: blocked, or outside
// the window.
func (g *Graph) allowed(c *call, to *recipient) *reply {
	if to.contact == nil || to.lost {
		return nil
	}
	h := to.contact.chat(c.account.PhoneNumberID)
	var answer reply
	switch {
	case h.blocked:
		answer = g.refuse(codeBlocked, "You have blocked this user")
	case c.kind() != "template" && g.o.Now().Sub(h.lastInbound) > window:
		answer = g.refuse(codeWindow, "Message failed to send because more than 24 hours have passed since the customer last replied to this number.")
	default:
		return nil
	}
	return &answer
}

// accept stores a message, and lets its statuses follow.
func (g *Graph) accept(c *call, to *recipient) reply {
	kind := c.kind()
	stanza := g.hexID(9)
	id := MessageID(to.as(), true, stanza)
	who := Part{{"input", to.input}, {"wa_id", to.number}}
	given := Part{{"id", id}}
	switch {
	case to.group != nil:
		stanza = g.hexID(9)
		id = groupMessageID(to.group.ID, Person{}, stanza)
		who, given = Part{{"input", to.input}, {"wa_id", to.input}}, Part{{"id", id}, {"group_id", to.group.ID}}
	case to.userID != "":
		who = Part{{"input", to.input}, {"user_id", to.userID}}
	}
	if kind == "template" {
		given = append(given, Member{"message_status", "accepted"})
	}
	answer := ok(Part{{"messaging_product", "whatsapp"}, {"contacts", []Part{who}}, {"messages", []Part{given}}})
	if to.lost {
		return answer
	}
	g.messages.put(id, &message{
		id: id, stanza: stanza, phoneNumberID: c.account.PhoneNumberID, fromBusiness: true, kind: kind, text: textOf(kind, c.fields[kind]),
		at: g.o.Now(), contact: to.contact,
	})
	if to.contact != nil && to.contact.failed != 0 {
		c.wish.failed = to.contact.failed
	}
	if c.wish.failed >= 0 {
		g.follow(c, to, id, []string{"failed"})
		return answer
	}
	d := g.delivered(c, id)
	people := []*contact{to.contact}
	if to.group != nil {
		d.Group, people = to.group.ID, to.group.people
	}
	for _, p := range people {
		g.land(p, c.account.PhoneNumberID, d)
	}
	if to.number != "" {
		g.shown(c.account, to.contact)
	}
	g.follow(c, to, id, []string{"sent", "delivered", "read"})
	answer.after = func() { g.writeBack(c.account, people, d) }
	return answer
}

// shown: whom a business wrote to by number, of them it goes on getting it
// (identity.md 2.2 and 2.3).
func (g *Graph) shown(a *Account, p *contact) {
	p.chat(a.PhoneNumberID).shown = g.o.Now().Add(showNumber)
	p.book[a.portfolio()] = true
}

// kind is the message's type.
func (c *call) kind() string {
	if kind := c.fields.text("type"); kind != "" {
		return kind
	}
	return "text"
}

// textOf is what a person reads of a message.
func textOf(kind string, content json.RawMessage) string {
	var c struct {
		Body     any    `json:"body"`
		Text     any    `json:"text"`
		Caption  string `json:"caption"`
		Emoji    string `json:"emoji"`
		Name     string `json:"name"`
		Filename string `json:"filename"`
	}
	if json.Unmarshal(content, &c) != nil {
		return ""
	}
	body := c.Body
	if inner, isObject := body.(map[string]any); isObject {
		body = inner["text"]
	}
	for _, candidate := range []any{body, c.Text, c.Caption, c.Emoji, c.Filename, c.Name} {
		if text, isText := candidate.(string); isText && text != "" {
			return text
		}
	}
	return fmt.Sprintf("(%s)", kind)
}
