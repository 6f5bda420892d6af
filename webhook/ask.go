package webhook

import (
	"slices"
	"strings"
	"time"

	"bauta/masking/sharing"
	"bauta/webhook/meta"
)

// askNext asks for the number in the one scope whose turn it is: a question that
// waits, else the direct chat, else a declared group. One question is with a customer
// at a time. It tells whether the record changed.
func (r registrar) askNext(c *Customer, id, asksAt string) (bool, error) {
	if asksAt == "" {
		return false, nil
	}
	changed := false
	t := turning{input: sharing.AskItself, by: ByBauta, action: actionByItself, id: id + ":ask", asksAt: asksAt}
	for _, scope := range r.turns(c) {
		step, same, err := r.turn(c, scope, t)
		if changed = changed || !same; err != nil {
			return changed, err
		}
		if step.Effect == sharing.Ask {
			break
		}
	}
	if s := c.Scopes[Direct]; s == nil || s.Sharing.pending(r.now) {
		return changed, nil
	}
	// In the direct chat the question is asked now as far as the business sees, whosever
	// turn it is.
	_, same, err := r.turn(c, Direct, t)
	return changed || !same, err
}

// nameable tells that a question can name the group.
func (b *Business) nameable(scope string) bool {
	g, declared := b.Groups[scope]
	return declared && g.Hide && g.Name != ""
}

// drift takes in that a shared number is not the customer's any more, in every scope.
// At is when the platform says so.
func (r registrar) drift(c *Customer, id, asksAt string, at time.Time) (bool, error) {
	var outdated []string
	for scope, s := range c.Scopes {
		if s.Visibility == Shared && s.Sharing.Number.Canonical() != c.Number().Canonical() {
			outdated = append(outdated, scope)
		}
	}
	slices.Sort(outdated)
	changed := false
	for _, scope := range outdated {
		t := turning{input: sharing.NumberChanged, by: ByBauta, action: actionNumber, id: id + ":number", asksAt: asksAt, ends: at}
		if r.business.Sharing.ShareNewNumber {
			t.action = actionSetting
		}
		if c.Number().IsZero() {
			// Nothing is left that could be shown.
			if err := r.hide(c, scope, sharing.Unasked, t); err != nil {
				return changed, err
			}
			changed = true
			continue
		}
		_, same, err := r.turn(c, scope, t)
		if err != nil {
			return changed, err
		}
		changed = changed || !same
	}
	return changed, nil
}

// leave ends a group's scope. An event that came late, from before the customer joined
// again, changes nothing.
func (r registrar) leave(c *Customer, w *work) (bool, error) {
	s := c.Scopes[w.event.Group]
	if s == nil || w.event.Group == Direct {
		return false, nil
	}
	at := w.event.At
	if at.IsZero() {
		at = r.now
	}
	if !s.Left.IsZero() || at.Before(s.Decided.Truncate(time.Second)) {
		return false, nil
	}
	_, _, err := r.turn(c, w.event.Group, turning{input: sharing.Leave, by: ByCustomer, action: actionLeft, id: w.id})
	s.Left = at
	return true, err
}

// rejoins tells that an event shows a customer in a group that they had left.
func (q question) rejoins(s *Standing) bool {
	if s.Left.IsZero() || !q.subject {
		return false
	}
	there := q.event.Move == meta.Joined || q.event.Inbound && q.event.Kind == meta.Message
	return there && q.event.At.After(s.Left)
}

// heard takes in what a status tells of one of Bauta's own messages: the id of a
// question whose answer was lost, or that it could not be delivered. It tells whether
// the record changed.
func (r registrar) heard(c *Customer, e *meta.Event, id string) (bool, error) {
	kind, question, ok := strings.Cut(strings.TrimPrefix(e.Callback, sharing.Reserved), ":")
	if !ok || question == "" {
		return false, nil
	}
	for scope, s := range c.Scopes {
		if s.Sharing.Question.ID != question {
			continue
		}
		switch {
		case ErrandKind(kind) == ErrandQuestion && e.Type == "failed":
			_, same, err := r.turn(c, scope, turning{input: sharing.Undeliverable, by: ByBauta, action: actionByItself, id: id})
			return !same, err
		case ErrandKind(kind) == ErrandQuestion && s.Sharing.Question.Stanza == "" && e.Stanza != "":
			r.sent(c, scope, r.wording(c, scope), e.Stanza)
			return true, nil
		case ErrandKind(kind) == ErrandConfirmation && s.Sharing.Confirmation == "" && e.Stanza != "" && s.Visibility == Shared:
			s.Sharing.Confirmation = e.Stanza
			return true, nil
		}
	}
	return false, nil
}
