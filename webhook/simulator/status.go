package simulator

import "context"

// follow queues what becomes of a message, in order (webhooks.md 2.2, identity.md
// 2.6 and 2.7 c).
func (g *Graph) follow(c *call, to *recipient, id string, statuses []string) {
	if g.o.Sender == nil {
		return
	}
	people := []*contact{to.contact}
	if to.group != nil {
		people = to.group.people
	}
	for _, status := range statuses {
		var all, contacts []Part
		for _, p := range people {
			one, contact := g.status(c, to, p, status)
			one = append(Part{{"id", id}, {"status", status}, {"timestamp", stamp(g.o.Now())}}, one...)
			all, contacts = append(all, one), append(contacts, contact)
		}
		value := Part{{"contacts", contacts}, {"statuses", all}}
		if status == "failed" {
			value = Part{{"statuses", all}}
		}
		g.queue(c.account.envelope("messages", value))
	}
}

// status is what names the person in a status, and the contact beside it.
func (g *Graph) status(c *call, to *recipient, p *contact, status string) (one, contact Part) {
	seen := p.as(c.account, g.o.Now())
	seen.Hides = seen.Hides && to.number == ""
	switch {
	case to.group != nil:
		one = Part{{"recipient_id", to.group.ID}, {"recipient_type", "group"}}
		if !seen.Hides {
			name := "recipient_participant_id"
			if g.o.Respelled {
				name = "participant_recipient_id"
			}
			one = append(one, Member{name, seen.Number})
		}
		if seen.UserID != "" {
			one = append(one, Member{"recipient_participant_user_id", seen.UserID})
		}
	default:
		if !seen.Hides && seen.Number != "" {
			one = append(one, Member{"recipient_id", seen.Number})
		}
		if seen.UserID != "" && (status != "failed" || to.userID != "") {
			one = append(one, Member{"recipient_user_id", seen.UserID})
		}
	}
	if echo := c.fields.text("biz_opaque_callback_data"); echo != "" {
		one = append(one, Member{"biz_opaque_callback_data", echo})
	}
	if status == "sent" {
		seen.Username = "" // identity.md 2.6
	}
	switch status {
	case "sent", "delivered":
		one = append(one, Member{"pricing", Part{
			{"billable", true}, {"pricing_model", "PMP"}, {"category", "service"}, {"type", "regular"},
		}})
	case "failed":
		title := g.fault(c.wish.failed).title
		one = append(one, Member{"errors", []Part{{
			{"code", c.wish.failed},
			{"title", title},
			{"message", title},
			{"error_data", Part{{"details", "Requested by the message to " + to.input}}},
			{"href", "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/"},
		}}})
	}
	return one, seen.contact()
}

// queue keeps a webhook until it is posted. Beyond a bound the oldest go.
func (g *Graph) queue(body []byte) {
	if g.o.Sender == nil {
		return
	}
	if g.holding && len(g.held) < maxPending {
		g.held = append(g.held, body)
		return
	}
	if len(g.pending) == maxPending {
		g.pending = g.pending[1:]
	}
	g.pending = append(g.pending, body)
}

// nudge tells Run that there is something to post.
func (g *Graph) nudge() {
	select {
	case g.wake <- struct{}{}:
	default:
	}
}

// Flush posts the webhooks that wait, in order, and returns when all were taken.
// On an error those that were not taken stay.
func (g *Graph) Flush(ctx context.Context) error {
	g.posting.Lock()
	defer g.posting.Unlock()
	for {
		g.mu.Lock()
		if len(g.pending) == 0 {
			g.mu.Unlock()
			return nil
		}
		body := g.pending[0]
		g.pending = g.pending[1:]
		g.mu.Unlock()
		if err := g.post(ctx, body); err != nil {
			g.mu.Lock()
			g.pending = append([][]byte{body}, g.pending...)
			g.mu.Unlock()
			return err
		}
	}
}
