package webhook

import (
	"context"
	"fmt"
	"slices"
	"time"

	"bauta/masking"
	"bauta/webhook/meta"
)

// recognise resolves everybody an event names to customers, each with a
// standing in the event's scope.
func (p *Pipeline) recognise(ctx context.Context, s *session, w *work) error {
	subject := w.event.Subject
	// A card that was forwarded may have been somebody else's answer.
	attested := !w.event.Attested.IsZero() && !w.event.Act.Forwarded
	if subject.Number.IsZero() && attested {
		subject.Number = w.event.Attested
	}
	if !subject.IsZero() {
		evidence := evidenceMessage
		if attested {
			evidence = evidenceAttestation
		}
		c, err := p.settle(ctx, s, w, subject, evidence)
		if err != nil {
			return err
		}
		w.subject = c
	}
	if w.subject != nil && w.event.Change != nil {
		if err := p.follow(ctx, s, w); err != nil {
			return err
		}
	}
	return p.others(ctx, s, w)
}

// settle resolves a party and opens or changes its standing in the event's scope.
func (p *Pipeline) settle(ctx context.Context, s *session, w *work, party meta.Party, evidence string) (*Customer, error) {
	c, cl, err := s.person(ctx, w.business.ID, party, evidence, func(cl claim) { p.tellClaim(s, w, cl) })
	if err != nil || c == nil {
		return nil, err
	}
	q := question{
		business: w.business, event: w.event, customer: c, claim: cl,
		subject: evidence != evidenceNamed, dedupe: w.id,
	}
	j := judge{decider: p.Decider, watershed: p.Watershed, prf: p.PRF, now: s.now}
	a, err := j.settle(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("decide: %w", err)
	}
	p.Metrics.identity(w.business.ID, cl)
	if c.Version == 0 {
		c.startWith(w.event.Envelopes)
	}
	if a.same {
		return c, nil
	}
	if c.Scopes[w.event.Group] == nil || a.anew {
		a.standing.Renewed = a.anew || q.startsHidden() == ReasonReturning
	}
	if a.anew {
		// Whoever was a member before is nobody's acquaintance now, and what they
		// said then counts no more.
		a.standing.Sharing.Heard = c.Scopes[w.event.Group].Left
		delete(c.Scopes, w.event.Group)
	}
	if c, err = p.enter(ctx, s, c, w.event.Group, a.standing); err != nil {
		return nil, err
	}
	if q.subject {
		w.reports = a.reports
		p.Metrics.decided(w.business.ID, a)
	}
	return c, nil
}

// enter stores a standing that is new, or changed.
func (p *Pipeline) enter(ctx context.Context, s *session, c *Customer, scope string, standing Standing) (*Customer, error) {
	if standing.Visibility == Hidden {
		if err := p.Watershed.MarkHidden(ctx, c.Business, s.now); err != nil {
			return nil, fmt.Errorf("note the first hidden customer: %w", err)
		}
	}
	if c.Scopes[scope] == nil {
		return s.open(ctx, c, scope, standing)
	}
	c.Scopes[scope] = &standing
	return c, s.update(ctx, c)
}

// startWith takes the envelope of a new customer's first message id as the usual
// one, so that least has to be remembered.
func (c *Customer) startWith(envelopes []meta.Envelope) {
	for _, e := range envelopes {
		if e.Form == "" && c.knows(e.Person) {
			c.adopt(e.Person)
			c.Envelope = e.Person
			return
		}
	}
}

// adopt keeps the notation in which an identity stands in message ids, where it
// is another than the one known.
func (c *Customer) adopt(identity masking.Identity) {
	for _, l := range c.Links {
		if l.Identity == identity {
			return
		}
	}
	for _, l := range c.Links {
		if same(l.Identity, identity) {
			l.Identity, l.Evidence, l.Ended = identity, evidenceMessageID, l.Since
			c.Links = append(c.Links, l)
			return
		}
	}
}

// others are the people an event names besides its subject. In a group each
// is a member with a standing; in the direct chat a stranger stays nobody, and
// what names them is taken away.
func (p *Pipeline) others(ctx context.Context, s *session, w *work) error {
	if w.subject != nil {
		w.named = append(w.named, w.subject)
	}
	for _, identity := range w.event.Named {
		found := s.find(w.business.ID, identity)
		if w.subject != nil && w.subject.knows(identity) {
			if w.unsayable(found) {
				w.apart = append(w.apart, identity)
			}
			continue
		}
		if found.Customer == nil && w.event.Group == Direct {
			continue
		}
		if w.untold(identity, found) {
			w.apart = append(w.apart, identity)
			continue
		}
		c, err := p.settle(ctx, s, w, meta.Party{Number: identity.Number, UserID: identity.UserID}, evidenceNamed)
		if err != nil {
			return err
		}
		if c != nil && !holds(w.named, c) {
			w.named = append(w.named, c)
		}
	}
	return nil
}

// unsayable tells that an identity of the subject, who shows, is the way to
// somebody who hides (or was forgotten). Neither the identity nor the handle can
// stand in this event: the handle would be joined with the subject.
func (w *work) unsayable(found Found) bool {
	present := w.standing()
	if present == nil || present.Visibility.Masked() {
		return false
	}
	if found.Customer == nil {
		return found.Marked
	}
	theirs := found.Customer.Scopes[w.event.Group]
	return found.Customer.ID != w.subject.ID && (theirs == nil || theirs.Visibility.Masked())
}

// untold tells that a message id of the direct chat names another customer than the
// subject, and one of them shows while the other hides. Every message of a direct
// chat is the subject's, so the two are one person, of which nobody is told.
func (w *work) untold(identity masking.Identity, found Found) bool {
	if w.subject == nil || w.event.Group != Direct || found.Customer == nil || found.Customer.ID == w.subject.ID {
		return false
	}
	hides := func(s *Standing) bool { return s == nil || s.Visibility.Masked() }
	return hides(w.standing()) != hides(found.Customer.Scopes[Direct]) &&
		slices.ContainsFunc(w.event.Envelopes, func(e meta.Envelope) bool { return e.Person.Canonical() == identity.Canonical() })
}

func holds(customers []*Customer, c *Customer) bool {
	for _, known := range customers {
		if known.ID == c.ID {
			return true
		}
	}
	return false
}

// follow takes a change of number or user id that the platform announces: the
// handle stays. A new identity that already is somebody else's, or was forgotten
// as theirs, merges nothing.
func (p *Pipeline) follow(ctx context.Context, s *session, w *work) error {
	at := w.event.At
	if at.IsZero() {
		at = s.now
	}
	changed, conflicts := false, 0
	for _, identity := range []masking.Identity{
		{Number: w.event.Change.To.Number}, {UserID: w.event.Change.To.UserID},
	} {
		if identity.IsZero() || w.subject.settled(identity, at) {
			continue
		}
		other := s.find(w.business.ID, identity)
		switch theirs := other.Marked || other.Customer != nil && other.Customer.ID != w.subject.ID; {
		case !theirs:
			w.subject.turnTo(identity, at)
		case w.subject.knows(identity):
			continue
		default:
			w.subject.Links = append(w.subject.Links, inside(identity, at))
			conflicts++
		}
		changed = true
	}
	if !changed {
		return nil
	}
	p.tellChange(s, w, conflicts)
	if err := s.update(ctx, w.subject); err != nil {
		return err
	}
	for range conflicts {
		p.Metrics.conflict(w.business.ID)
	}
	s.point(w.subject)
	return nil
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

// turnTo makes an identity the present one of its kind, also one from before.
func (c *Customer) turnTo(identity masking.Identity, at time.Time) {
	c.end(identity, at)
	for i := range c.Links {
		if l := &c.Links[i]; same(l.Identity, identity) {
			l.Ended = time.Time{}
			return
		}
	}
	c.Links = append(c.Links, Link{Identity: identity, Evidence: evidenceChange, Since: at})
}

// end closes the present identity of the new one's kind.
func (c *Customer) end(next masking.Identity, at time.Time) {
	for i := range c.Links {
		l := &c.Links[i]
		if l.Ended.IsZero() && l.Identity.Number.IsZero() == next.Number.IsZero() {
			l.Ended = at
		}
	}
}

// remember notes the envelopes of this event's message ids that cannot be
// derived from the customer's record, for the way back. They are stored once for
// the whole POST.
func (s *session) remember(w *work) {
	for _, envelope := range w.event.Envelopes {
		for _, c := range w.named {
			if form, ok := c.FormOf(w.event.Group, envelope); ok {
				s.forms[c] = append(s.forms[c], form)
			}
		}
	}
}
