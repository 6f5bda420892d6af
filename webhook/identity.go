package webhook

import (
	"slices"
	"time"

	"bauta/masking"
	"bauta/masking/sharing"
	"bauta/webhook/meta"
)

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
	// reassigned: the number was somebody else's; the newer pair is a new person.
	reassigned bool
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
func identify(party meta.Party, byNumber, byUser Found, evidence string, at time.Time) claim {
	c := claim{returning: byNumber.Marked || byUser.Marked}
	if c.returning {
		evidence = evidenceReturning
	}
	number, user := identityOf(party)
	a, b := byNumber.Customer, byUser.Customer
	switch {
	case a == nil && b == nil:
		c.links = newLinks(number, user, evidence, at)
	case b == nil && byUser.Marked && a.shows():
		c.standApart(user, a, Link{Evidence: evidence, Since: at})
	case a == nil && byNumber.Marked && b.shows():
		c.standApart(number, b, Link{Evidence: evidence, Since: at})
	case b == nil:
		c.knownByNumber(a, number, user, Link{Evidence: evidence, Since: at})
	case a == nil:
		c.subject = b
		if !number.IsZero() {
			c.renumbered = !b.Number().IsZero()
			b.takeNumber(number, evidence, at)
			c.changed = append(c.changed, b)
		}
	case a == b:
		c.subject = a
	default:
		c.knownTwice(a, b, number, Link{Evidence: evidence, Since: at})
	}
	return c
}

func identityOf(party meta.Party) (number, user masking.Identity) {
	return masking.Identity{Number: party.Number}, masking.Identity{UserID: party.UserID}
}

// same tells that two identities name one person: the platform has several
// notations of some countries' numbers.
func same(a, b masking.Identity) bool { return a == b || a.Canonical() == b.Canonical() }

func newLinks(number, user masking.Identity, evidence string, at time.Time) []Link {
	var links []Link
	for _, identity := range []masking.Identity{number, user} {
		if !identity.IsZero() {
			links = append(links, Link{Identity: identity, Evidence: evidence, Since: at})
		}
	}
	return links
}

// knownByNumber: the number leads to a; the user id, if any, to nobody.
func (c *claim) knownByNumber(a *Customer, number, user masking.Identity, l Link) {
	switch has := a.UserID(); {
	case user.IsZero() || has == user.UserID:
		c.subject = a
	case has.IsZero():
		c.subject = a
		l.Identity = user
		a.Links = append(a.Links, l)
		c.changed = append(c.changed, a)
	default:
		// The number came with another user id and nobody announced a change:
		// the newer pair is another person.
		a.lose(number, l.Since)
		c.changed = append(c.changed, a)
		c.links = newLinks(number, user, evidenceReassigned, l.Since)
		c.reassigned = true
	}
}

// knownTwice: the number leads to a, the user id to b.
func (c *claim) knownTwice(a, b *Customer, number masking.Identity, l Link) {
	if !overlap(a, b) && (!a.UserID().IsZero() || !b.Number().IsZero()) {
		// Each has an identity of its own that speaks against being one person.
		c.conflict, c.quiet = true, differ(a, b) || guards(a, b)
		if guards(a, b) {
			c.keepHidden(a, b, l)
			return
		}
		a.lose(number, l.Since)
		b.takeNumber(number, l.Evidence, l.Since)
		c.subject = b
		c.changed = append(c.changed, a, b)
		return
	}
	if differ(a, b) {
		hiddenOne, other := b, a
		if masksMore(a, b) {
			hiddenOne, other = a, b
		}
		c.keepHidden(hiddenOne, other, l)
		return
	}
	older, younger := a, b
	if b.Created.Before(a.Created) {
		older, younger = b, a
	}
	older.absorb(younger)
	c.subject, c.merged = older, younger
	c.changed = append(c.changed, older, younger)
}

// takeNumber makes number the customer's current one; an earlier one is kept
// as an old identity, still masked.
func (c *Customer) takeNumber(number masking.Identity, evidence string, at time.Time) {
	known := false
	for i := range c.Links {
		switch l := &c.Links[i]; {
		case same(l.Identity, number):
			// The first notation is the current one, the others are for message ids.
			if !known {
				l.Ended, l.Lost, known = time.Time{}, false, true
			}
		case !l.Identity.Number.IsZero() && l.Ended.IsZero():
			l.Ended = at
		}
	}
	if known {
		return
	}
	c.Links = append(c.Links, Link{Identity: number, Evidence: evidence, Since: at})
}

// lose gives an identity up to somebody else.
func (c *Customer) lose(identity masking.Identity, at time.Time) {
	for i := range c.Links {
		if same(c.Links[i].Identity, identity) && !c.Links[i].Lost {
			c.Links[i].Ended, c.Links[i].Lost = at, true
		}
	}
}

func (c *Customer) knows(identity masking.Identity) bool {
	for _, l := range c.Links {
		if same(l.Identity, identity) {
			return true
		}
	}
	return false
}

// overlap tells that one identity leads to both records by their own word: a
// merge that broke off after its first step.
func overlap(a, b *Customer) bool {
	for _, l := range a.Links {
		if !l.Lost && b.claims(l.Identity) {
			return true
		}
	}
	return false
}

// claims tells that an identity is the customer's by their own record.
func (c *Customer) claims(identity masking.Identity) bool {
	for _, l := range c.Links {
		if !l.Lost && same(l.Identity, identity) {
			return true
		}
	}
	return false
}

// absorb takes over a record that proved to be the same person. Every name the
// younger one had stays reachable. A second time it changes nothing.
func (c *Customer) absorb(younger *Customer) {
	for _, l := range younger.Links {
		if !c.knows(l.Identity) {
			c.Links = append(c.Links, l)
		}
	}
	for scope, theirs := range younger.Scopes {
		ours, both := c.Scopes[scope]
		if !both {
			copied := *theirs
			copied.Inherited = true
			c.Scopes[scope] = &copied
			continue
		}
		for _, name := range append([]masking.Handle{theirs.Handle}, theirs.Former...) {
			if name != ours.Handle && !slices.Contains(ours.Former, name) {
				ours.Former = append(ours.Former, name)
			}
		}
		if ours.Visibility == Undecided && theirs.Visibility != Undecided {
			ours.Visibility, ours.Rule, ours.Reason = theirs.Visibility, theirs.Rule, theirs.Reason
			ours.Decided, ours.DecidedBy = theirs.Decided, theirs.DecidedBy
		}
		if ours.Sharing.State == sharing.Unasked {
			// Nobody is asked again for having been two.
			ours.Sharing = theirs.Sharing
		}
	}
	c.Lines, c.Due = append(c.Lines, younger.Lines...), append(c.Due, younger.Due...)
	younger.Lines, younger.Due = nil, nil
	c.AskedAt = later(c.AskedAt, younger.AskedAt)
	if younger.InboundAt.After(c.InboundAt) {
		c.InboundAt, c.Inbound = younger.InboundAt, younger.Inbound
	}
	younger.MergedInto = c.ID
}

// differ tells that two records have different visibility in a scope both have.
func differ(a, b *Customer) bool {
	for scope, standing := range a.Scopes {
		if other, both := b.Scopes[scope]; both && standing.Visibility.Masked() != other.Visibility.Masked() {
			return true
		}
	}
	return false
}

// masksMore tells that a hides in a scope where b shows.
func masksMore(a, b *Customer) bool {
	for scope, standing := range a.Scopes {
		if other, both := b.Scopes[scope]; both && standing.Visibility.Masked() && !other.Visibility.Masked() {
			return true
		}
	}
	return false
}
