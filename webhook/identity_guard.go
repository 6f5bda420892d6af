package webhook

import (
	"slices"
	"time"
)

// The evidence of links that came with a reason to hide. It outlives the event
// that brought them, so that whoever starts hidden does so in every scope.
const (
	evidenceReturning  = "returning"
	evidenceReassigned = "reassigned"
	// evidenceDoubted: what leads to this customer is hidden as somebody else's too.
	evidenceDoubted = "doubted"
)

// startsHidden tells that the customer is hidden to begin with, wherever they come.
func (c *Customer) startsHidden() bool { return slices.ContainsFunc(c.Links, Link.inDoubt) }

// inDoubt tells that the link came with a reason to hide.
func (l Link) inDoubt() bool {
	return l.Evidence == evidenceReturning || l.Evidence == evidenceReassigned || l.Evidence == evidenceDoubted
}

// doubt has the customer start hidden wherever nothing is decided yet. It tells whether
// that is new.
func (c *Customer) doubt() bool {
	changed := false
	for i := range c.Links {
		if l := &c.Links[i]; !l.Lost && !l.inDoubt() {
			l.Evidence, changed = evidenceDoubted, true
		}
	}
	return changed
}

// returns has the customer start hidden from now on, as somebody who was forgotten. That
// an identity was somebody else's before stays known of their number.
func (c *Customer) returns() {
	if c.came(evidenceReturning) {
		return
	}
	at := 0
	for i, l := range c.Links {
		if l.Evidence != evidenceLinked && l.Evidence != evidenceReassigned {
			at = i
			break
		}
		if l.Evidence == evidenceReassigned && l.Identity.Number.IsZero() {
			at = i
		}
	}
	c.Links[at].Evidence = evidenceReturning
}

// standApart: an identity with a marker came together with a customer who shows.
// Whoever was forgotten under it comes back hidden, as a customer of their own;
// the other is linked inside only.
func (c *claim) standApart(other *Customer, marked Link) {
	c.links = []Link{marked}
	for _, theirs := range other.Links {
		if !same(theirs.Identity, marked.Identity) {
			c.links = append(c.links, inside(theirs.Identity, marked.Since))
		}
	}
}

// keepHidden gives the event to the customer who hides; the other is linked
// inside only, and shows nothing in scopes that it comes to from now on.
func (c *claim) keepHidden(hiddenOne, other *Customer, at time.Time) {
	c.subject = hiddenOne
	if hiddenOne.linkInside(other, at) {
		c.change(hiddenOne)
	}
	if other.doubt() {
		c.change(other)
	}
}

// linkInside notes the other record's identities so that they are masked in
// this customer's events; they go on leading to the other record. It tells
// whether any was new.
func (c *Customer) linkInside(other *Customer, at time.Time) bool {
	before := len(c.Links)
	for _, theirs := range other.Links {
		if !c.knows(theirs.Identity) {
			c.Links = append(c.Links, inside(theirs.Identity, at))
		}
	}
	return len(c.Links) > before
}

// guards tells that a hides in a scope where b shows, or may come to show: what
// leads to a must not lead to b from now on.
func guards(a, b *Customer) bool {
	for scope, standing := range a.Scopes {
		if standing.mayShow(b.Scopes[scope]) {
			return true
		}
	}
	return false
}

// mayShow tells that another standing shows more than this one, or may come to. What
// is not decided yet, or not even opened, can become visible.
func (s *Standing) mayShow(other *Standing) bool {
	switch {
	case s.Visibility == Visible:
		return false
	case other == nil:
		return true
	case other.Visibility == Undecided:
		return s.Visibility != Undecided
	}
	return other.face() > s.face()
}

// shows tells that the customer is seen unmasked in some scope.
func (c *Customer) shows() bool {
	for _, standing := range c.Scopes {
		if !standing.Visibility.Masked() {
			return true
		}
	}
	return false
}

// came tells that one of the customer's links has this evidence.
func (c *Customer) came(evidence string) bool {
	for _, l := range c.Links {
		if l.Evidence == evidence {
			return true
		}
	}
	return false
}
