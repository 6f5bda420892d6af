package webhook

import (
	"context"
	"slices"
	"time"

	"bauta/masking"
	"bauta/webhook/meta"
)

// reunite takes a change that comes after somebody was met under what it leads to:
// they are who announced it, and the older handle stays. Whoever was not met before
// the change is known under their earlier name from now on.
func (p *Pipeline) reunite(ctx context.Context, s *session, w *work) error {
	from, to := identitiesOf(w.event.Change.From), identitiesOf(w.event.Change.To)
	slices.Reverse(from) // by the user id first: a number goes from one person to the next
	var c *Customer
	for _, identity := range from {
		found := s.find(w.business.ID, identity)
		if found.Marked {
			return nil
		}
		if c == nil {
			c = found.Customer
		}
	}
	if c == nil {
		return p.precede(ctx, s, w)
	}
	for _, identity := range append(from, to...) {
		other := s.find(w.business.ID, identity).Customer
		if other == nil || other.ID == c.ID || !c.metEarly(other, w.event.Change, w.event.At) {
			continue
		}
		var cl claim
		cl.merge(c, other, sighting{now: s.now})
		p.tellClaim(s, w, cl)
		if err := s.settle(ctx, cl); err != nil {
			return err
		}
		p.Metrics.identity(w.business.ID, cl)
		c = cl.subject
		s.point(c)
	}
	return nil
}

// precede gives an earlier name, which nobody knows, to who was met under the new one.
func (p *Pipeline) precede(ctx context.Context, s *session, w *work) error {
	change, at := w.event.Change, w.event.At
	var c *Customer
	for _, identity := range identitiesOf(change.To) {
		found := s.find(w.business.ID, identity)
		if found.Marked || found.Customer != nil && c != nil && found.Customer.ID != c.ID {
			return nil
		}
		if found.Customer != nil {
			c = found.Customer
		}
	}
	if c == nil || c.shows() || !c.cameAfter(at, func(i masking.Identity) bool { return in(change.To, i) }) {
		return nil
	}
	for _, identity := range identitiesOf(change.From) {
		if !c.knows(identity) {
			c.Links = append(c.Links, Link{Identity: identity, Evidence: evidenceChange, Ended: at})
		}
	}
	if err := s.update(ctx, c); err != nil {
		return err
	}
	s.point(c)
	return nil
}

// metEarly tells that other is who c became by a change, met under the new name before
// the change was told: all that leads to them came after it, and nothing but what it
// names. A merge that broke off is one too.
func (c *Customer) metEarly(other *Customer, change *meta.Change, at time.Time) bool {
	if differ(c, other) || other.came(evidenceReturning) || other.came(evidenceDoubted) {
		return false
	}
	for _, l := range c.Links {
		if l.Evidence == evidenceLinked && l.Lost && other.claims(l.Identity) {
			return false // they stayed apart when it was told first
		}
	}
	return overlap(c, other) || other.cameAfter(at, func(i masking.Identity) bool { return in(change.To, i) || c.had(i) })
}

// cameAfter tells that everything that is known of a customer is from after a time of
// the platform's, and among what is named.
func (c *Customer) cameAfter(at time.Time, named func(masking.Identity) bool) bool {
	return !at.IsZero() && !slices.ContainsFunc(c.Links, func(l Link) bool {
		return l.Lost || !l.Since.After(at) || !named(l.Identity)
	})
}

// had tells that an identity is, or was, the customer's own.
func (c *Customer) had(identity masking.Identity) bool {
	return slices.ContainsFunc(c.Links, func(l Link) bool { return l.Evidence != evidenceLinked && same(l.Identity, identity) })
}

// identitiesOf are a party's number and user id, as far as it has them.
func identitiesOf(p meta.Party) []masking.Identity {
	all := []masking.Identity{{Number: p.Number}, {UserID: p.UserID}}
	return slices.DeleteFunc(all, masking.Identity.IsZero)
}

func in(p meta.Party, identity masking.Identity) bool {
	return slices.ContainsFunc(identitiesOf(p), func(i masking.Identity) bool { return same(i, identity) })
}

// follow takes a change of number or user id that the platform announces: the
// handle stays. A new identity that already is somebody else's, or was forgotten
// as theirs, merges nothing; where one of the two shows and the other hides, or was
// forgotten, nobody is told.
func (p *Pipeline) follow(ctx context.Context, s *session, w *work) error {
	changed, conflicts, quiet := false, 0, false
	var turned []string
	for _, identity := range identitiesOf(w.event.Change.To) {
		if w.subject.settled(identity, w.event.At) {
			continue
		}
		other := s.find(w.business.ID, identity)
		if !other.Marked && (other.Customer == nil || other.Customer.ID == w.subject.ID) {
			w.subject.take(Link{Identity: identity, Evidence: evidenceChange, Since: w.event.At})
			if w.subject.present(identity) {
				turned = append(turned, kindOf(identity))
			}
			changed = true
			continue
		}
		if w.subject.knows(identity) {
			continue
		}
		hides, err := s.keepApart(ctx, w.subject, inside(identity, w.event.At), other)
		if err != nil {
			return err
		}
		changed, quiet, conflicts = true, quiet || hides, conflicts+1
	}
	if !changed {
		return nil
	}
	p.tellChange(s, w, turned, conflicts > 0 && !quiet)
	if err := s.update(ctx, w.subject); err != nil {
		return err
	}
	for range conflicts {
		p.Metrics.conflict(w.business.ID)
	}
	s.point(w.subject)
	return nil
}

// keepApart masks a customer's new identity as somebody else's, whose it is or was. It
// tells whether one of the two hides from the other.
func (s *session) keepApart(ctx context.Context, c *Customer, link Link, other Found) (hides bool, err error) {
	c.Links = append(c.Links, link)
	if other.Marked {
		return true, nil
	}
	if hides = differ(c, other.Customer) || guards(c, other.Customer); hides && other.Customer.doubt() {
		err = s.update(ctx, other.Customer)
	}
	return hides, err
}

// kindOf is the word for what an identity is.
func kindOf(identity masking.Identity) string {
	if identity.UserID.IsZero() {
		return "number"
	}
	return "user_id"
}

// settled tells that a change to an identity is no news: it is the customer's,
// went to somebody else, or was given up after the change, which comes again.
func (c *Customer) settled(identity masking.Identity, at time.Time) bool {
	for _, l := range c.Links {
		if same(l.Identity, identity) {
			return l.Lost || l.Ended.IsZero() || !at.After(l.Ended)
		}
	}
	return false
}
