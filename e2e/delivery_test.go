package e2e

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"bauta/webhook/simulator"
)

// someone is one of many customers.
func someone(n int) simulator.Person {
	return simulator.Person{Number: fmt.Sprintf("1650556%04d", n), UserID: fmt.Sprintf("US.%016d", 9000+n), Name: fmt.Sprintf("Somebody %c", 'A'+n%26)}
}

// writers is how many customers a batch has.
const writers = 20

// batch is a body of n text messages of several customers; the one at bad (none:
// below 0) has a text that cannot be read.
func batch(n, bad int) []byte {
	changes := make([]string, n)
	for i := range n {
		var one struct {
			Entry []struct {
				Changes []json.RawMessage `json:"changes"`
			} `json:"entry"`
		}
		body := says(someone(i%writers), fmt.Sprintf("3A04%05d", i), fmt.Sprintf("number %d of the batch", i), nil)
		if err := json.Unmarshal(body, &one); err != nil {
			panic(err)
		}
		changes[i] = string(one.Entry[0].Changes[0])
		if i == bad {
			changes[i] = strings.Replace(changes[i], " of the batch", `\ud800`, 1)
		}
	}
	return fmt.Appendf(nil, `{"object":"whatsapp_business_account","entry":[{"id":"%s","changes":[%s]}]}`, waba, strings.Join(changes, ","))
}

// inOrder wants every message of a batch but the bad one once, and each
// customer's in order.
func inOrder(t *testing.T, got []delivery, n, bad int) {
	t.Helper()
	last, seen := map[int]int{}, map[int]bool{}
	for _, d := range got {
		i := numberOf(t, d.body)
		if seen[i] {
			t.Errorf("message %d came twice", i)
		}
		seen[i] = true
		if before, ok := last[i%writers]; ok && i < before {
			t.Errorf("message %d came after message %d of the same customer", i, before)
		}
		last[i%writers] = i
	}
	for i := range n {
		if seen[i] == (i == bad) {
			t.Errorf("message %d: delivered %t", i, seen[i])
		}
	}
}

// another is a second endpoint of the business.
func another(id, url, keys string) string {
	return fmt.Sprintf("      - {id: %s, url: %q, secrets: [%q], allow_private: true, allow_http: true, %s}", id, url, crmSecret, keys)
}

func TestAnEndpointGetsTheFieldsItAskedFor(t *testing.T) {
	t.Parallel()
	accounts := newCRM(t)
	s := start(t, setup{Endpoint: "fields: [messages]", Endpoints: another("accounts", accounts.server.URL, "fields: [account_update]")})
	update := fmt.Appendf(nil, `{"object":"whatsapp_business_account","entry":[{"id":"%s","changes":[{"value":{"event":"VERIFIED_ACCOUNT"},"field":"account_update"}]}]}`, waba)
	s.send(t, update)
	s.send(t, says(ada(), "3A0401", "a message", ctwa()))
	if got := accounts.wait(t, 1); len(got) != 1 || got[0].body != string(update) {
		t.Errorf("the endpoint for account updates got %v", got)
	}
	if got := s.crm.wait(t, 1); len(got) != 1 || !strings.Contains(got[0].body, "a message") {
		t.Errorf("the endpoint for messages got %v", got)
	}
}

// Promise 5: an endpoint that refuses, or never answers, delays no other.
func TestABrokenEndpointDelaysNoOther(t *testing.T) {
	t.Parallel()
	for name, breakIt := range map[string]func(*crm, <-chan struct{}){
		"it answers 503":     func(c *crm, _ <-chan struct{}) { c.answer(http.StatusServiceUnavailable) },
		"it does not answer": func(c *crm, mended <-chan struct{}) { c.before = func(*http.Request) { <-mended } },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			well, mended := newCRM(t), make(chan struct{})
			s := start(t, setup{Endpoints: another("well", well.server.URL, "timeout: 5s")})
			t.Cleanup(func() { close(mended) })
			breakIt(s.crm, mended)
			for i := range 60 {
				s.send(t, says(someone(i%writers), fmt.Sprintf("3A041%02d", i), fmt.Sprintf("number %d of", i), nil))
			}
			inOrder(t, well.wait(t, 60), 60, -1)
			if n := len(s.crm.all()); n != 0 {
				t.Fatalf("the broken endpoint took %d", n)
			}
		})
	}
}

// A refusal becomes a dead letter after refused_attempts; the lane goes on; a
// replay delivers it under the webhook-id that it had.
func TestARefusedEventCanBeReplayed(t *testing.T) {
	t.Parallel()
	s := start(t, setup{Retry: "schedule: [100ms], refused_attempts: 2", Endpoint: "own_events: false"})
	s.crm.judge = func(body string) int {
		if strings.Contains(body, "unwanted") {
			return http.StatusUnprocessableEntity
		}
		return http.StatusOK
	}
	s.send(t, says(ada(), "3A0421", "unwanted", ctwa()))
	s.send(t, says(ada(), "3A0422", "wanted", nil))
	if got := s.crm.wait(t, 1); !strings.Contains(got[0].body, `"wanted"`) {
		t.Errorf("the lane went on with %s", got[0].body)
	}
	_, refused := s.crm.attempts(t, 3)
	if len(refused) != 2 {
		t.Errorf("it was tried %d times, want 2", len(refused))
	}
	list := s.operate(t, "deadletters", "list", "--business", "acme", "--endpoint", "crm")
	if n := strings.Count(list, "evt_") + strings.Count(list, "422"); n == 0 || strings.Count(list, "refused") != 1 {
		t.Errorf("deadletters list says\n%s", list)
	}
	sweep(t, "deadletters list", list, ada().Number, ada().UserID)
	s.crm.answer(http.StatusOK)
	if said := s.operate(t, "deadletters", "replay", "--business", "acme", "--endpoint", "crm", "--dry-run"); said != "1 would be replayed\n" {
		t.Errorf("a dry run says %q", said)
	}
	s.operate(t, "deadletters", "replay", "--business", "acme", "--endpoint", "crm")
	got := s.crm.wait(t, 2)
	if !strings.Contains(got[1].body, `"unwanted"`) || got[1].header.Get("webhook-id") != refused[0].header.Get("webhook-id") {
		t.Errorf("replayed under %s, was %s", got[1].header.Get("webhook-id"), refused[0].header.Get("webhook-id"))
	}
	if left := s.operate(t, "deadletters", "list", "--business", "acme"); strings.Contains(left, "refused") {
		t.Errorf("after the replay there is still\n%s", left)
	}
}

// operate runs a command of the operator on this scenario, which must succeed.
func (b *bauta) operate(t *testing.T, args ...string) (stdout string) {
	t.Helper()
	stdout, stderr, code := run(t, append(args, "--config", filepath.Join(b.dir, "bauta.yaml"))...)
	if code != 0 {
		t.Fatalf("bauta %s: exit %d: %s", strings.Join(args, " "), code, stderr)
	}
	return stdout
}

// 410 switches an endpoint off until the operator resumes it.
func TestGoneSwitchesAnEndpointOff(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	s.crm.answer(http.StatusGone)
	s.send(t, says(ada(), "3A0431", "first", ctwa()))
	eventually(t, "endpoints list says that it is off", func(context.Context) bool {
		return strings.Contains(s.operate(t, "endpoints", "list"), "off until resumed") //nolint:contextcheck // a command has a deadline of its own
	})
	s.crm.answer(http.StatusOK)
	s.send(t, says(someone(1), "3A0432", "second", nil))
	if !strings.Contains(s.log(), "endpoint paused") || !strings.Contains(s.log(), `"level":"ERROR"`) {
		t.Error("the operator is not told in the log")
	}
	if n := len(s.crm.all()); n != 0 {
		t.Errorf("an endpoint that is off got %d events", n)
	}
	s.operate(t, "endpoints", "resume", "--business", "acme", "--endpoint", "crm")
	s.crm.wait(t, 2)
	if list := s.operate(t, "endpoints", "list"); !strings.Contains(list, "delivering") {
		t.Errorf("endpoints list says\n%s", list)
	}
}

// What failed, and what a pause put off, does not wait for its time once the operator says
// that the endpoint is repaired.
func TestResumingWakesWhatWasPutOff(t *testing.T) {
	t.Parallel()
	s := start(t, setup{Retry: "schedule: [1h]"})
	s.crm.answer(http.StatusInternalServerError)
	for i := range writers {
		s.send(t, says(someone(i), fmt.Sprintf("3A044%02d", i), fmt.Sprintf("number %d of", i), nil))
	}
	eventually(t, "endpoints list says that it is paused", func(context.Context) bool {
		return strings.Contains(s.operate(t, "endpoints", "list"), "paused for") //nolint:contextcheck // a command has a deadline of its own
	})
	s.crm.answer(http.StatusOK)
	s.operate(t, "endpoints", "resume", "--business", "acme", "--endpoint", "crm")
	inOrder(t, s.crm.wait(t, writers), writers, -1)
}

// A redirect is a failure: the event goes nowhere but to the URL that is
// configured.
func TestARedirectIsNotFollowed(t *testing.T) {
	t.Parallel()
	var hits atomic.Int32
	target := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hits.Add(1) }))
	t.Cleanup(target.Close)
	for _, status := range []int{http.StatusMovedPermanently, http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			t.Parallel()
			s := start(t, setup{Retry: "schedule: [300ms]"})
			s.crm.answer(status)
			s.crm.header = http.Header{"Location": {target.URL + "/hooks"}}
			s.send(t, says(ada(), "3A0441", "stay here", ctwa()))
			s.crm.attempts(t, 1)
			s.crm.answer(http.StatusOK)
			s.crm.wait(t, 1)
			if hits.Load() != 0 {
				t.Error("the redirect was followed")
			}
			if n := s.metric(t, `bauta_forward_attempts_total{business="acme",endpoint="crm",reason="redirect"}`); n == "0" {
				t.Error("the redirect was not counted")
			}
		})
	}
}

// Retry-After is honoured, in both of its forms.
func TestRetryAfterIsHonoured(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]func() string{
		"seconds": func() string { return "2" },
		// A date has whole seconds: between two and three of them are left.
		"a date": func() string { return time.Now().Add(3 * time.Second).UTC().Format(http.TimeFormat) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, setup{Retry: "schedule: [100ms]"})
			s.crm.answer(http.StatusTooManyRequests)
			s.crm.header = http.Header{"Retry-After": {value()}}
			s.send(t, says(ada(), "3A0451", "later", ctwa()))
			s.crm.attempts(t, 1)
			s.crm.answer(http.StatusOK)
			s.crm.wait(t, 1)
			tried, _ := s.crm.attempts(t, 2)
			if waited := tried[1].Sub(tried[0]); len(tried) != 2 || waited < 1900*time.Millisecond {
				t.Errorf("%d requests, the second after %s, want 2 s", len(tried), waited)
			}
		})
	}
}

// While a secret is being replaced both sign, and the first is the one of
// X-Hub-Signature-256.
func TestSecretsOverlap(t *testing.T) {
	t.Parallel()
	const old = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
	s := start(t, setup{Secrets: fmt.Sprintf("%q, %q", crmSecret, old)})
	s.send(t, says(ada(), "3A0461", "signed twice", ctwa()))
	d := s.crm.wait(t, 1)[0]
	first := d
	signatures := strings.Fields(d.header.Get("webhook-signature"))
	if len(signatures) != 2 {
		t.Fatalf("webhook-signature holds %d signatures, want 2", len(signatures))
	}
	first.header = d.header.Clone()
	first.header.Set("webhook-signature", signatures[0])
	verifySignatures(t, first)
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(old, "whsec_"))
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(d.header.Get("webhook-id") + "." + d.header.Get("webhook-timestamp") + "." + d.body))
	if want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)); signatures[1] != want {
		t.Errorf("the second signature is %q, want %q", signatures[1], want)
	}
}

// What is held is told to the business without its content, and comes later,
// marked, when the operator allows it.
func TestAHeldEventIsReleased(t *testing.T) {
	t.Parallel()
	s := start(t, setup{Unknown: "hold"})
	s.send(t, fmt.Appendf(nil, `{"object":"whatsapp_business_account","entry":[{"id":"%s","changes":[{"value":{"greeting":"hello"},"field":"next_year"}]}]}`, waba))
	told := s.crm.wait(t, 1)[0]
	var own struct {
		Type, Timestamp string
		Data            map[string]any
	}
	if err := json.Unmarshal([]byte(told.body), &own); err != nil || own.Type != "event_held" || own.Timestamp == "" {
		t.Errorf("the own event is %s (%v)", told.body, err)
	}
	if strings.Contains(told.body, "hello") {
		t.Errorf("the own event tells what is held: %s", told.body)
	}
	if rows := heldList(t, s.dir); len(rows) != 1 || rows[0].reason != "unknown_field" {
		t.Fatalf("held: %v", rows)
	}
	if _, stderr, code := run(t, "held", "release", "--all", "--config", filepath.Join(s.dir, "bauta.yaml")); code != 1 {
		t.Errorf("a release under the old configuration: exit %d: %s", code, stderr)
	}
	path := filepath.Join(s.dir, "bauta.yaml")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(text), "unknown_fields: hold", "unknown_fields: scrub", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	s.operate(t, "held", "release", "--all")
	got := s.crm.wait(t, 2)[1]
	if got.header.Get("Bauta-Held") != "true" || !strings.Contains(got.body, `"greeting":"hello"`) {
		t.Errorf("released: Bauta-Held %q, %s", got.header.Get("Bauta-Held"), got.body)
	}
	if rows := heldList(t, s.dir); len(rows) != 0 {
		t.Errorf("still held: %v", rows)
	}
}

// SIGTERM lets a delivery that is under way finish, and it is not repeated.
func TestSIGTERMFinishesWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	arrived, finish := make(chan struct{}, 1), make(chan struct{})
	s.crm.before = func(*http.Request) {
		arrived <- struct{}{}
		<-finish
	}
	s.send(t, says(ada(), "3A0471", "under way", ctwa()))
	select {
	case <-arrived:
	case <-time.After(patience):
		t.Fatal("the delivery did not begin")
	}
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the node says that it stops", func(context.Context) bool { return strings.Contains(s.log(), "stopping") })
	select {
	case <-s.exited:
		t.Error("it ended before the delivery")
	default:
	}
	close(finish)
	select {
	case <-s.exited:
	case <-time.After(patience):
		t.Fatal("it did not end")
	}
	if code := s.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("exit %d: %s", code, s.log())
	}
	again := serve(t, s.dir)
	again.send(t, says(ada(), "3A0472", "the next", nil))
	got := s.crm.wait(t, 2)
	if len(got) != 2 || !strings.Contains(got[0].body, "under way") || !strings.Contains(got[1].body, "the next") {
		t.Errorf("%d deliveries, want the first once and the next", len(got))
	}
}
