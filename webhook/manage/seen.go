package manage

import (
	"time"

	"bauta/masking/sharing"
	"bauta/webhook"
)

// customer is webhook.Seen as callers read it: every member is always there, null
// where nothing is known.
type customer struct {
	Handle     string `json:"handle"`
	Scope      string `json:"scope"`
	Visibility string `json:"visibility"`
	Reason     string `json:"reason"`
	Sharing    shared `json:"sharing"`
}

type shared struct {
	State    string     `json:"state"`
	Since    *time.Time `json:"since"`
	Question *question  `json:"question"`
	Askable  *bool      `json:"askable"`
}

type question struct {
	ID       string     `json:"id"`
	By       string     `json:"by"`
	WordedBy string     `json:"worded_by"`
	Native   bool       `json:"native"`
	Language string     `json:"language"`
	Begun    *time.Time `json:"begun"`
	Sent     *time.Time `json:"sent"`
	Expires  *time.Time `json:"expires"`
}

// customerOf shows what Bauta may tell. Nothing of it is a number, nor leads to the
// message in which the question was asked.
func customerOf(s webhook.Seen) customer {
	if s.Scope != webhook.LineScope(webhook.Direct) {
		s = apart(s)
	}
	c := customer{
		Handle: s.Handle, Scope: s.Scope, Visibility: s.Visibility.String(), Reason: s.Reason,
		Sharing: shared{State: s.State.String(), Since: timeOf(s.Since)},
	}
	if s.Scope == webhook.LineScope(webhook.Direct) {
		c.Sharing.Askable = &s.Askable
	}
	if q := s.Question; q.ID != "" {
		c.Sharing.Question = &question{
			ID: q.ID, By: q.By, WordedBy: q.WordedBy, Native: q.Native, Language: q.Language,
			Begun: timeOf(q.Begun), Sent: timeOf(q.Sent), Expires: timeOf(q.Expires),
		}
	}
	return c
}

// apart takes out of what a group's scope tells what happens in the direct chat: the
// question goes there when the customer opens its window, and whoever saw that moment
// could join the handles of both (promise 7). A question that waits, or was not answered
// in time, reads as one that is on its way.
func apart(s webhook.Seen) webhook.Seen {
	if s.State == sharing.Waiting || s.State == sharing.Expired {
		s.State = sharing.Asked // its time counts from the sending
	}
	if s.State == sharing.Asked {
		s.Since = s.Question.Begun
	}
	s.Question.Sent, s.Question.Expires, s.Question.Language = time.Time{}, time.Time{}, ""
	return s
}

// timeOf is nil for the zero time.
func timeOf(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
