package reply_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"bauta/webhook"
	"bauta/webhook/graph"
	"bauta/webhook/reply"
)

// answering is a platform that answers by a function and counts the calls.
type answering struct {
	reply.Platform

	calls  atomic.Int32
	answer func() (*graph.Answer, error)
}

// Call implements reply.Platform.
func (a *answering) Call(context.Context, graph.Request) (*graph.Answer, error) {
	a.calls.Add(1)
	return a.answer()
}

func said(status int, body string) func() (*graph.Answer, error) {
	return func() (*graph.Answer, error) {
		return &graph.Answer{Status: status, Header: http.Header{"X-App-Usage": {"{}"}}, Body: []byte(body)}, nil
	}
}

func refusal(code string) string {
	return `{"error":{"message":"(#` + code + `) x","type":"OAuthException","code":` + code + `,"error_data":{"messaging_product":"whatsapp","details":"x"},"fbtrace_id":"A"}}`
}

// keyed is a message to the hidden customer, under a key.
func (r *rig) keyed(text, key string) call {
	return call{
		path:   "/v25.0/" + phone + "/messages",
		body:   `{"messaging_product":"whatsapp","to":"` + r.store.handle(hiddenPerson(), webhook.Direct) + `","type":"text","text":{"body":"` + text + `"}}`,
		header: map[string]string{"Idempotency-Key": key},
	}
}

func TestTheSameCallIsMadeOnceAndAnsweredAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t, inRedis(t))
	first := r.do(t, r.keyed("ciao", "order-1"))
	again := r.do(t, r.keyed("ciao", "order-1"))
	if first.status != http.StatusOK || again.status != first.status || again.body != first.body {
		t.Errorf("first %d %s\nagain %d %s", first.status, first.body, again.status, again.body)
	}
	if first.header.Get("Idempotency-Replayed") != "" || again.header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("replayed: %q, %q", first.header.Get("Idempotency-Replayed"), again.header.Get("Idempotency-Replayed"))
	}
	if calls, _ := r.platformCalls(); len(calls) != 1 {
		t.Errorf("the platform was called %d times", len(calls))
	}
	wantError(t, r.do(t, r.keyed("addio", "order-1")), http.StatusConflict, "key_reused")
	if other := r.do(t, r.keyed("ciao", "order-2")); other.status != http.StatusOK || other.body == first.body {
		t.Errorf("another key: %d %s", other.status, other.body)
	}
}

// The answer to a call about a customer is kept under that customer's key, and can
// be read no more when they are erased; one about nobody under the business's.
func TestAnOutcomeEndsWithItsCustomer(t *testing.T) {
	t.Parallel()
	once := &onceInMemory{kept: map[string]*kept{}}
	r := newRig(t, func(s *settings) {
		s.options.Once = once
		s.options.Platform = &answering{answer: said(200, `{"success":true}`)}
	})
	if got := r.do(t, r.keyed("ciao", "about-somebody")); got.status != http.StatusOK {
		t.Fatalf("%d %s", got.status, got.body)
	}
	profile := call{path: "/v25.0/" + phone + "/whatsapp_business_profile", body: `{"messaging_product":"whatsapp","about":"open"}`, header: map[string]string{"Idempotency-Key": "about-nobody"}}
	if got := r.do(t, profile); got.status != http.StatusOK {
		t.Fatalf("%d %s", got.status, got.body)
	}
	for key, want := range map[string]string{"about-somebody": "c-" + hiddenPerson().Name, "about-nobody": ""} {
		if k := once.kept["acme\x00"+key]; k == nil || k.outcome == nil || k.customer != want {
			t.Errorf("%s: kept as %+v, want it under the key of %q", key, k, want)
		}
	}
}

// What becomes of the second call under a key, by what became of the first.
func TestWhatIsKeptUnderAKey(t *testing.T) {
	t.Parallel()
	unsent := func() (*graph.Answer, error) {
		return &graph.Answer{Status: 400, Header: http.Header{}, Body: []byte(refusal("130429")), Unsent: true}, nil
	}
	for name, row := range map[string]struct {
		answer func() (*graph.Answer, error)
		again  string // kept, made or pending
	}{
		"it was sent":                        {said(200, `{"messaging_product":"whatsapp","messages":[{"id":"wamid.x"}]}`), "kept"},
		"the platform refused it":            {said(400, refusal("131026")), "kept"},
		"the platform failed":                {said(500, refusal("131000")), "kept"},
		"the answer cannot be read":          {said(200, "<html>"), "pending"},
		"the platform says nothing was sent": {unsent, "made"},
		"it was not sent": {func() (*graph.Answer, error) {
			return nil, &graph.Error{Kind: graph.BreakerOpen}
		}, "made"},
		"nobody knows": {func() (*graph.Answer, error) { return nil, context.DeadlineExceeded }, "pending"},
		"the node crashed": {func() (*graph.Answer, error) {
			panic(http.ErrAbortHandler)
		}, "pending"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			platform := &answering{answer: row.answer}
			r := newRig(t, inRedis(t), func(s *settings) { s.options.Platform = platform })
			first, _ := r.try(t, r.keyed("ciao", "order-1"))
			made := platform.calls.Load()
			again, err := r.try(t, r.keyed("ciao", "order-1"))
			if made == 0 || err != nil && row.again != "made" {
				t.Fatalf("%d calls, %v", made, err)
			}
			switch row.again {
			case "kept":
				if again.status != first.status || again.body != first.body || again.header.Get("Idempotency-Replayed") != "true" {
					t.Errorf("first %d %s\nagain %d %s", first.status, first.body, again.status, again.body)
				}
			case "pending":
				wantError(t, again, http.StatusConflict, "key_pending")
				if again.header.Get("Retry-After") == "" {
					t.Error("it does not say when to come back")
				}
			}
			if got := platform.calls.Load() > made; got != (row.again == "made") {
				t.Errorf("the platform was called again: %v", got)
			}
		})
	}
}

// try is do for calls that may end without an answer.
func (r *rig) try(t testing.TB, c call) (answer, error) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.url+c.path, strings.NewReader(c.body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	for name, value := range c.header {
		request.Header.Set(name, value)
	}
	return r.send(request)
}

func TestAFaultBeforeTheCallFreesTheKey(t *testing.T) {
	t.Parallel()
	r := newRig(t, inRedis(t))
	wrong := r.keyed("ciao", "order-1")
	wrong.body = strings.Replace(wrong.body, r.store.handle(hiddenPerson(), webhook.Direct), visiblePerson().Number[:11]+"0", 1)
	if got := r.do(t, wrong); got.status != http.StatusBadRequest {
		t.Fatalf("%d %s", got.status, got.body)
	}
	if got := r.do(t, r.keyed("ciao", "order-1")); got.status != http.StatusOK || got.header.Get("Idempotency-Replayed") != "" {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestCallsAtTheSameTimeAreMadeOnce(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	platform := &answering{}
	platform.answer = func() (*graph.Answer, error) {
		<-release
		return said(200, `{"messaging_product":"whatsapp"}`)()
	}
	r := newRig(t, inRedis(t), func(s *settings) { s.options.Platform = platform })
	var all sync.WaitGroup
	var pending atomic.Int32
	for range 8 {
		all.Go(func() {
			got, err := r.try(t, r.keyed("ciao", "order-1"))
			if err != nil {
				t.Error(err)
			}
			if got.header.Get("Bauta-Error") == "key_pending" && pending.Add(1) == 7 {
				close(release)
			}
		})
	}
	all.Wait()
	if n := platform.calls.Load(); n != 1 || pending.Load() != 7 {
		t.Errorf("made %d times, %d were told to wait", n, pending.Load())
	}
}

func TestKeysHaveAForm(t *testing.T) {
	t.Parallel()
	platform := &answering{answer: said(200, `{}`)}
	r := newRig(t, inRedis(t), func(s *settings) { s.options.Platform = platform })
	for name, key := range map[string]string{
		"a long one": strings.Repeat("a", 256), "a space": "a b", "no ASCII": "caf\u00e9", "nothing": "",
	} {
		t.Log(name)
		wantError(t, r.do(t, r.keyed("ciao", key)), http.StatusBadRequest, "bad_parameter")
	}
	if n := platform.calls.Load(); n != 0 {
		t.Errorf("the platform was called %d times", n)
	}
	if got := r.do(t, r.keyed("ciao", strings.Repeat("~", 255))); got.status != http.StatusOK {
		t.Errorf("the longest one: %d %s", got.status, got.body)
	}
}
