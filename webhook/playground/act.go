package playground

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"bauta/webhook/simulator"
)

// chosen is the person whose phone is shown.
func (s *Show) chosen() *person { return s.people[s.who] }

// say has the chosen person write.
func (s *Show) say(text string) error {
	text, err := written(text)
	if err != nil {
		return err
	}
	return s.send(simulator.Text(simulator.Person{}, text), said{kind: "text", text: text})
}

// written is a text as it is sent. The platform takes no longer one.
func written(text string) (string, error) {
	const longest = 4096
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return "", errNothing
	case utf8.RuneCountInString(text) > longest:
		return "", errLong
	}
	return text, nil
}

// card has the chosen person send their own contact card.
func (s *Show) card() error {
	s.mu.Lock()
	who := s.chosen().now
	s.mu.Unlock()
	return s.send(simulator.Card(who, who.Name, who.Number), said{kind: "card", text: who.Name + ", +" + who.Number})
}

// send lets a message of the chosen person's come to the platform.
func (s *Show) send(m simulator.Message, shown said) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.touch()
	p := s.chosen()
	if p.group != "" && !p.joined {
		if err := s.graph.Join(p.group, p.now); err != nil {
			return fmt.Errorf("join the group: %w", err)
		}
		p.joined = true
	}
	if _, err := s.graph.Say(business().PhoneNumberID, s.message(p, m)); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	p.write(shown)
	return nil
}

// tap has the chosen person tap a button of a message on their phone, both by their place.
func (s *Show) tap(at, button int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.touch()
	p := s.chosen()
	got := s.graph.Phone(p.now)
	if at < 0 || at >= len(got) || button < 0 || button >= len(got[at].Buttons) {
		return errGone
	}
	title := got[at].Buttons[button].Title
	if _, err := s.graph.Tap(p.now, got[at].ID, title); err != nil {
		return fmt.Errorf("tap: %w", err)
	}
	p.write(said{kind: "tap", text: title})
	return nil
}

// change gives the chosen person another number.
func (s *Show) change() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.touch()
	p := s.chosen()
	if len(p.sent) == 0 {
		return errNothing
	}
	old := p.now.Number
	now, err := s.graph.Change(p.now, simulator.Person{Number: p.next}, simulator.Told)
	if err != nil {
		return fmt.Errorf("change the number: %w", err)
	}
	p.now, p.next = now, old
	p.write(said{kind: "note", text: "changed"})
	return nil
}

// adopt gives the chosen person a username.
func (s *Show) adopt() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.touch()
	p := s.chosen()
	if len(p.sent) == 0 || p.now.Username != "" {
		return errNothing
	}
	first, _, _ := strings.Cut(strings.ToLower(p.now.Name), " ")
	now, err := s.graph.Adopt(p.now, first+".plants")
	if err != nil {
		return fmt.Errorf("adopt a username: %w", err)
	}
	p.now = now
	p.write(said{kind: "note", text: "adopted"})
	return nil
}

// answer has the CRM write into the open thread, quoting what it got last.
func (s *Show) answer(ctx context.Context, text string) error {
	text, err := written(text)
	if err != nil {
		return err
	}
	s.mu.Lock()
	t := s.inbox.shown()
	if t == nil {
		s.mu.Unlock()
		return errNothing
	}
	body, err := json.Marshal(s.reply(t, text))
	at := call{url: s.running.Public + "/v25.0/" + business().PhoneNumberID + "/messages", token: s.running.Token, body: body}
	under := &step{way: wayOut, kind: "answer", sort: "text", business: body, post: at}
	s.answering = under
	s.mu.Unlock()
	if err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	status, got, err := s.call(ctx, at)
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.touch()
	if s.answering == under {
		// The platform was not called: what Bauta says of it is all there is.
		s.answering, under.status = nil, status
		s.add(under)
	}
	if err != nil || status != http.StatusOK {
		return errRefused
	}
	var given struct {
		Messages []struct {
			ID string `json:"id"`
		} `json:"messages"`
	}
	line := crmMessage{text: text, mine: true, at: time.Now()}
	if json.Unmarshal(got, &given) == nil && len(given.Messages) > 0 {
		line.id = given.Messages[0].ID
	}
	t.add(line)
	return nil
}

// reply is what a CRM sends into a thread.
func (s *Show) reply(t *thread, text string) simulator.Part {
	to := simulator.Part{{Name: "to", Value: t.key}}
	switch {
	case t.group:
		to = simulator.Part{{Name: "recipient_type", Value: "group"}, {Name: "to", Value: t.key}}
	case strings.Contains(t.key, "."):
		to = simulator.Part{{Name: "recipient", Value: t.key}}
	}
	out := append(simulator.Part{{Name: "messaging_product", Value: "whatsapp"}}, to...)
	if t.last != "" && !t.group {
		out = append(out, simulator.Member{Name: "context", Value: simulator.Part{{Name: "message_id", Value: t.last}}})
	}
	return append(out, simulator.Member{Name: "type", Value: "text"}, simulator.Member{Name: "text", Value: simulator.Part{{Name: "body", Value: text}}})
}

// ask has the CRM ask for the number of whom the open thread is with.
func (s *Show) ask(ctx context.Context) error {
	s.mu.Lock()
	t := s.inbox.shown()
	if t == nil || t.handle == "" {
		s.mu.Unlock()
		return errNothing
	}
	at := call{url: s.running.Admin + "/v1/customers/" + t.handle + "/share-requests", token: s.running.ManageToken}
	s.asking = at
	s.mu.Unlock()
	status, _, err := s.call(ctx, at)
	s.touch()
	if err != nil || status != http.StatusAccepted && status != http.StatusOK {
		return errRefused
	}
	return nil
}

// call makes a call as the CRM.
func (s *Show) call(ctx context.Context, c call) (status int, body []byte, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(c.body))
	if err != nil {
		return 0, nil, fmt.Errorf("make the CRM's call: %w", err)
	}
	request.Header.Set("Authorization", "Bearer "+c.token)
	request.Header.Set("Content-Type", "application/json")
	response, err := s.client.Do(request)
	if err != nil {
		return 0, nil, fmt.Errorf("call Bauta: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err = io.ReadAll(io.LimitReader(response.Body, 1<<20))
	return response.StatusCode, body, err
}

// look brings a step to the front.
func (s *Show) look(id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.touch()
	if s.step(id) == nil {
		return errGone
	}
	s.front = id
	return nil
}

// choose shows another person's phone.
func (s *Show) choose(entry string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.touch()
	at := slices.IndexFunc(s.people, func(p *person) bool { return p.entry == entry })
	if at < 0 {
		return errGone
	}
	s.who = at
	return nil
}

// open shows another thread.
func (s *Show) open(at int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.touch()
	if at < 0 || at >= len(s.inbox.threads) {
		return errGone
	}
	s.inbox.open = at
	return nil
}
