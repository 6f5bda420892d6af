// Package embedded is a store inside this process, for the demo, the mask
// command and unit tests: nothing to install, and gone when the process ends.
package embedded

import (
	"context"
	"crypto/rand"
	"fmt"

	"github.com/alicebob/miniredis/v2"

	"bauta/redis"
)

// Server is a server inside this process, whose stores come and go. It listens on the
// loopback interface only, under a password drawn at its start, because pipelines need a
// socket's buffers. Its clock is the real one, so that periods run out.
type Server struct {
	server   *miniredis.Miniredis
	password string
}

// Start starts a server, which is empty.
func Start() (*Server, error) {
	s := &Server{server: miniredis.NewMiniRedis(), password: rand.Text()}
	s.server.RequireAuth(s.password)
	s.server.ClockTTL(true)
	if err := s.server.Start(); err != nil {
		return nil, fmt.Errorf("start the embedded store: %w", err)
	}
	return s, nil
}

// Close ends the server and what it held.
func (s *Server) Close() { s.server.Close() }

// Open opens a store on the server. URL, Acknowledge and WaitOnStart of the options are
// not used.
func (s *Server) Open(ctx context.Context, o redis.Options) (*redis.Store, error) {
	o.URL = "redis://:" + s.password + "@" + s.server.Addr()
	o.Embedded = true
	o.Acknowledge = redis.Memory
	return redis.Open(ctx, o)
}

// Open starts a server and opens a store on it; both end with the store's Close. It says
// in the log that nothing is kept.
func Open(ctx context.Context, o redis.Options) (*redis.Store, error) {
	server, err := Start()
	if err != nil {
		return nil, err
	}
	o.OnClose = server.Close
	s, err := server.Open(ctx, o)
	if err != nil {
		server.Close()
		return nil, fmt.Errorf("open the embedded store: %w", err)
	}
	s.Logger().WarnContext(ctx, "embedded store: everything is in memory and lost when this process ends; not for production")
	return s, nil
}
