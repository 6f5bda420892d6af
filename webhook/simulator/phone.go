package simulator

import (
	"encoding/json"
	"slices"
	"time"
)

// Delivered is a message as a person's phone has it.
type Delivered struct {
	// ID is the message's own, as the business got it.
	ID string
	// PhoneNumberID is the business's that wrote; Group is "" in the direct chat.
	PhoneNumberID, Group string
	At                   time.Time
	Type                 string
	// Text is what one reads of it; Content is its whole object.
	Text    string
	Content json.RawMessage
	// Buttons can be tapped. AsksNumber: it is the platform's own request for the
	// number.
	Buttons    []Button
	AsksNumber bool
	// Quoted is the message that it answers, ReactsTo the one of a reaction; nil if
	// there is none.
	Quoted, ReactsTo *Quote
}

// Quote is a message that another one refers to.
type Quote struct {
	ID           string
	FromBusiness bool
	Type, Text   string
}

// delivered is a message as it lands on a phone.
func (g *Graph) delivered(c *call, id string) Delivered {
	kind := c.kind()
	choices, native := buttons(c.fields[kind])
	return Delivered{
		ID: id, PhoneNumberID: c.account.PhoneNumberID, At: g.o.Now(), Type: kind,
		Text: textOf(kind, c.fields[kind]), Content: slices.Clone(c.fields[kind]),
		Buttons: choices, AsksNumber: native,
		Quoted: g.quote(c.fields.object("context")), ReactsTo: g.quote(c.fields.object("reaction")),
	}
}

func (g *Graph) quote(reference fields) *Quote {
	m := g.messages.get(reference.text("message_id"))
	if m == nil {
		return nil
	}
	return &Quote{ID: m.id, FromBusiness: m.fromBusiness, Type: m.kind, Text: m.text}
}

// land puts a message on a phone. All phones together keep the newest.
func (g *Graph) land(p *contact, phoneNumberID string, d Delivered) {
	p.chat(phoneNumberID).typingUntil = time.Time{}
	p.phone = append(p.phone, d)
	g.landed = append(g.landed, p)
	g.landedBytes += len(d.Content)
	for len(g.landed) > maxOnPhones || g.landedBytes > maxStored {
		oldest := g.landed[0]
		g.landed = g.landed[1:]
		g.landedBytes -= len(oldest.phone[0].Content)
		oldest.phone = oldest.phone[1:]
	}
}

// Phone returns the messages that arrived at a person, oldest first. The person
// is found by number or user id.
func (g *Graph) Phone(who Person) []Delivered {
	g.mu.Lock()
	defer g.mu.Unlock()
	c := g.find(who)
	if c == nil {
		return nil
	}
	return slices.Clone(c.phone)
}

// Seen tells whether the business marked a customer's message as read.
func (g *Graph) Seen(messageID string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	m := g.messages.get(messageID)
	return m != nil && m.read
}

// Typing tells whether a person sees a business type now.
func (g *Graph) Typing(who Person, phoneNumberID string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	c := g.find(who)
	return c != nil && g.o.Now().Before(c.chat(phoneNumberID).typingUntil)
}

// Blocked tells whether a business blocked a person.
func (g *Graph) Blocked(who Person, phoneNumberID string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	c := g.find(who)
	return c != nil && c.chat(phoneNumberID).blocked
}

// encoded is content as JSON.
func encoded(content any) json.RawMessage {
	raw, err := json.Marshal(content)
	if err != nil {
		return nil
	}
	return raw
}
