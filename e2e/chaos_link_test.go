package e2e

import (
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
	"time"
)

// hindrance is what a link does to one direction of what passes. The zero value
// lets everything pass.
type hindrance struct {
	// hold keeps what comes: the other end sees an open connection and nothing more.
	hold bool
	// delay is how long each piece takes.
	delay time.Duration
	// slice is the longest piece in bytes, 0: as it comes.
	slice int
	// rate is bytes per second, 0: unlimited.
	rate int
}

// link is a TCP proxy in front of a server, which hinders either direction by
// itself. It is ours and no library because a fault suite is repeated from a seed,
// and has to hold requests and answers apart: a write that was done and whose
// answer is lost is the fault that a queue must survive.
type link struct {
	address  string
	listener net.Listener

	mu       sync.Mutex
	target   string
	up, down hindrance
	changed  chan struct{}
	open     map[*net.TCPConn]bool
	rand     *rand.Rand
}

func newLink(t testing.TB, target string, seed uint64) *link {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	k := &link{
		address: l.Addr().String(), target: target, listener: l,
		changed: make(chan struct{}), open: map[*net.TCPConn]bool{}, rand: rand.New(rand.NewPCG(seed, 0)),
	}
	t.Cleanup(func() {
		_ = l.Close()
		k.reset()
	})
	go k.accept()
	return k
}

func (k *link) accept() {
	for {
		in, err := k.listener.Accept()
		if err != nil {
			return
		}
		k.mu.Lock()
		target := k.target
		k.mu.Unlock()
		out, err := net.DialTimeout("tcp", target, time.Second)
		if err != nil {
			_ = in.Close()
			continue
		}
		client, server := in.(*net.TCPConn), out.(*net.TCPConn)
		k.mu.Lock()
		k.open[client], k.open[server] = true, true
		k.mu.Unlock()
		go k.pump(server, client, func() hindrance { return k.up })
		go k.pump(client, server, func() hindrance { return k.down })
	}
}

// pump carries one direction of a connection until either end closes it.
func (k *link) pump(to, from *net.TCPConn, way func() hindrance) {
	defer k.drop(to, from)
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		for rest := buffer[:n]; len(rest) > 0; {
			size, ok := k.piece(to, len(rest), way)
			if !ok {
				return
			}
			if _, err := to.Write(rest[:size]); err != nil {
				return
			}
			rest = rest[size:]
		}
		if err != nil {
			if errors.Is(err, io.EOF) {
				_ = to.CloseWrite()
			}
			return
		}
	}
}

// piece waits until something may pass, and says how much of it.
func (k *link) piece(to *net.TCPConn, size int, way func() hindrance) (int, bool) {
	for {
		k.mu.Lock()
		h, changed, alive := way(), k.changed, k.open[to]
		if h.slice > 0 {
			size = min(size, 1+k.rand.IntN(h.slice))
		}
		k.mu.Unlock()
		if !alive {
			return 0, false
		}
		if !h.hold {
			wait := h.delay
			if h.rate > 0 {
				wait += time.Duration(size) * time.Second / time.Duration(h.rate)
			}
			if wait > 0 {
				<-time.After(wait)
			}
			return size, true
		}
		<-changed
	}
}

func (k *link) drop(conns ...*net.TCPConn) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, c := range conns {
		delete(k.open, c)
		_ = c.Close()
	}
}

// hinder changes both directions from now on: up carries requests, down answers.
func (k *link) hinder(up, down hindrance) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.up, k.down = up, down
	close(k.changed)
	k.changed = make(chan struct{})
}

// lead sends new connections to another server.
func (k *link) lead(target string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.target = target
}

// reset breaks every connection; what is held is lost.
func (k *link) reset() {
	k.mu.Lock()
	defer k.mu.Unlock()
	for c := range k.open {
		_ = c.SetLinger(0)
		_ = c.Close()
	}
	clear(k.open)
	close(k.changed)
	k.changed = make(chan struct{})
}
