package simulator

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// Business is a WhatsApp business account with one phone number.
type Business struct {
	WABA, PhoneNumberID string
	// Number is the business's own, digits only.
	Number string
}

// Person is a customer, as the platform knows them.
type Person struct {
	// Number is digits only. It is left out of webhooks when Hides.
	Number string
	UserID string
	Name   string
	Hides  bool
	// Username is global, "" for none. It is in contacts and of participants.
	Username string
}

// Ad is a Click-to-WhatsApp ad or a post.
type Ad struct {
	Type, ID, Headline, Body, ClickID string
}

// Part is a JSON object whose members are written in order.
type Part []Member

// Member is one name and value of a Part.
type Member struct {
	Name  string
	Value any
}

// MarshalJSON writes the members in order, as the platform does.
func (p Part) MarshalJSON() ([]byte, error) {
	out := []byte{'{'}
	for i, m := range p {
		name, err := json.Marshal(m.Name)
		if err != nil {
			return nil, fmt.Errorf("name of a member: %w", err)
		}
		value, err := json.Marshal(m.Value)
		if err != nil {
			return nil, fmt.Errorf("value of %s: %w", m.Name, err)
		}
		if i > 0 {
			out = append(out, ',')
		}
		out = append(append(append(out, name...), ':'), value...)
	}
	return append(out, '}'), nil
}

// Message is an inbound message of a type, with that type's content, and the
// ad it came from, if any.
type Message struct {
	From    Person
	ID      string
	At      time.Time
	Type    string
	Content any
	Ad      *Ad
	Group   string
	// Quoted is the id of the message it answers, "" if none.
	Quoted string
	// Forwarded: it was written to somebody else.
	Forwarded bool
	// author of the quoted message; nil is the business, and nobody's number is
	// written for one without.
	author *Person
}

// Inbound writes the webhook of one message.
func (b Business) Inbound(m Message) []byte {
	message := Part{}
	if context := b.context(m); context != nil {
		message = append(message, Member{"context", context})
	}
	if m.Ad != nil {
		message = append(message, Member{"referral", m.Ad.referral()})
	}
	message = append(message, m.From.sender()...)
	if m.Group != "" {
		message = append(message, Member{"group_id", m.Group})
	}
	message = append(message,
		Member{"id", m.ID}, Member{"timestamp", stamp(m.At)},
		Member{"type", m.Type}, Member{m.Type, m.Content})
	value := Part{{"contacts", []Part{m.From.contact()}}, {"messages", []Part{message}}}
	if m.Type == "system" {
		value = value[1:] // they come without contacts
	}
	return b.envelope("messages", value)
}

// context of a message (webhooks.md 3): what it answers, and whether it was
// forwarded; nil if neither.
func (b Business) context(m Message) Part {
	var context Part
	if m.Quoted != "" {
		from := b.Number
		if m.author != nil {
			from = m.author.Number
		}
		if from != "" {
			context = append(context, Member{"from", from})
		}
		context = append(context, Member{"id", m.Quoted})
	}
	if m.Forwarded {
		context = append(context, Member{"forwarded", true})
	}
	return context
}

// Status is what became of a message that the business sent.
type Status struct {
	To     Person
	ID     string
	At     time.Time
	Status string
}

// Outcome writes the webhook of one status.
func (b Business) Outcome(s Status) []byte {
	status := Part{{"id", s.ID}, {"status", s.Status}, {"timestamp", stamp(s.At)}}
	if !s.To.Hides {
		status = append(status, Member{"recipient_id", s.To.Number})
	}
	if s.To.UserID != "" {
		status = append(status, Member{"recipient_user_id", s.To.UserID})
	}
	return b.envelope("messages", Part{{"contacts", []Part{s.To.contact()}}, {"statuses", []Part{status}}})
}

func (b Business) envelope(field string, content Part) []byte {
	value := append(Part{
		{"messaging_product", "whatsapp"},
		{"metadata", Part{{"display_phone_number", b.Number}, {"phone_number_id", b.PhoneNumberID}}},
	}, content...)
	body, err := json.Marshal(Part{
		{"object", "whatsapp_business_account"},
		{"entry", []Part{{
			{"id", b.WABA},
			{"changes", []Part{{{"value", value}, {"field", field}}}},
		}}},
	})
	if err != nil {
		// Content is made of strings, numbers and Parts: it always encodes.
		panic(err)
	}
	return body
}

func (p Person) contact() Part {
	profile := Part{{"name", p.Name}}
	if p.Username != "" {
		profile = append(profile, Member{"username", p.Username})
	}
	contact := Part{{"profile", profile}}
	if !p.Hides {
		contact = append(contact, Member{"wa_id", p.Number})
	}
	if p.UserID != "" {
		contact = append(contact, Member{"user_id", p.UserID})
	}
	return contact
}

func (p Person) sender() Part {
	var sender Part
	if !p.Hides {
		sender = append(sender, Member{"from", p.Number})
	}
	if p.UserID != "" {
		sender = append(sender, Member{"from_user_id", p.UserID})
	}
	return sender
}

func (a *Ad) referral() Part {
	r := Part{
		{"source_url", "https://fb.me/3cr4Wqqkv"},
		{"source_id", a.ID},
		{"source_type", a.Type},
		{"body", a.Body},
		{"headline", a.Headline},
		{"media_type", "image"},
	}
	if a.ClickID != "" {
		r = append(r, Member{"ctwa_clid", a.ClickID})
	}
	return r
}

func stamp(at time.Time) string { return strconv.FormatInt(at.Unix(), 10) }
