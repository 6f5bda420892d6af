package simulator

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

// blocked answers GET block_users.
func (g *Graph) blocked(c *call) reply {
	met := map[*contact]bool{}
	for _, p := range g.people.items {
		if h := p.chats[c.account.PhoneNumberID]; h != nil && h.blocked {
			met[p] = true
		}
	}
	people := slices.Collect(maps.Keys(met))
	slices.SortFunc(people, func(a, b *contact) int { return strings.Compare(a.Number+a.UserID, b.Number+b.UserID) })
	from, to, paging := c.page(len(people))
	items := []Part{}
	for _, p := range people[from:to] {
		items = append(items, p.as(c.account, g.o.Now()).blockItem(""))
	}
	body := Part{{"data", []Part{{{"block_users", items}}}}}
	if paging != nil {
		body = append(body, Member{"paging", paging})
	}
	return ok(body)
}

// blockItem names a person in an answer about blocking.
func (p Person) blockItem(input string) Part {
	var item Part
	if input != "" {
		item = append(item, Member{"input", input})
	}
	if !p.Hides && p.Number != "" {
		item = append(item, Member{"wa_id", p.Number})
	}
	if p.UserID != "" {
		item = append(item, Member{"user_id", p.UserID})
	}
	return item
}

// block answers POST and DELETE of block_users (webhooks.md 6.4): only people who
// wrote within 24 hours can be blocked; the number wins over the user id.
func (g *Graph) block(c *call) reply {
	items := c.fields.list("block_users")
	if c.fields.text("messaging_product") != "whatsapp" || len(items) == 0 {
		return g.refuse(codeParameter, "The parameters messaging_product and block_users are required.")
	}
	done, name := []Part{}, "added_users"
	if c.method == http.MethodDelete {
		name = "removed_users"
	}
	var failed []Part
	for _, item := range items {
		input, p := g.named(item)
		answer := Part{{"input", input}}
		switch {
		case p == nil || c.method == http.MethodPost && g.o.Now().Sub(p.chat(c.account.PhoneNumberID).lastInbound) > window:
			failed = append(failed, append(answer, Member{"errors", []Part{{
				{"message", "Re-engagement message"},
				{"code", codeWindow},
				{"error_data", Part{{"details", "Only users who wrote within 24 hours can be blocked"}}},
			}}}))
		default:
			p.chat(c.account.PhoneNumberID).blocked = c.method == http.MethodPost
			seen := p.Person
			seen.Hides = item.text("user") == ""
			done = append(done, seen.blockItem(input))
		}
	}
	body := Part{{"messaging_product", "whatsapp"}, {"block_users", Part{{name, done}}}}
	if failed == nil {
		return ok(body)
	}
	body[1].Value = Part{{name, done}, {"failed_users", failed}}
	body = append(body, Member{"error", g.errorBody(codeBlockList, 0, "Failed to block/unblock some users")})
	return reply{status: http.StatusBadRequest, code: codeBlockList, body: body}
}

// named finds whom user or user_id means.
func (g *Graph) named(item fields) (input string, p *contact) {
	if number := item.text("user"); number != "" {
		return number, g.find(Person{Number: digitsOf(number)})
	}
	id := item.text("user_id")
	return id, g.users[id]
}

// contactBook answers DELETE contact_book (identity.md 2.3): of the portfolio, and
// for no parent id.
func (g *Graph) contactBook(c *call) reply {
	id := c.query.Get("bsuid")
	if c.query.Get("messaging_product") != "whatsapp" || !isUserID(id) || strings.Contains(id, ".ENT.") {
		return g.refuse(codeParameter, "The parameters messaging_product and bsuid are required.")
	}
	deleted := false
	if p := g.users[id]; p != nil {
		deleted = p.book[c.account.portfolio()]
		delete(p.book, c.account.portfolio())
	}
	return ok(Part{{"messaging_product", "whatsapp"}, {"success", true}, {"deleted", deleted}})
}
