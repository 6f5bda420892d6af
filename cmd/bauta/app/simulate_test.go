package app_test

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"bauta/cmd/bauta/app"
	"bauta/webhook/simulator"
)

// The whole command: it answers the API, lets statuses follow, knows its own
// traffic, and ends when it is told to.
func TestSimulateListens(t *testing.T) {
	t.Parallel()
	webhooks := make(chan string, 100)
	bauta := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.Header.Get("X-Hub-Signature-256") != simulator.Sign("secret", body) {
			t.Error("a webhook is not signed with --secret")
		}
		webhooks <- string(body)
	}))
	t.Cleanup(bauta.Close)
	ctx, stop := context.WithCancel(t.Context())
	out, in := io.Pipe()
	code := make(chan int, 1)
	go func() {
		code <- app.Main(ctx, []string{
			"simulate", "--listen", "127.0.0.1:0", "--url", bauta.URL, "--secret", "secret", "--access-token", "EAAJB-secret", "--customers", "1", "--rate", "20",
		}, app.Std{Out: in, Err: io.Discard, Env: func(string) (string, bool) { return "", false }})
		_ = in.Close()
	}()
	printed := make(chan string, 1)
	said := bufio.NewReader(out)
	first, err := said.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		rest, _ := io.ReadAll(said)
		printed <- string(rest)
	}()
	url := regexp.MustCompile(`http://[0-9.:]+[0-9]`).FindString(first)

	if body := next(t, webhooks, "Is this still available?"); !strings.Contains(body, `"from_user_id":"US.7430000000000000"`) {
		t.Errorf("the customer's message is %s", body)
	}
	send := func(text string) int {
		body := `{"messaging_product":"whatsapp","recipient":"US.7430000000000000","type":"text","text":{"body":"` + text + `"}}`
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/v25.0/106540352242922/messages", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer EAAJB-secret")
		response, err := (&http.Client{}).Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		return response.StatusCode
	}
	if got := send("Yes"); got != http.StatusOK {
		t.Errorf("an answer to the customer is answered with %d", got)
	}
	next(t, webhooks, `"status":"read"`)
	if got := send("error 131000"); got != http.StatusInternalServerError {
		t.Errorf("an error on request is answered with %d", got)
	}
	stop()
	if got := <-code; got != 0 {
		t.Errorf("exit code %d", got)
	}
	text := <-printed
	for _, want := range []string{
		"POST /v25.0/106540352242922/messages 200\n", "POST /v25.0/106540352242922/messages 500, error 131000\n", "stopped\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("it does not print %q but\n%s", want, text)
		}
	}
	if strings.Contains(first+text, "secret") {
		t.Errorf("it prints a secret:\n%s%s", first, text)
	}
}

// next waits for a webhook that has a text.
func next(t *testing.T, webhooks <-chan string, has string) string {
	t.Helper()
	limit := time.After(10 * time.Second)
	for {
		select {
		case body := <-webhooks:
			if strings.Contains(body, has) {
				return body
			}
		case <-limit:
			t.Fatalf("no webhook with %s", has)
		}
	}
}
