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
	// book are the portfolios in whose contact book the person is.
	book  map[string]bool
	phone []Delivered
	// refused and failed are the codes that messages to the person meet, 0 for none.
	refused, failed int
}

// chat is between a person and one of the businesses' phone numbers.
type chat struct {
	lastInbound time.Time
	// shown is until when the platform gives the number of a person who hides it.
	shown time.Time
	// given is when the platform gave the number last, with a message of the
	// person's.
	given       time.Time
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

// as is the person as the platform gives them to a business now.
func (c *contact) as(a *Account, now time.Time) Person {
	p := c.Person
	h := c.chats[a.PhoneNumberID]
	if p.Number != "" && (c.book[a.portfolio()] || h != nil && now.Before(h.shown)) {
		p.Hides = false
	}
	return p
}

// meet returns the contact of a person, whose name and hiding are the newest.
func (g *Graph) meet(p Person) *contact {
	c := g.find(p)
	if c == nil {
		c = &contact{chats: map[string]*chat{}, book: map[string]bool{}}
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
	g.file(c)
	return c
}

// file puts a contact where it is found by number and user id.
func (g *Graph) file(c *contact) {
	for _, gone := range g.people.put(c.key(), c) {
		delete(g.users, gone.UserID)
	}
	if c.UserID != "" {
		g.users[c.UserID] = c
	}
}

// key is what a contact is kept by.
func (c *contact) key() string {
	if c.Number == "" {
		return c.UserID
	}
	return c.Number
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
