package app

import (
	"net"
	"net/netip"
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

func TestWhoElseCanOpenThePlayground(t *testing.T) {
	t.Parallel()
	for listening, want := range map[string]struct {
		url    string
		warned bool
	}{
		"127.0.0.1:8080":          {"http://127.0.0.1:8080/", false},
		"[::1]:8080":              {"http://[::1]:8080/", false},
		"[::ffff:127.0.0.1]:8080": {"http://127.0.0.1:8080/", false},
		"0.0.0.0:8080":            {"http://127.0.0.1:8080/", true},
		"[::]:9000":               {"http://127.0.0.1:9000/", true},
		"192.0.2.7:8080":          {"http://192.0.2.7:8080/", true},
	} {
		url, warning := whereOf(net.TCPAddrFromAddrPort(netip.MustParseAddrPort(listening)))
		if url != want.url || (warning != "") != want.warned {
			t.Errorf("at %s: %s, warning %q", listening, url, warning)
		}
	}
}
