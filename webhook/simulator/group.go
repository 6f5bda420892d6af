package simulator

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
)

// Group is a group of the Groups API.
type Group struct {
	// ID is "" for one that gets an id.
	ID, Subject, PhoneNumberID string
	People                     []Person
}

// group is a group with its participants.
type group struct {
	ID, subject string
	account     *Account
	people      []*contact
	created     string
	requests    []joinRequest
}

// maxGroups of one phone number is the platform's bound.
const maxGroups = 10_000

// declare makes a group; one of an unknown phone number is left out.
func (g *Graph) declare(d Group) *group {
	account := g.byNumberID(d.PhoneNumberID)
	if account == nil {
		return nil
	}
	if d.ID == "" {
		d.ID = base64.StdEncoding.EncodeToString([]byte("capi_group:" + account.Number + ":" + "120363" + g.digits(12) + "d"))
	}
	made := &group{ID: d.ID, subject: d.Subject, account: account, created: stamp(g.o.Now())}
	for _, p := range d.People {
		made.people = append(made.people, g.meet(p))
	}
	g.groups[d.ID] = made
	return made
}

// Declare makes a group, and returns its id; "" if no account has the phone
// number.
func (g *Graph) Declare(d Group) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	if made := g.declare(d); made != nil {
		return made.ID
	}
	return ""
}

// groupsOf answers calls of groups.
func (g *Graph) groupsOf(c *call) reply {
	if c.method == http.MethodGet {
		var all []*group
		for _, d := range g.groups {
			if d.account == c.account {
				all = append(all, d)
			}
		}
		slices.SortFunc(all, func(a, b *group) int { return strings.Compare(a.ID, b.ID) })
		from, to, paging := c.page(len(all))
		items := []Part{}
		for _, d := range all[from:to] {
			items = append(items, Part{{"id", d.ID}, {"subject", d.subject}, {"created_at", d.created}})
		}
		body := Part{{"data", Part{{"groups", items}}}}
		if paging != nil {
			body = append(body, Member{"paging", paging})
		}
		return ok(body)
	}
	if c.fields.text("messaging_product") != "whatsapp" || c.fields.text("subject") == "" {
		return g.refuse(codeParameter, "The parameters messaging_product and subject are required.")
	}
	if len(g.groups) >= maxGroups {
		return g.refuse(131202, "Too many groups")
	}
	made := g.declare(Group{Subject: c.fields.text("subject"), PhoneNumberID: c.account.PhoneNumberID})
	request := g.hexID(8)
	g.queue(c.account.envelope("group_lifecycle_update", Part{{"groups", []Part{{
		{"timestamp", stamp(g.o.Now())},
		{"group_id", made.ID},
		{"type", "group_create"},
		{"request_id", request},
		{"subject", made.subject},
		{"invite_link", "https://chat.whatsapp.com/" + g.hexID(11)},
		{"join_approval_mode", "auto_approve"},
	}}}}))
	return ok(Part{{"messaging_product", "whatsapp"}, {"request_id", request}})
}

// ofGroup answers calls of a group.
func (g *Graph) ofGroup(c *call, d *group) reply {
	switch c.method + " " + c.edge {
	case "GET ":
		people := []Part{}
		for _, p := range d.people {
			people = append(people, p.as(c.account, g.o.Now()).blockItem(""))
		}
		return ok(c.chosen(Part{
			{"messaging_product", "whatsapp"},
			{"id", d.ID},
			{"subject", d.subject},
			{"creation_timestamp", d.created},
			{"suspended", false},
			{"total_participant_count", len(people)},
			{"participants", people},
		}))
	case "POST ":
		if subject := c.fields.text("subject"); subject != "" {
			d.subject = subject
		}
		return ok(Part{{"messaging_product", "whatsapp"}, {"request_id", g.hexID(8)}})
	case "DELETE ":
		delete(g.groups, d.ID)
		return ok(Part{{"messaging_product", "whatsapp"}, {"request_id", g.hexID(8)}})
	case "GET join_requests", "POST join_requests", "DELETE join_requests":
		return g.joinRequests(c, d)
	case "GET invite_link", "POST invite_link":
		return ok(Part{{"messaging_product", "whatsapp"}, {"invite_link", "https://chat.whatsapp.com/" + g.hexID(11)}})
	case "DELETE participants":
		return g.removeParticipants(c, d)
	}
	return g.noPath()
}

// removeParticipants: items name user or user_id, not both (identity.md 2.4).
func (g *Graph) removeParticipants(c *call, d *group) reply {
	items := c.fields.list("participants")
	if len(items) == 0 {
		return g.refuse(codeMissing, "The parameter participants is required.")
	}
	var removed, failed []Part
	for _, item := range items {
		if item.text("user") != "" && item.text("user_id") != "" {
			return g.refuse(codeParameter, "A participant is named by user or by user_id, not by both")
		}
		input, p := g.named(item)
		if p == nil || !slices.Contains(d.people, p) {
			failed = append(failed, Part{{"input", input}, {"errors", []Part{{{"code", 131204}, {"message", "Not a participant"}}}}})
			continue
		}
		d.people = slices.DeleteFunc(d.people, func(other *contact) bool { return other == p })
		removed = append(removed, Part{{"input", input}})
	}
	request := g.hexID(8)
	event := Part{
		{"timestamp", stamp(g.o.Now())},
		{"group_id", d.ID},
		{"type", "group_participants_remove"},
		{"request_id", request},
		{"initiated_by", "business"},
		{"removed_participants", removed},
	}
	if failed != nil {
		event = append(event, Member{"failed_participants", failed})
	}
	g.queue(c.account.envelope("group_participants_update", Part{{"groups", []Part{event}}}))
	return ok(Part{{"messaging_product", "whatsapp"}, {"request_id", request}})
}
