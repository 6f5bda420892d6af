package simulator

import (
	"errors"
	"fmt"
)

// Why a customer's message does not come.
var (
	// errUnknownNumber: no account has the phone number id.
	errUnknownNumber = errors.New("no account of the stand-in has that phone number id")
	// errUnknownGroup: there is no such group.
	errUnknownGroup = errors.New("the stand-in has no such group")
	// errBlocked: the business blocked the person.
	errBlocked = errors.New("the business blocked that person")
)

// Text is a text message.
func Text(from Person, body string) Message {
	return Message{From: from, Type: "text", Content: Part{{"body", body}}}
}

// Arrive makes a customer's message known, as if it had come in: it opens the
// window, and its id can be quoted. It returns the webhook, which the caller
// posts. A message without an id or a time gets one.
func (g *Graph) Arrive(phoneNumberID string, m Message) ([]byte, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	body, _, err := g.arrive(phoneNumberID, m)
	return body, err
}

// Say is Arrive, and the stand-in posts the webhook itself. It returns the
// message's id.
func (g *Graph) Say(phoneNumberID string, m Message) (string, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	body, id, err := g.arrive(phoneNumberID, m)
	if err != nil {
		return "", err
	}
	g.queue(body)
	g.nudge()
	return id, nil
}

func (g *Graph) arrive(phoneNumberID string, m Message) (body []byte, id string, err error) {
	account := g.byNumberID(phoneNumberID)
	if account == nil {
		return nil, "", fmt.Errorf("%w: %s", errUnknownNumber, phoneNumberID)
	}
	now := g.o.Now()
	from := g.meet(m.From)
	h := from.chat(phoneNumberID)
	if h.blocked {
		return nil, "", errBlocked
	}
	if m.Type != "system" {
		h.lastInbound = now
	}
	m.From = from.as(account, now)
	if !m.From.Hides {
		h.given = now
	}
	m.author = g.author(m, from, account)
	if m.At.IsZero() {
		m.At = now
	}
	stanza := ""
	if m.ID == "" {
		stanza = "3EB0" + g.hexID(9)
		m.ID = MessageID(m.From, false, stanza)
		if m.Group != "" {
			stanza = "3EB0" + g.hexID(9)
			m.ID = groupMessageID(m.Group, m.From, stanza)
		}
	}
	g.messages.put(m.ID, &message{
		id: m.ID, stanza: stanza, phoneNumberID: phoneNumberID, kind: m.Type, text: textOf(m.Type, encoded(m.Content)), at: m.At, contact: from,
	})
	return account.Inbound(m), m.ID, nil
}

// author of the message that another one quotes: nil is the business. People who
// quote themselves are named by their number even if they hide it (identity.md,
// Appendix A, H1); whether the platform does so is not known, and this is the worst.
func (g *Graph) author(m Message, from *contact, a *Account) *Person {
	quoted := g.messages.get(m.Quoted)
	if quoted == nil || quoted.fromBusiness || quoted.contact == nil {
		return nil
	}
	if quoted.contact == from {
		return &Person{Number: from.Number}
	}
	seen := quoted.contact.as(a, g.o.Now())
	if seen.Hides {
		return &Person{}
	}
	return &seen
}

// Ring is a call of a customer: it opens the window too. It returns the webhook.
func (g *Graph) Ring(phoneNumberID string, from Person) ([]byte, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	account := g.byNumberID(phoneNumberID)
	if account == nil {
		return nil, fmt.Errorf("%w: %s", errUnknownNumber, phoneNumberID)
	}
	now := g.o.Now()
	p := g.meet(from)
	p.chat(phoneNumberID).lastInbound = now
	seen := p.as(account, now)
	call := append(Part{{"id", callID(seen, account.Number, false, g.hexID(16))}}, seen.sender()...)
	call = append(call, Member{"to", account.Number}, Member{"event", "connect"}, Member{"timestamp", stamp(now)},
		Member{"direction", "USER_INITIATED"}, Member{"session", Part{{"sdp_type", "offer"}, {"sdp", "v=0"}}})
	return account.envelope("calls", Part{{"contacts", []Part{seen.contact()}}, {"calls", []Part{call}}}), nil
}

// writeBack lets the people whom a message reached answer it.
func (g *Graph) writeBack(account *Account, people []*contact, d Delivered) {
	if g.o.WriteBack == nil {
		return
	}
	for _, p := range people {
		g.mu.Lock()
		who := p.Person
		g.mu.Unlock()
		if m, answers := g.o.WriteBack(who, d); answers {
			m.From = who
			// A blocked person stays silent.
			_, _ = g.Say(account.PhoneNumberID, m)
		}
	}
}
