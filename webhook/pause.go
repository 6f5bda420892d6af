package webhook

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"bauta/masking/sharing"
)

// LatelyError says that the business asked a customer, or was answered, less than
// sharing.ask_pause ago: asking again is refused for Wait.
type LatelyError struct{ Wait time.Duration }

// Error implements error.
func (e *LatelyError) Error() string { return "the customer was asked lately" }

// pending tells that a question is on its way to the customer, or with them.
func (s *Sharing) pending(now time.Time) bool {
	return s.State == sharing.Asked && now.Before(s.Question.Expires)
}

// ended tells that a question's time is over, whether it was sent or not.
func (s *Sharing) ended(now time.Time) bool {
	return (s.State == sharing.Asked || s.State == sharing.Waiting) && !now.Before(s.Question.Expires)
}

// waitsUnseen tells that a question in the direct chat waits for that of another scope,
// which the business must not see: it reads that the customer is asked.
func (s *Sharing) waitsUnseen(c *Customer, now time.Time) bool {
	return s.State == sharing.Waiting && !s.ended(now) && (s.Question.Held || c.asksAt(now) != "" && c.InboundAt.After(s.Since))
}

// lately is for how long the business may not ask again in the direct chat, whose
// question was answered or came to nothing. Only what the business knows of this very
// chat counts: a question of which no trace is left (a handle from after a withdrawal)
// does not.
func (r registrar) lately(s *Sharing) time.Duration {
	over := slices.Contains([]sharing.State{sharing.Expired, sharing.Declined, sharing.Withdrawn}, s.State) || s.ended(r.now)
	if s.Question.ID == "" || !over {
		return 0
	}
	since := s.Question.Begun
	if s.State == sharing.Declined || s.State == sharing.Withdrawn {
		since = later(since, s.Since)
	}
	return max(since.Add(r.business.Sharing.AskPause).Sub(r.now), 0)
}

// held tells that a question waits for others that the customer was asked: one at a time
// is with them, and between two lies the pause, but where the business asks in the
// direct chat. What the customer wants is not held.
func (r registrar) held(c *Customer, scope, by string) bool {
	if by == ByCustomer {
		return false
	}
	for other, s := range c.Scopes {
		if other != scope && s.Sharing.pending(r.now) {
			return true
		}
	}
	return r.now.Before(c.AskedAt.Add(r.business.Sharing.AskPause)) && (scope != Direct || by != ByBusiness)
}

// turns are the scopes in which a question may be asked now, the first first: what
// waits, the longest first, else the direct chat, else a declared group.
func (r registrar) turns(c *Customer) []string {
	scopes := slices.Sorted(maps.Keys(c.Scopes))
	if slices.ContainsFunc(scopes, func(scope string) bool { return c.Scopes[scope].Sharing.pending(r.now) }) {
		return nil
	}
	scopes = slices.DeleteFunc(scopes, func(scope string) bool {
		s := c.Scopes[scope]
		by := ByBauta
		if s.Sharing.State == sharing.Waiting {
			by = s.Sharing.Question.By
		}
		elsewhere := scope != Direct && (!r.business.nameable(scope) || !s.Left.IsZero() || c.Number().IsZero())
		return !s.Visibility.Masked() || elsewhere || r.held(c, scope, by)
	})
	slices.SortStableFunc(scopes, func(a, b string) int {
		one, other := &c.Scopes[a].Sharing, &c.Scopes[b].Sharing
		switch first, second := one.State == sharing.Waiting, other.State == sharing.Waiting; {
		case first && second:
			return one.Question.Begun.Compare(other.Question.Begun)
		case first:
			return -1
		case second:
			return 1
		}
		return cmp.Compare(a, b)
	})
	return scopes
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
