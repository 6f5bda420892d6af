package receive

import (
	"net"
	"net/http"
	"testing"
)

// Which connection leaves: the one that is idle for longest, and the newcomer where none is.
func TestWhoLeavesACrowd(t *testing.T) {
	t.Parallel()
	conns := map[net.Conn]string{}
	named := map[string]net.Conn{}
	for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
		conn, far := net.Pipe()
		t.Cleanup(func() { _ = conn.Close(); _ = far.Close() })
		conns[conn], named[name] = name, conn
	}
	c := newCrowd(3, func(string) {})
	for i, step := range []struct {
		who   string
		state http.ConnState
		want  string
	}{
		{"a", http.StateNew, ""},
		{"b", http.StateNew, ""},
		{"c", http.StateNew, ""},
		{"a", http.StateActive, ""},
		{"a", http.StateActive, ""},
		{"a", http.StateIdle, ""},
		{"a", http.StateIdle, ""},
		{"d", http.StateNew, "b"}, // a was at work since
		{"b", http.StateActive, ""},
		{"b", http.StateIdle, ""}, // what has left comes not back
		{"b", http.StateClosed, ""},
		{"c", http.StateActive, ""},
		{"d", http.StateActive, ""},
		{"e", http.StateNew, "a"},
		{"e", http.StateActive, ""},
		{"f", http.StateNew, "f"}, // all are at work
		{"f", http.StateClosed, ""},
		{"d", http.StateHijacked, ""},
		{"f", http.StateNew, ""}, // there is room again
		{"c", http.StateIdle, ""},
		{"a", http.StateNew, "f"},
	} {
		leaves := c.note(named[step.who], step.state)
		if got := conns[leaves]; leaves != nil && got != step.want || leaves == nil && step.want != "" {
			t.Errorf("step %d, %s is %s: %q leaves, want %q", i+1, step.who, step.state, got, step.want)
		}
	}
	for _, conn := range named {
		c.note(conn, http.StateClosed)
	}
	if len(c.open) != 0 || c.idle.Len() != 0 {
		t.Errorf("%d connections are kept account of, %d as idle", len(c.open), c.idle.Len())
	}
}
