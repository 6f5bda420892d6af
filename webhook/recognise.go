package webhook

import (
	"context"
	"fmt"
	"slices"

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
	if w.event.Change != nil {
		if err := p.reunite(ctx, s, w); err != nil {
			return err
		}
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
		w.subject, w.shown = c, subject
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
	sight := sighting{
		party: party, evidence: evidence, scope: w.event.Group, at: w.event.At, now: s.now,
		wrote: evidence != evidenceNamed && w.event.Inbound,
	}
	c, cl, err := s.person(ctx, w.business.ID, sight, func(cl claim) { p.tellClaim(s, w, cl) })
	if err != nil || c == nil {
		return nil, err
	}
	q := question{
		business: w.business, event: w.event, customer: c, claim: cl,
		subject: evidence != evidenceNamed, dedupe: w.id,
	}
	j := judge{decider: w.business.decider(p.Decider), watershed: p.Watershed, prf: p.PRF, now: s.now}
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
		if a.anew || c.came(evidenceReturning) {
			a.standing.Opened = s.now
		}
	}
	if a.anew {
		// Whoever was a member before is nobody's acquaintance now, and what they
		// said then counts no more.
		a.standing.Sharing.Heard = c.Scopes[w.event.Group].Left
		c.free(c.Scopes[w.event.Group])
		delete(c.Scopes, w.event.Group)
	}
	if c, err = p.enter(ctx, s, c, w.event.Group, a.standing); err != nil {
		return nil, err
	}
	if q.subject {
		w.reports = a.reports
		p.Metrics.decided(w.business.ID, a)
		p.Metrics.figuresOfDecision(w.business.ID, a, adOf(w.event, c))
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
			l.Identity, l.Evidence, l.Ended = identity, evidenceMessageID, ended(l.Since)
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
			if w.unsayable(identity, found) {
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

// unsayable tells that an identity of the subject, who is visible, is the way to
// somebody whose it is and who is not (or was forgotten). Neither the identity nor the
// handle can stand in this event: the handle would be joined with the subject. Of
// somebody who shared it is the shared number alone that can be said. A subject who
// shared is named by a handle: there every identity reads as that, but for the number.
func (w *work) unsayable(identity masking.Identity, found Found) bool {
	present, other := w.standing(), found.Customer
	switch {
	case present == nil || present.Visibility != Visible:
		return false
	case other == nil:
		return found.Marked
	case other.ID == w.subject.ID || other.Scopes[w.event.Group].face() == present.face():
		return false
	}
	shown := other.shownIn(w.event.Group)
	return shown.IsZero() || shown.Canonical() != identity.Number.Canonical()
}

// untold tells that a message id of the direct chat names another customer than the
// subject, and the business sees them in different ways. Every message of a direct
// chat is the subject's, so the two are one person, of which nobody is told.
func (w *work) untold(identity masking.Identity, found Found) bool {
	if w.subject == nil || w.event.Group != Direct || found.Customer == nil || found.Customer.ID == w.subject.ID {
		return false
	}
	return w.standing().face() != found.Customer.Scopes[Direct].face() &&
		slices.ContainsFunc(w.event.Envelopes, func(e meta.Envelope) bool { return e.Person.Canonical() == identity.Canonical() })
}

// bySubject tells that the subject wrote the event, by the name that counts most in it. An
// event that contradicts itself goes to who hides, and a number alone may be from before
// it was theirs: that somebody else wrote.
func (w *work) bySubject() bool {
	if user := w.shown.UserID; !user.IsZero() {
		return w.subject.claims(masking.Identity{UserID: user})
	}
	number := masking.Identity{Number: w.shown.Number}
	return w.subject.claims(number) && !w.subject.succeeded(number, w.event.At)
}

// showsOwn tells that the event shows no number but one of the subject's.
func (w *work) showsOwn() bool {
	return w.shown.Number.IsZero() || w.subject.claims(masking.Identity{Number: w.shown.Number})
}

func holds(customers []*Customer, c *Customer) bool {
	for _, known := range customers {
		if known.ID == c.ID {
			return true
		}
	}
	return false
}

// remember notes the envelopes of this event's message ids that cannot be
// derived from the customer's record, for the way back. They are stored once for
// the whole POST.
func (s *session) remember(w *work) {
	for _, envelope := range w.event.Envelopes {
		for _, c := range w.named {
			if form, ok := c.FormOf(w.event.Group, envelope); ok {
				if s.forms == nil {
					s.forms = map[*Customer][]Form{}
				}
				s.forms[c] = append(s.forms[c], form)
			}
		}
	}
}
