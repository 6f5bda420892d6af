package simulator

import "time"

// The platform's periods: the customer-service window, and for how long it goes
// on giving a number that was written to or wrote (identity.md 2.2).
const (
	window     = 24 * time.Hour
	showNumber = 30 * 24 * time.Hour
	typingTime = 25 * time.Second
)

// contact is a person with what passed between them and the businesses.
type contact struct {
	Person
	chats map[string]*chat // by phone number id
	phone []Delivered
}

// chat is between a person and one of the businesses' phone numbers.
type chat struct {
	lastInbound time.Time
	// shown is until when the platform gives the number of a person who hides it.
	shown       time.Time
	inBook      bool // of the contact book
	blocked     bool
	typingUntil time.Time
	pair        rate
}

// chat with a phone number; it is made if there is none.
func (c *contact) chat(phoneNumberID string) *chat {
	found := c.chats[phoneNumberID]
	if found == nil {
		found = &chat{}
		c.chats[phoneNumberID] = found
	}
	return found
}

// as is the person as the platform gives them to a phone number now.
func (c *contact) as(phoneNumberID string, now time.Time) Person {
	p := c.Person
	if h := c.chats[phoneNumberID]; h != nil && (h.inBook || now.Before(h.shown)) {
		p.Hides = false
	}
	return p
}

// meet returns the contact of a person, whose name and hiding are the newest.
func (g *Graph) meet(p Person) *contact {
	c := g.find(p)
	if c == nil {
		c = &contact{chats: map[string]*chat{}}
	}
	if p.UserID == "" {
		p.UserID = c.UserID
	}
	if p.UserID != c.UserID {
		delete(g.users, c.UserID)
	}
	if p.Number == "" {
		p.Number = c.Number
	}
	c.Person = p
	key := p.Number
	if key == "" {
		key = p.UserID
	}
	for _, gone := range g.people.put(key, c) {
		delete(g.users, gone.UserID)
	}
	if p.UserID != "" {
		g.users[p.UserID] = c
	}
	return c
}

func (g *Graph) find(p Person) *contact {
	if p.Number != "" {
		if c := g.people.get(p.Number); c != nil {
			return c
		}
	}
	if p.UserID == "" {
		return nil
	}
	return g.users[p.UserID]
}
