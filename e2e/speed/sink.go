package main

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"time"
)

// sink is the business's endpoint. It is in the process that posts, so that both ends
// of an event are read from one clock.
type sink struct {
	server *httptest.Server
	got    atomic.Int64
	// gone answers 410: the endpoint is paused for good, and events only wait.
	gone atomic.Bool

	mu sync.Mutex
	// arrived tells by an event's mark when it came first.
	arrived map[string]time.Time
}

func newSink() *sink {
	s := &sink{arrived: map[string]time.Time{}}
	s.server = httptest.NewUnstartedServer(s)
	s.server.Config.ReadTimeout = time.Minute
	s.server.Start()
	return s
}

func (s *sink) address() string {
	a, _ := s.server.Listener.Addr().(*net.TCPAddr)
	return a.String()
}

func (s *sink) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 8<<20))
	if err != nil {
		return
	}
	if s.gone.Load() {
		w.WriteHeader(http.StatusGone)
		return
	}
	if mark := markIn(body); mark != "" {
		s.mu.Lock()
		if _, again := s.arrived[mark]; !again {
			s.arrived[mark] = time.Now()
		}
		s.mu.Unlock()
	}
	s.got.Add(1)
}

// markOpen begins an event's mark in its text: letters, so that nothing takes it for
// a number.
const (
	markOpen = "mark-"
	markSize = 10
)

func markIn(body []byte) string {
	_, rest, found := bytes.Cut(body, []byte(markOpen))
	if !found || len(rest) < markSize {
		return ""
	}
	return string(rest[:markSize])
}

// markOf writes a number in letters.
func markOf(n int) string {
	mark := [markSize]byte{}
	for i := range mark {
		mark[markSize-1-i] = byte('a' + n%16)
		n /= 16
	}
	return string(mark[:])
}
