package webhook

import (
	"time"

	"bauta/masking"
)

// The evidence of links that came with a reason to hide. It outlives the event
// that brought them, so that whoever starts hidden does so in every scope.
const (
	evidenceReturning  = "returning"
	evidenceReassigned = "reassigned"
)

// standApart: an identity with a marker came together with a customer who shows.
// Whoever was forgotten under it comes back hidden, as a customer of their own;
// the other is linked inside only.
func (c *claim) standApart(marked masking.Identity, other *Customer, l Link) {
	l.Identity = marked
	c.links = []Link{l}
	for _, theirs := range other.Links {
		if !same(theirs.Identity, marked) {
			c.links = append(c.links, inside(theirs.Identity, l.Since))
		}
	}
}

// keepHidden gives the event to the customer who hides; the other is linked
// inside only.
func (c *claim) keepHidden(hiddenOne, other *Customer, l Link) {
	c.subject = hiddenOne
	if hiddenOne.linkInside(other, l) {
		c.changed = append(c.changed, hiddenOne)
	}
}

// linkInside notes the other record's identities so that they are masked in
// this customer's events; they go on leading to the other record. It tells
// whether any was new.
func (c *Customer) linkInside(other *Customer, l Link) bool {
	before := len(c.Links)
	for _, theirs := range other.Links {
		if !c.knows(theirs.Identity) {
			c.Links = append(c.Links, inside(theirs.Identity, l.Since))
		}
	}
	return len(c.Links) > before
}

// inside is an identity that is masked in a customer's events and leads elsewhere.
func inside(identity masking.Identity, since time.Time) Link {
	return Link{Identity: identity, Evidence: evidenceLinked, Since: since, Ended: since, Lost: true}
}

// guards tells that a hides in a scope where b shows, or may come to show: what
// leads to a must not lead to b from now on.
func guards(a, b *Customer) bool {
	for scope, standing := range a.Scopes {
		if standing.Visibility.Masked() && mayShow(b.Scopes[scope], standing.Visibility) {
			return true
		}
	}
	return false
}

// mayShow tells that a standing is less hidden than what it is compared with. What
// is not decided yet, or not even opened, can become visible.
func mayShow(s *Standing, than Visibility) bool {
	switch {
	case s == nil:
		return true
	case s.Visibility == Undecided:
		return than != Undecided
	}
	return !s.Visibility.Masked()
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
