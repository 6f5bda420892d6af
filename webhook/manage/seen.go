package manage

import (
	"time"

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
	Expires  *time.Time `json:"expires"`
}

// customerOf shows what Bauta may tell. Nothing of it is a number, nor leads to the
// message in which the question was asked.
func customerOf(s webhook.Seen) customer {
	c := customer{
		Handle: s.Handle, Scope: s.Scope, Visibility: s.Visibility.String(), Reason: s.Reason,
		Sharing: shared{State: s.State.String(), Since: timeOf(s.Since)},
	}
	if !s.Apart() {
		c.Sharing.Askable = &s.Askable
	}
	if q := s.Question; q.ID != "" {
		c.Sharing.Question = &question{
			ID: q.ID, By: q.By, WordedBy: q.WordedBy, Native: q.Native, Language: q.Language,
			Begun: timeOf(q.Begun), Expires: timeOf(q.Expires),
		}
	}
	return c
}

// timeOf is nil for the zero time.
func timeOf(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
