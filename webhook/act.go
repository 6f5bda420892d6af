package webhook

import (
	"slices"

	"bauta/masking"
	"bauta/masking/sharing"
	"bauta/webhook/meta"
)

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
	own := w.bySubject()
	if kind, ok := w.wants(); ok && own {
		r.errand(w.subject, Errand{Kind: kind, PhoneNumberID: w.subject.Inbound}, w.id)
		return true, true, nil
	}
	t, scope, ok := p.actOf(r, w)
	if !ok || !own && !t.masks() {
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
