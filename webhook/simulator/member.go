package simulator

import (
	"fmt"
	"slices"
)

// Join has people join a group by its invite link, in one change, and posts the
// webhook (webhooks.md 2.11; identity.md Appendix A, F3). Whoever waited to be let
// in waits no more.
func (g *Graph) Join(groupID string, people ...Person) error {
	return g.moved(groupID, func(d *group) Part {
		var added []Part
		for _, p := range people {
			c := g.meet(p)
			if !slices.Contains(d.people, c) {
				d.people = append(d.people, c)
			}
			d.requests = slices.DeleteFunc(d.requests, func(r joinRequest) bool { return r.who == c })
			added = append(added, c.as(d.account, g.o.Now()).participant())
		}
		return Part{{"type", "group_participants_add"}, {"reason", "invite_link"}, {"added_participants", added}}
	})
}

// Leave has people leave a group by themselves, in one change, and posts the webhook
// (identity.md 2.7 f).
func (g *Graph) Leave(groupID string, people ...Person) error {
	return g.moved(groupID, func(d *group) Part {
		var removed []Part
		for _, p := range people {
			c := g.meet(p)
			d.without(c)
			removed = append(removed, c.as(d.account, g.o.Now()).participant())
		}
		return Part{{"type", "group_participants_remove"}, {"initiated_by", "participant"}, {"removed_participants", removed}}
	})
}

// Remove is the business removing people, in one change, by whatever it uses for
// them: the number, or the user id of those who hide it. It posts the webhook, which
// has that as input and nothing else. DELETE participants does the same.
func (g *Graph) Remove(groupID string, people ...Person) error {
	return g.moved(groupID, func(d *group) Part {
		var removed []Part
		for _, p := range people {
			c := g.meet(p)
			d.without(c)
			input := c.Number
			if c.as(d.account, g.o.Now()).Hides {
				input = c.UserID
			}
			removed = append(removed, Part{{"input", input}})
		}
		return Part{{"type", "group_participants_remove"}, {"request_id", g.hexID(8)}, {"initiated_by", "business"}, {"removed_participants", removed}}
	})
}

// moved posts a change of a group's participants.
func (g *Graph) moved(groupID string, move func(*group) Part) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	d := g.groups[groupID]
	if d == nil {
		return fmt.Errorf("%w: %s", errUnknownGroup, groupID)
	}
	event := append(Part{{"timestamp", stamp(g.o.Now())}, {"group_id", d.ID}}, move(d)...)
	g.queue(d.account.envelope("group_participants_update", Part{{"groups", []Part{event}}}))
	g.nudge()
	return nil
}

func (d *group) without(c *contact) {
	d.people = slices.DeleteFunc(d.people, func(other *contact) bool { return other == c })
}

// participant names a person in a change of a group.
func (p Person) participant() Part {
	item := p.blockItem("")
	if p.Username != "" {
		item = append(item, Member{"username", p.Username})
	}
	return item
}

// Reaction is a reaction to a message; "" takes it back.
func Reaction(from Person, messageID, emoji string) Message {
	return Message{From: from, Type: "reaction", Content: Part{{"message_id", messageID}, {"emoji", emoji}}}
}

// System is a text that the platform writes into a chat, or a group, about a person:
// nothing that they wrote, so it opens no window.
func System(about Person, kind, body string) Message {
	return Message{From: about, Type: "system", Content: Part{{"body", body}, {"type", kind}}}
}
