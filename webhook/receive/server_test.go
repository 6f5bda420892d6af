package receive_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"strings"
	"testing"
	"time"

	"bauta/webhook/receive"
)

// listen runs the bench's handler on a real server and returns its address.
func listen(t *testing.T, b *bench, secure *tls.Config) (string, *http.Server) {
	t.Helper()
	server := receive.NewServer("127.0.0.1:0", b.echo, secure, receive.Connections{Most: receive.MostConnections})
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", server.Addr)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if secure != nil {
			_ = server.ServeTLS(listener, "", "")
			return
		}
		_ = server.Serve(listener)
	}()
	t.Cleanup(func() { _ = server.Close(); <-done })
	return listener.Addr().String(), server
}

// talk writes raw bytes and returns the first answer's status.
func talk(t *testing.T, address, text string) int {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	// The server may answer and hang up before everything is written.
	go func() { _, _ = io.WriteString(conn, text) }()
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	return answer.StatusCode
}

func TestASlowBodyIsGivenUp(t *testing.T) {
	t.Parallel()
	b := newBench(t, stored, func(o *receive.Options) { o.BodyTimeout = 50 * time.Millisecond })
	address, _ := listen(t, b, nil)
	status := talk(t, address, "POST /webhooks/main HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\nX-Hub-Signature-256: "+sign([]byte("x"))+"\r\n\r\n{")
	if status != http.StatusRequestTimeout || b.count(t, "main", "unreadable") != 1 {
		t.Errorf("status %d", status)
	}
}

func TestHugeHeadersAreRefused(t *testing.T) {
	t.Parallel()
	address, _ := listen(t, newBench(t, stored, nil), nil)
	status := talk(t, address, "POST /webhooks/main HTTP/1.1\r\nHost: x\r\nX-Long: "+strings.Repeat("x", 64<<10)+"\r\n\r\n")
	if status != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("status %d", status)
	}
}

func TestOneConnectionCarriesManyWebhooks(t *testing.T) {
	t.Parallel()
	address, _ := listen(t, newBench(t, stored, func(o *receive.Options) { o.BodyTimeout = time.Second }), nil)
	client := &http.Client{Transport: &http.Transport{}}
	t.Cleanup(client.CloseIdleConnections)
	for i, body := range [][]byte{[]byte("{}"), bytes.Repeat([]byte{'x'}, 2<<20), []byte("{}")} {
		reused := false
		ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{GotConn: func(c httptrace.GotConnInfo) { reused = c.Reused }})
		if got := send(ctx, t, client, "http://"+address, body); got != http.StatusOK {
			t.Errorf("webhook %d: %d", i, got)
		}
		if reused != (i > 0) {
			t.Errorf("webhook %d: connection reused: %v", i, reused)
		}
	}
}

func send(ctx context.Context, t *testing.T, client *http.Client, base string, body []byte) int {
	t.Helper()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/webhooks/main", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Hub-Signature-256", sign(body))
	answer, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode
}

func TestShutdownFinishesWhatHasBegun(t *testing.T) {
	t.Parallel()
	begun, finish := make(chan struct{}), make(chan struct{})
	b := newBench(t, func(context.Context, string, []byte) error {
		close(begun)
		<-finish
		return nil
	}, nil)
	address, server := listen(t, b, nil)
	client := &http.Client{Transport: &http.Transport{}}
	t.Cleanup(client.CloseIdleConnections)
	status := make(chan int, 1)
	go func() { status <- send(context.WithoutCancel(t.Context()), t, client, "http://"+address, []byte("{}")) }()
	<-begun
	server.RegisterOnShutdown(func() { close(finish) })
	if err := server.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if got := <-status; got != http.StatusOK {
		t.Errorf("the webhook under way got %d", got)
	}
}

func TestTheClientAddressIsThePeerUnlessAProxyIsTrusted(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		trusted   []netip.Prefix
		peer, xff string
		want      string
	}{
		"nobody is trusted":           {nil, "192.0.2.1:99", "198.51.100.7", "192.0.2.1"},
		"nobody on this machine":      {nil, "127.0.0.1:99", "198.51.100.7", "127.0.0.1"},
		"the proxy is trusted":        {[]netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, "192.0.2.1:99", "198.51.100.7", "198.51.100.7"},
		"another peer is not":         {[]netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, "10.0.0.1:99", "198.51.100.7", "10.0.0.1"},
		"nor is this machine":         {[]netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, "127.0.0.1:99", "198.51.100.7", "127.0.0.1"},
		"what the client wrote isn't": {[]netip.Prefix{netip.MustParsePrefix("2001:db8::/32")}, "[2001:db8::1]:99", "203.0.113.9, 198.51.100.7", "198.51.100.7"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			request := post("/", nil, "X-Forwarded-For", row.xff)
			request.RemoteAddr = row.peer
			e := receive.NewEcho(nil, row.trusted)
			if got := e.NewContext(request, nil).RealIP(); got != row.want {
				t.Errorf("got %s, want %s", got, row.want)
			}
		})
	}
}

func FuzzWebhook(f *testing.F) {
	seeds := []struct{ app, signature, coding, body string }{
		{"main", sign([]byte("{}")), "", "{}"},
		{"main", "sha256=", "gzip", "x"},
		{"%2e%2e", strings.Repeat("0", 71), "identity", ""},
	}
	for _, s := range seeds {
		f.Add(s.app, s.signature, s.coding, []byte(s.body))
	}
	f.Fuzz(func(t *testing.T, app, signature, coding string, body []byte) {
		accepted := false
		b := newBench(t, func(context.Context, string, []byte) error { accepted = true; return fmt.Errorf("full") }, nil)
		request := post("/webhooks/x", body, "X-Hub-Signature-256", signature, "Content-Encoding", coding)
		request.URL.Path = "/webhooks/" + app
		answer := b.serve(request)
		if answer.Code >= 500 && answer.Code != http.StatusServiceUnavailable {
			t.Errorf("status %d", answer.Code)
		}
		if accepted && signature != sign(body) {
			t.Error("an unsigned body was accepted")
		}
		if accepted != (answer.Code == http.StatusServiceUnavailable) {
			t.Errorf("accepted %v, status %d", accepted, answer.Code)
		}
	})
}
