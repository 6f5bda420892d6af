package redistest

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// Say decides about one command on its way to the server: "" passes it on, anything
// else is the answer as it stands on the wire ("-LOADING ...\r\n"), or one of the words
// below.
type Say func(command []string) string

// Silence leaves a command unanswered and the connection open; Cut closes it; Lost has
// the server do the command and closes the connection before it hears of that.
const (
	Silence = "silence"
	Cut     = "cut"
	Lost    = "lost"
)

// Between stands before a server and understands its commands, so that a test can
// have it answer as it would in a state that is hard to bring about. Safe for
// concurrent use.
type Between struct {
	// Address and URL are those of the server, seen from in front.
	Address, URL string

	mu     sync.Mutex
	server string
	say    Say
	open   map[net.Conn]bool
}

// Between listens before the server until the test's end.
func (s *Server) Between(t testing.TB) *Between {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := &Between{
		Address: l.Addr().String(), URL: strings.Replace(s.URL, s.Address, l.Addr().String(), 1),
		server: s.Address, open: map[net.Conn]bool{},
	}
	t.Cleanup(func() {
		_ = l.Close()
		b.Says(nil)
	})
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			go b.carry(client)
		}
	}()
	return b
}

// Says changes what is answered, nil: what the server answers. Connections break, as
// they do when a server changes, and with them those that are left in silence.
func (b *Between) Says(say Say) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.say = say
	b.hangUp()
}

// Leads has another server behind it from now on, as after a restart or a fail-over.
func (b *Between) Leads(to *Server) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.server = to.Address
	b.hangUp()
}

func (b *Between) hangUp() {
	for c := range b.open {
		_ = c.Close()
	}
}

func (b *Between) behind() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.server
}

// enter notes a connection; leave closes it.
func (b *Between) enter(c net.Conn) (leave func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.open[c] = true
	return func() {
		_ = c.Close()
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.open, c)
	}
}

func (b *Between) saying(command []string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.say == nil {
		return ""
	}
	return b.say(command)
}

// carry answers one connection's commands in their order.
func (b *Between) carry(client net.Conn) {
	defer b.enter(client)()
	server, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", b.behind())
	if err != nil {
		return
	}
	defer b.enter(server)()
	asks, answers := bufio.NewReader(client), bufio.NewReader(server)
	queued := false
	for {
		var raw bytes.Buffer
		command, err := value(asks, &raw)
		if err != nil {
			return
		}
		switch answer := b.saying(command); answer {
		case "", Lost:
			if _, err := server.Write(raw.Bytes()); err != nil {
				return
			}
			if subscribes(command, &queued) {
				go func() { _, _ = io.Copy(server, asks); _ = server.Close() }()
				_, _ = io.Copy(client, answers)
				return
			}
			if !tell(client, answers, answer == Lost) {
				return
			}
		case Silence:
			_, _ = io.Copy(io.Discard, asks)
			return
		case Cut:
			return
		default:
			if _, err := io.WriteString(client, answer); err != nil {
				return
			}
		}
	}
}

// subscribes tells whether a command makes the connection one that listens: between MULTI
// and its end, which queued remembers, a subscription is only queued.
func subscribes(command []string, queued *bool) bool {
	switch strings.ToLower(command[0]) {
	case "multi":
		*queued = true
	case "discard", "exec":
		*queued = false
	case "subscribe":
		return !*queued
	}
	return false
}

// tell hands one answer on, unless it gets lost; false if the connection is over.
func tell(client io.Writer, answers *bufio.Reader, lost bool) bool {
	var raw bytes.Buffer
	if _, err := value(answers, &raw); err != nil || lost {
		return false
	}
	_, err := client.Write(raw.Bytes())
	return err == nil
}

// value reads one value of Redis's protocol, all of it into raw; of an array the texts
// of its elements are returned.
func value(in *bufio.Reader, raw *bytes.Buffer) ([]string, error) {
	line, err := in.ReadString('\n')
	if err != nil {
		return nil, err
	}
	raw.WriteString(line)
	if len(line) < 3 {
		return nil, errors.New("this is not Redis's protocol")
	}
	text := strings.TrimSuffix(line[1:], "\r\n")
	size, err := strconv.Atoi(text)
	if line[0] != '$' && line[0] != '*' {
		return []string{text}, nil
	}
	if err != nil || size < 0 {
		return []string{""}, err
	}
	if line[0] == '$' {
		bulk := make([]byte, size+2)
		if _, err := io.ReadFull(in, bulk); err != nil {
			return nil, err
		}
		raw.Write(bulk)
		return []string{string(bulk[:size])}, nil
	}
	out := make([]string, 0, size)
	for range size {
		element, err := value(in, raw)
		if err != nil {
			return nil, err
		}
		out = append(out, element...)
	}
	return out, nil
}
