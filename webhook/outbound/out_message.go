package outbound

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"bauta/masking"
	"bauta/webhook"
	"bauta/webhook/meta"
)

// messageID is a message that a call names.
type messageID struct {
	at  place
	top bool
	// sent is the id as the business wrote it, platform is what the platform gets.
	sent, platform string
	// handle is the key of the handle in a re-issued id, "" in others: there person is
	// whom the platform's id names, zero for nobody that Bauta could know.
	handle string
	person masking.Identity
	group  string
	// raw: the business sent the platform's own id; customer is then whose it is.
	raw      bool
	customer *webhook.Customer
}

// unmask finds the platform's id.
func (r *request) unmask(ctx context.Context, id *messageID) error {
	platform, err := r.t.WayBack.MessageID(ctx, r.call.Business.ID, id.sent)
	switch {
	case err == nil:
		id.platform = platform
		id.readIssued(r.t.Handles)
		return nil
	case errors.Is(err, meta.ErrNotMasked):
		return r.readRaw(id)
	case errors.Is(err, meta.ErrForeignID), errors.Is(err, meta.ErrID),
		errors.Is(err, webhook.ErrUnknownHandle), errors.Is(err, webhook.ErrErased):
		return ErrUnknownMessage
	}
	return fmt.Errorf("find which message the call names: %w", err)
}

// readIssued reads of whom a re-issued id is: by its handle or, where it was sealed
// whole, by the platform's id in it.
func (id *messageID) readIssued(handles meta.HandleParser) {
	if issued, err := meta.ParseID(id.sent); err == nil {
		if ref, ok := handles.Parse(issued.Person().UserID.Reveal()); ok {
			id.handle, id.group = ref.Key, issued.Group()
			return
		}
	}
	if inner, err := meta.ParseID(id.platform); err == nil {
		id.person, id.group = inner.Person(), inner.Group()
	}
}

// readRaw reads what may be the platform's own id.
func (r *request) readRaw(id *messageID) error {
	read, err := meta.ParseID(id.sent)
	if err != nil {
		return ErrUnknownMessage
	}
	id.raw, id.platform = true, id.sent
	id.person, id.group = read.Person(), read.Group()
	return nil
}

// mayQuote tells that the business may name a message in this call: it can have the
// id, and the message is of the chat to which the call goes. Otherwise the
// platform's answer would tell whether two names are one person's.
func (r *request) mayQuote(id *messageID, addressed []addressee) bool {
	if id.raw && !r.mayHave(id) {
		return false
	}
	if r.group != "" {
		return r.ofGroup(id)
	}
	if len(addressed) != 1 || !r.people[0].top {
		return true
	}
	return r.ofChat(id, &addressed[0])
}

// mayHave tells that the platform's own id was shown to the business, as those of
// visible customers are; those of people who shared their number never are.
func (r *request) mayHave(id *messageID) bool {
	if r.call.Business.RawRecipients == webhook.AllowRaw {
		return true
	}
	if id.customer == nil {
		return false
	}
	if id.group == "" {
		return opennessIn(id.customer, webhook.Direct) == open
	}
	// Ids have the group's jid, events mostly another id of the same group.
	for _, scope := range []string{id.group, r.group, r.call.Group} {
		if scope != "" && opennessIn(id.customer, scope) == open {
			return true
		}
	}
	return false
}

// ofGroup tells that a message is of the group to which the call goes: one of a
// direct chat would show the group, and whoever of it is with the business, who
// wrote it.
func (r *request) ofGroup(id *messageID) bool {
	switch {
	case id.handle != "":
		if id.customer == nil {
			return false
		}
		scope, ok := id.customer.ScopeOf(id.handle)
		return ok && scope == r.group
	case id.person.IsZero() && id.group == "":
		return true // a form of ids that Bauta cannot read: sealed for this business all the same
	}
	return id.group != ""
}

// ofChat tells that a message is of the chat with somebody.
func (r *request) ofChat(id *messageID, a *addressee) bool {
	switch {
	case id.raw && a.raw && r.call.Business.RawRecipients == webhook.AllowRaw:
		return true
	case a.customer == nil:
		return false
	case id.raw && !a.raw && !named(a.customer, a.scope, id.person), a.raw && !id.raw && !named(a.customer, a.scope, a.told):
		return false
	case id.handle != "":
		scope, ok := a.customer.ScopeOf(id.handle)
		return ok && scope == a.scope
	case id.person.IsZero():
		return true // a form of ids that Bauta cannot read: sealed for this business all the same
	case (id.group == "") != (a.scope == webhook.Direct):
		return false
	case id.raw:
		return id.customer != nil && id.customer.ID == a.customer.ID
	case r.call.Business.RawRecipients == webhook.AllowRaw && !named(a.customer, a.scope, id.person):
		// It may be of a message to a plain number, and would tell whose that is.
		return false
	}
	return knows(a.customer, id.person)
}

// knows tells that an identity is or was the customer's.
func knows(c *webhook.Customer, who masking.Identity) bool {
	return slices.ContainsFunc(c.Links, func(l webhook.Link) bool { return l.Identity.Canonical() == who.Canonical() })
}
