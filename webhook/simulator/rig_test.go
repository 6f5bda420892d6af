package simulator_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"bauta/webhook/simulator"
)

const (
	waba     = "102290129340398"
	numberID = "106540352242922"
	token    = "EAAJB-test"
)

func ada() simulator.Person {
	return simulator.Person{Number: "16505550142", UserID: "US.7430000000000001", Name: "Ada Rossi"}
}

// bea hides her number.
func bea() simulator.Person {
	return simulator.Person{Number: "393331234567", UserID: "IT.7430000000000002", Name: "Bea Neri", Hides: true}
}

// rig is a stand-in, and who gets its webhooks.
type rig struct {
	graph *simulator.Graph
	url   string

	mu       sync.Mutex
	now      time.Time
	webhooks []string
}

func newRig(t *testing.T, adjust func(*simulator.GraphOptions)) *rig {
	t.Helper()
	r := &rig{now: time.Unix(1789000000, 0)}
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, request *http.Request) {
		body, _ := io.ReadAll(request.Body)
		if request.Header.Get("X-Hub-Signature-256") != simulator.Sign("secret", body) {
			t.Errorf("a webhook is not signed")
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.webhooks = append(r.webhooks, string(body))
	}))
	t.Cleanup(hook.Close)
	o := simulator.GraphOptions{
		Accounts: []simulator.Account{{
			Business: simulator.Business{WABA: waba, PhoneNumberID: numberID, Number: "15550783881"}, Name: "Lucky Shrub",
		}, {
			Business: simulator.Business{WABA: "900", PhoneNumberID: "901", Number: "390612345678"}, AccessToken: "another",
		}},
		AccessToken: token, Now: r.clock, People: []simulator.Person{ada(), bea()},
		Sender: &simulator.Sender{Client: hook.Client(), URL: hook.URL, Secret: "secret"},
	}
	if adjust != nil {
		adjust(&o)
	}
	r.graph = simulator.NewGraph(o)
	server := httptest.NewServer(r.graph)
	t.Cleanup(server.Close)
	r.url = server.URL
	return r
}

func (r *rig) clock() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now
}

func (r *rig) later(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now = r.now.Add(d)
}

// wrote opens the window, and returns the id of the message.
func (r *rig) wrote(t *testing.T, p simulator.Person) string {
	t.Helper()
	id, err := r.graph.Say(numberID, simulator.Text(p, "Hi"))
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// answer is what a call was answered with.
type answer struct {
	status int
	header http.Header
	body   string
}

// code is the error's, 0 for none.
func (a answer) code() int {
	var body struct{ Error struct{ Code int } }
	_ = json.Unmarshal([]byte(a.body), &body)
	return body.Error.Code
}

// do makes a call with the right token; a body that begins with { is JSON.
func (r *rig) do(t *testing.T, method, path, body string) answer {
	t.Helper()
	return r.as(t, token, method, path, body)
}

func (r *rig) as(t *testing.T, token, method, path, body string) answer {
	t.Helper()
	if !strings.HasPrefix(path, "http") {
		path = r.url + path
	}
	request, err := http.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	request.Header.Set("Content-Type", "application/json")
	if body != "" && body[0] != '{' {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return r.send(t, request)
}

func (r *rig) send(t *testing.T, request *http.Request) answer {
	t.Helper()
	response, err := (&http.Client{}).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	got, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header, string(got)}
}

// message sends members of a message beside messaging_product.
func (r *rig) message(t *testing.T, members string) answer {
	t.Helper()
	return r.do(t, http.MethodPost, "/v25.0/"+numberID+"/messages", `{"messaging_product":"whatsapp",`+members+`}`)
}

// flush has the webhooks posted, and returns and forgets them.
func (r *rig) flush(t *testing.T) []string {
	t.Helper()
	if err := r.graph.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	got := r.webhooks
	r.webhooks = nil
	return got
}

// firstID is the id of the message in an answer.
func firstID(t *testing.T, a answer) string {
	t.Helper()
	var body struct{ Messages []struct{ ID string } }
	if err := json.Unmarshal([]byte(a.body), &body); err != nil || len(body.Messages) != 1 {
		t.Fatalf("no message in %s", a.body)
	}
	return body.Messages[0].ID
}

// text of a message to a recipient, as members.
func text(recipient, body string) string {
	return fmt.Sprintf(`%s,"type":"text","text":{"body":%q}`, recipient, body)
}
