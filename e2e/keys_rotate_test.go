package e2e

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"bauta/redis/redistest"
	"bauta/webhook/simulator"
)

// rotationPatience is how long a rotation may take: the time in which a node may still
// write with the old key is part of it.
const rotationPatience = 2 * time.Minute

// command is one that runs while the test goes on.
type command struct {
	cmd  *exec.Cmd
	mu   sync.Mutex
	text bytes.Buffer
	done chan struct{}
}

// begin starts a command on a folder's configuration.
func begin(t testing.TB, dir string, args ...string) *command {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), rotationPatience)
	c := &command{cmd: exec.CommandContext(ctx, path, append(args, "--config", filepath.Join(dir, "bauta.yaml"))...), done: make(chan struct{})}
	output, input := io.Pipe()
	c.cmd.Stdout, c.cmd.Stderr = input, input
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		for lines := bufio.NewScanner(output); lines.Scan(); {
			c.mu.Lock()
			c.text.WriteString(lines.Text() + "\n")
			c.mu.Unlock()
		}
	}()
	go func() {
		_ = c.cmd.Wait()
		_ = input.Close()
		<-read
		close(c.done)
	}()
	t.Cleanup(func() { cancel(); <-c.done })
	return c
}

func (c *command) said() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.text.String()
}

// says waits for a line.
func (c *command) says(t testing.TB, text string) {
	t.Helper()
	eventually(t, fmt.Sprintf("the command says %q", text), func(context.Context) bool { return strings.Contains(c.said(), text) })
}

// ends waits for the end, and wants this exit code.
func (c *command) ends(t testing.TB, code int) string {
	t.Helper()
	<-c.done
	if got := c.cmd.ProcessState.ExitCode(); got != code {
		t.Fatalf("%v: exit %d, want %d: %s", c.cmd.Args[1:], got, code, c.said())
	}
	return c.said()
}

// host is a folder of its own, as on another machine: with copies of the configuration
// and of the key file.
func host(t testing.TB, from, redis string) string {
	t.Helper()
	to := t.TempDir()
	copyFile(t, from, to, "bauta.yaml")
	copyFile(t, from, to, "keys.json")
	if redis != "" {
		path := filepath.Join(to, "bauta.yaml")
		text := regexp.MustCompile(`url: "redis://[^"]*"`).ReplaceAllString(content(t, path), `url: "`+redis+`"`)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return to
}

func content(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// copyFile exchanges a file as an operator does: whole, by a rename.
func copyFile(t testing.TB, from, to, name string) {
	t.Helper()
	next := filepath.Join(to, name+".copy")
	if err := os.WriteFile(next, []byte(content(t, filepath.Join(from, name))), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(next, filepath.Join(to, name)); err != nil {
		t.Fatal(err)
	}
}

// snapshot is the file that a server restores itself from.
func snapshot(t testing.TB, server *redistest.Server) []byte {
	t.Helper()
	dir, err := server.Client.ConfigGet(t.Context(), "dir").Result()
	if err != nil {
		t.Fatal(err)
	}
	return []byte(content(t, filepath.Join(dir["dir"], "dump.rdb")))
}

// restored is another server with what a snapshot held.
func restored(t testing.TB, rdb []byte) *redistest.Server {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "dump.rdb"), rdb, 0o600); err != nil {
		t.Fatal(err)
	}
	server := redistest.Standalone(t, "--dir", dir)
	if n := server.Client.DBSize(t.Context()).Val(); n == 0 {
		t.Fatal("the restored server is empty")
	}
	return server
}

// dossierOf is what an installation says of a number; "" and an exit code of 1 or 2 if
// it knows nobody, or cannot tell.
func dossierOf(t testing.TB, dir string, who simulator.Person) (string, int) {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), path, "customers", "export", "--number-stdin", "--business", "acme", "--config", filepath.Join(dir, "bauta.yaml"))
	var out, errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader("+"+who.Number+"\n"), &out, &errs
	_ = cmd.Run()
	return out.String() + errs.String(), cmd.ProcessState.ExitCode()
}

// traffic has people write to both nodes until it is told to stop.
type traffic struct {
	sent, failed atomic.Int64
	stop         chan struct{}
	done         sync.WaitGroup
}

func (f *traffic) run(t testing.TB, nodes ...*bauta) {
	t.Helper()
	f.stop = make(chan struct{})
	for n, node := range nodes {
		f.done.Go(func() {
			sender := simulator.Sender{Client: client(), URL: node.public + "/webhooks/main", Secret: appSecret}
			for i := 0; ; i++ {
				select {
				case <-f.stop:
					return
				default:
				}
				who := someone(100*n + i%50)
				status, err := sender.Send(t.Context(), says(who, fmt.Sprintf("3EB0%02X%06X", n, i), "Hello", ctwa()))
				f.sent.Add(1)
				if err != nil || status != http.StatusOK {
					f.failed.Add(1)
				}
			}
		})
	}
}

func (f *traffic) end() {
	close(f.stop)
	f.done.Wait()
}

// twoHosts are two nodes on one Redis, each with a key file of its own, and somebody
// who was erased.
type twoHosts struct {
	scenario
	other *bauta
	// before is a folder with the key file of before; dump is of before the erasure.
	before string
	dump   []byte
	handle string
}

func newTwoHosts(t *testing.T) *twoHosts {
	t.Helper()
	server := redistest.Standalone(t, "--save", "3600 1")
	h := &twoHosts{scenario: start(t, setup{Server: server})}
	h.other = serve(t, host(t, h.dir, ""))
	h.before = host(t, h.dir, "")
	h.send(t, says(ada(), "3EB0A1", "Is it in stock?", ctwa()))
	h.handle = h.crm.wait(t, 1)[0].header.Get("Bauta-Handle")
	if err := server.Client.Save(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	h.dump = snapshot(t, server)
	stdout, stderr, code := run(t, "customers", "erase", "--business", "acme", "--handle", h.handle, "--config", filepath.Join(h.dir, "bauta.yaml"))
	if code != 0 || !strings.Contains(stdout, "no date is promised") {
		t.Fatalf("erase: exit %d: %s%s", code, stdout, stderr)
	}
	return h
}

// The wrapping key is replaced while two nodes run under load, one of them with a key
// file of its own; then the old one is destroyed.
func TestTheWrappingKeyIsReplacedUnderLoad(t *testing.T) {
	t.Parallel()
	h := newTwoHosts(t)
	old := restored(t, h.dump)
	if text, code := dossierOf(t, host(t, h.before, old.URL), ada()); code != 0 || !strings.Contains(text, ada().Number) {
		t.Fatalf("with the key file of before the dump of before is read: exit %d: %s", code, text)
	}
	var load traffic
	load.run(t, h.bauta, h.other)
	h.crm.wait(t, 50)

	rotation := begin(t, h.dir, "keys", "rotate")
	rotation.says(t, "waiting for nodes that cannot read with it yet")
	if strings.Contains(rotation.said(), "writes from now on") {
		t.Fatal("a key writes that a running node does not know")
	}
	if about, err := os.Stat(filepath.Join(h.dir, "keys.json")); err != nil || about.Mode().Perm() != 0o600 {
		t.Errorf("the mode of the key file is %v, %v", about.Mode(), err)
	}
	copyFile(t, h.dir, h.other.dir, "keys.json")
	rotation.says(t, "writes from now on")
	said := rotation.ends(t, 0)
	if !strings.Contains(said, "destroy it with bauta keys rotate --destroy-old") {
		t.Errorf("the rotation ended with: %s", said)
	}
	list, stderr, code := run(t, "keys", "list", "--usage", "--config", filepath.Join(h.dir, "bauta.yaml"))
	if code != 0 || !regexp.MustCompile(`(?m)^wrap +\d+ +enabled +false +\S+ \S+ +0 +2 of 2$`).MatchString(list) ||
		!regexp.MustCompile(`(?m)^wrap +\d+ +enabled +true +\S+ \S+ +[1-9]\d+ +2 of 2$`).MatchString(list) {
		t.Errorf("keys list: exit %d: %s%s", code, list, stderr)
	}

	destruction := begin(t, h.dir, "keys", "rotate", "--destroy-old")
	destruction.says(t, "are unreadable now")
	copyFile(t, h.dir, h.other.dir, "keys.json")
	if said := destruction.ends(t, 0); strings.Contains(said, "still have a key file") {
		t.Errorf("nodes that read the new file are said to have the old one: %s", said)
	}
	load.end()
	if load.failed.Load() > 0 || load.sent.Load() < 100 {
		t.Errorf("%d of %d webhooks were not taken", load.failed.Load(), load.sent.Load())
	}
	h.served(t)
	h.unreadable(t)
	h.outlives(t)
}

// served wants every customer under the handle that they had, on both nodes and on one
// that starts now.
func (h *twoHosts) served(t *testing.T) {
	t.Helper()
	handles := map[string]string{}
	for i, node := range []*bauta{h.bauta, h.other, serve(t, h.dir)} {
		for _, n := range []int{3, 107} {
			who := someone(n)
			marker := fmt.Sprintf("once more %d %d", i, n)
			node.send(t, says(who, fmt.Sprintf("3EB0F%d%d", i, n), marker, nil))
			var got string
			eventually(t, marker, func(context.Context) bool {
				for _, d := range h.crm.all() {
					if strings.Contains(d.body, marker) {
						got = d.header.Get("Bauta-Handle")
					}
				}
				return got != ""
			})
			if handles[who.Number] == "" {
				handles[who.Number] = got
			}
			first := ""
			for _, d := range h.crm.all() {
				if d.header.Get("Bauta-Handle") == got {
					first = d.body
					break
				}
			}
			if got != handles[who.Number] || strings.Contains(first, "once more") {
				t.Errorf("a customer has a new handle after the rotation: %s, before %s", got, handles[who.Number])
			}
		}
	}
}

// unreadable wants that the key file of now opens nothing in the dump of before, and
// says so; that the one of before does, was seen.
func (h *twoHosts) unreadable(t *testing.T) {
	t.Helper()
	server := restored(t, h.dump)
	dir := host(t, h.dir, server.URL)
	if text, code := dossierOf(t, dir, ada()); code != 2 || !strings.Contains(text, "was destroyed") {
		t.Errorf("a dump of before: exit %d: %s", code, text)
	}
	// Who takes the register away still reads nothing.
	if err := server.Client.Del(t.Context(), "bauta:wrap").Err(); err != nil {
		t.Fatal(err)
	}
	if text, code := dossierOf(t, dir, ada()); code != 1 || strings.Contains(text, ada().Number) {
		t.Errorf("a dump of before, without its register: exit %d: %s", code, text)
	}
	if text, code := dossierOf(t, dir, ada()); code != 1 || !strings.Contains(text, "no customer of this number") {
		t.Errorf("a dump of before: exit %d: %s", code, text)
	}
}

// outlives wants that the server's own snapshot needs the new key only: it may fall at
// any moment.
func (h *twoHosts) outlives(t *testing.T) {
	t.Helper()
	server := restored(t, snapshot(t, h.redis))
	if text, code := dossierOf(t, host(t, h.dir, server.URL), someone(3)); code != 0 || !strings.Contains(text, someone(3).Number) {
		t.Errorf("after a restart of Redis: exit %d: %s", code, text)
	}
}

// What needs the old key keeps it; a rotation that is broken off goes on.
func TestAKeyThatIsNeededIsNotDestroyed(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	for i := range 20 {
		s.send(t, says(someone(i), fmt.Sprintf("3EB0C%d", i), "Hello", ctwa()))
	}
	if said := begin(t, s.dir, "keys", "rotate", "--destroy-old").ends(t, 0); !strings.Contains(said, "there is no old wrapping key") {
		t.Errorf("with one key: %s", said)
	}
	names, err := s.redis.Client.Keys(t.Context(), "bauta:{*}:c:*").Result()
	if err != nil || len(names) != 20 {
		t.Fatalf("%d records, %v", len(names), err)
	}
	before := wrapped(t, s.redis.Client, names)

	first := begin(t, s.dir, "keys", "rotate")
	first.says(t, "writes from now on")
	_ = first.cmd.Process.Kill()
	<-first.done
	if said := begin(t, s.dir, "keys", "rotate").ends(t, 0); strings.Contains(said, "added") || !strings.Contains(said, "destroy it with") {
		t.Errorf("a rotation that was broken off: %s", said)
	}
	if said := begin(t, s.dir, "keys", "rotate").ends(t, 0); strings.Contains(said, "added") || !strings.Contains(said, "wrapped 0 data keys anew") {
		t.Errorf("a rotation that is done: %s", said)
	}
	after := wrapped(t, s.redis.Client, names)
	for name, old := range before {
		if after[name] == old {
			t.Fatal("a data key is wrapped as before")
		}
	}
	// One data key under the old key, as a node that slept would have left it.
	if err := s.redis.Client.HSet(t.Context(), names[7], "k", before[names[7]]).Err(); err != nil {
		t.Fatal(err)
	}
	file := content(t, filepath.Join(s.dir, "keys.json"))
	if said := begin(t, s.dir, "keys", "rotate", "--destroy-old").ends(t, 1); !strings.Contains(said, "not destroyed: 1 data key is not under") {
		t.Errorf("while it is needed: %s", said)
	}
	if content(t, filepath.Join(s.dir, "keys.json")) != file {
		t.Fatal("the key file was changed")
	}
	if said := begin(t, s.dir, "keys", "rotate").ends(t, 0); !strings.Contains(said, "wrapped 1 data key anew") {
		t.Errorf("to make it good: %s", said)
	}
	begin(t, s.dir, "keys", "rotate", "--destroy-old").ends(t, 0)
	if said := begin(t, s.dir, "keys", "rotate", "--destroy-old").ends(t, 0); !strings.Contains(said, "the last was destroyed on") {
		t.Errorf("repeated: %s", said)
	}
	for i := range 20 {
		if text, code := dossierOf(t, s.dir, someone(i)); code != 0 {
			t.Fatalf("a customer is lost: %s", text)
		}
	}
	if _, _, code := run(t, "keys", "init", "--out", filepath.Join(s.dir, "keys.json")); code != 2 {
		t.Error("the key file is overwritten")
	}
}

// wrapped are the data keys of records, as they are stored.
func wrapped(t testing.TB, client *goredis.Client, names []string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, name := range names {
		key, err := client.HGet(t.Context(), name, "k").Result()
		if err != nil {
			t.Fatal(err)
		}
		out[name] = key
	}
	return out
}

// A receipt names the day on which the key of today is gone, if the operator says how
// old keys become; whoever lets that day pass is told.
func TestAReceiptNamesTheDayOfTheDumps(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	created := time.Now()
	manage := issue(t, s.dir, "--scope", "manage")
	s.stop(t)
	lifetime(t, s.dir, "2160h")
	s.bauta = serve(t, s.dir)
	s.send(t, says(ada(), "3EB0E1", "Hello", ctwa()))
	answer := s.erases(t, manage, s.crm.wait(t, 1)[0].header.Get("Bauta-Handle"))
	var receipt struct {
		Dumps string    `json:"dumps"`
		From  time.Time `json:"dumps_unreadable_from"`
	}
	if err := json.Unmarshal([]byte(answer.body), &receipt); err != nil {
		t.Fatalf("%v: %s", err, answer.body)
	}
	if off := receipt.From.Sub(created.Add(2160 * time.Hour)); off > time.Minute || off < -time.Minute {
		t.Errorf("dumps are unreadable from %s on, want 90 days after %s", receipt.From, created)
	}
	if !strings.Contains(receipt.Dumps, receipt.From.Format(time.RFC3339)) || !strings.Contains(receipt.Dumps, "other scopes") {
		t.Errorf("the note: %s", receipt.Dumps)
	}
	if _, page := s.get(t, s.admin+"/metrics"); !strings.Contains(page, "bauta_wrapping_key_overdue 0") {
		t.Error("a key is overdue that is not")
	}

	s.stop(t)
	lifetime(t, s.dir, "1s")
	<-time.After(time.Until(created.Add(time.Second))) // the key becomes that old
	s.bauta = serve(t, s.dir)
	s.send(t, says(ada(), "3EB0E2", "Hello again", nil))
	answer = s.erases(t, manage, s.crm.wait(t, 3)[2].header.Get("Bauta-Handle")) // the second is customer_erased
	if strings.Contains(answer.body, "dumps_unreadable_from") || !strings.Contains(answer.body, "no date can be named") {
		t.Errorf("a date that has passed is promised: %s", answer.body)
	}
	if _, page := s.get(t, s.admin+"/metrics"); !strings.Contains(page, "bauta_wrapping_key_overdue 1") {
		t.Error("the metric does not say that a key is overdue")
	}
	if _, page := s.get(t, s.admin+"/readyz"); !strings.Contains(page, "wrapping_key_overdue") {
		t.Errorf("readyz does not warn: %s", page)
	}
	if !strings.Contains(s.log(), "a wrapping key should be destroyed by now") {
		t.Error("the log does not say so")
	}
	if list, _, code := run(t, "keys", "list", "--config", filepath.Join(s.dir, "bauta.yaml")); code != 0 || !strings.Contains(list, "overdue: by ") {
		t.Errorf("keys list: %s", list)
	}
}

// erases has the business erase a customer.
func (s scenario) erases(t testing.TB, token, handle string) answered {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, s.admin+"/v1/customers/"+handle, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	out := do(t, request)
	if out.status != http.StatusOK {
		t.Fatalf("an erasure: %d %s", out.status, out.body)
	}
	return out
}

// lifetime sets keys_lifetime.
func lifetime(t testing.TB, dir, period string) {
	t.Helper()
	path := filepath.Join(dir, "bauta.yaml")
	text := regexp.MustCompile(`(?m)^keys_lifetime: .*\n`).ReplaceAllString(content(t, path), "")
	if err := os.WriteFile(path, []byte("keys_lifetime: "+period+"\n"+text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// A node whose key file is older than the store takes nothing in that it could not
// read, loses nobody, and says what to do.
func TestANodeWithAnOldKeyFileForgetsNobody(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	s.send(t, says(ada(), "3EB0D1", "Hello", ctwa()))
	handle := s.crm.wait(t, 1)[0].header.Get("Bauta-Handle")
	behind := host(t, s.dir, "")
	begin(t, s.dir, "keys", "rotate").ends(t, 0)
	if text, code := dossierOf(t, behind, ada()); code != 2 || !strings.Contains(text, "bauta keys rotate") {
		t.Errorf("with an old key file: exit %d: %s", code, text)
	}
	s.send(t, says(ada(), "3EB0D2", "Hello", nil))
	if got := s.crm.wait(t, 2)[1].header.Get("Bauta-Handle"); got != handle {
		t.Errorf("the handle is %s, before %s", got, handle)
	}
}
