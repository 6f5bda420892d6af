package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"bauta/webhook"
	"bauta/webhook/access"
	"bauta/webhook/simulator"
)

// requests has the CRM ask for Ada's number, and returns the question on her phone.
func (s *stage) requests(ctx context.Context, event []byte) (simulator.Delivered, error) {
	token, _, err := s.node.core.tokens.Issue(ctx, webhook.Grant{
		Business: "acme", Scopes: []string{access.Manage}, Label: "the demo's CRM", Expires: time.Now().Add(time.Hour),
	})
	if err != nil {
		return simulator.Delivered{}, err
	}
	handle, err := s.handleIn(event)
	if err != nil {
		return simulator.Delivered{}, err
	}
	url := "http://" + s.node.admin.address + "/v1/customers/" + handle + "/share-requests"
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, http.NoBody)
	if err != nil {
		return simulator.Delivered{}, fmt.Errorf("make the CRM's request: %w", err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := s.client.Do(request)
	if err != nil {
		return simulator.Delivered{}, fmt.Errorf("ask for the number: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusAccepted {
		body, _ := io.ReadAll(io.LimitReader(response.Body, 1<<20))
		return simulator.Delivered{}, fmt.Errorf("bauta answered the request for the number with %d: %s", response.StatusCode, body)
	}
	if _, err := await(ctx, s.asked, "Ada was not asked"); err != nil {
		return simulator.Delivered{}, err
	}
	if err := s.unseen(ctx); err != nil {
		return simulator.Delivered{}, err
	}
	got := s.graph.Phone(demoAda())
	question := got[len(got)-1]
	if len(question.Buttons) == 0 {
		return simulator.Delivered{}, errors.New("the question has no buttons")
	}
	return question, nil
}

// shares has Ada tap the first button of a question. Told is Bauta's own event, tap
// what Meta sends and the CRM gets.
func (s *stage) shares(ctx context.Context, question simulator.Delivered) (told []byte, tap pair, err error) {
	if _, err := s.graph.Tap(demoAda(), question.ID, question.Buttons[0].Title); err != nil {
		return nil, pair{}, err
	}
	if err := s.graph.Flush(ctx); err != nil {
		return nil, pair{}, fmt.Errorf("bauta did not take the tap: %w", err)
	}
	tap.left = <-s.posted
	if told, err = await(ctx, s.arrived, "the CRM was not told"); err != nil {
		return nil, pair{}, err
	}
	if tap.right, err = await(ctx, s.arrived, "the CRM got no tap"); err != nil {
		return nil, pair{}, err
	}
	if _, err := await(ctx, s.asked, "Ada got no confirmation"); err != nil {
		return nil, pair{}, err
	}
	return told, tap, s.unseen(ctx)
}

// unseen lets the statuses of Bauta's own message go by: they end at Bauta.
func (s *stage) unseen(ctx context.Context) error {
	if err := s.graph.Flush(ctx); err != nil {
		return fmt.Errorf("bauta did not take the statuses: %w", err)
	}
	for len(s.posted) > 0 {
		<-s.posted
	}
	return nil
}

// handleIn is from whom an event is, as the CRM reads it.
func (s *stage) handleIn(event []byte) (string, error) {
	answer, err := s.crmAnswer(event, "")
	if err != nil {
		return "", err
	}
	var to struct {
		To        string `json:"to"`
		Recipient string `json:"recipient"`
	}
	if err := json.Unmarshal(answer, &to); err != nil {
		return "", fmt.Errorf("read the CRM's answer: %w", err)
	}
	return to.To + to.Recipient, nil
}
