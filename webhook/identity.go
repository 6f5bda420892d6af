package webhook

import (
	"slices"
	"time"

	"bauta/masking"
	"bauta/webhook/meta"
)

// sighting is a party as one event shows it.
type sighting struct {
	party    meta.Party
	evidence string
	scope    string
	// at is the platform's time of the event, zero if it has none; now is Bauta's. The
	// two clocks are never compared.
	at, now time.Time
	// wrote: the party wrote it, so that the number in it is the one that they have.
	wrote bool
}

// before is when all that came to a scope before the sighting was written. Only of its
// own scope the platform's clock tells; Bauta's is late enough.
func (s *sighting) before(scope string) time.Time {
	if s.scope == scope && !s.at.IsZero() {
		return s.at.Add(-1)
	}
	return s.now
}

// link is one that the sighting shows.
func (s *sighting) link(identity masking.Identity) Link {
	return Link{Identity: identity, Evidence: s.evidence, Since: s.at}
}

// claim is what one event says of who a party is, and what must be changed to
// take it in. It is worked out without any I/O.
type claim struct {
	// subject is the customer the party is; nil: a new one has to be minted.
	subject *Customer
	// changed are the customers to store, in this order, before minting.
	changed []*Customer
	// links for the new customer, when subject is nil.
	links []Link
	// returning: an identity carries the marker of an erased or expired customer.
	returning bool
	// reassigned: the number was somebody else's; the newer pair is a new person. before
	// are those who lost it.
	reassigned bool
	before     []Predecessor
	// merged is the customer that subject took over.
	merged *Customer
	// conflict: number and user id are two people's by other evidence. quiet: one of
	// them shows where the other hides, so that nobody is told.
	conflict, quiet bool
	// renumbered: the subject has another number than before, which nobody announced.
	renumbered bool
}

// The evidence of links: what told that the identity is the customer's.
const (
	evidenceMessage     = "message"
	evidenceMessageID   = "message_id"
	evidenceChange      = "number_change"
	evidenceAttestation = "contact_request"
	// evidenceNamed: an event only mentions them.
	evidenceNamed = "named"
)

// evidenceLinked marks an identity that is known to be the same person's but
// belongs to a record with another visibility: masked here, leading there.
const evidenceLinked = "linked"

// identify settles who a party is, from the records that its number and its
// user id lead to.
func identify(s sighting, byNumber, byUser Found) claim {
	c := claim{returning: byNumber.Marked || byUser.Marked}
	if c.returning {
		s.evidence = evidenceReturning
	}
	number, user := masking.Identity{Number: s.party.Number}, masking.Identity{UserID: s.party.UserID}
	a, b := byNumber.Customer, byUser.Customer
	switch {
	case a == nil && b == nil:
		c.links = s.links(number, user)
	case b == nil && byUser.Marked && a.shows():
		c.standApart(a, s.link(user))
	case a == nil && byNumber.Marked && b.shows():
		c.standApart(b, s.link(number))
	case b == nil:
		c.knownByNumber(a, number, user, s)
	case a == nil:
		c.subject = b
		if !number.IsZero() {
			c.renumbered = b.take(s.link(number))
			c.changed = append(c.changed, b)
		}
	case a == b:
		c.subject = a
		c.comesBack(number, s)
		c.comesBack(user, s)
	default:
		c.knownTwice(a, b, number, s)
	}
	c.date(s)
	return c
}

// same tells that two identities name one person: the platform has several
// notations of some countries' numbers.
func same(a, b masking.Identity) bool { return a == b || a.Canonical() == b.Canonical() }

func (s *sighting) links(number, user masking.Identity) []Link {
	var links []Link
	for _, identity := range []masking.Identity{number, user} {
		if !identity.IsZero() {
			links = append(links, s.link(identity))
		}
	}
	return links
}

// knownByNumber: the number leads to a; the user id, if any, to nobody.
func (c *claim) knownByNumber(a *Customer, number, user masking.Identity, s sighting) {
	switch has := a.UserID(); {
	case user.IsZero() || has == user.UserID:
		c.subject = a
	case has.IsZero():
		c.subject = a
		a.Links = append(a.Links, s.link(user))
		c.changed = append(c.changed, a)
	case a.tookUpAfter(number, s):
		// It was this user id's before it was theirs.
		s.evidence = evidenceReassigned
		c.links = []Link{s.link(user), inside(number, s.at)}
		c.reassigned = true
	default:
		// The number came with another user id and nobody announced a change:
		// the newer pair is another person.
		a.lose(number, s.at)
		c.changed = append(c.changed, a)
		s.evidence = evidenceReassigned
		c.links = s.links(number, user)
		c.reassigned, c.before = true, a.precedes(s.now)
	}
}

// comesBack: an identity that the customer had before, and now writes under again,
// though nobody announced it. What was written before they left it says nothing.
func (c *claim) comesBack(identity masking.Identity, s sighting) {
	a := c.subject
	if !s.wrote || a.present(identity) || !s.at.After(a.turnedAt(identity)) {
		return
	}
	turned := a.take(s.link(identity))
	c.renumbered = c.renumbered || turned && identity.UserID.IsZero()
	c.change(a)
}

// knownTwice: the number leads to a, the user id to b.
func (c *claim) knownTwice(a, b *Customer, number masking.Identity, s sighting) {
	if !overlap(a, b) && (!a.UserID().IsZero() || !b.Number().IsZero()) {
		// Each has an identity of its own that speaks against being one person.
		c.conflicting(a, b, number, s)
		return
	}
	if differ(a, b) {
		hiddenOne, other := b, a
		if masksMore(a, b) {
			hiddenOne, other = a, b
		}
		c.keepHidden(hiddenOne, other, s.at)
		return
	}
	c.merge(a, b, s)
}

// conflicting: the number leads to a, the user id to b, and they are two people. The
// number goes with the newer evidence.
func (c *claim) conflicting(a, b *Customer, number masking.Identity, s sighting) {
	if a.tookUpAfter(number, s) {
		c.subject = b
		if !b.knows(number) {
			b.Links = append(b.Links, inside(number, s.at))
			c.change(b)
		}
		return
	}
	c.conflict, c.quiet = true, differ(a, b) || guards(a, b)
	if guards(a, b) {
		c.keepHidden(a, b, s.at)
		return
	}
	l := s.link(number)
	for _, theirs := range a.Links {
		if same(theirs.Identity, number) && theirs.inDoubt() {
			l.Evidence = theirs.Evidence
		}
	}
	a.lose(number, s.at)
	b.take(l)
	b.succeed(s.now, a.precedes(s.now)...)
	c.subject = b
	c.changed = append(c.changed, a, b)
}

// merge makes two records of one person one: the older takes the younger over.
func (c *claim) merge(a, b *Customer, s sighting) {
	older, younger := a, b
	if b.Created.Before(a.Created) {
		older, younger = b, a
	}
	older.absorb(younger, s)
	c.subject, c.merged = older, younger
	c.changed = append(c.changed, older, younger)
}

// date moves since when an identity is known to be the subject's back to an event that
// was earlier and came later. An event without a time could have been at any.
func (c *claim) date(s sighting) {
	if c.subject == nil {
		return
	}
	for i := range c.subject.Links {
		l := &c.subject.Links[i]
		named := same(l.Identity, masking.Identity{Number: s.party.Number}) || same(l.Identity, masking.Identity{UserID: s.party.UserID})
		if !named || l.Lost || !s.at.Before(l.Since) {
			continue
		}
		if s.party.UserID.IsZero() && c.subject.succeeded(l.Identity, s.at) {
			continue // it was somebody else's before
		}
		l.Since = s.at
		c.change(c.subject)
	}
}

// change notes that a customer has to be stored.
func (c *claim) change(customer *Customer) {
	if !slices.Contains(c.changed, customer) {
		c.changed = append(c.changed, customer)
	}
}
