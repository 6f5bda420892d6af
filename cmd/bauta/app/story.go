package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"bauta/webhook/simulator"
)

func demoBusiness() simulator.Business {
	return simulator.Business{WABA: "102290129340398", PhoneNumberID: "106540352242922", Number: "15550783881"}
}

func demoAda() simulator.Person {
	return simulator.Person{Number: "16505550142", UserID: "US.7430000000000001", Name: "Ada Rossi"}
}

// pair is what went into Bauta, and what came out of it.
type pair struct {
	left, right []byte
	// outward: from the CRM to Meta.
	outward bool
}

// asks is the first scene: Ada answers an ad.
func (s *stage) asks(ctx context.Context) (pair, error) {
	m := simulator.Text(demoAda(), "Can I get more info? You can also call +1 650-555-0142")
	m.ID = simulator.MessageID(m.From, false, "3A4A6599AEE03810144F")
	m.Ad = &simulator.Ad{
		Type: "ad", ID: "120226305854810726", Headline: "Chat with us", Body: "Succulents with a story", ClickID: "Aff-abc123",
	}
	return s.exchange(ctx, m)
}

// card is Ada's own contact card, quoting the last message on her phone.
func (s *stage) card() simulator.Message {
	ada := demoAda()
	m := simulator.Message{From: ada, ID: simulator.MessageID(ada, false, "3A4A6599AEE038101450"), Type: "contacts", Content: []simulator.Part{{
		{Name: "name", Value: simulator.Part{{Name: "formatted_name", Value: "Ada Rossi"}}},
		{Name: "phones", Value: []simulator.Part{{
			{Name: "phone", Value: "+1 (650) 555-0142"}, {Name: "wa_id", Value: ada.Number}, {Name: "type", Value: "CELL"},
		}}},
	}}}
	if got := s.graph.Phone(ada); len(got) > 0 {
		m.Quoted = got[len(got)-1].ID
	}
	return m
}

func (s *stage) bea() simulator.Message {
	bea := simulator.Person{Number: "16505550177", UserID: "US.7430000000000002", Name: "Bea Neri"}
	m := simulator.Text(bea, "When do you open?")
	m.ID = simulator.MessageID(bea, false, "3AEA2A7D85CF97BC2DE6")
	return m
}

// exchange has a customer write, and returns what Meta sends and the CRM gets.
func (s *stage) exchange(ctx context.Context, m simulator.Message) (pair, error) {
	if _, err := s.graph.Say(demoBusiness().PhoneNumberID, m); err != nil {
		return pair{}, err
	}
	if err := s.graph.Flush(ctx); err != nil {
		return pair{}, fmt.Errorf("bauta did not take the webhook: %w", err)
	}
	got, err := await(ctx, s.arrived, "the CRM got nothing")
	return pair{left: <-s.posted, right: got}, err
}

// statuses lets the statuses of the CRM's message follow, and returns the last.
func (s *stage) statuses(ctx context.Context) (last pair, err error) {
	if err := s.graph.Flush(ctx); err != nil {
		return pair{}, fmt.Errorf("bauta did not take the statuses: %w", err)
	}
	for len(s.posted) > 0 {
		last.left = <-s.posted
		if last.right, err = await(ctx, s.arrived, "the CRM got no status"); err != nil {
			return pair{}, err
		}
	}
	return last, nil
}

// answers has the CRM answer an event that it got. Sent is what it sends and Meta
// gets; answered is what Meta answers and it gets.
func (s *stage) answers(ctx context.Context, event []byte, text string) (sent, answered pair, err error) {
	body, err := s.crmAnswer(event, text)
	if err != nil {
		return pair{}, pair{}, err
	}
	url := s.url("/v25.0/" + demoBusiness().PhoneNumberID + "/messages")
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return pair{}, pair{}, fmt.Errorf("make the CRM's request: %w", err)
	}
	request.Header.Set("Authorization", "Bearer "+s.token)
	request.Header.Set("Content-Type", "application/json")
	response, err := s.client.Do(request)
	if err != nil {
		return pair{}, pair{}, fmt.Errorf("answer as the CRM: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	got, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	switch {
	case err != nil:
		return pair{}, pair{}, fmt.Errorf("answer as the CRM: %w", err)
	case response.StatusCode != http.StatusOK:
		return pair{}, pair{}, fmt.Errorf("bauta answered the CRM with %d: %s", response.StatusCode, got)
	}
	call, err := await(ctx, s.asked, "Meta got nothing")
	return pair{left: body, right: call.Body, outward: true}, pair{left: call.Answer, right: got}, err
}

// crmAnswer is what a CRM sends to whoever an event is from, quoting it. It reads
// the event as software written for the platform does.
func (s *stage) crmAnswer(event []byte, text string) ([]byte, error) {
	var e struct {
		Entry []struct {
			Changes []struct {
				Value struct {
					Messages []struct {
						ID   string `json:"id"`
						From string `json:"from"`
						User string `json:"from_user_id"`
					} `json:"messages"`
				} `json:"value"`
			} `json:"changes"`
		} `json:"entry"`
	}
	if err := json.Unmarshal(event, &e); err != nil || len(e.Entry) == 0 || len(e.Entry[0].Changes) == 0 || len(e.Entry[0].Changes[0].Value.Messages) == 0 {
		return nil, errors.New("the CRM's event has no message")
	}
	m := e.Entry[0].Changes[0].Value.Messages[0]
	to := simulator.Member{Name: "recipient", Value: m.User}
	if s.shape == "phone" {
		to = simulator.Member{Name: "to", Value: m.From}
	}
	return json.Marshal(simulator.Part{
		{Name: "messaging_product", Value: "whatsapp"},
		to,
		{Name: "context", Value: simulator.Part{{Name: "message_id", Value: m.ID}}},
		{Name: "type", Value: "text"},
		{Name: "text", Value: simulator.Part{{Name: "body", Value: text}}},
	})
}

// await waits for the next of a channel.
func await[T any](ctx context.Context, from <-chan T, otherwise string) (T, error) {
	var none T
	select {
	case <-ctx.Done():
		return none, ctx.Err()
	case <-time.After(demoPatience):
		return none, fmt.Errorf("%s within %s", otherwise, demoPatience)
	case got := <-from:
		return got, nil
	}
}
