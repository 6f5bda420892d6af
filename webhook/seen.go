package webhook

import (
	"encoding/json"
	"slices"
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
	// it would join a handle with the one from before a withdrawal, or with another
	// scope's.
	Since time.Time
	// Question is the latest; its ID is "" if there was none, and in a group. It does not
	// say when it was sent, for that may have waited for another scope's.
	Question Question
	// Askable: the platform's window is open.
	Askable bool
}

// Apart tells a scope of which the business reads nothing that happens in the direct
// chat: a group.
func (s *Seen) Apart() bool { return s.Scope != LineScope(Direct) }

// seen is how a customer stands in a scope.
func (s *Consents) seen(b *Business, c *Customer, scope string) Seen {
	now, standing := s.Now(), c.Scopes[scope]
	out := Seen{
		Handle: standing.Handle.In(b.View), Scope: LineScope(scope), Visibility: standing.Visibility, Reason: standing.told(),
		State: standing.Sharing.State,
	}
	if scope != Direct {
		out.inGroup(b, c, scope)
		return out
	}
	out.Since, out.Question = standing.Sharing.Since, standing.Sharing.Question
	out.Askable = standing.Visibility.Masked() && standing.Visibility != Undecided && c.asksAt(now) != ""
	switch {
	case out.State == sharing.Withdrawn && b.Sharing.NewHandleOnWithdraw:
		// number_withdrawn has the same time, and the handle from before.
		out.Since = time.Time{}
	case standing.Sharing.ended(now):
		out.State, out.Since = sharing.Expired, standing.Sharing.Question.Expires
	case standing.Visibility.Masked() && standing.Sharing.waitsUnseen(c, now):
		out.State = sharing.Asked
	}
	if out.State == sharing.Asked {
		out.Since = out.Question.Begun
	}
	out.Question.Sent = time.Time{}
	if q := &out.Question; q.ID != "" && q.Language == "" && q.WordedBy == ByBauta {
		q.Language = s.registrar(b, now).wording(c, scope).Language
	}
	return out
}

// inGroup leaves what the business may read of a group: nothing by which a moment in the
// direct chat, where the group's question is asked and answered, could be seen (promise
// 7). That the number is shared, or not any more, it reads once the group's own events
// told it. Else there is no telling a question that is to be asked from one that was
// asked, declined, or answered by nobody.
func (s *Seen) inGroup(b *Business, c *Customer, scope string) {
	if s.Visibility == Visible {
		return
	}
	untold := slices.IndexFunc(c.Due, func(d Due) bool {
		return d.Scope == scope && !d.Errand && (d.Kind == newsShared && !d.renews() || d.Kind == newsWithdrawn)
	})
	known := s.Visibility
	switch {
	case untold < 0:
	case c.Due[untold].Kind == newsWithdrawn && !c.Due[untold].Unheard:
		known = Shared
	default:
		known = Hidden
	}
	switch known { //nolint:exhaustive // members of groups are not undecided, and Visible was seen to
	case Shared:
		s.Visibility, s.Reason, s.State = Shared, ReasonShared, sharing.Shared
		return
	case Withdrawn:
		s.State = sharing.Withdrawn
		return
	}
	s.Visibility, s.Reason = Hidden, ReasonGroup
	if _, declared := b.Groups[scope]; !declared {
		s.Reason = ReasonUndeclared
	}
	if s.State != sharing.Unasked || b.Sharing.Ask == AskFirstContact && b.nameable(scope) {
		s.State = sharing.Asked
	}
}

// renews tells news of a number that takes the place of one that was shared.
func (d *Due) renews() bool {
	var data struct {
		Action string `json:"action"`
	}
	return json.Unmarshal(d.Data, &data) == nil && data.Action == actionSetting
}

// dayOf is the beginning of a time's day, UTC.
func dayOf(at time.Time) time.Time { return at.UTC().Truncate(24 * time.Hour) }
