package webhook

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"

	"bauta/masking/sharing"
)

// ask begins a question, or goes on with one that waits; same tells that it waits on. In a
// group it can only be answered by a button, which needs a number to share: until Bauta
// knows one it waits.
func (r registrar) ask(c *Customer, scope string, t turning) (same bool, err error) {
	s := c.Scopes[scope]
	if t.worded != nil {
		r.askWorded(c, scope, t)
		return false, nil
	}
	by, again := t.by, s.Sharing.State == sharing.Waiting && s.Sharing.Question.ID != ""
	if again && by == ByBauta {
		by = s.Sharing.Question.By
	}
	held := r.held(c, scope, by)
	waits := held || scope != Direct && c.Number().IsZero()
	switch {
	case again && scope == Direct:
		if began := r.begin(&s.Sharing.Question, held, t); waits && !began {
			return true, nil
		}
	case again && waits:
		return true, nil
	case again:
		s.Sharing.Question.Expires = r.now.Add(r.business.Sharing.Expires)
	default:
		q, err := r.question(c, scope, by, held)
		if err != nil {
			return false, err
		}
		q.Held = q.Held && t.asksAt != ""
		s.Sharing.Question = q
	}
	state := sharing.Asked
	if waits || t.asksAt == "" {
		state = sharing.Waiting
	}
	r.enter(c, scope, state, t)
	if state == sharing.Asked {
		r.errand(c, Errand{Kind: ErrandQuestion, Scope: scope, Question: s.Sharing.Question.ID, PhoneNumberID: t.asksAt}, t.id)
	}
	return false, nil
}

// askWorded takes in a question that the business itself asks. Where it is asked already
// for the business, its own request stands beside that.
func (r registrar) askWorded(c *Customer, scope string, t turning) {
	s := c.Scopes[scope]
	if s.Sharing.waitsUnseen(c, r.now) {
		s.Sharing.Question.Requested = t.worded.TextHash
	} else {
		s.Sharing.Question = *t.worded
	}
	r.enter(c, scope, sharing.Asked, t)
}

// begin has the time of a question in the direct chat begin that waited for the platform's
// window, and tells whether it did. That is as soon as this chat alone allows it, though
// another scope's question may hold it: when it ends tells nothing of that one.
func (r registrar) begin(q *Question, held bool, t turning) bool {
	if q.Held || t.asksAt == "" {
		return false
	}
	q.Held, q.Begun, q.Expires = held, r.now, r.now.Add(r.business.Sharing.Expires)
	return true
}

// question is a new one. In a group one that is held begins its time when that of the other
// is over.
func (r registrar) question(c *Customer, scope, by string, held bool) (Question, error) {
	id, err := questionID()
	if err != nil {
		return Question{}, err
	}
	if by != ByBusiness {
		by = ByBauta
	}
	expires := r.now.Add(r.business.Sharing.Expires)
	if held && scope != Direct {
		expires = expires.Add(r.business.Sharing.Expires)
	}
	native := r.business.Sharing.Native || c.Number().IsZero()
	return Question{
		ID: id, By: by, WordedBy: ByBauta, Native: native && scope == Direct, Held: held, Begun: r.now, Expires: expires,
	}, nil
}

func questionID() (string, error) {
	id := make([]byte, 12)
	if _, err := rand.Read(id); err != nil {
		return "", fmt.Errorf("draw the id of a question: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(id), nil
}

// wording is what a question of a scope says to the customer.
func (r registrar) wording(c *Customer, scope string) sharing.Message {
	p := sharing.Params{Business: r.business.Name, Group: r.business.Groups[scope].Name}
	return r.business.Sharing.Texts.Question(c.Scopes[scope].Handle.Country, p, c.Scopes[scope].Sharing.Question.Native)
}

// sent notes that a question is with the customer, and what it says.
func (r registrar) sent(c *Customer, scope string, m sharing.Message, stanza string) {
	q := &c.Scopes[scope].Sharing.Question
	q.Stanza, q.Sent, c.AskedAt = stanza, r.now, r.now
	if q.WordedBy == ByBauta {
		q.Language, q.Version, q.TextHash = m.Language, m.Version, m.Hash
		r.shown(c, m)
	}
	action := actionByItself
	if q.By == ByBusiness {
		action = "request"
	}
	r.line(c, scope, sharing.LineAsked, turning{by: q.By, action: action, id: q.ID})
}

// shown keeps in the ledger what is shown under a hash, once.
func (r registrar) shown(c *Customer, m sharing.Message) {
	c.Lines = append(c.Lines, sharing.Line{
		ID: "text:" + m.Hash, At: r.now, Type: sharing.LineText, By: ByBauta,
		Language: m.Language, Version: m.Version, TextHash: m.Hash, Text: m.Text(),
	})
}

// expire ends a question whose time is over, and tells whether there was one.
func (r registrar) expire(c *Customer, scope string) bool {
	s := &c.Scopes[scope].Sharing
	if s.Question.ID == "" || r.now.Before(s.Question.Expires) {
		return false
	}
	step := sharing.Next(s.State, sharing.TimeUp, sharing.Policy{})
	if step.Effect != sharing.Note {
		return false
	}
	s.State, s.Since = step.Next, s.Question.Expires
	r.line(c, scope, sharing.LineExpired, turning{by: ByBauta, action: "time", id: s.Question.ID})
	return true
}
