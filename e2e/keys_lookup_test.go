package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"bauta/webhook/simulator"
)

// newcomers are new people who write to both nodes at the same moment, one pair of
// messages after the other.
type newcomers struct {
	mu           sync.Mutex
	sent, failed int
	stop, done   chan struct{}
}

func newcome(t testing.TB, nodes ...*bauta) *newcomers {
	t.Helper()
	s := &newcomers{stop: make(chan struct{}), done: make(chan struct{})}
	go func() {
		defer close(s.done)
		for i := 0; ; i++ {
			select {
			case <-s.stop:
				return
			default:
			}
			var both sync.WaitGroup
			for n, node := range nodes {
				both.Go(func() {
					sender := simulator.Sender{Client: client(), URL: node.public + "/webhooks/main", Secret: appSecret}
					status, err := sender.Send(context.WithoutCancel(t.Context()), says(someone(1000+i), fmt.Sprintf("3EB0B%d%06X", n, i), fmt.Sprintf("pair %d.", i), ctwa()))
					s.mu.Lock()
					defer s.mu.Unlock()
					s.sent++
					if err != nil || status != http.StatusOK {
						s.failed++
					}
				})
			}
			both.Wait()
		}
	}()
	return s
}

// end returns the handles of each, once everything is delivered.
func (s *newcomers) end(t testing.TB, h *twoHosts) map[string]map[string]bool {
	t.Helper()
	close(s.stop)
	<-s.done
	if s.failed > 0 || s.sent < 100 {
		t.Errorf("%d of %d webhooks of strangers were not taken", s.failed, s.sent)
	}
	pair := regexp.MustCompile(`pair \d+\.`)
	out := map[string]map[string]bool{}
	eventually(t, "every message of a stranger is delivered", func(context.Context) bool {
		clear(out)
		n := 0
		for _, d := range h.crm.all() {
			who := pair.FindString(d.body)
			if who == "" {
				continue
			}
			if out[who] == nil {
				out[who] = map[string]bool{}
			}
			out[who][d.header.Get("Bauta-Handle")] = true
			n++
		}
		return n == s.sent
	})
	return out
}

// The look-up key is replaced while two nodes run under load, one of them with a key
// file of its own; then the old one is destroyed. Nobody becomes two customers, nobody
// is lost, and whoever was erased before comes back hidden.
func TestTheLookupKeyIsReplacedUnderLoad(t *testing.T) {
	t.Parallel()
	h := newTwoHosts(t)
	var load traffic
	load.run(t, h.bauta, h.other)
	fresh := newcome(t, h.bauta, h.other)
	h.crm.wait(t, 50)

	rotation := begin(t, h.dir, "keys", "rotate", "--purpose", "lookup")
	rotation.says(t, "waiting for nodes that cannot read with it yet")
	copyFile(t, h.dir, h.other.dir, "keys.json")
	rotation.says(t, "writes from now on")
	said := rotation.ends(t, 0)
	if !strings.Contains(said, "the old key is still needed: 2 markers") || !strings.Contains(said, "2 of them never end") {
		t.Errorf("the rotation ended with: %s", said)
	}
	list, stderr, code := run(t, "keys", "list", "--usage", "--config", filepath.Join(h.dir, "bauta.yaml"))
	if code != 0 || !regexp.MustCompile(`(?m)^lookup +\d+ +enabled +false +\S+ \S+ +2 +2 of 2$`).MatchString(list) ||
		!regexp.MustCompile(`(?m)^lookup +\d+ +enabled +true +\S+ \S+ +[1-9]\d+ +2 of 2$`).MatchString(list) {
		t.Errorf("keys list: exit %d: %s%s", code, list, stderr)
	}
	if said := begin(t, h.dir, "keys", "rotate", "--purpose", "lookup", "--destroy-old").ends(t, 1); !strings.Contains(said, "not destroyed: 2 markers") || !strings.Contains(said, "never end") {
		t.Errorf("while markers need it: %s", said)
	}

	// Who was erased comes back, with number and user id: the markers are theirs.
	h.other.send(t, says(ada(), "3EB0A7", "back again", nil))
	var back delivery
	eventually(t, "who was erased is heard again", func(context.Context) bool {
		for _, d := range h.crm.all() {
			if strings.Contains(d.body, "back again") {
				back = d
			}
		}
		return back.body != ""
	})
	if handle := back.header.Get("Bauta-Handle"); handle == "" || handle == h.handle || strings.Contains(back.body, ada().Number) {
		t.Errorf("who was erased comes back as %q: %s", handle, back.body)
	}
	destruction := begin(t, h.dir, "keys", "rotate", "--purpose", "lookup", "--destroy-old")
	destruction.says(t, "nobody can try any more whether a number was a customer's")
	copyFile(t, h.dir, h.other.dir, "keys.json")
	if said := destruction.ends(t, 0); strings.Contains(said, "still have a key file") {
		t.Errorf("nodes that read the new file are said to have the old one: %s", said)
	}
	load.end()
	if load.failed.Load() > 0 || load.sent.Load() < 100 {
		t.Errorf("%d of %d webhooks were not taken", load.failed.Load(), load.sent.Load())
	}
	for who, handles := range fresh.end(t, h) {
		if len(handles) != 1 {
			t.Errorf("%s is %d customers", who, len(handles))
		}
	}
	h.served(t)
	// A copy of the store from before needs the key of before.
	if text, code := dossierOf(t, host(t, h.dir, restored(t, h.dump).URL), ada()); code != 2 || !strings.Contains(text, "was destroyed") {
		t.Errorf("a dump of before: exit %d: %s", code, text)
	}
	h.outlives(t)
}

// An installation that is older than look-up keys finds everybody, replaces the index
// key as its look-up key, and goes on where a rotation was broken off.
func TestAnInstallationFromBeforeLookupKeysReplacesItsFirst(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	s.stop(t)
	asBefore(t, filepath.Join(s.dir, "keys.json"))
	if err := s.redis.Client.FlushAll(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	s.bauta = serve(t, s.dir)
	s.send(t, says(ada(), "3EB0D1", "Hello", ctwa()))
	handle := s.crm.wait(t, 1)[0].header.Get("Bauta-Handle")
	s.stop(t)
	// What that release did not write.
	for name, fields := range map[string][]string{"bauta:store": {"lookup"}, "bauta:wrap": {"lookup", "lookup_from", "lookup_since"}} {
		if err := s.redis.Client.HDel(t.Context(), name, fields...).Err(); err != nil {
			t.Fatal(err)
		}
	}
	tagged := func() (with, all int) {
		for _, name := range s.redis.Client.Keys(t.Context(), "bauta:id:*").Val() {
			if strings.Contains(name, ".") {
				with++
			}
			all++
		}
		return with, all
	}
	if with, all := tagged(); with != 0 || all != 2 {
		t.Fatalf("%d of %d entries name a look-up key", with, all)
	}
	s.bauta = serve(t, s.dir)

	first := begin(t, s.dir, "keys", "rotate", "--purpose", "lookup")
	first.says(t, "writes from now on")
	_ = first.cmd.Process.Kill()
	<-first.done
	if said := begin(t, s.dir, "keys", "rotate", "--purpose", "lookup", "--destroy-old").ends(t, 1); !strings.Contains(said, "not at its end") {
		t.Errorf("destroyed in the middle: %s", said)
	}
	if said := begin(t, s.dir, "keys", "rotate", "--purpose", "lookup").ends(t, 0); strings.Contains(said, "added") || !strings.Contains(said, "2 are under the look-up key") {
		t.Errorf("a rotation that was broken off: %s", said)
	}
	if with, all := tagged(); with != 2 || all != 2 {
		t.Errorf("%d of %d entries name the new look-up key", with, all)
	}
	if said := begin(t, s.dir, "keys", "rotate", "--purpose", "lookup", "--destroy-old").ends(t, 0); !strings.Contains(said, "one of them is the index key") {
		t.Errorf("destroyed: %s", said)
	}
	s.stop(t)
	s.bauta = serve(t, s.dir)
	s.send(t, says(ada(), "3EB0D2", "Hello again", nil))
	if got := s.crm.wait(t, 2)[1].header.Get("Bauta-Handle"); got != handle {
		t.Errorf("the handle is %s, before %s", got, handle)
	}
}

// asBefore makes a key file one of releases that knew no look-up keys.
func asBefore(t *testing.T, path string) {
	t.Helper()
	var file map[string]json.RawMessage
	if err := json.Unmarshal([]byte(content(t, path)), &file); err != nil {
		t.Fatal(err)
	}
	delete(file, "lookup")
	file["version"] = json.RawMessage("1")
	text, err := json.Marshal(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}
