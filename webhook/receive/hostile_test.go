package receive_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"bauta/webhook/receive"
)

// bounded runs the bench's handler on a server with other bounds.
func bounded(t *testing.T, b *bench, bound receive.Connections, change func(*http.Server)) string {
	t.Helper()
	server := receive.NewServer("127.0.0.1:0", b.echo, nil, bound)
	if change != nil {
		change(server)
	}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", server.Addr)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener)
	}()
	t.Cleanup(func() { _ = server.Close(); <-done })
	return listener.Addr().String()
}

// dial opens a connection and writes a text, in which a request may end or not.
func dial(t *testing.T, address, text string) net.Conn {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	return conn
}

// head is that of a webhook whose body is announced.
func head(signature string, length int) string {
	return fmt.Sprintf("POST /webhooks/main HTTP/1.1\r\nHost: x\r\nX-Hub-Signature-256: %s\r\nContent-Length: %d\r\n\r\n", signature, length)
}

func answered(t *testing.T, conn net.Conn) *http.Response {
	t.Helper()
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, answer.Body)
	_ = answer.Body.Close()
	return answer
}

// Headers that never end are given up, and nobody waits for them.
func TestSlowHeadersAreGivenUp(t *testing.T) {
	t.Parallel()
	address := bounded(t, newBench(t, stored, nil), receive.Connections{Most: receive.MostConnections}, func(s *http.Server) { s.ReadHeaderTimeout = 200 * time.Millisecond })
	var slow []net.Conn
	for i := range 300 {
		slow = append(slow, dial(t, address, "POST /webhooks/main HTTP/1.1\r\nHost: x\r\nX-Slow: "+strconv.Itoa(i)))
	}
	client := &http.Client{Transport: &http.Transport{}}
	t.Cleanup(client.CloseIdleConnections)
	if got := send(t.Context(), t, client, "http://"+address, []byte("{}")); got != http.StatusOK {
		t.Errorf("a webhook beside them: %d", got)
	}
	for _, conn := range slow {
		if _, err := io.Copy(io.Discard, conn); err != nil {
			t.Fatalf("a connection stays open: %v", err)
		}
	}
}

// Large bodies that come in slowly fill their part of the memory: further ones are to
// come later, small ones are taken as ever. When they are given up there is room again.
func TestSlowLargeBodiesKeepNoOthersOut(t *testing.T) {
	t.Parallel()
	b := newBench(t, stored, func(o *receive.Options) { o.Memory, o.BodyTimeout = 16<<20, time.Minute })
	address := bounded(t, b, receive.Connections{Most: receive.MostConnections}, nil)
	large := bytes.Repeat([]byte{'x'}, receive.BodyLimit)
	var slow []net.Conn
	for b.count(t, "main", "overloaded") == 0 {
		if len(slow) > 100 {
			t.Fatal("bodies of 300 MB fit into 8 MiB")
		}
		conn := dial(t, address, head(sign(large), len(large)))
		_, _ = conn.Write(large[:len(large)-1]) // refused while it is sent, or kept waiting
		slow = append(slow, conn)
	}
	client := &http.Client{Transport: &http.Transport{}}
	t.Cleanup(client.CloseIdleConnections)
	for range 20 {
		if got := send(t.Context(), t, client, "http://"+address, bytes.Repeat([]byte{'y'}, 10_000)); got != http.StatusOK {
			t.Fatalf("a small body beside them: %d", got)
		}
	}
	for _, conn := range slow {
		_ = conn.Close()
	}
	for begun := time.Now(); ; {
		answer := answered(t, dial(t, address, head(sign(large), len(large))+string(large)))
		if answer.StatusCode == http.StatusOK {
			return
		}
		if answer.StatusCode != http.StatusServiceUnavailable || answer.Header.Get("Retry-After") == "" {
			t.Fatalf("answered %d", answer.StatusCode)
		}
		if time.Since(begun) > 20*time.Second {
			t.Fatal("what slow bodies took is not given back")
		}
	}
}

func TestHeadersAreBounded(t *testing.T) {
	t.Parallel()
	address := bounded(t, newBench(t, stored, nil), receive.Connections{Most: receive.MostConnections}, nil)
	for name, text := range map[string]string{
		"one long header":       "POST /webhooks/main HTTP/1.1\r\nHost: x\r\nX-Long: " + strings.Repeat("x", 64<<10) + "\r\n\r\n",
		"very many headers":     "POST /webhooks/main HTTP/1.1\r\nHost: x\r\n" + strings.Repeat("A: b\r\n", 20_000) + "\r\n",
		"one name again":        "POST /webhooks/main HTTP/1.1\r\nHost: x\r\n" + strings.Repeat("X-Hub-Signature-256: sha256=\r\n", 2000) + "\r\n",
		"a long path":           "POST /webhooks/" + strings.Repeat("a", 64<<10) + " HTTP/1.1\r\nHost: x\r\n\r\n",
		"a long query":          "GET /webhooks/main?hub.verify_token=" + strings.Repeat("a", 64<<10) + " HTTP/1.1\r\nHost: x\r\n\r\n",
		"a line without an end": strings.Repeat("A", 64<<10),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := talk(t, address, text); got != http.StatusRequestHeaderFieldsTooLarge {
				t.Errorf("answered %d, want 431", got)
			}
		})
	}
}

// chunked is a body in pieces, whose length nobody announces.
func chunked(size int, trailer string) string {
	piece := fmt.Sprintf("10000\r\n%s\r\n", strings.Repeat("x", 64<<10))
	return "POST /webhooks/main HTTP/1.1\r\nHost: x\r\nX-Hub-Signature-256: " + sign(nil) + "\r\nTransfer-Encoding: chunked\r\n\r\n" +
		strings.Repeat(piece, size/(64<<10)) + "0\r\n" + trailer + "\r\n"
}

func TestBodiesAreBounded(t *testing.T) {
	t.Parallel()
	called := errors.New("the pipeline was asked")
	b := newBench(t, func(context.Context, string, []byte) error { return called }, nil)
	address := bounded(t, b, receive.Connections{Most: receive.MostConnections}, nil)
	encoded := func(header, value string) string {
		return "POST /webhooks/main HTTP/1.1\r\nHost: x\r\nX-Hub-Signature-256: " + sign([]byte("x")) + "\r\n" + header + ": " + value + "\r\nContent-Length: 1\r\n\r\nx"
	}
	for name, row := range map[string]struct {
		text string
		want int
	}{
		"without a length":                {chunked(8<<20, ""), http.StatusRequestEntityTooLarge},
		"announced":                       {head(sign(nil), 64<<20), http.StatusRequestEntityTooLarge},
		"announced beyond every measure":  {head(sign(nil), 1<<40), http.StatusRequestEntityTooLarge},
		"announced beyond a number":       {"POST /webhooks/main HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n", http.StatusBadRequest},
		"announced as less than nothing":  {"POST /webhooks/main HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", http.StatusBadRequest},
		"announced twice, differently":    {"POST /webhooks/main HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx", http.StatusBadRequest},
		"a trailer that is a bomb":        {chunked(64<<10, strings.Repeat("A: b\r\n", 100_000)), http.StatusRequestTimeout},
		"an extension that is a bomb":     {"POST /webhooks/main HTTP/1.1\r\nHost: x\r\nX-Hub-Signature-256: " + sign(nil) + "\r\nTransfer-Encoding: chunked\r\n\r\n1;" + strings.Repeat("a", 64<<10) + "\r\nx\r\n0\r\n\r\n", http.StatusRequestTimeout},
		"compressed by gzip":              {encoded("Content-Encoding", "gzip"), http.StatusUnsupportedMediaType},
		"compressed by br":                {encoded("Content-Encoding", "br"), http.StatusUnsupportedMediaType},
		"compressed twice":                {encoded("Content-Encoding", "gzip, gzip"), http.StatusUnsupportedMediaType},
		"compressed behind identity":      {encoded("Content-Encoding", "identity, deflate"), http.StatusUnsupportedMediaType},
		"compressed, in capitals":         {encoded("Content-Encoding", "GZIP"), http.StatusUnsupportedMediaType},
		"compressed by transfer encoding": {encoded("Transfer-Encoding", "gzip, chunked"), http.StatusNotImplemented},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := talk(t, address, row.text); got != row.want {
				t.Errorf("answered %d, want %d", got, row.want)
			}
		})
	}
	if strings.Contains(b.log.String(), called.Error()) {
		t.Error(called)
	}
}

// Who does nothing gives way to who comes; who is at work stays.
func TestIdleConnectionsGiveWay(t *testing.T) {
	t.Parallel()
	const most, come = 8, 40
	begun, finish := make(chan struct{}), make(chan struct{})
	b := newBench(t, func(context.Context, string, []byte) error {
		close(begun)
		<-finish
		return nil
	}, nil)
	b.echo.GET("/ping", func(c echo.Context) error { return c.NoContent(http.StatusNoContent) })
	reasons := make(chan string, come)
	address := bounded(t, b, receive.Connections{Most: most, Closed: func(reason string) { reasons <- reason }}, nil)
	working := dial(t, address, head(sign([]byte("{}")), 2)+"{}")
	<-begun
	closed := make(chan error, come)
	for range come {
		conn := dial(t, address, "GET /ping HTTP/1.1\r\nHost: x\r\n\r\n")
		if got := answered(t, conn).StatusCode; got != http.StatusNoContent {
			t.Fatalf("a newcomer is answered %d", got)
		}
		go func() {
			_, err := io.Copy(io.Discard, conn)
			closed <- err
		}()
	}
	for range come - most + 1 {
		if err := <-closed; err != nil {
			t.Fatalf("more than %d connections are open: %v", most, err)
		}
		if got := <-reasons; got != "idle" {
			t.Errorf("a connection was closed as %q", got)
		}
	}
	close(finish)
	if got := answered(t, working).StatusCode; got != http.StatusOK {
		t.Errorf("the one at work is answered %d", got)
	}
}

// Where all are at work the newcomer is turned away, and none of them.
func TestTheNewcomerIsTurnedAwayWhereAllAreAtWork(t *testing.T) {
	t.Parallel()
	const most = 3
	begun, finish := make(chan struct{}, most), make(chan struct{})
	b := newBench(t, func(context.Context, string, []byte) error {
		begun <- struct{}{}
		<-finish
		return nil
	}, nil)
	var newcomers, others atomic.Int64
	address := bounded(t, b, receive.Connections{Most: most, Closed: func(reason string) {
		if reason == "new" {
			newcomers.Add(1)
		} else {
			others.Add(1)
		}
	}}, nil)
	var working []net.Conn
	for range most {
		working = append(working, dial(t, address, head(sign([]byte("{}")), 2)+"{}"))
		<-begun
	}
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the newcomer is served: %v", err)
	}
	if newcomers.Load() != 1 || others.Load() != 0 {
		t.Errorf("%d newcomers and %d others were closed", newcomers.Load(), others.Load())
	}
	close(finish)
	for _, w := range working {
		if got := answered(t, w).StatusCode; got != http.StatusOK {
			t.Errorf("one at work is answered %d", got)
		}
	}
	for begun := time.Now(); ; {
		again, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		_ = again.SetDeadline(time.Now().Add(20 * time.Second))
		_, _ = io.WriteString(again, "GET /webhooks/none HTTP/1.1\r\nHost: x\r\n\r\n")
		_, err = http.ReadResponse(bufio.NewReader(again), nil)
		_ = again.Close()
		if err == nil {
			return
		}
		if time.Since(begun) > 20*time.Second {
			t.Fatalf("nobody is served afterwards: %v", err)
		}
	}
}
