package simulator

import "strings"

// phoneCall answers POST calls: a call of the business, or one of a customer that
// it takes.
func (g *Graph) phoneCall(c *call) reply {
	if c.fields.text("messaging_product") != "whatsapp" {
		return g.refuse(codeParameter, "The parameter messaging_product is required.")
	}
	switch c.fields.text("action") {
	case "connect":
	case "pre_accept", "accept", "reject", "terminate":
		if !strings.HasPrefix(c.fields.text("call_id"), "wacid.") {
			return g.refuse(codeMissing, "The parameter call_id is required.")
		}
		return ok(Part{{"messaging_product", "whatsapp"}, {"success", true}})
	default:
		return g.refuse(codeParameter, "Param action must be one of connect, pre_accept, accept, reject, terminate.")
	}
	to, refused := g.recipient(c)
	switch {
	case c.wish.refused >= 0:
		return g.refuse(c.wish.refused, "Requested by the call to "+c.fields.text("to")+c.fields.text("recipient"))
	case refused != nil:
		return *refused
	case to.contact == nil:
		return g.refuse(codeParameter, "A call needs a phone number or a user id")
	}
	id := callID(to.as(), c.account.Number, true, g.hexID(16))
	if to.number != "" {
		g.shown(c.account, to.contact)
	}
	seen := to.contact.as(c.account, g.o.Now())
	status := Part{{"id", id}, {"type", "call"}, {"status", "RINGING"}, {"timestamp", stamp(g.o.Now())}}
	if !seen.Hides {
		status = append(status, Member{"recipient_id", seen.Number})
	}
	if seen.UserID != "" {
		status = append(status, Member{"recipient_user_id", seen.UserID})
	}
	if echo := c.fields.text("biz_opaque_callback_data"); echo != "" {
		status = append(status, Member{"biz_opaque_callback_data", echo})
	}
	g.queue(c.account.envelope("calls", Part{{"contacts", []Part{seen.contact()}}, {"statuses", []Part{status}}}))
	return ok(Part{{"messaging_product", "whatsapp"}, {"calls", []Part{{{"id", id}}}}})
}

// callPermissions answers GET call_permissions?user_wa_id= or ?recipient=.
func (g *Graph) callPermissions(c *call) reply {
	number, user := c.query.Get("user_wa_id"), c.query.Get("recipient")
	if number == "" && user == "" {
		return g.refuse(codeMissing, "user_wa_id or recipient is required.")
	}
	p := g.users[user]
	if number != "" {
		p = g.find(Person{Number: digitsOf(number)})
	}
	if p == nil {
		return g.refuse(codeUndeliverable, "Message undeliverable to "+number+user)
	}
	action := func(name string) Part {
		return Part{{"action_name", name}, {"can_perform_action", true}, {"limits", []Part{{
			{"time_period", "PT24H"}, {"max_allowed", 1}, {"current_usage", 0},
		}}}}
	}
	return ok(Part{
		{"messaging_product", "whatsapp"},
		{"permission", Part{{"status", "no_permission"}}},
		{"actions", []Part{action("send_call_permission_request"), action("start_call")}},
	})
}
