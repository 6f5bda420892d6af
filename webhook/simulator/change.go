package simulator

import (
	"errors"
	"slices"
	"time"
)

// errUnknownPerson: the stand-in never met the person.
var errUnknownPerson = errors.New("the stand-in does not know that person")

// Form is how the platform tells that a person's identity changed (identity.md 2.7 g,
// Appendix A).
type Form uint8

// The forms.
const (
	// Told since August 2026: user_changed_number (G2), and of those who hide, or keep
	// their number, user_changed_user_id (G3).
	Told Form = iota
	// ToldByNumber is the form from before user ids: old and new number (G1). Of those
	// who hide, or keep their number, nobody is told.
	ToldByNumber
	// ToldByUserID is the legacy field user_id_update (G4).
	ToldByUserID
	// Untold: nobody is told, and the next message comes from somebody new.
	Untold
)

// Change gives a person another number, another user id, or both; what is "" in to
// stays, but with another number comes another user id (identity.md 2.1). Every
// business that they wrote to, or that wrote to them, is told. It returns the person
// as they are now.
func (g *Graph) Change(who, to Person, form Form) (Person, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	c := g.find(who)
	if c == nil {
		return Person{}, errUnknownPerson
	}
	old := c.Person
	next := old
	if to.Number != "" && to.Number != old.Number {
		next.Number = to.Number
		if isUserID(old.UserID) {
			next.UserID = old.UserID[:3] + g.digits(16)
		}
	}
	if to.UserID != "" {
		next.UserID = to.UserID
	}
	for i := range g.o.Accounts {
		a := &g.o.Accounts[i]
		if c.chats[a.PhoneNumberID] != nil {
			g.tell(a, c.as(a, g.o.Now()), next, form)
		}
	}
	g.nudge()
	return g.become(c, next), nil
}

// become turns a contact into the person that they are now. Nothing shows another
// number yet to those from whom it is hidden: what concerned the old one does not
// count.
func (g *Graph) become(c *contact, next Person) Person {
	if next.Number != c.Number {
		c.book = map[string]bool{}
		for _, h := range c.chats {
			h.shown, h.given = time.Time{}, time.Time{}
		}
	}
	g.people.remove(c.key())
	delete(g.users, c.UserID)
	c.Person = Person{}
	if taken := g.find(Person{Number: next.Number}); taken != nil && next.Number != "" {
		g.release(taken)
	}
	c.Person = next
	g.file(c)
	return next
}

// Reassign gives a number to somebody new, untold: who had it is known by the user id
// alone from then on. It returns the new person, who has a phone of their own.
func (g *Graph) Reassign(to Person) Person {
	g.mu.Lock()
	defer g.mu.Unlock()
	if had := g.find(Person{Number: to.Number}); had != nil {
		g.release(had)
	}
	g.file(&contact{Person: to, chats: map[string]*chat{}, book: map[string]bool{}})
	return to
}

// release takes a number from whoever has it.
func (g *Graph) release(c *contact) {
	g.people.remove(c.key())
	c.Number, c.Hides, c.book = "", true, map[string]bool{}
	if c.UserID != "" {
		g.file(c)
	}
}

// Adopt gives a person a username. The number is hidden from then on, but where the
// platform goes on giving it (identity.md 2.2 and 2.3): to whom it gave it with a
// message within 30 days, and to those who have it in their contact book, which is
// everybody that it was ever given to. It returns the person as they are now.
func (g *Graph) Adopt(who Person, username string) (Person, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	c := g.find(who)
	if c == nil {
		return Person{}, errUnknownPerson
	}
	c.Username, c.Hides = username, true
	for id, h := range c.chats {
		if h.given.IsZero() {
			continue
		}
		c.book[g.byNumberID(id).portfolio()] = true
		if until := h.given.Add(showNumber); until.After(h.shown) {
			h.shown = until
		}
	}
	return c.Person, nil
}

// tell posts what a business is told of a change. Seen is the person as it knew them.
func (g *Graph) tell(a *Account, seen, next Person, form Form) {
	at := stamp(g.o.Now())
	unnumbered := next.Hides || seen.Number == next.Number
	switch {
	case form == Untold || form == ToldByNumber && unnumbered || form != ToldByNumber && seen.UserID == "" && unnumbered:
		return
	case form == ToldByUserID:
		g.queue(a.idUpdate(seen, next, at))
		return
	}
	m := Message{From: seen, At: g.o.Now(), Type: "system", ID: MessageID(seen, false, g.digits(10))}
	ids := Part{{"user_id", next.UserID}, {"previous_user_id", seen.UserID}}
	switch {
	case form == ToldByNumber || seen.UserID == "":
		m.From.UserID = ""
		m.Content = changed(seen.Name, "user_changed_number", seen.Number, next.Number, Part{{"wa_id", next.Number}})
	case unnumbered:
		m.From = Person{Hides: true}
		m.Content = changed(seen.Name, "user_changed_user_id", seen.UserID, next.UserID, ids)
	default:
		m.From.Hides, m.From.UserID = false, ""
		m.Content = changed(seen.Name, "user_changed_number", seen.Number, next.Number, slices.Concat(Part{{"wa_id", next.Number}}, ids))
	}
	g.queue(a.Inbound(m))
}

// idUpdate is the legacy field (G4). Its number is taken to be the one that the person
// has now.
func (b Business) idUpdate(seen, next Person, at string) []byte {
	contact, update := Part{{"profile", Part{{"name", seen.Name}}}}, Part{}
	if !next.Hides {
		contact = append(contact, Member{"wa_id", next.Number})
		update = append(update, Member{"wa_id", next.Number})
	}
	update = append(update,
		Member{"detail", "User id for " + seen.Name + " has been updated."},
		Member{"user_id", Part{{"previous", seen.UserID}, {"current", next.UserID}}}, Member{"timestamp", at})
	return b.envelope("user_id_update", Part{{"contacts", []Part{contact}}, {"user_id_update", []Part{update}}})
}

func changed(name, kind, from, to string, ids Part) Part {
	body := Member{"body", "User " + name + " changed from " + from + " to " + to}
	return slices.Concat(Part{body}, ids, Part{{"type", kind}})
}
