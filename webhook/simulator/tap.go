package simulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// Why nothing is tapped.
var (
	errNotThere = errors.New("no such message is on that person's phone")
	errNoButton = errors.New("the message has no such button")
)

// Button is what a person can tap on a message.
type Button struct {
	// Kind of the answer: button_reply, list_reply, or button for a template's.
	Kind string
	// ID is the business's, a template's payload; Title is what the person reads, ""
	// on a template's, which has it at the platform.
	ID, Title string
}

// Tap has a person tap a button, named by its title or its id, of a message on
// their phone, and posts the webhook (webhooks.md 3). It returns the id of the
// message that tells of it.
func (g *Graph) Tap(who Person, messageID, button string) (string, error) {
	m, at, err := g.tapped(who, messageID, button)
	if err != nil {
		return "", err
	}
	return g.Say(at, m)
}

// Tapped is the message that an honest phone sends when a button is tapped: to be
// changed, and then said by whoever wants to forge.
func (g *Graph) Tapped(who Person, messageID, button string) (Message, error) {
	m, _, err := g.tapped(who, messageID, button)
	return m, err
}

func (g *Graph) tapped(who Person, messageID, button string) (m Message, phoneNumberID string, err error) {
	d, err := g.onPhone(who, messageID)
	if err != nil {
		return Message{}, "", err
	}
	at := slices.IndexFunc(d.Buttons, func(b Button) bool { return b.ID == button || b.Title == button })
	if at < 0 {
		return Message{}, "", fmt.Errorf("%w: %s", errNoButton, button)
	}
	m = Reply(who, d.Buttons[at])
	m.Quoted, m.Group = messageID, d.Group
	return m, d.PhoneNumberID, nil
}

// Reply is the message of a tapped button, without the message that has it.
func Reply(from Person, b Button) Message {
	if b.Kind == "button" {
		return Message{From: from, Type: "button", Content: Part{{"payload", b.ID}, {"text", b.Title}}}
	}
	return Message{From: from, Type: "interactive", Content: Part{
		{"type", b.Kind}, {b.Kind, Part{{"id", b.ID}, {"title", b.Title}}},
	}}
}

// onPhone finds a message on a person's phone.
func (g *Graph) onPhone(who Person, messageID string) (Delivered, error) {
	for _, d := range slices.Backward(g.Phone(who)) {
		if d.ID == messageID {
			return d, nil
		}
	}
	return Delivered{}, errNotThere
}

// Under is a message's id under another envelope: that of the person's number, or
// of the user id if they hide. The platform uses both for one message (webhooks.md
// 4, fact 3). It is "" for a message whose own id is not known.
func (g *Graph) Under(messageID string, p Person) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	m := g.messages.get(messageID)
	if m == nil || m.stanza == "" {
		return ""
	}
	return MessageID(p, m.fromBusiness, m.stanza)
}

// shape is what of a message's content a phone makes buttons of.
type shape struct {
	Type   string `json:"type"`
	Action struct {
		Buttons []struct {
			Reply replyShape `json:"reply"`
		} `json:"buttons"`
		Sections []struct {
			Rows []replyShape `json:"rows"`
		} `json:"sections"`
	} `json:"action"`
	Components []struct {
		SubType    string `json:"sub_type"`
		Parameters []struct {
			Payload string `json:"payload"`
		} `json:"parameters"`
	} `json:"components"`
}

type replyShape struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

// buttons of a message's content, and whether it is the platform's own request for
// the number (identity.md 2.5).
func buttons(content json.RawMessage) (all []Button, native bool) {
	var s shape
	if json.Unmarshal(content, &s) != nil {
		return nil, false
	}
	for _, b := range s.Action.Buttons {
		all = append(all, Button{"button_reply", b.Reply.ID, b.Reply.Title})
	}
	for _, section := range s.Action.Sections {
		for _, row := range section.Rows {
			all = append(all, Button{"list_reply", row.ID, row.Title})
		}
	}
	for _, c := range s.Components {
		if c.SubType == "quick_reply" && len(c.Parameters) > 0 {
			all = append(all, Button{Kind: "button", ID: c.Parameters[0].Payload})
		}
	}
	return all, s.Type == requestContactInfo
}
