package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"bauta/webhook/simulator"
)

// accessToken is the business's own towards the platform.
const accessToken = "the-business-s-own-token"

// conversation is a scenario whose business answers: the platform's API is there,
// and the business has a token.
type conversation struct {
	scenario
	graph *simulator.Graph
	// platform is its URL, token Bauta's.
	platform, token string
}

// converse starts a node between a CRM and a platform that knows some people.
func converse(t testing.TB, s setup, people ...simulator.Person) conversation {
	t.Helper()
	return converseWith(t, s, simulator.GraphOptions{People: people})
}

func converseWith(t testing.TB, s setup, o simulator.GraphOptions) conversation {
	t.Helper()
	return converseBehind(t, s, o, func(graph http.Handler) http.Handler { return graph })
}

// converseBehind puts something between the node and the platform.
func converseBehind(t testing.TB, s setup, o simulator.GraphOptions, front func(graph http.Handler) http.Handler) conversation {
	t.Helper()
	o.Accounts, o.AccessToken = append([]simulator.Account{{Business: business(), Name: "Acme"}}, o.Accounts...), accessToken
	o.Sender = &simulator.Sender{Client: client(), Secret: appSecret}
	graph := simulator.NewGraph(o)
	server := httptest.NewServer(front(graph))
	t.Cleanup(server.Close)
	s.Graph = server.URL
	c := conversation{scenario: start(t, s), graph: graph, platform: server.URL}
	o.Sender.URL = c.public + "/webhooks/main"
	c.token = issue(t, c.dir)
	return c
}

// issue makes a token for the business by the command.
func issue(t testing.TB, dir string, flags ...string) string {
	t.Helper()
	return issueFor(t, dir, "acme", flags...)
}

func issueFor(t testing.TB, dir, business string, flags ...string) string {
	t.Helper()
	args := append([]string{"token", "issue", "--config", filepath.Join(dir, "bauta.yaml"), "--business", business}, flags...)
	stdout, stderr, code := run(t, args...)
	if code != 0 {
		t.Fatalf("token issue: exit %d: %s", code, stderr)
	}
	return strings.TrimSpace(stdout)
}

// hears has a customer write, and returns what the CRM got.
func (c conversation) hears(t testing.TB, m simulator.Message) delivery {
	t.Helper()
	before := len(c.crm.all())
	if _, err := c.graph.Say(business().PhoneNumberID, m); err != nil {
		t.Fatal(err)
	}
	if err := c.graph.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	return c.crm.wait(t, before+1)[before]
}

// answered is what a call of the business was answered.
type answered struct {
	status int
	header http.Header
	body   string
}

// call makes a call of the business's, with its token, below the phone number.
func (c conversation) call(t testing.TB, method, path, body string) answered {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, c.public+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+c.token)
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	return do(t, request)
}

func do(t testing.TB, request *http.Request) answered {
	t.Helper()
	response, err := client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answered{response.StatusCode, response.Header, string(body)}
}

// messages is the path to which messages are sent.
func messages() string { return "/v25.0/" + business().PhoneNumberID + "/messages" }

// text is the body of a text message.
func text(to, body string) string {
	out, _ := json.Marshal(map[string]any{"messaging_product": "whatsapp", "to": to, "type": "text", "text": map[string]string{"body": body}})
	return string(out)
}

// in reads a member of a JSON text by its path of names and indices.
func in(t testing.TB, body string, path ...any) string {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader([]byte(body)))
	decoder.UseNumber()
	var at any
	if err := decoder.Decode(&at); err != nil {
		t.Fatalf("not JSON: %v: %s", err, body)
	}
	for _, step := range path {
		switch step := step.(type) {
		case string:
			object, _ := at.(map[string]any)
			at = object[step]
		case int:
			if array, _ := at.([]any); step < len(array) {
				at = array[step]
				continue
			}
			at = nil
		}
	}
	switch at := at.(type) {
	case string:
		return at
	case json.Number:
		return at.String()
	case bool:
		return strconv.FormatBool(at)
	}
	return ""
}

func TestAConversationUnderTheHandle(t *testing.T) {
	t.Parallel()
	for _, shape := range []string{"bsuid", "phone"} {
		t.Run(shape, func(t *testing.T) {
			t.Parallel()
			c := converse(t, setup{Shape: shape}, ada())
			first := c.hears(t, simulator.Message{From: ada(), Type: "text", Content: simulator.Part{{Name: "body", Value: "Hello"}}, Ad: ctwa()})
			handle := first.header.Get("Bauta-Handle")
			asked := in(t, first.body, "entry", 0, "changes", 0, "value", "messages", 0, "id")
			quoting := strings.Replace(text(handle, "At nine"), `"to":`, `"context":{"message_id":"`+asked+`"},"to":`, 1)
			sent := c.call(t, http.MethodPost, messages(), quoting)
			if sent.status != http.StatusOK {
				t.Fatalf("the answer is %d: %s", sent.status, sent.body)
			}
			member := map[string]string{"bsuid": "user_id", "phone": "wa_id"}[shape]
			if got := in(t, sent.body, "contacts", 0, member); got != handle {
				t.Errorf("%s is %q, want the handle %q: %s", member, got, handle, sent.body)
			}
			if got := in(t, sent.body, "contacts", 0, "input"); got != handle {
				t.Errorf("input is %q, want %q as sent", got, handle)
			}
			arrived := c.graph.Phone(ada())
			if len(arrived) != 1 || arrived[0].Text != "At nine" || arrived[0].Quoted == nil || arrived[0].Quoted.Text != "Hello" {
				t.Fatalf("on the phone: %+v", arrived)
			}
			if err := c.graph.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
			issued := in(t, sent.body, "messages", 0, "id")
			for i, want := range []string{"sent", "delivered", "read"} {
				status := c.crm.wait(t, i+2)[i+1]
				if got := in(t, status.body, "entry", 0, "changes", 0, "value", "statuses", 0, "status"); got != want {
					t.Errorf("status %d is %q, want %q", i, got, want)
				}
				if got := in(t, status.body, "entry", 0, "changes", 0, "value", "statuses", 0, "id"); got != issued {
					t.Errorf("the status names %q, the answer named %q", got, issued)
				}
				if status.header.Get("Bauta-Handle") != handle {
					t.Errorf("the status has another handle")
				}
			}
			sweep(t, "the answer", sent.body, ada().Number, ada().UserID)
			c.sweepAll(t, ada().Number, ada().UserID, accessToken)
		})
	}
}
