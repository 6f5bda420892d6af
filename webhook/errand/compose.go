package errand

import (
	"maps"
	"slices"
	"time"

	"bauta/masking"
	"bauta/masking/sharing"
	"bauta/webhook"
	"bauta/webhook/meta"
)

// withdrawable is for how long the button that withdraws works.
const withdrawable = 10 * 365 * 24 * time.Hour

// compose writes what an errand says; ok is false if it is outdated: nobody wants it
// any more, or it would not be true.
func (j *job) compose(tokens Tokens) (message sharing.Message, say meta.Say, ok bool) {
	if j.place() == nil {
		return message, say, false
	}
	var expires time.Time
	switch j.errand.Kind {
	case webhook.ErrandQuestion:
		message, expires, ok = j.question()
		say.Native = ok && j.standing().Sharing.Question.Native
	case webhook.ErrandConfirmation:
		message, ok = j.confirmation()
		expires = j.now.Add(withdrawable)
	case webhook.ErrandNotice:
		message, ok = j.remark()
	case webhook.ErrandOverview:
		message, ok = j.overview()
		ok = ok && !j.late()
	case webhook.ErrandErase:
		message, ok = j.notice(webhook.Direct, sharing.TextErased), true
	case webhook.ErrandForget:
	}
	if !ok || message.Body == "" {
		return message, say, false
	}
	say.To, say.Body = recipient(j.customer), message.Body
	say.Callback = sharing.Reserved + string(j.errand.Kind) + ":" + j.errand.Question
	if say.Native {
		return message, say, true
	}
	for _, b := range message.Buttons {
		say.Buttons = append(say.Buttons, meta.SayButton{Title: b.Title, ID: tokens.Issue(sharing.Claims{
			Business: j.business.ID, Handle: j.standing().Handle.Key(), Scope: j.errand.Scope,
			Action: b.Action, Question: j.errand.Question, Expires: expires,
		})})
	}
	return message, say, true
}

// question is asked only while it is the scope's present one, was not sent, and there
// is still something to share.
func (j *job) question() (_ sharing.Message, expires time.Time, ok bool) {
	s := j.standing()
	if s == nil || j.errand.Question == "" || s.Sharing.Question.ID != j.errand.Question {
		return sharing.Message{}, time.Time{}, false
	}
	q := &s.Sharing.Question
	hidden := s.Visibility == webhook.Hidden || s.Visibility == webhook.Withdrawn
	if s.Sharing.State != sharing.Asked || !hidden || !s.Left.IsZero() || !q.Sent.IsZero() || !j.now.Before(q.Expires) {
		return sharing.Message{}, time.Time{}, false
	}
	return j.business.Sharing.Texts.Question(s.Handle.Country, j.params(j.errand.Scope), q.Native), q.Expires, true
}

// confirmation is sent only while the share that it confirms holds.
func (j *job) confirmation() (sharing.Message, bool) {
	s := j.standing()
	if s == nil || !isShared(s) || s.Sharing.Question.ID != j.errand.Question {
		return sharing.Message{}, false
	}
	return j.business.Sharing.Texts.Confirmation(s.Handle.Country, j.params(j.errand.Scope)), true
}

// remark says what an act of the customer's led to, but not that nothing is shared
// once something is.
func (j *job) remark() (sharing.Message, bool) {
	name, s := sharing.TextName(j.errand.Text), j.standing()
	untrue := name != sharing.TextVoid && s != nil && isShared(s)
	return j.notice(j.errand.Scope, name), !untrue && !j.late()
}

// late tells an errand that was replayed when nobody waits for its answer any more.
func (j *job) late() bool { return j.now.Sub(j.accepted) >= window }

func (j *job) notice(scope string, name sharing.TextName) sharing.Message {
	return j.business.Sharing.Texts.Notice(j.place().Handle.Country, name, j.params(scope))
}

// maxText is the longest text that the platform takes, in characters.
const maxText = 4096

// overview says in one line for each scope what the business sees there. Scopes that
// never were hidden are not in it, nor those that the customer left.
func (j *job) overview() (sharing.Message, bool) {
	var all sharing.Message
	length := 0
	for _, scope := range slices.Sorted(maps.Keys(j.customer.Scopes)) {
		s := j.customer.Scopes[scope]
		if s.Visibility == webhook.Visible || !s.Left.IsZero() {
			continue
		}
		line := j.notice(scope, standingText(scope, isShared(s)))
		if length += len([]rune(line.Body)) + 1; length > maxText {
			break
		}
		if all.Body != "" {
			line.Body = all.Body + "\n" + line.Body
		}
		all = line
	}
	return all, all.Body != ""
}

func standingText(scope string, shared bool) sharing.TextName {
	switch {
	case scope == webhook.Direct && shared:
		return sharing.TextIsShared
	case scope == webhook.Direct:
		return sharing.TextNotShared
	case shared:
		return sharing.TextGroupIsShared
	}
	return sharing.TextGroupNotShared
}

func isShared(s *webhook.Standing) bool {
	return s.Visibility == webhook.Shared && s.Sharing.State == sharing.Shared
}

// standing is that of the errand's scope, nil if there is none any more.
func (j *job) standing() *webhook.Standing { return j.customer.Scopes[j.errand.Scope] }

// place is a standing that tells the customer's handle and country: the errand's
// scope's, else the direct chat's, else any. Nil: the customer has none at all.
func (j *job) place() *webhook.Standing {
	for _, scope := range append([]string{j.errand.Scope, webhook.Direct}, slices.Sorted(maps.Keys(j.customer.Scopes))...) {
		if s := j.customer.Scopes[scope]; s != nil {
			return s
		}
	}
	return nil
}

// params fill a text of a scope. A group without a name is called by its id: a text
// about a group must never read as one about the direct chat.
func (j *job) params(scope string) sharing.Params {
	p := sharing.Params{Business: j.business.Name}
	if scope != webhook.Direct {
		if p.Group = j.business.Groups[scope].Name; p.Group == "" {
			p.Group = scope
		}
	}
	return p
}

// recipient is how the platform is told whom a message is for: by the user id where
// one is known, which also keeps the number out of what the platform remembers, else
// by the number.
func recipient(c *webhook.Customer) masking.Identity {
	if id := userID(c); !id.IsZero() {
		return masking.Identity{UserID: id}
	}
	return masking.Identity{Number: c.Number()}
}

// userID is the customer's present user id, not one for several portfolios; zero if
// none is known.
func userID(c *webhook.Customer) masking.UserID {
	for _, l := range slices.Backward(c.Links) {
		if l.Ended.IsZero() && !l.Lost && !l.Identity.UserID.IsZero() && !l.Identity.UserID.IsParent() {
			return l.Identity.UserID
		}
	}
	return masking.UserID{}
}
