package webhook

import (
	"context"
	"fmt"
	"maps"
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

// The ledger's words for how a customer acted.
const (
	actionButton   = "bauta_button"
	actionAnswer   = "platform_answer"
	actionCard     = "own_card"
	actionKeyword  = "keyword"
	actionSetting  = "setting"
	actionNumber   = "number_change"
	actionLeft     = "group_left"
	actionByItself = "first_contact"
	// Of businesses: by which API.
	actionManagement = "management_api"
	actionReply      = "reply_api"
)

// Why an event goes to nobody: it is about one of Bauta's own messages, it would join
// two names of a customer, the customer is forgotten, or had another name when the
// message was sent.
const (
	consumedStatus = "own_message"
	consumedTap    = "other_scope"
	consumedLate   = "forgotten"
	consumedFormer = "former_handle"
)

// Why an event is dropped by policy.
const (
	droppedAddressBook = "address_book"
	droppedField       = "unknown_field"
)

// acts takes in what a customer decided with an event, what follows from it for what
// they shared before, and what Bauta asks by itself. It tells whether the record
// changed.
func (p *Pipeline) acts(r registrar, w *work) (bool, error) {
	c := w.subject
	acted, changed, err := p.decided(r, w)
	if err != nil {
		return false, err
	}
	drifted, err := r.drift(c, w.id, c.asksAt(r.now), w.event.At)
	if err != nil || acted || !w.event.Inbound {
		return changed || drifted, err
	}
	asked, err := r.askNext(c, w.id, c.asksAt(r.now))
	return changed || drifted || asked, err
}

// decided finds the act in an event and takes it in. It tells whether there was one,
// and whether it changed the record.
func (p *Pipeline) decided(r registrar, w *work) (acted, changed bool, err error) {
	switch {
	case w.event.Move == meta.Left:
		changed, err = r.leave(w.subject, w)
		return true, changed, err
	case !w.event.Inbound:
		return false, false, nil
	}
	wrote := w.wrote()
	if kind, ok := w.wants(); ok && wrote {
		r.errand(w.subject, Errand{Kind: kind, PhoneNumberID: w.subject.Inbound}, w.id)
		return true, true, nil
	}
	t, scope, ok := p.actOf(r, w)
	if !ok || !wrote && !t.masks() {
		return false, false, nil
	}
	if t.shares() && t.reason == "" && !w.showsOwn() {
		t.reason = RefusedNoNumber // the number in it is somebody else's, or masked as theirs
	}
	t.id, t.at, t.by, t.asksAt = w.id, w.event.At, ByCustomer, w.subject.asksAt(r.now)
	step, same, err := r.turn(w.subject, scope, t)
	if err != nil {
		return true, false, err
	}
	w.count = func() { p.Metrics.act(w.business.ID, t, step, same) }
	w.read(t.input, step)
	if scope != w.event.Group || step.Effect == sharing.Hide && w.business.Sharing.NewHandleOnWithdraw {
		// The one would join two scopes, the other the old handle with the new one.
		w.consumed = consumedTap
	}
	return true, !same, nil
}

// actOf is what an inbound event of a customer can decide, and for which scope.
func (p *Pipeline) actOf(r registrar, w *work) (turning, string, bool) {
	act, scope := &w.event.Act, w.event.Group
	switch {
	case act.Reply != "":
		return p.tap(r, w)
	case !w.event.Attested.IsZero():
		return w.answer(), scope, scope == Direct
	case len(act.Cards) > 0:
		own := w.business.Sharing.OwnCardShares && scope == Direct && !act.Forwarded && w.subject.owns(act.Cards)
		return turning{input: sharing.OwnCard, action: actionCard}, scope, own
	case act.Text != "" && !act.Forwarded:
		return w.word()
	}
	return turning{}, "", false
}

// answer is one to the platform's own request. It counts for a question that such a
// request asked: one with buttons was asked in other words.
func (w *work) answer() turning {
	t := turning{input: sharing.PlatformAnswer, action: actionAnswer}
	s := w.standing()
	switch {
	case w.event.Act.Forwarded:
		t.reason = RefusedForwarded
	case s != nil && !s.Sharing.Question.Native && s.Sharing.Question.Requested == "":
		t.reason = RefusedUsed
	}
	return t
}

// owns tells that every number is the customer's present one.
func (c *Customer) owns(numbers []masking.Number) bool {
	own := c.Number()
	return !own.IsZero() && !slices.ContainsFunc(numbers, func(n masking.Number) bool { return n.Canonical() != own.Canonical() })
}

// word is a configured word that is the whole message.
func (w *work) word() (turning, string, bool) {
	t, scope := turning{action: actionKeyword}, w.event.Group
	switch w.business.Sharing.Words.Find(w.event.Act.Text) {
	case sharing.WordShare:
		if _, declared := w.business.Groups[scope]; scope != Direct && !declared {
			return turning{}, "", false
		}
		t.input = sharing.ShareWord
		if scope == Direct && w.subject.Number().IsZero() {
			// The customer wants to, and only the platform can tell the number.
			t.input = sharing.AskForBusiness
		}
	case sharing.WordWithdraw:
		t.input = sharing.WithdrawWord
	case sharing.NoWord, sharing.WordShow, sharing.WordErase:
		return turning{}, "", false
	}
	return t, scope, true
}

// wants is what a customer asks Bauta itself for, by a word in the direct chat.
func (w *work) wants() (ErrandKind, bool) {
	act := &w.event.Act
	if w.event.Group != Direct || act.Text == "" || act.Forwarded {
		return "", false
	}
	switch w.business.Sharing.Words.Find(act.Text) {
	case sharing.WordShow:
		return ErrandOverview, true
	case sharing.WordErase:
		return ErrandErase, true
	case sharing.NoWord, sharing.WordShare, sharing.WordWithdraw:
	}
	return "", false
}

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
	if own {
		w.consumed = consumedStatus
	} else if former, err := p.former(ctx, w); err != nil {
		return err
	} else if former {
		w.consumed = consumedFormer
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
	if c.wrote(w, s.now) {
		s.wrote[c] = true
	}
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

// opened stores who wrote, and when.
func (p *Pipeline) opened(ctx context.Context, s *session) error {
	if len(s.wrote) == 0 {
		return nil
	}
	if err := p.Windows.Opened(ctx, slices.Collect(maps.Keys(s.wrote))); err != nil {
		return fmt.Errorf("note who wrote: %w", err)
	}
	return nil
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

// former tells a status of a message that was not sent under the customer's present
// handle, or nobody knows whether it was. What the business wrote into the message comes
// back in it (biz_opaque_callback_data), and would join that handle with the one from
// before. A message to a group is addressed to no handle.
func (p *Pipeline) former(ctx context.Context, w *work) (bool, error) {
	s := w.standing()
	if w.event.Kind != meta.Status || s == nil || !s.Renewed {
		return false, nil
	}
	if w.event.Group != Direct || len(w.event.Envelopes) == 0 {
		return true, nil
	}
	on, err := p.Rolls.On(ctx, w.business.ID, SentRenewed, []string{SentUnder(s.Handle.Key(), w.event.Envelopes[0].Stanza)})
	if err != nil {
		return false, fmt.Errorf("find under which handle a message was sent: %w", err)
	}
	return !on[0], nil
}
