package e2e

import (
	"bufio"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"bauta/redis/redistest"
)

// free is an address that nobody listens at.
func free(t *testing.T) string {
	t.Helper()
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(redistest.FreePort(t)))
}

// simulate runs the stand-in as the README does, and returns when it listens.
func simulate(t *testing.T, flags ...string) {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, append([]string{"simulate", "--rate", "1", "--write-back"}, flags...)...)
	cmd.Env = append(cmd.Environ(), "BAUTA_APP_SECRET=local")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		<-ended
	})
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		t.Fatal("the stand-in says nothing")
	}
	go func() {
		defer close(ended)
		for lines.Scan() {
		}
		_ = cmd.Wait()
	}()
}

// The README's trial without Meta, but for its ports.
func TestTheLocalTrialWorks(t *testing.T) {
	t.Parallel()
	local, err := os.ReadFile("testdata/local.yaml")
	if err != nil {
		t.Fatal(err)
	}
	endpoint, server, public, meta := newCRM(t), redistest.Standalone(t), free(t), free(t)
	dir := t.TempDir()
	adapted := strings.NewReplacer(
		"redis://127.0.0.1:6379/1", server.URL, "http://127.0.0.1:7099", endpoint.server.URL, "http://127.0.0.1:9999", "http://"+meta,
		`"127.0.0.1:8080"`, `"`+public+`"`+"\nadmin_listen: \"127.0.0.1:0\"",
	).Replace(string(local))
	if err := os.WriteFile(filepath.Join(dir, "bauta.yaml"), []byte(adapted), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, stderr, code := run(t, "keys", "init", "--out", filepath.Join(dir, "keys.json")); code != 0 {
		t.Fatalf("keys init: %s", stderr)
	}
	simulate(t, "--listen", meta, "--url", "http://"+public+"/webhooks/main")
	c := conversation{scenario: scenario{bauta: serve(t, dir), crm: endpoint, redis: server}, token: issue(t, dir)}
	for n := 1; ; n++ {
		handle := c.crm.wait(t, n)[n-1].header.Get("Bauta-Handle")
		if handle == "" {
			continue // somebody who came without an ad
		}
		if got := c.call(t, http.MethodPost, messages(), text(handle, "Hello")); got.status != http.StatusOK {
			t.Errorf("the answer is %d: %s", got.status, got.body)
		}
		return
	}
}
