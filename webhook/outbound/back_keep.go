package outbound

import (
	"context"

	"bauta/webhook"
)

// keep stores what leads the ids of the answer back: envelopes that cannot be
// derived, and which messages went to a plain number. Usually there is nothing to
// store. The answer goes out in any case: the message is sent.
func (r *reading) keep(ctx context.Context) {
	if r.failed || len(r.envelopes) == 0 {
		return
	}
	for _, c := range r.customers {
		if c == nil {
			continue
		}
		r.renewed(ctx, c)
		var forms []webhook.Form
		for _, envelope := range r.envelopes {
			if form, ok := c.FormOf(r.o.scope(), envelope); ok {
				forms = append(forms, form)
			}
		}
		if len(forms) == 0 {
			continue
		}
		if err := r.t.Forms.Remember(ctx, c, forms); err != nil {
			r.logger().WarnContext(ctx, "the envelope of a sent message could not be stored: replies that quote it may fail", "error", err)
		}
	}
	r.enter(ctx)
}

// enter notes the messages that went to a plain number.
func (r *reading) enter(ctx context.Context) {
	c := &r.o.call
	if c.Business.RawRecipients != webhook.AllowRaw || !c.Route.Sends {
		return
	}
	raw := false
	for i := range r.o.addressed {
		raw = raw || r.o.addressed[i].raw
	}
	if !raw {
		return
	}
	stanzas := make([]string, len(r.envelopes))
	for i := range r.envelopes {
		stanzas[i] = r.envelopes[i].Stanza
	}
	if err := r.t.Rolls.Enter(ctx, c.Business.ID, webhook.RawAddressed, stanzas); err != nil {
		r.logger().WarnContext(ctx, "a message to a plain number could not be noted: events that refer to it can join number and handle", "error", err)
	}
}

// renewed notes what was sent under a handle that is not the customer's first: of other
// messages no statuses come under it.
func (r *reading) renewed(ctx context.Context, c *webhook.Customer) {
	call := &r.o.call
	standing := c.Scopes[webhook.Direct]
	if !call.Route.Sends || r.o.scope() != webhook.Direct || standing == nil || !standing.Renewed {
		return
	}
	sent := make([]string, len(r.envelopes))
	for i := range r.envelopes {
		sent[i] = webhook.SentUnder(standing.Handle.Key(), r.envelopes[i].Stanza)
	}
	if err := r.t.Rolls.Enter(ctx, call.Business.ID, webhook.SentRenewed, sent); err != nil {
		r.logger().WarnContext(ctx, "a message under a later handle could not be noted: its statuses will not come", "error", err)
	}
}
