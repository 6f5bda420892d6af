package webhook

import (
	"encoding/json"

	"bauta/masking"
	"bauta/masking/sharing"
	"bauta/webhook/meta"
)

// newsCard is a shared number on a contact card: what software gets that knows people
// by numbers alone (the phone shape), where the handle stays the customer's number.
const newsCard = "contact_card"

// brings tells that the customer's act is itself a card with the number.
func (t *turning) brings() bool {
	return t.input == sharing.PlatformAnswer || t.input == sharing.OwnCard
}

// card makes a card with the shared number due. It needs an event of its scope to
// stand before, which tells the business's phone number: nothing else of the customer
// would say it for a group without telling of the direct chat.
func (r registrar) card(c *Customer, scope, id string) {
	if r.business.View.Shape != masking.ShapePhone {
		return
	}
	text, err := json.Marshal(c.Scopes[scope].Sharing.Number.Reveal())
	if err != nil {
		return // digits
	}
	r.due(c, Due{Kind: newsCard, Scope: scope, Data: text}, id)
}

// cardInto makes an item the card, for the endpoints that take messages. Where the
// number is not shown any more it has no endpoint.
func (r registrar) cardInto(item *Item, c *Customer, d *Due, beside *meta.Event) {
	var number string
	shown := c.shownIn(d.Scope)
	if json.Unmarshal(d.Data, &number) != nil || shown.IsZero() || shown.Reveal() != number {
		return
	}
	sum := r.prf.PRF("card", c.Business, d.ID)
	standing := c.Scopes[d.Scope]
	card := meta.SharedCard{
		WABA: beside.WABA, PhoneNumberID: beside.PhoneNumberID, Own: beside.Own, From: standing.Handle.In(r.business.View),
		Group: d.Scope, ID: meta.NoMessage(sum[:24]), At: r.now, Number: shown,
	}
	item.Delivery.Field, item.Delivery.Kind, item.Delivery.Body = meta.SharedCardField, string(meta.Message), card.JSON()
	item.Delivery.Handle, item.Delivery.Decision = card.From, standing.told()
	item.Endpoints = r.business.endpoints(func(e *Endpoint) bool { return e.Wants(meta.SharedCardField) })
}

// clean proves that a card shows nothing of the customer but what is shared. What is
// not goes to nobody; the number is in number_shared too.
func (p *Pipeline) clean(w *work, item *Item) bool {
	person, ok := w.subject.PersonIn(w.event.Group)
	if !ok {
		return false
	}
	secrets := w.secrets([]masking.Person{person})
	secrets.Opaque = p.opaque
	if len(p.proofs.Run(secrets, item.Delivery.Body, nil)) == 0 {
		return true
	}
	p.Metrics.dropped(w.business.ID, HeldLeak)
	return false
}
