package receive_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"bauta/webhook/receive"
)

// full is a limit that is reached.
type full struct{ error }

func (full) RetryAfter() time.Duration { return 42 * time.Second }

func TestALimitSaysWhenToComeAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(context.Context, string, []byte) error {
		return fmt.Errorf("x: %w", full{errors.New("too much waits")})
	}, nil)
	answer := b.serve(signed([]byte("{}")))
	if answer.Code != http.StatusServiceUnavailable || answer.Header().Get("Retry-After") != "42" {
		t.Errorf("%d with Retry-After %q, want 503 with 42", answer.Code, answer.Header().Get("Retry-After"))
	}
	if b.count(t, "main", "full") != 1 || strings.Contains(b.log.String(), "level=WARN") {
		t.Errorf("counted %v times, logged %q: whoever set the limit says so", b.count(t, "main", "full"), b.log)
	}
}

// A client that writes all of its body before it reads sees the answer, and no broken
// connection; of one that sends without an end not all is read.
func TestAClientOfTooLargeABodySeesTheAnswer(t *testing.T) {
	t.Parallel()
	b := newBench(t, stored, nil)
	server := httptest.NewServer(b.echo)
	t.Cleanup(server.Close)
	for name, row := range map[string]struct {
		size, claimed int
		answered      bool
	}{
		"a little too large":   {receive.BodyLimit + 1, receive.BodyLimit + 1, true},
		"some times too large": {7 * receive.BodyLimit, 7 * receive.BodyLimit, true},
		"beyond every measure": {64 * receive.BodyLimit, 64 * receive.BodyLimit, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", server.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close() }()
			_, err = fmt.Fprintf(conn, "POST /webhooks/main HTTP/1.1\r\nHost: x\r\nX-Hub-Signature-256: %s\r\nContent-Length: %d\r\n\r\n", sign(nil), row.claimed)
			if err != nil {
				t.Fatal(err)
			}
			piece := bytes.Repeat([]byte{'x'}, 64<<10)
			for sent := 0; sent < row.size && err == nil; {
				var n int
				n, err = conn.Write(piece[:min(len(piece), row.size-sent)])
				sent += n
			}
			if !row.answered {
				if err == nil {
					t.Error("all of it was read")
				}
				return
			}
			if err != nil {
				t.Fatalf("the connection broke while the body was sent: %v", err)
			}
			answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatalf("no answer: %v", err)
			}
			_ = answer.Body.Close()
			if answer.StatusCode != http.StatusRequestEntityTooLarge {
				t.Errorf("answered %d, want 413", answer.StatusCode)
			}
		})
	}
}
