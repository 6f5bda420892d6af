package webhook

import (
	"context"
	"encoding/base64"
	"fmt"
)

// The prefixes of conversations that are no customer's.
const (
	groupConversation   = "g:"
	accountConversation = "w:"
)

// keyFor is the data key that the event is encrypted under.
func (p *Pipeline) keyFor(ctx context.Context, w *work) (DataKey, string, error) {
	if w.subject != nil && w.subject.DataKey != nil {
		return w.subject.DataKey, w.subject.ID, nil
	}
	key, err := p.Keys.BusinessKey(ctx, w.business.ID)
	if err != nil {
		return nil, "", fmt.Errorf("the business's data key: %w", err)
	}
	return key, "", nil
}

// groupOf is a group's conversation. Its id is keyed: names of keys stand in clear in
// the store, and an id can hold the number of who made the group (webhooks.md section
// 5, row 9).
func groupOf(prf PRF, business, group string) Conversation {
	sum := prf.PRF("group", business, group)
	return Conversation(groupConversation + base64.RawURLEncoding.EncodeToString(sum[:16]))
}

// Conversation is the customer's in a scope.
func (c *Customer) Conversation(prf PRF, scope string) Conversation {
	if scope == Direct {
		return Conversation(c.ID)
	}
	return groupOf(prf, c.Business, scope)
}

// conversation names what the event is kept in order with.
func (p *Pipeline) conversation(w *work) Conversation {
	switch {
	case w.event.Group != Direct:
		return groupOf(p.PRF, w.business.ID, w.event.Group)
	case w.subject != nil:
		return Conversation(w.subject.ID)
	default:
		return Conversation(accountConversation + w.event.WABA + ":" + fieldLabel(w.event))
	}
}

// earlier are the conversations that became part of the event's.
func (p *Pipeline) earlier(w *work) []Conversation {
	if w.subject == nil || w.event.Group != Direct {
		return nil
	}
	return w.subject.earlier(p.Now())
}
