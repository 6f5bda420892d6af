package webhook

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"bauta/masking"
	"bauta/webhook/meta"
)

// Types of Bauta's own events about a customer.
const (
	newsShared    = "number_shared"
	newsWithdrawn = "number_withdrawn"
	newsChanged   = "identity_changed"
	newsMerged    = "identity_merged"
	newsConflict  = "identity_conflict"
	newsErased    = "customer_erased"
)

// mostDue bounds what waits with a record: far more than one act brings.
const mostDue = 64

// news makes one of Bauta's own events due in a scope. It is brought to the business
// with the next event of that scope, or at once by whoever acts there, so that no
// coincidence in time joins two scopes.
func (r registrar) news(c *Customer, scope, kind, id string, data map[string]any) {
	s := c.Scopes[scope]
	data["handle"] = s.Handle.In(r.business.View)
	if scope != Direct {
		data["group_id"] = scope
	}
	text, err := json.Marshal(data)
	if err != nil {
		return // texts, times and numbers
	}
	r.due(c, Due{Kind: kind, Scope: scope, Data: text}, id)
}

// errand makes a message of Bauta's own due.
func (r registrar) errand(c *Customer, e Errand, id string) {
	text, err := json.Marshal(e)
	if err != nil {
		return // texts alone
	}
	r.due(c, Due{Errand: true, Kind: string(e.Kind), Scope: e.Scope, Data: text}, id)
}

func (r registrar) due(c *Customer, d Due, id string) {
	sum := r.prf.PRF("due", r.business.ID, id, d.Kind, d.Scope)
	d.ID, d.At = base64.RawURLEncoding.EncodeToString(sum[:16]), r.now
	if len(c.Due) == mostDue || slices.ContainsFunc(c.Due, func(other Due) bool { return other.ID == d.ID }) {
		return
	}
	c.Due = append(c.Due, d)
}

// vouch puts the ledger's head into what is due and waits for it.
func vouch(due []Due, signed string) {
	for i := range due {
		if due[i].Kind != newsShared || due[i].Errand {
			continue
		}
		var data map[string]any
		if json.Unmarshal(due[i].Data, &data) != nil || data["ledger"] != nil {
			continue
		}
		data["ledger"] = signed
		if text, err := json.Marshal(data); err == nil {
			due[i].Data = text
		}
	}
}

// occasion is beside what something due can go.
type occasion struct {
	// scopes in which something happens that the business sees.
	scopes []string
	// event that is about to be delivered, nil if it is none of the platform's.
	event *meta.Event
}

// ripe tells that a due thing may go now: errands always, news of a scope only
// beside an event, or an act, of that very scope. What says that a number is shared
// waits until the ledger has it. A confirmation has the button that takes the share
// back: it waits until the customer can be written, as long as the share lasts.
func (c *Customer) ripe(d *Due, o occasion, now time.Time) bool {
	switch {
	case d.discloses() && c.unproven(d.Scope):
		return false
	case d.Errand && d.Kind == string(ErrandConfirmation):
		return c.asksAt(now) != ""
	case d.Errand:
		return true
	case d.Kind == newsCard:
		return o.event != nil && o.event.Group == d.Scope && !o.event.Own.IsZero()
	}
	return slices.Contains(o.scopes, d.Scope)
}

// discloses tells what says that a number is shared.
func (d *Due) discloses() bool {
	if d.Errand {
		return d.Kind == string(ErrandConfirmation)
	}
	return d.Kind == newsShared || d.Kind == newsCard
}

// items makes an item of each thing that is due for a customer on an occasion, and
// returns the ids of these beside them. An item may have no endpoint.
func (r registrar) items(c *Customer, o occasion) (items []Item, ids []string, err error) {
	for i := range c.Due {
		d := &c.Due[i]
		if !c.ripe(d, o, r.now) {
			continue
		}
		item, err := r.item(c, d, o.event)
		if err != nil {
			return nil, nil, err
		}
		items, ids = append(items, item), append(ids, d.ID)
	}
	return items, ids, nil
}

func (r registrar) item(c *Customer, d *Due, beside *meta.Event) (Item, error) {
	item := Item{
		Business: c.Business, Conversation: Conversation(c.ID), Earlier: c.earlier(r.now), Customer: c.ID, Key: c.DataKey,
		Delivery: Delivery{Field: ownField, Kind: d.Kind, Body: d.Data, Accepted: r.now},
	}
	item.Dedupe, item.Delivery.ID = eventID(r.prf, c.Business, []string{"due", d.ID})
	if d.Errand {
		item.Endpoints = r.business.endpoints(func(e *Endpoint) bool { return e.Platform })
		return item, nil
	}
	if d.Scope != Direct {
		item.Conversation, item.Earlier = groupOf(r.prf, c.Business, d.Scope), nil
	}
	if s := c.Scopes[d.Scope]; s != nil {
		item.Delivery.Visibility, item.Delivery.Handle = s.Visibility.String(), d.handle()
	}
	if d.discloses() {
		item.Delivery.Shows = c.ID
	}
	if d.Kind == newsCard {
		r.cardInto(&item, c, d, beside)
		return item, nil
	}
	// The time is that of the telling: one thing can be due in several scopes, and must
	// not join them.
	body, err := json.Marshal(ownEvent{Type: d.Kind, Timestamp: r.now.UTC(), Data: d.Data})
	if err != nil {
		return Item{}, fmt.Errorf("write %s: %w", d.Kind, err)
	}
	item.Delivery.Body = body
	item.Endpoints = r.business.endpoints(func(e *Endpoint) bool { return e.OwnEvents && !e.Platform })
	return item, nil
}

// handle is the one that an own event speaks of: the customer may have another by now.
func (d *Due) handle() string {
	var data struct {
		Handle string `json:"handle"`
	}
	_ = json.Unmarshal(d.Data, &data) // it was written here
	return data.Handle
}

// untold takes back that a number was shared, where that is not on its way yet, and
// tells whether there was any: then the business most likely did not hear of it.
func (c *Customer) untold(scope string) bool {
	unheard := slices.ContainsFunc(c.Due, func(d Due) bool { return d.Scope == scope && !d.Errand && d.Kind == newsShared })
	c.Due = slices.DeleteFunc(c.Due, func(d Due) bool { return d.Scope == scope && d.discloses() })
	return unheard
}

// brought takes away what was due and is in its lanes.
func (c *Customer) brought(ids []string) {
	c.Due = slices.DeleteFunc(c.Due, func(d Due) bool { return slices.Contains(ids, d.ID) })
}

// longHandle is a handle as the ledger and the audit log write it.
func longHandle(h masking.Handle) string { return h.In(masking.View{ShowCountry: true}) }
