package errand

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"bauta/masking"
	"bauta/masking/sharing"
	"bauta/webhook"
	"bauta/webhook/graph"
	"bauta/webhook/meta"
)

// window is for how long after a customer wrote the platform takes messages to them
// (webhooks.md 6.6, code 131047).
const window = 24 * time.Hour

// tell sends a message, if it is still wanted, the window is open and it is its turn.
func (r *Runner) tell(ctx context.Context, j *job) (webhook.Carried, error) {
	if wasTried(j.customer, j.id) {
		r.unknown(ctx, j)
		return over(webhook.Dropped, Unknown), nil
	}
	message, say, ok := j.compose(r.Tokens)
	switch {
	case !ok:
		return over(webhook.Dropped, Outdated), nil
	case !j.open():
		return r.fail(ctx, j, outcome{why: WindowClosed}), nil
	case say.To.IsZero():
		return r.fail(ctx, j, outcome{why: Undeliverable}), nil
	}
	if said, waits := r.turn(j); waits {
		return said, nil
	}
	o, err := r.send(ctx, j, say)
	if err != nil {
		return webhook.Carried{}, err
	}
	return r.settle(ctx, j, message, o), nil
}

// open tells that the window is: the customer wrote within it to the phone number
// that the errand goes out from.
func (j *job) open() bool {
	return j.from() != "" && !j.customer.InboundAt.IsZero() && j.now.Before(j.customer.InboundAt.Add(window))
}

// from is the id of the business's phone number that writes, "" if none is known.
func (j *job) from() string {
	if j.errand.PhoneNumberID != "" {
		return j.errand.PhoneNumberID
	}
	return j.customer.Inbound
}

// turn tells whether the message waits, for the business's own or for its rate.
func (r *Runner) turn(j *job) (webhook.Carried, bool) {
	if d := r.Pace.Wait(j.business.ID, j.customer.ID); d > 0 {
		return r.wait(j, Yields, d), true
	}
	if j.errand.Kind != webhook.ErrandQuestion || j.turn {
		return webhook.Carried{}, false
	}
	if d := r.rates.wait(j.business, j.id, j.now); d > 0 {
		return r.wait(j, Rate, d), true
	}
	j.turn = true
	return webhook.Carried{}, false
}

// send makes the call: first the line of the audit log, then the record, then the
// platform. Errands that nothing was sent of are taken off the record again.
// webhook.ErrStale: nothing was called, and the record has to be read again.
func (r *Runner) send(ctx context.Context, j *job, say meta.Say) (outcome, error) {
	token := r.AccessToken(j.business.ID)
	if token == "" {
		return outcome{class: later, why: TokenRefused, wait: operatorWait}, nil
	}
	if err := r.note(ctx, j); err != nil {
		return outcome{class: later, why: Audit}, nil //nolint:nilerr // the reason tells
	}
	if err := r.begin(ctx, j); err != nil {
		if errors.Is(err, webhook.ErrStale) {
			return outcome{}, err
		}
		r.unbegin(ctx, j)
		return outcome{class: later, why: Store}, nil
	}
	o := judge(r.Platform.Call(ctx, graph.Request{
		Token: token, Object: j.from(), Method: http.MethodPost, Edge: "messages", Body: say.JSON(),
	}))
	o.called = true
	if o.class == later {
		r.unbegin(ctx, j)
	}
	return o, nil
}

// note writes the line of the audit log, once for an attempt.
func (r *Runner) note(ctx context.Context, j *job) error {
	if j.audited {
		return nil
	}
	err := r.Audit.Note(ctx, []webhook.Reversal{{
		At: j.now, Business: j.business.ID, Handle: j.place().Handle.In(masking.View{ShowCountry: true}),
		By: "bauta", For: j.business.ErrandUse(j.errand.Kind),
	}})
	j.audited = err == nil
	return err
}

// settle notes what became of a message.
func (r *Runner) settle(ctx context.Context, j *job, message sharing.Message, o outcome) webhook.Carried {
	switch o.class {
	case taken:
		return r.took(ctx, j, message, o)
	case refused:
		return r.fail(ctx, j, o)
	case later:
		return r.later(ctx, j, o)
	case unclear:
	}
	r.Pace.Spoke(j.business.ID, j.customer.ID)
	r.unknown(ctx, j)
	return webhook.Carried{Fault: o.fault, Verdict: webhook.Verdict{Outcome: webhook.Dropped, Reason: string(Unknown)}}
}

// later keeps an errand that nothing was sent of.
func (r *Runner) later(ctx context.Context, j *job, o outcome) webhook.Carried {
	r.notices.operator(ctx, j.business.ID, o.why, o.code)
	said := r.wait(j, o.why, o.wait)
	said.Untried, said.Fault = !o.called, o.fault
	return said
}

// took notes a message that the platform took. It is tried several times, for a
// question without a note counts for nothing.
func (r *Runner) took(ctx context.Context, j *job, message sharing.Message, o outcome) webhook.Carried {
	r.Pace.Spoke(j.business.ID, j.customer.ID)
	said := webhook.Carried{Verdict: webhook.Verdict{Outcome: webhook.Delivered, Reason: string(Sent)}}
	stanza, ok := stanzaOf(o.body)
	if !ok {
		r.unknown(ctx, j)
		said.Fault, said.Verdict.Outcome, said.Verdict.Reason = true, webhook.Dropped, string(Unknown)
		return said
	}
	err := r.settled(ctx, func(ctx context.Context) error {
		return r.Consents.Sent(ctx, j.business, j.customer, webhook.Told{Errand: j.errand, Message: message, Stanza: stanza})
	})
	if err != nil {
		r.Logger.ErrorContext(ctx, "the platform took a message of Bauta's, which could not be noted: an answer to it will not count",
			slog.String("delivery_id", j.id), slog.String("error", err.Error()))
		said.Verdict.Reason = string(Unrecorded)
	}
	return said
}

// fail ends an errand that nothing was sent of, and never will be.
func (r *Runner) fail(ctx context.Context, j *job, o outcome) webhook.Carried {
	if j.errand.Kind == webhook.ErrandQuestion {
		why := webhook.Unreachable
		if o.why == WindowClosed {
			why = webhook.WindowClosed
		}
		err := r.settled(ctx, func(ctx context.Context) error {
			return r.Consents.Failed(ctx, j.business, j.customer, j.errand, why)
		})
		if err != nil {
			r.unbegin(ctx, j)
			said := r.wait(j, Store, 0)
			said.Untried = !o.called
			return said
		}
	}
	said := over(webhook.Dropped, o.why)
	said.Untried = !o.called
	return said
}

// settled does what must be done even if ctx has ended, a few times if it fails. Of
// whom was erased meanwhile there is nothing to note.
func (r *Runner) settled(ctx context.Context, do func(ctx context.Context) error) (err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	for pause := 50 * time.Millisecond; ; pause *= 4 {
		err = do(ctx)
		if errors.Is(err, webhook.ErrErased) {
			return nil
		}
		if err == nil || pause > time.Second {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
		}
	}
}

// unknown tells the operator of a message whose fate nobody knows.
func (r *Runner) unknown(ctx context.Context, j *job) {
	r.Logger.WarnContext(ctx, "nobody knows whether a message of Bauta's was sent: it is not sent again", slog.String("delivery_id", j.id))
}

// stanzaOf reads the message's own id from the platform's answer (webhooks.md 6.2):
// "" for an id of unknown form. It is not ok if there is none: then this is not the
// answer of the platform.
func stanzaOf(body []byte) (stanza string, ok bool) {
	var answer struct {
		Messages []struct {
			ID string `json:"id"`
		} `json:"messages"`
	}
	if json.Unmarshal(body, &answer) != nil || len(answer.Messages) == 0 || answer.Messages[0].ID == "" {
		return "", false
	}
	id, err := meta.ParseID(answer.Messages[0].ID)
	if err != nil {
		return "", true
	}
	return id.Stanza(), true
}
