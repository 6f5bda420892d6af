package webhook

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"bauta/masking"
	"bauta/masking/sharing"
	"bauta/webhook/meta"
)

// window is for how long after a customer wrote the platform takes messages to them.
// InboundAt is at most ten minutes too early, never too late.
const window = 24 * time.Hour

// Why an event goes to nobody: it is about one of Bauta's own messages, it would join
// two names of a customer, the customer is forgotten, or had another name when the
// message was sent.
const (
	consumedStatus = "own_message"
	consumedTap    = "other_scope"
	consumedLate   = "forgotten"
	consumedFormer = "former_handle"
)

// asksAt is the business's phone number that the customer can be written from now, ""
// while the platform would not take a message.
func (c *Customer) asksAt(now time.Time) string {
	if c.InboundAt.IsZero() || now.Sub(c.InboundAt) >= window {
		return ""
	}
	return c.Inbound
}

// wrote notes that the customer wrote in the direct chat.
func (c *Customer) wrote(w *work, now time.Time) bool {
	if !w.event.Inbound || w.event.Group != Direct || w.event.Kind != meta.Message || w.event.PhoneNumberID == "" {
		return false
	}
	at := w.event.At
	if at.IsZero() || at.After(now) {
		at = now
	}
	if at.Before(c.InboundAt) {
		return false
	}
	c.InboundAt, c.Inbound = at, w.event.PhoneNumberID
	return true
}

// hear takes in what an event tells Bauta itself: a status of one of its messages is
// consumed, everything else may be an act.
func (p *Pipeline) hear(ctx context.Context, s *session, w *work) error {
	w.put = p.voided(w)
	own := w.event.Kind == meta.Status && strings.HasPrefix(w.event.Callback, sharing.Reserved)
	former, err := p.former(ctx, w)
	switch {
	case err != nil:
		return err
	case own:
		w.consumed = consumedStatus
	case former && (w.event.Kind == meta.Status || w.event.Kind == meta.Thread):
		w.consumed = consumedFormer
	default:
		w.former = former
	}
	switch {
	case w.subject == nil:
		return nil
	case p.Consents == nil && p.Trace:
		return p.would(s, w)
	case p.Consents == nil:
		return nil
	}
	c, r := w.subject, p.Consents.registrar(w.business, s.now)
	w.wrote = c.wrote(w, s.now)
	change := p.acts
	if own {
		if err := noteOwn(ctx, p.Rolls, w.business.ID, w.event.Stanza); err != nil {
			return err
		}
		change = p.own
		s.counts = append(s.counts, func() { p.Metrics.ownStatus(w.business.ID, w.event) })
	}
	changed, err := change(r, w)
	if err != nil {
		return err
	}
	if changed {
		if err := s.update(ctx, c); err != nil {
			return err
		}
	}
	if w.count != nil {
		w.count()
	}
	if len(c.Lines) == 0 {
		return nil
	}
	// Until the ledger has them nothing of their scopes is shown.
	recorded, err := p.Consents.record(ctx, c)
	if err != nil || !recorded {
		return err
	}
	return s.update(ctx, c)
}

// own is a status of one of Bauta's own messages.
func (p *Pipeline) own(r registrar, w *work) (bool, error) {
	return r.heard(w.subject, w.event, w.id)
}

// due brings what is due for the customer of an event in front of it.
func (p *Pipeline) due(s *session, w *work, out *Prepared) error {
	c := w.subject
	if p.Consents == nil || c == nil || len(c.Due) == 0 || c.DataKey == nil {
		return nil
	}
	beside := occasion{scopes: []string{w.event.Group}, event: w.event}
	items, ids, err := p.Consents.registrar(w.business, s.now).items(c, beside)
	if err != nil {
		return err
	}
	for i, id := range ids {
		if items[i].Delivery.Field != ownField && !p.clean(w, &items[i]) {
			items[i].Endpoints = nil
		}
		if !slices.Contains(out.brought[c], id) {
			if out.brought == nil {
				out.brought = map[*Customer][]string{}
			}
			out.brought[c] = append(out.brought[c], id)
			if len(items[i].Endpoints) > 0 {
				out.Items = append(out.Items, items[i])
			}
		}
	}
	return nil
}

// consume drops an event that goes to nobody.
func (p *Pipeline) consume(s *session, w *work, reason string, out *Prepared) {
	s.counts = append(s.counts, func() { p.Metrics.dropped(w.business.ID, reason) })
	out.Dropped = append(out.Dropped, DroppedEvent{Business: w.business.ID, Field: word(w.event.Field), Reason: reason})
}

// late tells a status of somebody who is forgotten, everywhere or in the event's scope:
// it must not bring them back.
func (s *session) late(w *work) bool {
	if w.event.Kind != meta.Status && w.event.Kind != meta.CallStatus || w.event.Subject.IsZero() {
		return false
	}
	byNumber := s.find(w.business.ID, masking.Identity{Number: w.event.Subject.Number})
	byUser := s.find(w.business.ID, masking.Identity{UserID: w.event.Subject.UserID})
	for _, found := range []Found{byNumber, byUser} {
		if c := found.Customer; c != nil {
			return c.Scopes[w.event.Group] == nil && c.came(evidenceReturning)
		}
	}
	return byNumber.Marked || byUser.Marked
}

// former tells that an event brings something back that the business did not write under
// the customer's present handle, or nobody knows whether it did: it would join that
// handle with the one from before. A message to a group is addressed to no handle, and
// of a call nobody knows to which message its button belongs.
func (p *Pipeline) former(ctx context.Context, w *work) (bool, error) {
	s := w.standing()
	if s == nil || !s.Renewed || !w.bringsBack() {
		return false, nil
	}
	about := w.event.Act.Quoted
	if w.event.Kind == meta.Status {
		about = w.event.Stanza
	}
	if w.event.Group != Direct || about == "" {
		return true, nil
	}
	on, err := p.Rolls.On(ctx, w.business.ID, SentRenewed, []string{SentUnder(s.Handle.Key(), about)})
	if err != nil {
		return false, fmt.Errorf("find under which handle a message was sent: %w", err)
	}
	return !on[0], nil
}

// bringsBack tells that an event of this kind has what the business wrote before: into
// the message that a status, tap or call is about, or in a history. A button of Bauta's
// own has nothing of the business.
func (w *work) bringsBack() bool {
	if w.event.Kind == meta.Message {
		return len(w.put) == 0 && (w.event.Type == "button" || w.event.Type == "interactive")
	}
	return slices.Contains([]meta.Kind{meta.Status, meta.Call, meta.CallStatus, meta.Thread}, w.event.Kind)
}
