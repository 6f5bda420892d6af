package webhook

import (
	"bauta/masking"
	"bauta/masking/sharing"
)

// voided is what stands in the place of a token in an event, until it is known to
// count. No token, and nothing that could be one, reaches a business: it could send
// it again under another label.
func (p *Pipeline) voided(w *work) []masking.Put {
	act := &w.event.Act
	if act.Reply == "" || !sharing.Resembles(act.Reply) && !p.Tokens.Plainly([]byte(act.Reply)) {
		return nil
	}
	return []masking.Put{{Node: act.ReplyNode, Text: sharing.ReadsVoid}}
}

// tap is a tapped button of Bauta's. It counts only if its token is for this customer
// and scope, in force, and the tap names the very message that has the button.
func (p *Pipeline) tap(r registrar, w *work) (turning, string, bool) {
	act := &w.event.Act
	t := turning{input: sharing.ShareTap, action: actionButton}
	b, ok := p.Tokens.Read(act.Reply)
	if !ok {
		t.reason = RefusedForged
		return t, w.event.Group, len(w.put) > 0
	}
	switch b.Action {
	case sharing.ActShare:
	case sharing.ActDecline:
		t.input = sharing.DeclineTap
	case sharing.ActWithdraw:
		t.input = sharing.WithdrawTap
	default:
		t.reason = RefusedForged
	}
	scope, ok := w.scopeOf(b)
	if !ok {
		t.reason = RefusedOtherCustomer
		return t, w.event.Group, true
	}
	if t.reason == "" {
		t.reason = w.subject.Scopes[scope].Sharing.against(b, w, r)
	}
	return t, scope, true
}

// scopeOf finds the customer's scope that a button is for.
func (w *work) scopeOf(b sharing.Button) (string, bool) {
	for scope, s := range w.subject.Scopes {
		for _, name := range append([]masking.Handle{s.Handle}, s.Former...) {
			if b.Of(w.business.ID, name.Key(), scope) {
				return scope, true
			}
		}
	}
	return "", false
}

// against is what speaks against a button of this scope, "" if nothing does. Hiding
// again is never refused for the message that a button stands on: an old confirmation
// does as well as the last one, and the worst that anybody can reach with it is a mask.
func (s *Sharing) against(b sharing.Button, w *work, r registrar) string {
	named := s.Question.Stanza
	switch {
	case w.event.Act.Forwarded:
		return RefusedForwarded
	case b.Action == sharing.ActWithdraw:
		return ""
	case !r.now.Before(b.Expires):
		return RefusedExpired
	case b.Question != s.Question.ID:
		return RefusedUsed
	case named == "" || w.event.Act.Quoted != named:
		return RefusedOtherMessage
	}
	return ""
}

// read says in the event what a tap came to.
func (w *work) read(input sharing.Input, step sharing.Step) {
	if len(w.put) == 0 || step.Effect == sharing.Refuse {
		return
	}
	switch {
	case input == sharing.ShareTap && step.Next == sharing.Shared:
		w.put[0].Text = sharing.ReadsShare
	case input == sharing.DeclineTap && step.Next == sharing.Declined:
		w.put[0].Text = sharing.ReadsDecline
	case input == sharing.WithdrawTap && step.Next == sharing.Withdrawn:
		w.put[0].Text = sharing.ReadsWithdraw
	}
}
