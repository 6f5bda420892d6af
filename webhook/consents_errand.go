package webhook

import (
	"context"
	"time"

	"bauta/masking/sharing"
)

// Told is an errand's message that is with the customer.
type Told struct {
	Errand Errand
	// Message is what it says; zero if the business worded it.
	Message sharing.Message
	// Stanza is its own id within message ids, "" if the platform did not tell.
	Stanza string
}

// Sent notes that an errand's message is with the customer. C is the record that the
// errand was run for.
func (s *Consents) Sent(ctx context.Context, b *Business, c *Customer, told Told) error {
	e := told.Errand
	if e.former == nil {
		if err := noteOwn(ctx, s.Rolls, b.ID, told.Stanza); err != nil {
			return err
		}
	}
	return s.amend(ctx, b, c, e, func(r registrar, c *Customer, standing *Standing) bool {
		switch {
		case e.beside != nil:
			r.line(c, e.Scope, sharing.LineAsked, turning{by: ByBusiness, action: "request", id: e.beside.ID, worded: e.beside})
		case e.Kind == ErrandQuestion && standing.Sharing.Question.Stanza == "":
			r.sent(c, e.Scope, told.Message, told.Stanza)
		case e.Kind == ErrandConfirmation && standing.Visibility == Shared:
			standing.Sharing.Confirmation = told.Stanza
		default:
			return false
		}
		return true
	})
}

// Failed notes that a question did not reach the customer.
func (s *Consents) Failed(ctx context.Context, b *Business, c *Customer, e Errand, why Failure) error {
	var failed error
	err := s.amend(ctx, b, c, e, func(r registrar, c *Customer, standing *Standing) bool {
		if e.Kind != ErrandQuestion {
			return false
		}
		t := turning{by: ByBauta, action: actionByItself, id: "failed:" + e.Question}
		switch why {
		case WindowClosed:
			t.input = sharing.NotAskable
			// What is known of the window is wrong: the platform knows better.
			c.InboundAt = time.Time{}
		case Unreachable:
			t.input = sharing.Undeliverable
		case Uncounted:
			if e.former == nil {
				return false
			}
			if e.beside != nil && e.former.State == sharing.Asked {
				standing.Sharing.Question.Requested = e.former.Question.Requested
				return true
			}
			heard := standing.Sharing.Heard
			standing.Sharing = *e.former
			standing.Sharing.Heard = heard
			return true
		}
		var same bool
		_, same, failed = r.turn(c, e.Scope, t)
		return !same
	})
	if failed != nil {
		return failed
	}
	return err
}

// Worded notes that the business itself asks a customer by the platform's own request,
// before it is sent: only then can the answer count. Hash is the SHA-256 of its words.
// *LatelyError as for Request, and where one was sent beside the pending question already.
// It returns the question, to be confirmed by Sent or taken back by Failed.
func (s *Consents) Worded(ctx context.Context, b *Business, key, hash string) (Errand, *Customer, error) {
	if b.Sharing.Ask == AskNever {
		return Errand{}, nil, ErrAskNever
	}
	var e Errand
	var who *Customer
	err := s.again(ctx, func() error {
		c, scope, err := s.find(ctx, b, key)
		if err != nil {
			return err
		}
		if v := c.Scopes[scope].Visibility; scope != Direct || !v.Masked() || v == Undecided {
			return ErrNotHidden
		}
		r := s.registrar(b, s.Now())
		asked, step, same, err := r.worded(c, hash)
		if err != nil {
			return err
		}
		e, who = asked, c
		if err := s.save(ctx, r, c, occasion{scopes: []string{scope}}); err != nil {
			return err
		}
		s.Metrics.act(b.ID, turning{input: sharing.AskForBusiness, by: ByBusiness, action: actionReply}, step, same)
		return nil
	})
	return e, who, err
}

// worded takes in a request of the business's own in the direct chat.
func (r registrar) worded(c *Customer, hash string) (e Errand, step sharing.Step, same bool, err error) {
	id, err := questionID()
	if err != nil {
		return e, step, false, err
	}
	q := Question{
		ID: id, By: ByBusiness, WordedBy: ByBusiness, Native: true, TextHash: hash,
		Begun: r.now, Expires: r.now.Add(r.business.Sharing.Expires),
	}
	former := c.Scopes[Direct].Sharing
	unseen := former.waitsUnseen(c, r.now)
	e = Errand{Kind: ErrandQuestion, Scope: Direct, Question: id, former: &former}
	t := turning{input: sharing.AskForBusiness, by: ByBusiness, action: actionReply, id: id, worded: &q, asksAt: c.asksAt(r.now)}
	if step, same, err = r.turn(c, Direct, t); err != nil {
		return e, step, same, err
	}
	pending := &c.Scopes[Direct].Sharing.Question
	if unseen && !same {
		e.Question, e.beside = pending.ID, &q
	}
	if same && step.Next == sharing.Asked {
		// One is pending already: the answer to this one counts for it, and is recorded
		// as given to the business's words.
		if pending.Requested != "" && r.business.Sharing.AskPause > 0 {
			return e, step, same, &LatelyError{}
		}
		e.Question, e.beside = pending.ID, &q
		pending.Requested, same, step.Effect = hash, false, sharing.Note
	}
	return e, step, same, nil
}

// amend changes the scope that an errand is about, if it is still about its question.
func (s *Consents) amend(
	ctx context.Context, b *Business, c *Customer, e Errand, change func(r registrar, c *Customer, standing *Standing) bool,
) error {
	first := true
	return s.again(ctx, func() error {
		if !first {
			var err error
			if c, err = s.Records.Customer(ctx, b.ID, c.ID); err != nil {
				return err
			}
		}
		first = false
		standing := c.Scopes[e.Scope]
		if standing == nil || standing.Sharing.Question.ID != e.Question {
			return nil
		}
		r := s.registrar(b, s.Now())
		if !change(r, c, standing) {
			return nil
		}
		// What an errand comes to happens in the direct chat, whatever scope it is about.
		return s.save(ctx, r, c, occasion{scopes: []string{Direct}})
	})
}
