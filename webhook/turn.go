package webhook

import (
	"encoding/base64"
	"slices"
	"time"

	"bauta/masking/sharing"
)

// mostLines bounds what waits with a record for a ledger that takes no lines: then
// nothing but a withdrawal is taken in.
const mostLines = 64

// registrar changes a customer's record by what somebody decided: the state, what the
// ledger has to hold, and what is due. It does no I/O.
type registrar struct {
	business *Business
	prf      PRF
	minter   Minter
	now      time.Time
}

// turn takes an input in. The step tells what it led to; same tells that nothing
// changed, because it was taken in before, is outdated, or means nothing here.
func (r registrar) turn(c *Customer, scope string, t turning) (step sharing.Step, same bool, err error) {
	s := c.Scopes[scope]
	if s == nil || s.Visibility == Visible || s.Visibility == Undecided {
		return sharing.Step{}, true, nil
	}
	if t.id == s.Sharing.ActBy || t.outdated(&s.Sharing) || t.forgotten(c, s) || len(c.Lines) >= mostLines && !t.masks() {
		return sharing.Step{Next: s.Sharing.State}, true, nil
	}
	if t.input == sharing.AskForBusiness && t.by == ByBusiness && scope == Direct {
		if wait := r.lately(&s.Sharing); wait > 0 {
			return sharing.Step{Next: s.Sharing.State}, true, &LatelyError{Wait: wait}
		}
	}
	expired := r.expire(c, scope)
	if t.repeats(&s.Sharing, sharing.Next(s.Sharing.State, t.input, r.policy(s))) {
		return sharing.Step{Next: s.Sharing.State}, !expired, nil
	}
	if t.reason == "" && t.early(&s.Sharing) {
		t.reason = RefusedUsed
	}
	if t.reason != "" {
		r.refuse(c, scope, t)
		return sharing.Step{Next: s.Sharing.State, Effect: sharing.Refuse}, false, nil
	}
	if t.shares() && c.Number().IsZero() {
		t.reason = RefusedNoNumber
		r.refuse(c, scope, t)
		return sharing.Step{Next: s.Sharing.State, Effect: sharing.Refuse}, false, nil
	}
	step = sharing.Next(s.Sharing.State, t.input, r.policy(s))
	same, err = r.effect(c, scope, step, t)
	return step, same && !expired, err
}

func (r registrar) policy(s *Standing) sharing.Policy {
	p := &r.business.Sharing
	return sharing.Policy{
		AskItself:      p.Ask == AskFirstContact,
		MayAskAgain:    p.AskAgainAfter > 0 && r.now.Sub(s.Sharing.Since) >= p.AskAgainAfter,
		OwnCardShares:  p.OwnCardShares,
		ShareNewNumber: p.ShareNewNumber,
	}
}

// effect does what a step asks for.
func (r registrar) effect(c *Customer, scope string, step sharing.Step, t turning) (same bool, err error) {
	switch step.Effect {
	case sharing.Nothing:
		return true, nil
	case sharing.Refuse:
		t.reason = RefusedUsed
		r.refuse(c, scope, t)
	case sharing.Wait:
		r.enter(c, scope, step.Next, t)
	case sharing.Note:
		r.note(c, scope, step.Next, t)
	case sharing.Ask:
		return r.ask(c, scope, t)
	case sharing.Disclose:
		r.disclose(c, scope, t, sharing.LineShared)
	case sharing.Renew:
		r.disclose(c, scope, t, sharing.LineRenewed)
	case sharing.Hide:
		return false, r.hide(c, scope, step.Next, t)
	case sharing.HideAndAsk:
		if err := r.hide(c, scope, sharing.Unasked, t); err != nil {
			return false, err
		}
		_, err := r.ask(c, scope, t)
		return false, err
	}
	return false, nil
}

// enter puts the scope into a state.
func (r registrar) enter(c *Customer, scope string, state sharing.State, t turning) {
	s := &c.Scopes[scope].Sharing
	s.State, s.Since, s.ActBy = state, r.now, t.id
	t.heardIn(s)
}

// note changes the state alone.
func (r registrar) note(c *Customer, scope string, state sharing.State, t turning) {
	r.enter(c, scope, state, t)
	if t.input == sharing.DeclineTap {
		r.line(c, scope, sharing.LineDeclined, t)
		r.notice(c, scope, sharing.TextDeclined, sharing.TextDeclined, t)
	}
	if t.input == sharing.Undeliverable {
		r.line(c, scope, sharing.LineUnasked, t)
	}
}

// refuse records an act without effect, and tells the customer whose button it was.
func (r registrar) refuse(c *Customer, scope string, t turning) {
	if len(c.Lines) < mostLines {
		r.line(c, scope, sharing.LineRefused, t)
	}
	if slices.Contains([]sharing.Input{sharing.ShareTap, sharing.DeclineTap, sharing.WithdrawTap}, t.input) {
		r.notice(c, scope, sharing.TextVoid, sharing.TextVoid, t)
	}
}

// notice tells the customer something in one line, where the act came from a
// conversation with them.
func (r registrar) notice(c *Customer, scope string, direct, group sharing.TextName, t turning) {
	name := direct
	if scope != Direct {
		name = group
	}
	r.errand(c, Errand{Kind: ErrandNotice, Scope: scope, Text: string(name), PhoneNumberID: t.asksAt}, t.id)
}

// line is what the ledger has to hold of it.
func (r registrar) line(c *Customer, scope string, kind sharing.LineType, t turning) {
	s := c.Scopes[scope]
	sum := r.prf.PRF("ledger line", r.business.ID, t.id, scope, string(kind))
	l := sharing.Line{
		ID: base64.RawURLEncoding.EncodeToString(sum[:12]), At: r.now, Type: kind,
		Handle: longHandle(s.Handle), Scope: LineScope(scope),
		By: t.by, Action: t.action, Reason: t.reason,
	}
	if q := &s.Sharing.Question; q.ID != "" {
		l.Question, l.WordedBy, l.Language, l.Version, l.TextHash = q.ID, q.WordedBy, q.Language, q.Version, q.TextHash
		hash := ""
		switch {
		case t.worded != nil:
			hash = t.worded.TextHash
		case t.input == sharing.PlatformAnswer:
			hash = q.Requested
		}
		if hash != "" {
			l.WordedBy, l.Language, l.Version, l.TextHash = ByBusiness, "", "", hash
		}
	}
	c.Lines = append(c.Lines, l)
}
