package webhook

import (
	"time"

	"bauta/masking/sharing"
)

// Seen is how a customer stands in one scope, as their business may know it.
type Seen struct {
	// Handle as the business sees it.
	Handle string
	// Scope is "direct", or "group:" and the group's id.
	Scope      string
	Visibility Visibility
	Reason     string
	State      sharing.State
	// Since is when State was entered, zero if nothing was asked or answered, and where
	// it would join a handle with the one from before a withdrawal.
	Since time.Time
	// Question is the latest; its ID is "" if there was none.
	Question Question
	// Askable: the platform's window is open, a question would be sent at once.
	Askable bool
}

// seen is how a customer stands in a scope.
func (s *Consents) seen(b *Business, c *Customer, scope string) Seen {
	now, standing := s.Now(), c.Scopes[scope]
	out := Seen{
		Handle: standing.Handle.In(b.View), Scope: LineScope(scope), Visibility: standing.Visibility, Reason: standing.told(),
		State: standing.Sharing.State, Since: standing.Sharing.Since, Question: standing.Sharing.Question,
		Askable: standing.Visibility.Masked() && standing.Visibility != Undecided && c.asksAt(now) != "",
	}
	if out.State == sharing.Withdrawn && b.Sharing.NewHandleOnWithdraw {
		// number_withdrawn has the same time, and the handle from before.
		out.Since = time.Time{}
	}
	if out.State == sharing.Asked && !now.Before(out.Question.Expires) {
		out.State = sharing.Expired
	}
	return out
}
