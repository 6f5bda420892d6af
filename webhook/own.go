package webhook

import (
	"encoding/json"
	"fmt"
	"time"
)

// ownField stands where a platform event has its field.
const ownField = "bauta"

// ownEvent is one of Bauta's own events: a Standard Webhooks body.
type ownEvent struct {
	Type      string    `json:"type"`
	Timestamp time.Time `json:"timestamp"`
	Data      any       `json:"data"`
}

// announce makes the item of an own event, in the lane of the event that it is
// about, for the endpoints that ask for own events. ok is false if none does.
func (p *Pipeline) announce(w *work, about HeldEvent, e ownEvent) (Item, bool, error) {
	body, err := json.Marshal(e)
	if err != nil {
		return Item{}, false, fmt.Errorf("write %s: %w", e.Type, err)
	}
	item := Item{
		Business: w.business.ID, Conversation: about.Conversation, Earlier: about.Earlier, Customer: about.Customer, Key: about.Key,
		Delivery: Delivery{Field: ownField, Kind: e.Type, Body: body, Accepted: about.At},
	}
	item.Dedupe, item.Delivery.ID = eventID(p.PRF, w.business.ID, []string{ownField, e.Type, w.id})
	item.Endpoints = w.business.endpoints(func(to *Endpoint) bool { return to.OwnEvents && !to.Platform })
	return item, len(item.Endpoints) > 0, nil
}

// heldNotice tells a business that something of it is held: field and time only,
// for what else is in it could not be proven clean.
func heldNotice(h HeldEvent, field string) ownEvent {
	return ownEvent{Type: "event_held", Timestamp: h.At.UTC(), Data: map[string]any{"field": field, "held_at": h.At.UTC()}}
}
