package app_test

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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

// Webhooks that are not taken are told of at once, and then every change.
func TestSimulateSaysHowWebhooksAreAnswered(t *testing.T) {
	t.Parallel()
	statuses := []int{404, 404, 200, 200, 503, 401, 418, 200}
	var mu sync.Mutex
	bauta := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		w.WriteHeader(statuses[0])
		if len(statuses) > 1 {
			statuses = statuses[1:]
		}
	}))
	t.Cleanup(bauta.Close)
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	out, in := io.Pipe()
	code := make(chan int, 1)
	go func() {
		code <- app.Main(ctx, []string{
			"simulate", "--listen", "127.0.0.1:0", "--url", bauta.URL, "--secret", "secret", "--rate", "100",
		}, app.Std{Out: in, Err: io.Discard, Env: func(string) (string, bool) { return "", false }})
		_ = in.Close()
	}()
	said := bufio.NewScanner(out)
	var got []string
	for said.Scan() {
		got = append(got, said.Text())
		if len(got) == 7 {
			stop()
		}
	}
	if c := <-code; c != 0 {
		t.Errorf("exit code %d", c)
	}
	want := []string{
		"webhooks are not taken: the answer is 404 (the path of --url ends in the id of an app: /webhooks/main)",
		"webhooks are taken",
		"webhooks are not taken: the answer is 503 (Bauta cannot store them now; its log says why)",
		"webhooks are not taken: the answer is 401 (BAUTA_APP_SECRET is none of the app's app_secrets)",
		"webhooks are not taken: the answer is 418",
		"webhooks are taken",
		"stopped",
	}
	if len(got) < 2 {
		t.Fatalf("it says %q", got)
	}
	if diff := cmp.Diff(want, got[1:]); diff != "" {
		t.Error(diff)
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
