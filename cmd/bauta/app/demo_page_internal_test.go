package app

import (
	"net"
	"strconv"
	"strings"
	"testing"
)

func TestWhereThePlaygroundListens(t *testing.T) {
	t.Parallel()
	taken, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	address := taken.Addr().String()
	if _, err := listenNear(t.Context(), address, false); err == nil || !strings.Contains(err.Error(), "another program does") || !strings.Contains(err.Error(), "--listen") {
		t.Errorf("an address that somebody chose and another program has: %v", err)
	}
	near, err := listenNear(t.Context(), address, true)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = near.Close() }()
	_, first, _ := net.SplitHostPort(address)
	_, got, _ := net.SplitHostPort(near.Addr().String())
	was, _ := strconv.Atoi(first)
	is, _ := strconv.Atoi(got)
	if is <= was || is > was+demoPorts {
		t.Errorf("the next port is %d, after %d", is, was)
	}
	for _, wrong := range []string{"", "here", "127.0.0.1", "127.0.0.1:http"} {
		if _, err := listenNear(t.Context(), wrong, true); err == nil || !strings.Contains(err.Error(), demoListen) {
			t.Errorf("%q: %v", wrong, err)
		}
	}
}
