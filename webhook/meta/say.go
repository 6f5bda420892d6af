package meta

import (
	"encoding/json"

	"bauta/masking"
)

// Say is a message of Bauta's own to a customer: the body of POST
// /{phone_number_id}/messages (webhooks.md 6.1, identity.md 2.4 and 2.5).
type Say struct {
	// To is whom it is for: a user id goes into recipient, a number into to.
	To   masking.Identity
	Body string
	// Buttons are none, for a text, or up to three.
	Buttons []SayButton
	// Native is the platform's own request for the number. It has a button of its
	// own: with it, Buttons are not sent.
	Native bool
	// Callback comes back in the message's statuses, "" for none.
	Callback string
}

// SayButton is a reply button. The platform takes an ID of at most 256 characters,
// a Title of at most 20.
type SayButton struct{ ID, Title string }

type sayMessage struct {
	Product       string          `json:"messaging_product"`
	RecipientType string          `json:"recipient_type"`
	To            string          `json:"to,omitempty"`
	Recipient     string          `json:"recipient,omitempty"`
	Type          string          `json:"type"`
	Text          *sayText        `json:"text,omitempty"`
	Interactive   *sayInteractive `json:"interactive,omitempty"`
	Callback      string          `json:"biz_opaque_callback_data,omitempty"`
}

type sayInteractive struct {
	Type   string    `json:"type"`
	Body   sayWords  `json:"body"`
	Action sayAction `json:"action"`
}

type sayText struct {
	Body string `json:"body"`
}

type sayWords struct {
	Text string `json:"text"`
}

type sayAction struct {
	Name    string     `json:"name,omitempty"`
	Buttons []sayReply `json:"buttons,omitempty"`
}

type sayReply struct {
	Type  string `json:"type"`
	Reply struct {
		ID    string `json:"id"`
		Title string `json:"title"`
	} `json:"reply"`
}

// JSON is the body to send. It names the customer to the platform: it goes nowhere
// else.
func (s Say) JSON() []byte {
	m := sayMessage{Product: "whatsapp", RecipientType: "individual", Callback: s.Callback}
	// A user id in to would be taken for a number, and the message lost; a number
	// without + would be taken for one of the business's country.
	if s.To.UserID.IsZero() {
		m.To = "+" + s.To.Number.Reveal()
	} else {
		m.Recipient = s.To.UserID.Reveal()
	}
	switch {
	case s.Native:
		m.Type = "interactive"
		m.Interactive = &sayInteractive{Type: "request_contact_info", Body: sayWords{s.Body}, Action: sayAction{Name: "request_contact_info"}}
	case len(s.Buttons) > 0:
		m.Type = "interactive"
		m.Interactive = &sayInteractive{Type: "button", Body: sayWords{s.Body}}
		for _, b := range s.Buttons {
			reply := sayReply{Type: "reply"}
			reply.Reply.ID, reply.Reply.Title = b.ID, b.Title
			m.Interactive.Action.Buttons = append(m.Interactive.Action.Buttons, reply)
		}
	default:
		m.Type, m.Text = "text", &sayText{s.Body}
	}
	body, _ := json.Marshal(m) // texts only: it cannot fail
	return body
}
