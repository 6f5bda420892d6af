package e2e

import (
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"bauta/webhook/simulator"
)

// answerless lets the platform carry out calls of messages, and keeps some answers
// back: those of which the text says so.
type answerless struct {
	carried  atomic.Int32
	accepted chan struct{}
}

func (a *answerless) before(graph http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/messages") {
			graph.ServeHTTP(w, r)
			return
		}
		a.carried.Add(1)
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		if !strings.Contains(string(body), "never answered") {
			graph.ServeHTTP(w, r)
			return
		}
		graph.ServeHTTP(discarded{http.Header{}}, r)
		a.accepted <- struct{}{}
		<-r.Context().Done()
	})
}

// discarded is an answer that goes nowhere.
type discarded struct{ header http.Header }

func (d discarded) Header() http.Header         { return d.header }
func (d discarded) Write(p []byte) (int, error) { return len(p), nil }
func (d discarded) WriteHeader(int)             {}

// order makes a call of messages under an Idempotency-Key; status 0: no answer.
func (c conversation) order(t *testing.T, key, body string) answered {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.public+messages(), strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+c.token)
	request.Header.Set("Content-Type", "application/json")
	if key != "" {
		request.Header.Set("Idempotency-Key", key)
	}
	response, err := client().Do(request)
	if err != nil {
		return answered{}
	}
	defer func() { _ = response.Body.Close() }()
	got, err := io.ReadAll(response.Body)
	if err != nil {
		return answered{}
	}
	return answered{response.StatusCode, response.Header, string(got)}
}

// A node is killed after the platform took a message and before it answered. Under
// its Idempotency-Key the message is not sent a second time, by whichever node.
func TestAKillBetweenAcceptanceAndAnswer(t *testing.T) {
	t.Parallel()
	p := &answerless{accepted: make(chan struct{}, 1)}
	c := converseBehind(t, setup{}, simulator.GraphOptions{People: []simulator.Person{ada()}}, p.before)
	handle := c.hears(t, simulator.Message{From: ada(), Type: "text", Content: simulator.Part{{Name: "body", Value: "Hello"}}, Ad: ctwa()}).header.Get("Bauta-Handle")
	done := c.order(t, "before", text(handle, "answered"))
	lost := make(chan answered, 1)
	go func() { lost <- c.order(t, "order-1", text(handle, "never answered")) }()
	<-p.accepted
	c.kill()
	if got := <-lost; got.status != 0 {
		t.Fatalf("a killed node answered %d", got.status)
	}
	c.bauta = serve(t, c.dir)
	carried := p.carried.Load()
	for range 3 {
		got := c.order(t, "order-1", text(handle, "never answered"))
		if got.status != http.StatusConflict || got.header.Get("Bauta-Error") != "key_pending" || got.header.Get("Retry-After") == "" {
			t.Errorf("repeated after the kill: %d %v: %s", got.status, got.header, got.body)
		}
		got.documented(t, "a repeated key")
	}
	if got := c.order(t, "order-1", text(handle, "another text")); got.header.Get("Bauta-Error") != "key_reused" {
		t.Errorf("the key with another body: %d: %s", got.status, got.body)
	}
	again := c.order(t, "before", text(handle, "answered"))
	if again.body != done.body || again.header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("what was answered before the kill is answered %d after it: %s\nbefore: %s", again.status, again.body, done.body)
	}
	if p.carried.Load() != carried {
		t.Errorf("the platform was called %d times, want %d", p.carried.Load(), carried)
	}
	if got := c.order(t, "order-2", text(handle, "a new order")); got.status != http.StatusOK {
		t.Errorf("a new key is answered %d: %s", got.status, got.body)
	}
	if n := len(c.graph.Phone(ada())); n != 3 {
		t.Errorf("%d messages on the phone, want 3", n)
	}
	c.sweepAll(t, ada().Number, ada().UserID, accessToken)
}

// Without a whole answer nobody knows whether the message went out, and the caller is
// told so in bounded time. It is sent once.
func TestAPlatformThatNeverAnswers(t *testing.T) {
	t.Parallel()
	p := &answerless{accepted: make(chan struct{}, 8)}
	c := converseBehind(t, setup{}, simulator.GraphOptions{People: []simulator.Person{ada()}}, p.before)
	handle := c.hears(t, simulator.Message{From: ada(), Type: "text", Content: simulator.Part{{Name: "body", Value: "Hello"}}, Ad: ctwa()}).header.Get("Bauta-Handle")
	// The last are the stand-in's own ways: a byte a second, half an answer, no JSON.
	ways := []string{"never answered", "answer slow", "answer cut", "answer garbage"}
	for _, way := range ways {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			begun, key := time.Now(), strings.ReplaceAll(way, " ", "-")
			got := c.order(t, key, text(handle, way))
			if took := time.Since(begun); got.header.Get("Bauta-Error") != "outcome_unknown" || took > 25*time.Second {
				t.Errorf("after %s: %d %s", took, got.status, got.body)
			}
			got.documented(t, way)
			sweep(t, "the answer", got.all(), ada().Number, ada().UserID, accessToken)
			if again := c.order(t, key, text(handle, way)); again.header.Get("Bauta-Error") != "key_pending" {
				t.Errorf("the same key: %d %s", again.status, again.body)
			}
		})
	}
	t.Cleanup(func() {
		if n := int(p.carried.Load()); n != len(ways) {
			t.Errorf("the platform was called %d times, want %d", n, len(ways))
		}
		if n := len(c.graph.Phone(ada())); n != len(ways) {
			t.Errorf("%d messages on the phone, want %d", n, len(ways))
		}
		sweep(t, "the log", c.log(), ada().Number, ada().UserID, accessToken)
	})
}

// After failures of the platform calls are refused at once, with the time to wait;
// events still come in.
func TestTheBreakerTowardsThePlatform(t *testing.T) {
	t.Parallel()
	asked := &heard{}
	c := converseWith(t, setup{}, simulator.GraphOptions{People: []simulator.Person{ada()}, Observe: asked.observe})
	hello := simulator.Message{From: ada(), Type: "text", Content: simulator.Part{{Name: "body", Value: "Hello"}}, Ad: ctwa()}
	handle := c.hears(t, hello).header.Get("Bauta-Handle")
	for range 5 {
		c.call(t, http.MethodPost, messages(), text(handle, "error 131016"))
	}
	asked.take()
	for _, key := range []string{"", "under a key"} {
		key = strings.ReplaceAll(key, " ", "-")
		for range 2 { // what was not sent can be repeated under the same key
			got := c.order(t, key, text(handle, "Hello?"))
			if got.status != http.StatusServiceUnavailable || got.header.Get("Bauta-Error") != "unavailable" || got.header.Get("Retry-After") == "" {
				t.Errorf("with an open breaker: %d %v: %s", got.status, got.header, got.body)
			}
			got.documented(t, "an open breaker")
		}
	}
	if calls := asked.take(); len(calls) > 0 {
		t.Errorf("the platform was asked: %v", calls)
	}
	if got := c.hears(t, hello); got.header.Get("Bauta-Handle") != handle {
		t.Errorf("an event came under %q", got.header.Get("Bauta-Handle"))
	}
	c.ready(t, http.StatusOK, "")
}
