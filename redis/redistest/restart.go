package redistest

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"testing"
)

// Signal sends a signal to the server: SIGSTOP and SIGCONT, to let it stand still.
func (s *Server) Signal(t testing.TB, signal os.Signal) {
	t.Helper()
	if err := s.cmd.Process.Signal(signal); err != nil {
		t.Errorf("signal redis-server: %v", err)
	}
}

// Kill ends the server without a warning, as a crash does. Start starts it again.
func (s *Server) Kill() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
}

// Pid is the server's process.
func (s *Server) Pid() int { return s.cmd.Process.Pid }

// Start starts a server that Kill ended, at its address and with what it has on
// disk, and waits until it answers.
func (s *Server) Start(t testing.TB) {
	t.Helper()
	var output bytes.Buffer
	cmd := exec.Command(s.line[0], s.line[1:]...) //nolint:noctx // as the first one, it ends in Cleanup
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Start(); err != nil {
		t.Fatalf("start redis-server again: %v", err)
	}
	s.cmd = cmd
	s.await(t, func(ctx context.Context) bool { return s.Client.Ping(ctx).Err() == nil && s.isOwn(ctx) })
}
