package webhook

import (
	"slices"
	"time"

	"bauta/masking"
)

// take makes an identity the present one of its kind, unless a later event has shown
// another one: then it is one from before, and still masked. It tells whether it took
// the place of another.
func (c *Customer) take(l Link) (turned bool) {
	turnedAt := c.turnedAt(l.Identity)
	late := !l.Since.IsZero() && l.Since.Before(turnedAt)
	known := false
	for i := range c.Links {
		switch have := &c.Links[i]; {
		case same(have.Identity, l.Identity):
			if known {
				continue // the first notation is the current one, the others are for message ids
			}
			known = true
			if have.Lost {
				have.Lost, have.Since = false, l.Since
			}
			if l.inDoubt() && !have.inDoubt() {
				have.Evidence = l.Evidence
			}
			if !late {
				have.Ended = time.Time{}
			}
		case !late && have.Ended.IsZero() && sameKind(have.Identity, l.Identity):
			have.Ended, turned = ended(l.Since), true
		}
	}
	if known {
		return turned
	}
	if late {
		l.Ended = turnedAt
	}
	c.Links = append(c.Links, l)
	return turned
}

// turnedAt is since when the present identity of a kind is it, by the platform's
// clock; zero if that is not known.
func (c *Customer) turnedAt(kind masking.Identity) time.Time {
	var at time.Time
	for _, l := range c.Links {
		if l.Lost || !sameKind(l.Identity, kind) {
			continue
		}
		turn := l.Ended
		if turn.IsZero() {
			turn = l.Since
		}
		if turn.After(at) {
			at = turn
		}
	}
	return at
}

// ended is when something ended that an event ended: never the zero time.
func ended(at time.Time) time.Time {
	if at.IsZero() {
		return time.Unix(1, 0).UTC()
	}
	return at
}

func sameKind(a, b masking.Identity) bool { return a.Number.IsZero() == b.Number.IsZero() }

// lose gives an identity up to somebody else.
func (c *Customer) lose(identity masking.Identity, at time.Time) {
	for i := range c.Links {
		if same(c.Links[i].Identity, identity) && !c.Links[i].Lost {
			c.Links[i].Ended, c.Links[i].Lost = ended(at), true
		}
	}
}

// inside is an identity that is masked in a customer's events and leads elsewhere.
func inside(identity masking.Identity, since time.Time) Link {
	return Link{Identity: identity, Evidence: evidenceLinked, Since: since, Ended: ended(since), Lost: true}
}

func (c *Customer) knows(identity masking.Identity) bool {
	for _, l := range c.Links {
		if same(l.Identity, identity) {
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

// present tells that an identity is the customer's now; nobody is none.
func (c *Customer) present(identity masking.Identity) bool {
	for _, l := range c.Links {
		if !l.Lost && l.Ended.IsZero() && same(l.Identity, identity) {
			return true
		}
	}
	return identity.IsZero()
}

// tookUpAfter tells that the customer has an identity only since after a sighting: it
// was somebody else's before. Of whoever neither hides where that was, nor has shared
// it there, nothing is said: they could show what the other hides.
func (c *Customer) tookUpAfter(identity masking.Identity, s sighting) bool {
	standing := c.Scopes[s.scope]
	if s.at.IsZero() || standing == nil || standing.Visibility == Undecided || standing.Visibility == Visible {
		return false
	}
	if standing.Visibility == Shared && c.shownIn(s.scope).Canonical() != identity.Number.Canonical() {
		return false
	}
	for _, l := range c.Links {
		if !l.Lost && same(l.Identity, identity) && s.at.Before(l.Since) {
			return true
		}
	}
	return false
}

// succeeded tells that an identity was somebody else's until after a time of the
// platform's, as far as that is known.
func (c *Customer) succeeded(identity masking.Identity, at time.Time) bool {
	others := c.came(evidenceReassigned) || slices.ContainsFunc(c.Predecessors, func(p Predecessor) bool { return p.Other })
	return others && slices.ContainsFunc(c.Links, func(l Link) bool { return !l.Lost && same(l.Identity, identity) && at.Before(l.Since) })
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
