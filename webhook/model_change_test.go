package webhook

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"bauta/masking"
	"bauta/masking/sharing"
	"bauta/webhook/simulator"
)

const fromAdvert = `"referral":{"source_url":"https://fb.me/1","source_type":"ad","source_id":"1","headline":"Chat with us","ctwa_clid":"A"},`

// soul is one of those who are still themselves.
func (w *town) soul() *soul {
	var all []*soul
	for _, s := range w.souls {
		if !s.gone {
			all = append(all, s)
		}
	}
	return all[w.pick(len(all))]
}

// advert is what an event of somebody who comes through an ad has.
func (w *town) advert(s *soul) string {
	if s.ad {
		return fromAdvert
	}
	return ""
}

// enters is the first contact of who comes through an ad: from then on they hide.
func (w *town) enters(s *soul) {
	s.proven = true
	w.deliver(fmt.Sprintf("%v comes through an ad", s.Person), w.message(s.Person, text("Hello"), fromAdvert), s)
}

// beside has another node work at the same moment: on the same body, or on what somebody
// else writes.
func (w *town) beside(body []byte, by *soul) {
	other := w.soul()
	if w.pick(3) > 0 && by != nil {
		if other == by || w.shelf.shows && other.ad && w.record(other) == nil {
			return
		}
		scope, extra := w.scope()
		if scope == Direct {
			extra = w.advert(other)
		}
		who := w.shown(other)
		w.seen(other, who.Number != "" && who.UserID != "")
		body = w.message(who, text(fmt.Sprintf("Hello %d", w.stanzas)), extra)
		w.past = append(w.past, sent{body, w.now})
	} else {
		other = by
	}
	w.together = true
	w.shelf.turns = w.pick(12)
	w.note("(after %d steps another node has something of %v)", w.shelf.turns, other)
	w.shelf.meanwhile = func() {
		before := len(w.shelf.items)
		w.accepts(body)
		for i := range w.shelf.items[before:] {
			w.others[w.shelf.items[before+i].Delivery.ID] = other
		}
	}
}

// announcement is the platform's word for a change of somebody to what they are now.
func (w *town) announcement(old, to simulator.Person) []byte {
	ids := fmt.Sprintf(`"user_id":"%s","previous_user_id":"%s",`, to.UserID, old.UserID)
	if old.Number == to.Number {
		content := fmt.Sprintf(`"type":"system","system":{%s"type":"user_changed_user_id","body":"User changed from %s to %s"}`, ids, old.UserID, to.UserID)
		return w.message(simulator.Person{UserID: old.UserID}, content, "")
	}
	content := fmt.Sprintf(`"type":"system","system":{%s"type":"user_changed_number","wa_id":"%s","body":"User changed from %s to %s"}`, ids, to.Number, old.Number, to.Number)
	return w.message(simulator.Person{Number: old.Number}, content, "")
}

// changesUserID is announced, and only that.
func (w *town) changesUserID(s *soul) {
	if !s.proven || w.record(s) == nil {
		return
	}
	old := s.Person
	w.renew(s, old.Number, w.userID())
	w.deliver(fmt.Sprintf("%v becomes %v", old, s.Person), w.announcement(old, s.Person), nil)
	w.stands(s, Direct)
	w.stands(s, lisbon)
}

// changesLate is a change that the platform announces after the first message under the
// new name. They are one person with one older handle, unless the business sees them
// differently: then nobody is told, and each goes on.
func (w *town) changesLate(s *soul) {
	c := w.record(s)
	if !s.proven || c == nil || len(w.souls) > 8 {
		return
	}
	old, to := s.Person, simulator.Person{Number: s.Number, UserID: w.userID()}
	if w.pick(3) > 0 {
		to.Number = w.number()
	}
	scope, extra := w.scope()
	if scope == Direct && !s.visible {
		extra = fromAdvert
	}
	announced := w.announcement(old, to)
	early := w.message(to, text("It is me"), extra)
	// Without an announcement a number with another user id is somebody else, who hides.
	same := to.Number == old.Number
	apart := s.open[scope] != "" || same && (s.visible || len(s.open) > 0)
	now := &soul{open: map[string]string{}, proven: true, ad: !s.visible, doubted: same}
	w.renew(now, to.Number, to.UserID)
	w.souls, s.gone = append(w.souls, now), true
	if same {
		s.had = slices.DeleteFunc(s.had, func(i string) bool { return i == to.Number })
		clear(s.open)
		w.past = nil // as where somebody else has the number
	}
	w.deliver(fmt.Sprintf("%v is there, apart: %v", to, apart), early, now)
	// Between the loss of a number and who has it next nobody has it: whoever comes then,
	// again or at another node, could have been erased, and is not taken for anybody.
	torn := same && (w.torn || w.together)
	if !apart {
		s.Person = to
		w.reveals(s)
	}
	w.deliver(fmt.Sprintf("%v had become %v", old, to), announced, nil)
	after := w.record(now)
	switch {
	case after == nil:
		w.broke("nobody is %v", to)
	case after.ID != c.ID && !apart && !torn:
		w.broke("they are two")
	case after.ID == c.ID && apart:
		w.broke("they are one, though the business sees them differently")
	case after.ID != c.ID:
		s.Person, now.forgotten = old, after.came(evidenceReturning)
		w.stands(now, scope)
		return
	}
	w.joins(now, s)
	for scope, standing := range c.Scopes {
		if standing.Left.IsZero() && (after.Scopes[scope] == nil || after.Scopes[scope].Handle != standing.Handle) {
			w.broke("in %q the handle is another one", scope)
		}
	}
	w.stands(s, Direct)
	w.stands(s, lisbon)
}

// joins makes one soul of two.
func (w *town) joins(now, s *soul) {
	was, is := slices.Index(w.souls, now), slices.Index(w.souls, s)
	for handle, owner := range w.owners {
		if owner == was {
			w.owners[handle] = is
		}
	}
	w.souls = w.souls[:was]
	s.gone, s.visible = false, s.visible || now.visible
	w.renew(s, now.Number, now.UserID)
}

// comesApart is first seen by the number, then by the user id, then by both.
func (w *town) comesApart(s *soul) {
	if s.proven || w.record(s) != nil || w.shelf.shows && !s.ad {
		return
	}
	parts := []simulator.Person{{Number: s.Number}, {UserID: s.UserID}}
	if w.pick(2) == 0 {
		slices.Reverse(parts)
	}
	for _, who := range parts {
		w.deliver(fmt.Sprintf("%v comes", who), w.message(who, text("Hello"), w.advert(s)), s)
	}
	s.proven = true
	w.deliver(fmt.Sprintf("%v proves to be one", s.Person), w.message(s.Person, text("Hello"), ""), s)
	c := w.record(s)
	for i := range parts {
		if id := parts[i]; !c.claims(onlyIdentity(id)) {
			w.broke("%v is not theirs", id)
		}
	}
	w.stands(s, Direct)
}

// wantsOut withdraws by the button of the confirmation, or has everything erased.
func (w *town) wantsOut(s *soul) {
	c := w.record(s)
	if c == nil {
		return
	}
	if w.pick(2) == 0 {
		w.saysErase(s)
		return
	}
	for _, scope := range slices.Sorted(maps.Keys(s.open)) {
		standing := c.Scopes[scope]
		if standing == nil || standing.Visibility != Shared {
			continue
		}
		before := w.counts()
		delete(s.open, scope)
		token := w.tokens.Issue(sharing.Claims{
			Business: "acme", Handle: standing.Handle.Key(), Scope: scope, Action: sharing.ActWithdraw, Question: standing.Sharing.Question.ID, Expires: w.now,
		})
		w.deliver(fmt.Sprintf("%v taps hide for %q", s.Person, scope), w.tap(s.Person, token, confirmationStanza), s)
		w.stands(s, scope)
		w.once(before, "line withdrawn")
		return
	}
}

// saysErase asks Bauta itself to be forgotten, which the runner of errands carries out.
func (w *town) saysErase(s *soul) {
	before := len(w.shelf.items)
	s.proven = true
	w.deliver(fmt.Sprintf("%v says forget me", s.Person), w.message(s.Person, text("forget me"), ""), s)
	errands := 0
	for i := range w.shelf.items[before:] {
		if w.shelf.items[before+i].Delivery.Kind == string(ErrandErase) {
			errands++
		}
	}
	if errands != 1 {
		w.broke("%d errands to erase, want one", errands)
	}
	before = len(w.shelf.items)
	if _, err := w.consents.Erase(context.Background(), w.business, w.record(s), ByCustomer, "test"); err != nil {
		w.broke("erase: %v", err)
	}
	w.note("%v is erased", s.Person)
	clear(s.open)
	s.proven, s.forgotten, s.visible = false, true, false
	if w.record(s) != nil {
		w.broke("%v is still there", s.Person)
	}
	w.prove(before, nil)
	w.past = nil
}

// onlyIdentity is the identity of who is named by one.
func onlyIdentity(p simulator.Person) masking.Identity {
	identity, _ := masking.IdentityOf(p.Number + p.UserID)
	return identity
}
