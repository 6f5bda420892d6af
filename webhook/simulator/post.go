package simulator

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
)

// Sign returns the X-Hub-Signature-256 header of a body.
func Sign(secret string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

// Sender posts signed webhooks to one URL. Safe for concurrent use.
type Sender struct {
	Client *http.Client
	URL    string
	Secret string
	// Posting is told of every body right before it is posted; nil: nobody is.
	Posting func(body []byte)
	// Answered is told of every answer's status, 0 if there was none, but for posts
	// that were given up; nil: nobody is.
	Answered func(status int)
}

// Send posts one body and returns the answer's status.
func (s *Sender) Send(ctx context.Context, body []byte) (int, error) {
	status, err := s.send(ctx, body)
	if s.Answered != nil && ctx.Err() == nil {
		s.Answered(status)
	}
	return status, err
}

func (s *Sender) send(ctx context.Context, body []byte) (status int, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL, bytes.NewReader(body))
	if err != nil {
		return 0, fmt.Errorf("make a webhook request: %w", err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Hub-Signature-256", Sign(s.Secret, body))
	if s.Posting != nil {
		s.Posting(body)
	}
	response, err := s.Client.Do(request)
	if err != nil {
		return 0, fmt.Errorf("post a webhook: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	if _, err := io.Copy(io.Discard, io.LimitReader(response.Body, 64<<10)); err != nil {
		return 0, fmt.Errorf("read the answer to a webhook: %w", err)
	}
	return response.StatusCode, nil
}
