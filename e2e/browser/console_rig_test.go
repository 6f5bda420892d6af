package browser_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"bauta/redis/redistest"
)

// customer is the number of somebody who came by an ad: it is hidden.
const customer = "393401234567"

// station is a Bauta with a store of its own, and what it talks to.
type station struct {
	t       *testing.T
	program string
	// folder has its configuration.
	folder        string
	public, admin string
	// mended: the endpoint that refuses everything takes it now.
	mended atomic.Bool
	// handle is the one under which the endpoint got the customer's event.
	handle chan string
}

const stationConfiguration = `listen: "127.0.0.1:0"
admin_listen: "%s"
redis: {url: "%s"}
keys: keys.json
apps:
  - id: main
    verify_token: local
    app_secrets: [local]
businesses:
  - id: rossi
    app: main
    wabas: ["102290129340398"]
    sharing: {ask: never, keywords: {share: [share my number], withdraw: [hide my number]}}
    hiding:
      default: visible
      rules:
        - {name: only-italy, when: 'customer.country == "IT"', hide: true, mode: report}
        - {name: every-ad, when: ad.present, hide: true}
    endpoints:
      - {id: crm, url: "%[3]s/crm", secrets: [whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw], allow_private: true, allow_http: true}
      - id: bot
        url: "%[3]s/bot"
        secrets: [whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw]
        allow_private: true
        allow_http: true
        retry: {schedule: [1s], refused_attempts: 1}
  - id: verdi
    app: main
    wabas: ["102290129340399"]
    sharing: {ask: never}
    endpoints:
      - {id: crm, url: "%[3]s/verdi", secrets: [whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw], allow_private: true, allow_http: true}
`

// newStation starts one, and has some events come in: of a hidden customer and of a
// visible one, some that an endpoint refuses, and one that is held.
func newStation(t *testing.T, program string) *station {
	t.Helper()
	s := &station{t: t, program: program, folder: t.TempDir(), handle: make(chan string, 100)}
	endpoint := httptest.NewServer(http.HandlerFunc(s.take))
	t.Cleanup(endpoint.Close)
	configuration := fmt.Sprintf(stationConfiguration, free(t), redistest.Standalone(t).URL, endpoint.URL)
	if err := os.WriteFile(filepath.Join(s.folder, "bauta.yaml"), []byte(configuration), 0o600); err != nil {
		t.Fatal(err)
	}
	s.run("keys", "init")
	s.serve()
	for i := range 6 {
		s.event(message("102290129340398", customer, i, `"referral":{"source_url":"https://fb.me/x1","source_id":"120226305854810726","source_type":"ad","headline":"Chat with us","ctwa_clid":"Aff"},`))
		s.event(message("102290129340398", "393409876543", i, ""))
		s.event(message("102290129340399", "393405555555", i, ""))
	}
	// She shares her number, and takes it back.
	for i, words := range []string{"share my number", "hide my number"} {
		s.event(strings.Replace(message("102290129340398", customer, 6+i, ""), "Hello", words, 1))
	}
	s.event(`{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"value":{"who":"` + customer + `"},"field":"of_tomorrow"}]}]}`)
	s.event(`{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"value":{"who":"` + customer + `"},"field":"of_next_week"}]}]}`)
	return s
}

// message is one that somebody writes.
func message(waba, from string, i int, more string) string {
	return fmt.Sprintf(`{"object":"whatsapp_business_account","entry":[{"id":"%s","changes":[{"value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550005678","phone_number_id":"106540352242922"},`+
		`"contacts":[{"profile":{"name":"Ada"},"wa_id":"%s"}],"messages":[{%s"from":"%s","id":"wamid.of%s%d","timestamp":"1789000000","type":"text","text":{"body":"Hello"}}]},"field":"messages"}]}]}`,
		waba, from, more, from, from[8:], i)
}

// free is an address at which nobody listens.
func free(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// take answers as endpoints do: the bot refuses everything until it is mended.
func (s *station) take(w http.ResponseWriter, r *http.Request) {
	if challenge := r.URL.Query().Get("hub.challenge"); challenge != "" {
		_, _ = io.WriteString(w, challenge)
		return
	}
	if h := r.Header.Get("Bauta-Handle"); h != "" && r.URL.Path == "/crm" {
		select {
		case s.handle <- h:
		default:
		}
	}
	if r.URL.Path == "/bot" && !s.mended.Load() {
		w.Header().Set("Location", "https://x/<img src=x onerror=alert(1)>")
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, "<img src=x onerror=alert(1)>")
	}
}

// run runs a command, and returns what it printed on standard output and error.
func (s *station) run(args ...string) (out, errs string) {
	s.t.Helper()
	command := exec.CommandContext(s.t.Context(), s.program, args...)
	command.Dir = s.folder
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Run(); err != nil {
		s.t.Fatalf("bauta %v: %v\n%s", args, err, stderr.String())
	}
	return stdout.String(), stderr.String()
}

func (s *station) serve() {
	s.t.Helper()
	command := exec.CommandContext(context.WithoutCancel(s.t.Context()), s.program, "serve")
	command.Dir = s.folder
	out, err := command.StderrPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		s.t.Fatal(err)
	}
	ended := make(chan struct{})
	s.t.Cleanup(func() {
		_ = command.Process.Signal(syscall.SIGTERM)
		<-ended
		if err := command.Wait(); err != nil {
			s.t.Errorf("bauta serve ended with %v", err)
		}
	})
	listening := make(chan struct{})
	var last atomic.Value
	go func() {
		defer close(ended)
		lines := bufio.NewScanner(out)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			last.Store(lines.Text())
			if readable(lines.Text(), customer) {
				s.t.Errorf("the log holds the hidden number: %s", lines.Text())
			}
			found := regexp.MustCompile(`"public":"([^"]+)","admin":"([^"]+)"`).FindStringSubmatch(lines.Text())
			if found != nil {
				s.public, s.admin = "http://"+found[1], "http://"+found[2]
				close(listening)
			}
		}
	}()
	select {
	case <-listening:
	case <-ended:
		s.t.Fatalf("bauta serve ended before it listened: %s", last.Load())
	}
}

// link is what logs in to the console, as the command prints it.
func (s *station) link() string {
	s.t.Helper()
	_, errs := s.run("token", "issue", "--scope", "console", "--expires", "1h")
	link := regexp.MustCompile(`http://\S+/console/login#\S+`).FindString(errs)
	if link == "" {
		s.t.Fatalf("token issue printed no link: %s", errs)
	}
	return link
}

// event has the platform send one.
func (s *station) event(body string) {
	s.t.Helper()
	mac := hmac.New(sha256.New, []byte("local"))
	_, _ = mac.Write([]byte(body))
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.public+"/webhooks/main", strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	got, err := new(http.Client).Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = got.Body.Close() }()
	if got.StatusCode != http.StatusOK {
		s.t.Fatalf("the event was answered %d", got.StatusCode)
	}
}
