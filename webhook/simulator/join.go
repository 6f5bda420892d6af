package simulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
)

// joinRequest is a person who asks to join a group.
type joinRequest struct {
	id, at string
	who    *contact
}

// maxRequests is how many may wait in one group.
const maxRequests = 1000

// AskToJoin has a person ask to join a group, and returns the webhook.
func (g *Graph) AskToJoin(groupID string, who Person) ([]byte, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	d := g.groups[groupID]
	if d == nil || len(d.requests) == maxRequests {
		return nil, fmt.Errorf("%w, or too many wait", errUnknownGroup)
	}
	r := joinRequest{id: g.hexID(12), at: stamp(g.o.Now()), who: g.meet(who)}
	d.requests = append(d.requests, r)
	event := Part{
		{"timestamp", r.at},
		{"group_id", d.ID},
		{"type", "group_join_request_created"},
		{"reason", "invite_link"},
		{"join_request_id", r.id},
	}
	event = append(event, r.who.as(d.account, g.o.Now()).blockItem("")...)
	return d.account.envelope("group_participants_update", Part{{"groups", []Part{event}}}), nil
}

// joinRequests answers calls of join_requests.
func (g *Graph) joinRequests(c *call, d *group) reply {
	if c.method == http.MethodGet {
		from, to, paging := c.page(len(d.requests))
		data := []Part{}
		for _, r := range d.requests[from:to] {
			item := Part{{"join_request_id", r.id}, {"creation_timestamp", r.at}}
			data = append(data, append(item, r.who.as(c.account, g.o.Now()).blockItem("")...))
		}
		body := Part{{"data", data}}
		if paging != nil {
			body = append(body, Member{"paging", paging})
		}
		return ok(body)
	}
	var ids []string
	if json.Unmarshal(c.fields["join_requests"], &ids) != nil || len(ids) == 0 {
		return g.refuse(codeMissing, "The parameter join_requests is required.")
	}
	name := "rejected_join_requests"
	if c.method == http.MethodPost {
		name = "approved_join_requests"
	}
	done := []string{}
	var failed []Part
	for _, id := range ids {
		at := slices.IndexFunc(d.requests, func(r joinRequest) bool { return r.id == id })
		if at < 0 {
			failed = append(failed, Part{{"join_request_id", id}, {"errors", []Part{{{"code", codeValue}, {"message", "No such request"}}}}})
			continue
		}
		if c.method == http.MethodPost {
			d.people = append(d.people, d.requests[at].who)
		}
		d.requests = slices.Delete(d.requests, at, at+1)
		done = append(done, id)
	}
	body := Part{{"messaging_product", "whatsapp"}, {name, done}}
	if failed != nil {
		body = append(body, Member{"failed_join_requests", failed})
	}
	return ok(body)
}
