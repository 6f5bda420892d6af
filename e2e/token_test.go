package e2e

import (
	"net/http"
	"strings"
	"testing"
)

// A token that was revoked is refused from the next call on, on every node.
func TestARevokedTokenEndsAtOnceOnEveryNode(t *testing.T) {
	t.Parallel()
	c := converse(t, setup{}, ada())
	handle := c.hears(t, hello(ada(), ctwa())).header.Get("Bauta-Handle")
	elsewhere := c
	elsewhere.bauta = serve(t, c.dir)
	nodes := []conversation{c, elsewhere}
	for i, node := range nodes {
		if got := node.call(t, http.MethodPost, messages(), text(handle, "Hello")); got.status != http.StatusOK {
			t.Fatalf("node %d answered %d: %s", i, got.status, got.body)
		}
	}
	stdout, _, _ := run(t, "token", "list", "--config", c.dir+"/bauta.yaml")
	lines := strings.Split(stdout, "\n")
	if len(lines) < 2 || len(strings.Fields(lines[1])) < 2 {
		t.Fatalf("token list prints %q", stdout)
	}
	if _, stderr, code := run(t, "token", "revoke", "--config", c.dir+"/bauta.yaml", "--business", "acme", "--id", strings.Fields(lines[1])[1]); code != 0 {
		t.Fatalf("token revoke: exit %d: %s", code, stderr)
	}
	for i, node := range nodes {
		got := node.call(t, http.MethodPost, messages(), text(handle, "Hello"))
		if got.status != http.StatusUnauthorized || in(t, got.body, "error", "code") != "190" {
			t.Errorf("node %d answers a revoked token with %d: %s", i, got.status, got.body)
		}
	}
}
