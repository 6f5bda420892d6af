package e2e

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"bauta/redis/redistest"
	"bauta/webhook/simulator"
)

// Without Redis nothing is sent, with a key or without, and the caller is told to
// come back; with an empty one no token is taken.
func TestCallsWithoutRedis(t *testing.T) {
	t.Parallel()
	server := redistest.Standalone(t)
	between := newProxy(t, server.Address)
	asked := &heard{}
	c := converseWith(t, setup{Server: server, Redis: "redis://" + between.address}, simulator.GraphOptions{People: []simulator.Person{ada()}, Observe: asked.observe})
	hello := simulator.Message{From: ada(), Type: "text", Content: simulator.Part{{Name: "body", Value: "Hello"}}, Ad: ctwa()}
	handle := c.hears(t, hello).header.Get("Bauta-Handle")
	if got := c.order(t, "a", text(handle, "Hello")); got.status != http.StatusOK {
		t.Fatalf("answered %d: %s", got.status, got.body)
	}
	asked.take()
	between.cut()
	for _, key := range []string{"", "b"} {
		got := c.order(t, key, text(handle, "Hello"))
		if got.status != http.StatusServiceUnavailable || got.header.Get("Bauta-Error") != "unavailable" || got.header.Get("Retry-After") == "" {
			t.Errorf("without Redis: %d %v: %s", got.status, got.header, got.body)
		}
		got.documented(t, "without Redis")
	}
	if calls := asked.take(); len(calls) > 0 {
		t.Errorf("without Redis the platform was asked: %v", calls)
	}
	between.join(t)
	eventually(t, "a message is sent again", func(context.Context) bool {
		return c.order(t, "", text(handle, "Hello")).status == http.StatusOK //nolint:contextcheck // the call is made within the test
	})
	if err := server.Client.FlushAll(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	asked.take()
	for range 3 {
		got := c.order(t, "", text(handle, "Hello"))
		if got.status != http.StatusUnauthorized || got.header.Get("Bauta-Error") != "unauthorized" {
			t.Errorf("with an empty Redis: %d: %s", got.status, got.body)
		}
	}
	if calls := asked.take(); len(calls) > 0 {
		t.Errorf("with an empty Redis the platform was asked: %v", calls)
	}
	sweep(t, "the log", c.log(), ada().Number, ada().UserID, accessToken, handle)
}

// A token that is revoked on one node is worth nothing on another at once, and the
// answer is that of a token that never was.
func TestARevokedTokenIsWorthNothingAnywhere(t *testing.T) {
	t.Parallel()
	c := converse(t, setup{}, ada())
	other := c
	other.bauta = serve(t, c.dir)
	handle := c.hears(t, simulator.Message{From: ada(), Type: "text", Content: simulator.Part{{Name: "body", Value: "Hello"}}, Ad: ctwa()}).header.Get("Bauta-Handle")
	for _, node := range []conversation{c, other} {
		if got := node.order(t, "", text(handle, "Hello")); got.status != http.StatusOK {
			t.Fatalf("answered %d: %s", got.status, got.body)
		}
	}
	never := c
	never.token = c.token[:len(c.token)-4] + "AAAA"
	rows := strings.Split(c.operate(t, "token", "list"), "\n")
	if len(rows) < 2 || len(strings.Fields(rows[1])) < 2 {
		t.Fatalf("no token is listed: %q", rows)
	}
	id := strings.Fields(rows[1])[1]
	c.operate(t, "token", "revoke", "--business", "acme", "--id", id)
	for name, node := range map[string]conversation{"here": c, "on the other node": other} {
		got := node.order(t, "", text(handle, "Hello"))
		if got.header.Get("Bauta-Error") != "unauthorized" {
			t.Errorf("%s a revoked token is answered %d", name, got.status)
		}
		node.token = never.token
		if unknown := node.order(t, "", text(handle, "Hello")); unknown.seen() != got.seen() {
			t.Errorf("%s revoked and never issued differ:\n%s\n%s", name, got.seen(), unknown.seen())
		}
	}
	if n := len(c.graph.Phone(ada())); n != 2 {
		t.Errorf("%d messages on the phone, want 2", n)
	}
}
