// Package e2e runs the whole program: the built binary, a real redis-server,
// real sockets.
package e2e

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
	"text/template"
	"time"

	"bauta/redis/redistest"
	"bauta/webhook/simulator"
)

// patience is how long anything may take on a busy machine before a test
// gives up on it.
const patience = 30 * time.Second

const (
	appSecret = "test_app_secret"
	crmSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	waba      = "102290129340398"
)

// business is the WhatsApp business account of all scenarios.
func business() simulator.Business {
	return simulator.Business{WABA: waba, PhoneNumberID: "106540352242922", Number: "15550783881"}
}

// built is the program, built once for all tests and removed after the last.
var built struct {
	once sync.Once
	dir  string
	err  error
}

// binary is the path of the built program.
func binary() (string, error) {
	built.once.Do(func() {
		if built.dir, built.err = os.MkdirTemp("", "bauta-e2e"); built.err != nil {
			return
		}
		out, err := exec.Command("go", "build", "-o", built.dir, "../cmd/bauta").CombinedOutput()
		if err != nil {
			built.err = fmt.Errorf("go build: %w\n%s", err, out)
		}
	})
	return filepath.Join(built.dir, "bauta"), built.err
}

func TestMain(m *testing.M) {
	code := m.Run()
	if built.dir != "" {
		_ = os.RemoveAll(built.dir) // what stays costs space, and is no test's failure
	}
	os.Exit(code)
}

// run runs a command of the binary to its end.
func run(t testing.TB, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err = cmd.Run()
	if err != nil && cmd.ProcessState == nil {
		t.Fatalf("bauta %v: %v", args, err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// delivery is what the endpoint got.
type delivery struct {
	header http.Header
	body   string
}

// crm is the business's endpoint.
type crm struct {
	server *httptest.Server
	mu     sync.Mutex
	got    []delivery
	status func(n int) int
	// header goes with every answer; before runs at the start of each request;
	// judge, if there is one, answers by what it reads.
	header http.Header
	before func(*http.Request)
	judge  func(body string) int
	// refused is what was not answered 200; tried are the times of all requests.
	refused []delivery
	tried   []time.Time
	change  chan struct{}
}

func newCRM(t testing.TB) *crm {
	t.Helper()
	c := &crm{change: make(chan struct{}, 1), status: func(int) int { return http.StatusOK }}
	c.server = httptest.NewServer(http.HandlerFunc(c.take))
	t.Cleanup(c.server.Close)
	return c
}

func (c *crm) take(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 8<<20))
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	if c.before != nil {
		c.before(r)
	}
	c.mu.Lock()
	c.tried = append(c.tried, time.Now())
	maps.Copy(w.Header(), c.header)
	status, d := c.status(len(c.got)), delivery{header: r.Header.Clone(), body: string(body)}
	if c.judge != nil {
		status = c.judge(d.body)
	}
	if status == http.StatusOK {
		c.got = append(c.got, d)
	} else {
		c.refused = append(c.refused, d)
	}
	c.mu.Unlock()
	w.WriteHeader(status)
	select {
	case c.change <- struct{}{}:
	default:
	}
}

// answer changes what the endpoint answers from now on.
func (c *crm) answer(status int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.status, c.judge, c.header = func(int) int { return status }, nil, nil
}

// attempts waits for n requests and returns when they came, and what was not
// answered 200.
func (c *crm) attempts(t testing.TB, n int) (tried []time.Time, refused []delivery) {
	t.Helper()
	eventually(t, fmt.Sprintf("%d requests to the endpoint", n), func(context.Context) bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		tried, refused = slices.Clone(c.tried), slices.Clone(c.refused)
		return len(tried) >= n
	})
	return tried, refused
}

func (c *crm) all() []delivery {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]delivery(nil), c.got...)
}

// wait returns the deliveries once there are at least n.
func (c *crm) wait(t testing.TB, n int) []delivery {
	t.Helper()
	deadline := time.After(patience)
	for {
		if got := c.all(); len(got) >= n {
			return got
		}
		select {
		case <-c.change:
		case <-deadline:
			t.Fatalf("%d deliveries after %s, want %d", len(c.all()), patience, n)
		}
	}
}

// setup is the configuration of one scenario; zero values are the defaults.
type setup struct {
	Redis, CRM, Rules, Groups string
	Default, Shape, Extra     string
	Unknown                   string
	// Endpoint are further keys of the endpoint, Endpoints whole ones beside it.
	// Retry and Timeout are its own; Wait is wait_on_start.
	Endpoint, Endpoints, Retry, Timeout, Wait string
	// Secrets replaces the endpoint's list of secrets.
	Secrets string
	// Graph is the platform's API; Raw is raw_recipients, Business are further keys of
	// the business.
	Graph, Raw, Business string
	// Sharing is how customers are asked; "": Bauta asks nobody by itself.
	Sharing string
	// Log is the level, Limits what is too much.
	Log, Limits string
	// Tracing is where spans go to; Env goes into the node's environment.
	Tracing string
	Env     []string
	// Server is the Redis, one of the scenario's own if nil; Redis is by which URL it
	// is reached, if not by its own.
	Server *redistest.Server
}

const configuration = `listen: "127.0.0.1:0"
admin_listen: "127.0.0.1:0"
log: {level: {{or .Log "debug"}}, format: json}
redis: {url: "{{.Redis}}", wait_on_start: {{or .Wait "10s"}}}
keys: keys.json
{{with .Tracing}}tracing: {{"{"}}{{.}}{{"}"}}
{{end}}{{with .Limits}}limits: {{"{"}}{{.}}{{"}"}}
{{end}}{{with .Unknown}}unknown_fields: {{.}}
{{end}}{{with .Graph}}platform: {graph_url: "{{.}}"}
{{end}}apps:
  - id: main
    verify_token: a-verify-token
    app_secrets: ["test_app_secret"]
businesses:
  - id: acme
    app: main
    wabas: ["102290129340398"]
{{if .Graph}}    access_token: the-business-s-own-token
{{end}}{{with .Raw}}    raw_recipients: {{.}}
{{end}}    sharing: {{"{"}}{{or .Sharing "ask: never"}}}
{{with .Business}}    {{.}}
{{end}}    handles: {shape: {{or .Shape "bsuid"}}{{.Extra}}}
    hiding:
      default: {{or .Default "visible"}}
      rules: [{{.Rules}}]
    groups: [{{.Groups}}]
    endpoints:
      - id: crm
        url: "{{.CRM}}"
        secrets: [{{or .Secrets "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}}]
        allow_private: true
        allow_http: true
        timeout: {{or .Timeout "5s"}}
        retry: {{"{"}}{{or .Retry "schedule: [200ms]"}}}
{{with .Endpoint}}        {{.}}
{{end}}{{.Endpoints}}`

// bauta is a running node.
type bauta struct {
	dir           string
	public, admin string
	cmd           *exec.Cmd
	mu            sync.Mutex
	logs          bytes.Buffer
	exited        chan struct{}
}

// configure writes a configuration and a key file into a new folder.
func configure(t testing.TB, s setup) string {
	t.Helper()
	dir := t.TempDir()
	var text bytes.Buffer
	if err := template.Must(template.New("").Parse(configuration)).Execute(&text, s); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "bauta.yaml"), text.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, stderr, code := run(t, "keys", "init", "--out", filepath.Join(dir, "keys.json")); code != 0 {
		t.Fatalf("keys init: exit %d: %s", code, stderr)
	}
	return dir
}

// serve starts a node, with further variables in its environment, and waits until it
// listens.
func serve(t testing.TB, dir string, env ...string) *bauta {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, "serve", "--config", filepath.Join(dir, "bauta.yaml"))
	cmd.Env = append(cmd.Environ(), env...)
	return launch(t, dir, cmd)
}

// launch runs a command that becomes a node.
func launch(t testing.TB, dir string, cmd *exec.Cmd) *bauta {
	t.Helper()
	b, listening := starting(t, dir, cmd)
	b.listens(t, listening)
	return b
}

// starting runs a command that becomes a node, and does not wait until it is one.
func starting(t testing.TB, dir string, cmd *exec.Cmd) (*bauta, <-chan struct{}) {
	t.Helper()
	b := &bauta{dir: dir, exited: make(chan struct{}), cmd: cmd}
	stderr, err := b.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := b.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	listening := make(chan struct{})
	go b.read(stderr, listening)
	t.Cleanup(func() { b.stop(t) })
	return b, listening
}

// listens waits until the node does.
func (b *bauta) listens(t testing.TB, listening <-chan struct{}) {
	t.Helper()
	select {
	case <-listening:
	case <-b.exited:
		t.Fatalf("bauta serve ended: %s", b.log())
	case <-time.After(patience):
		t.Fatalf("bauta serve does not listen: %s", b.log())
	}
}

// read keeps the log, and learns the addresses from it.
func (b *bauta) read(stderr io.Reader, listening chan<- struct{}) {
	lines := bufio.NewScanner(stderr)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		b.mu.Lock()
		b.logs.Write(append(lines.Bytes(), '\n'))
		b.mu.Unlock()
		var line struct{ Msg, Public, Admin string }
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "listening" {
			b.public, b.admin = "http://"+line.Public, "http://"+line.Admin
			close(listening)
		}
	}
	_ = b.cmd.Wait()
	close(b.exited)
}

func (b *bauta) log() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.logs.String()
}

// stop asks the node to end, and insists.
func (b *bauta) stop(t testing.TB) {
	t.Helper()
	select {
	case <-b.exited:
		return
	default:
	}
	_ = b.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-b.exited:
	case <-time.After(patience):
		_ = b.cmd.Process.Kill()
		t.Errorf("bauta did not end within %s of SIGTERM:\n%s", patience, b.log())
	}
}

// kill ends the node without a warning.
func (b *bauta) kill() {
	_ = b.cmd.Process.Kill()
	<-b.exited
}

// client shares its connections with all others.
func client() *http.Client { return &http.Client{Timeout: patience} }

// send posts a signed webhook and wants 200.
func (b *bauta) send(t testing.TB, body []byte) {
	t.Helper()
	sender := simulator.Sender{Client: client(), URL: b.public + "/webhooks/main", Secret: appSecret}
	status, err := sender.Send(t.Context(), body)
	if err != nil {
		t.Fatal(err)
	}
	if status != http.StatusOK {
		t.Fatalf("a webhook was answered %d\n%s", status, b.log())
	}
}

// get reads a page of the node.
func (b *bauta) get(t testing.TB, url string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}
