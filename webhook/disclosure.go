package webhook

import (
	"crypto/rand"
	"fmt"
	"time"

	"bauta/masking"
	"bauta/masking/sharing"
)

// disclose shows the number from now on.
func (r registrar) disclose(c *Customer, scope string, t turning, line sharing.LineType) {
	s := c.Scopes[scope]
	s.Visibility, s.Rule, s.Reason, s.Decided, s.DecidedBy = Shared, "", ReasonShared, r.now, t.id
	s.Sharing.Number = c.Number()
	r.enter(c, scope, sharing.Shared, t)
	r.line(c, scope, line, t)
	c.untold(scope)
	r.news(c, scope, newsShared, t.id, map[string]any{
		"number": "+" + s.Sharing.Number.Reveal(), "action": t.action, "shared_at": r.tellable(scope),
	})
	if !t.brings() {
		r.card(c, scope, t.id)
	}
	if line == sharing.LineShared {
		r.errand(c, Errand{Kind: ErrandConfirmation, Scope: scope, Question: s.Sharing.Question.ID, PhoneNumberID: t.asksAt}, t.id)
	}
}

// hide masks again what was shared.
func (r registrar) hide(c *Customer, scope string, state sharing.State, t turning) error {
	s := c.Scopes[scope]
	visibility, reason, line := Withdrawn, ReasonWithdrawn, sharing.LineWithdrawn
	if t.input == sharing.NumberChanged {
		visibility, reason, line = Hidden, ReasonNumberChanged, sharing.LineHidden
	}
	if t.input == sharing.Leave {
		visibility, reason, line = Hidden, ReasonLeft, sharing.LineHidden
	}
	s.Visibility, s.Rule, s.Reason, s.Decided, s.DecidedBy = visibility, "", reason, r.now, t.id
	s.Sharing.Number, s.Sharing.Confirmation = masking.Number{}, ""
	r.enter(c, scope, state, t)
	t.reason = ""
	r.line(c, scope, line, t)
	unheard := c.untold(scope)
	r.news(c, scope, newsWithdrawn, t.id, map[string]any{"reason": reason, "withdrawn_at": r.tellable(scope)})
	if last := len(c.Due) - 1; last >= 0 && c.Due[last].Kind == newsWithdrawn && c.Due[last].Scope == scope {
		c.Due[last].Unheard = unheard
	}
	if line != sharing.LineWithdrawn {
		return nil
	}
	if !c.UserID().IsZero() {
		r.errand(c, Errand{Kind: ErrandForget, Scope: scope, PhoneNumberID: t.asksAt}, t.id)
	}
	r.notice(c, scope, sharing.TextWithdrawn, sharing.TextGroupWithdrawn, t)
	if !r.business.Sharing.NewHandleOnWithdraw {
		return nil
	}
	// The old handle leads nowhere from now on: nothing joins it with the new one, also
	// not what was asked under it.
	handle, err := r.minter.Mint(rand.Reader, c.country())
	if err != nil {
		return fmt.Errorf("draw a handle: %w", err)
	}
	c.free(s)
	s.Handle, s.Former, s.Inherited, s.Renewed = handle, nil, false, true
	s.Sharing.Question = Question{}
	return nil
}

// tellable is the present time as the business may know it: of what concerns a group,
// and may have been decided in the direct chat, the day.
func (r registrar) tellable(scope string) time.Time {
	if scope == Direct {
		return r.now.UTC()
	}
	return dayOf(r.now)
}
