package webhook

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"slices"
	"time"

	"bauta/masking"
	"bauta/masking/sharing"
)

// Reasons of a standing that follow from what the customer decided.
const (
	ReasonShared        = "shared_by_customer"
	ReasonWithdrawn     = "withdrawn"
	ReasonNumberChanged = "number_changed"
	ReasonLeft          = "left_the_group"
	// ReasonUnrecorded: it is shared, and the ledger has no line of it yet.
	ReasonUnrecorded = "consent_not_recorded"
)

// Why an act of a customer has no effect. The set is closed: it is in the ledger and
// in metrics.
const (
	RefusedForged        = "forged"
	RefusedExpired       = "expired"
	RefusedOtherCustomer = "other_customer"
	RefusedOtherMessage  = "other_message"
	RefusedForwarded     = "forwarded"
	RefusedUsed          = "not_pending"
	RefusedNoNumber      = "no_number"
)

// mostLines bounds what waits with a record for a ledger that takes no lines: then
// nothing but a withdrawal is taken in.
const mostLines = 64

// The actors of the ledger's lines.
const (
	ByCustomer = "customer"
	ByBusiness = "business"
	ByOperator = "operator"
	ByBauta    = "bauta"
)

// turning is one input to the state of a customer in one scope.
type turning struct {
	input sharing.Input
	// by and action are the ledger's words for who did it, and how.
	by, action string
	// id is the event's, or the call's: the same one changes nothing twice.
	id string
	// at is the platform's time of the act, zero if it comes from elsewhere.
	at time.Time
	// ends is until when what the customer said is over, where something else than an
	// act of theirs masks the number.
	ends time.Time
	// asksAt is the business's phone number that a question would be sent from.
	asksAt string
	// worded is what the business itself put into a request; nil: Bauta words it.
	worded *Question
	// reason refuses whatever the state is, "" does not.
	reason string
}

// registrar changes a customer's record by what somebody decided: the state, what the
// ledger has to hold, and what is due. It does no I/O.
type registrar struct {
	business *Business
	prf      PRF
	minter   Minter
	now      time.Time
}

// turn takes an input in. The step tells what it led to; same tells that nothing
// changed, because it was taken in before, is outdated, or means nothing here.
func (r registrar) turn(c *Customer, scope string, t turning) (step sharing.Step, same bool, err error) {
	s := c.Scopes[scope]
	if s == nil || s.Visibility == Visible || s.Visibility == Undecided {
		return sharing.Step{}, true, nil
	}
	if t.id == s.Sharing.ActBy || t.outdated(&s.Sharing) || t.forgotten(c, s) || len(c.Lines) >= mostLines && !t.masks() {
		return sharing.Step{Next: s.Sharing.State}, true, nil
	}
	expired := r.expire(c, scope)
	if t.repeats(&s.Sharing, sharing.Next(s.Sharing.State, t.input, r.policy(s))) {
		return sharing.Step{Next: s.Sharing.State}, !expired, nil
	}
	if t.reason == "" && t.early(&s.Sharing) {
		t.reason = RefusedUsed
	}
	if t.reason != "" {
		r.refuse(c, scope, t)
		return sharing.Step{Next: s.Sharing.State, Effect: sharing.Refuse}, false, nil
	}
	if t.shares() && c.Number().IsZero() {
		t.reason = RefusedNoNumber
		r.refuse(c, scope, t)
		return sharing.Step{Next: s.Sharing.State, Effect: sharing.Refuse}, false, nil
	}
	step = sharing.Next(s.Sharing.State, t.input, r.policy(s))
	same, err = r.effect(c, scope, step, t)
	return step, same && !expired, err
}

// masks tells an input that can only hide.
func (t *turning) masks() bool {
	return slices.Contains([]sharing.Input{
		sharing.WithdrawTap, sharing.WithdrawWord, sharing.WithdrawForCustomer, sharing.NumberChanged, sharing.Leave,
	}, t.input)
}

// shares tells an act that lifts the mask.
func (t *turning) shares() bool {
	return slices.Contains([]sharing.Input{sharing.ShareTap, sharing.PlatformAnswer, sharing.OwnCard, sharing.ShareWord}, t.input)
}

// outdated tells an act from before the newest one. Of two in the same second the
// later could be either: that lifts no mask, but for the button of a question that
// waits for its answer.
func (t *turning) outdated(s *Sharing) bool {
	if t.at.IsZero() || s.Heard.IsZero() {
		return false
	}
	pending := t.input == sharing.ShareTap && s.State == sharing.Asked
	return t.at.Before(s.Heard) || t.shares() && !pending && t.at.Equal(s.Heard)
}

// forgotten tells a word or a card that may be from before the customer was erased, or
// expired: the platform sends again for days what it has no answer for, and nothing
// is left that would recognise it. The event with which they come back is one.
func (t *turning) forgotten(c *Customer, s *Standing) bool {
	if t.input != sharing.ShareWord && t.input != sharing.OwnCard || !c.came(evidenceReturning) {
		return false
	}
	return t.id == s.DecidedBy || t.at.Before(s.Decided.Truncate(time.Second))
}

// early tells an answer to the platform's own request from before the question that is
// pending now: it was an answer to nothing, and comes again.
func (t *turning) early(s *Sharing) bool {
	return t.input == sharing.PlatformAnswer && s.State == sharing.Asked && !t.at.IsZero() && t.at.Before(s.Since.Truncate(time.Second))
}

// repeats tells an act that was taken in, and comes again after what Bauta heard from
// elsewhere meanwhile: it would be refused now, and the customer told of it.
func (t *turning) repeats(s *Sharing, step sharing.Step) bool {
	return !t.at.IsZero() && t.at.Equal(s.Heard) && (t.reason != "" || step.Effect == sharing.Refuse)
}

func (r registrar) policy(s *Standing) sharing.Policy {
	p := &r.business.Sharing
	return sharing.Policy{
		AskItself:      p.Ask == AskFirstContact,
		MayAskAgain:    p.AskAgainAfter > 0 && r.now.Sub(s.Sharing.Since) >= p.AskAgainAfter,
		OwnCardShares:  p.OwnCardShares,
		ShareNewNumber: p.ShareNewNumber,
	}
}

// effect does what a step asks for.
func (r registrar) effect(c *Customer, scope string, step sharing.Step, t turning) (same bool, err error) {
	switch step.Effect {
	case sharing.Nothing:
		return true, nil
	case sharing.Refuse:
		t.reason = RefusedUsed
		r.refuse(c, scope, t)
	case sharing.Wait:
		r.enter(c, scope, step.Next, t)
	case sharing.Note:
		r.note(c, scope, step.Next, t)
	case sharing.Ask:
		return false, r.ask(c, scope, t)
	case sharing.Disclose:
		r.disclose(c, scope, t, sharing.LineShared)
	case sharing.Renew:
		r.disclose(c, scope, t, sharing.LineRenewed)
	case sharing.Hide:
		return false, r.hide(c, scope, step.Next, t)
	case sharing.HideAndAsk:
		if err := r.hide(c, scope, sharing.Unasked, t); err != nil {
			return false, err
		}
		return false, r.ask(c, scope, t)
	}
	return false, nil
}

// enter puts the scope into a state.
func (r registrar) enter(c *Customer, scope string, state sharing.State, t turning) {
	s := &c.Scopes[scope].Sharing
	s.State, s.Since, s.ActBy = state, r.now, t.id
	t.heardIn(s)
}

// heardIn notes until when what the customer said is over.
func (t *turning) heardIn(s *Sharing) {
	for _, at := range []time.Time{t.at, t.ends.Truncate(time.Second)} {
		if at.After(s.Heard) {
			s.Heard = at
		}
	}
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
	s.State, s.Since = step.Next, r.now
	r.line(c, scope, sharing.LineExpired, turning{by: ByBauta, action: "time", id: s.Question.ID})
	return true
}

// ask begins a question. In a group it can only be answered by a button, which needs
// a number to share: until Bauta knows one it waits.
func (r registrar) ask(c *Customer, scope string, t turning) error {
	s := c.Scopes[scope]
	if t.worded != nil {
		s.Sharing.Question = *t.worded
		r.enter(c, scope, sharing.Asked, t)
		return nil
	}
	native := r.business.Sharing.Native || c.Number().IsZero()
	waits := scope != Direct && c.Number().IsZero()
	if s.Sharing.State == sharing.Waiting && s.Sharing.Question.ID != "" {
		if waits {
			return nil
		}
		s.Sharing.Question.Expires = r.now.Add(r.business.Sharing.Expires)
	} else {
		id, err := questionID()
		if err != nil {
			return err
		}
		by := ByBauta
		if t.by == ByBusiness {
			by = ByBusiness
		}
		s.Sharing.Question = Question{
			ID: id, By: by, WordedBy: ByBauta, Native: native && scope == Direct,
			Begun: r.now, Expires: r.now.Add(r.business.Sharing.Expires),
		}
	}
	state := sharing.Asked
	if waits || t.asksAt == "" {
		state = sharing.Waiting
	}
	r.enter(c, scope, state, t)
	if state == sharing.Asked {
		r.errand(c, Errand{Kind: ErrandQuestion, Scope: scope, Question: s.Sharing.Question.ID, PhoneNumberID: t.asksAt}, t.id)
	}
	return nil
}

func questionID() (string, error) {
	id := make([]byte, 12)
	if _, err := rand.Read(id); err != nil {
		return "", fmt.Errorf("draw the id of a question: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(id), nil
}

// disclose shows the number from now on.
func (r registrar) disclose(c *Customer, scope string, t turning, line sharing.LineType) {
	s := c.Scopes[scope]
	s.Visibility, s.Rule, s.Reason, s.Decided, s.DecidedBy = Shared, "", ReasonShared, r.now, t.id
	s.Sharing.Number = c.Number()
	r.enter(c, scope, sharing.Shared, t)
	r.line(c, scope, line, t)
	c.untold(scope)
	r.news(c, scope, newsShared, t.id, map[string]any{
		"number": "+" + s.Sharing.Number.Reveal(), "action": t.action, "shared_at": r.now.UTC(),
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
	c.untold(scope)
	r.news(c, scope, newsWithdrawn, t.id, map[string]any{"reason": reason, "withdrawn_at": r.now.UTC()})
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
	s.Handle, s.Former, s.Inherited = handle, nil, false
	s.Sharing.Question = Question{}
	return nil
}

// note changes the state alone.
func (r registrar) note(c *Customer, scope string, state sharing.State, t turning) {
	r.enter(c, scope, state, t)
	if t.input == sharing.DeclineTap {
		r.line(c, scope, sharing.LineDeclined, t)
		r.notice(c, scope, sharing.TextDeclined, sharing.TextDeclined, t)
	}
	if t.input == sharing.Undeliverable {
		r.line(c, scope, sharing.LineUnasked, t)
	}
}

// refuse records an act without effect, and tells the customer whose button it was.
func (r registrar) refuse(c *Customer, scope string, t turning) {
	if len(c.Lines) < mostLines {
		r.line(c, scope, sharing.LineRefused, t)
	}
	if slices.Contains([]sharing.Input{sharing.ShareTap, sharing.DeclineTap, sharing.WithdrawTap}, t.input) {
		r.notice(c, scope, sharing.TextVoid, sharing.TextVoid, t)
	}
}

// notice tells the customer something in one line, where the act came from a
// conversation with them.
func (r registrar) notice(c *Customer, scope string, direct, group sharing.TextName, t turning) {
	name := direct
	if scope != Direct {
		name = group
	}
	r.errand(c, Errand{Kind: ErrandNotice, Scope: scope, Text: string(name), PhoneNumberID: t.asksAt}, t.id)
}

// line is what the ledger has to hold of it.
func (r registrar) line(c *Customer, scope string, kind sharing.LineType, t turning) {
	s := c.Scopes[scope]
	sum := r.prf.PRF("ledger line", r.business.ID, t.id, scope, string(kind))
	l := sharing.Line{
		ID: base64.RawURLEncoding.EncodeToString(sum[:12]), At: r.now, Type: kind,
		Handle: longHandle(s.Handle), Scope: LineScope(scope),
		By: t.by, Action: t.action, Reason: t.reason,
	}
	if q := &s.Sharing.Question; q.ID != "" {
		l.Question, l.WordedBy, l.Language, l.Version, l.TextHash = q.ID, q.WordedBy, q.Language, q.Version, q.TextHash
		if t.input == sharing.PlatformAnswer && q.Requested != "" {
			l.WordedBy, l.Language, l.Version, l.TextHash = ByBusiness, "", "", q.Requested
		}
	}
	c.Lines = append(c.Lines, l)
}
