// Package redistest runs real Redis servers for tests, and the checks that every
// package below redis shares.
package redistest

import (
	"bytes"
	"context"
	"math/rand/v2"
	"net"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

const (
	// readyWithin is how long a server may take to answer.
	readyWithin = 10 * time.Second
	// replacedWithin is how long servers may take to replace one another: a sentinel
	// hears of a new replica every ten seconds only.
	replacedWithin = 40 * time.Second
)

// Server is a redis-server of one test. It ends with the test.
type Server struct {
	// Address is host:port on the loopback interface.
	Address string
	// URL as redis.Options takes it.
	URL string
	// Client is a plain client of this server, for what a test does to it.
	Client *goredis.Client
	cmd    *exec.Cmd
	line   []string
	ended  sync.Once
}

// Standalone starts a server that keeps nothing on disk. Settings are further
// arguments of redis-server, such as "--maxmemory-policy", "noeviction".
func Standalone(t testing.TB, settings ...string) *Server {
	t.Helper()
	return Under(t, nil, settings...)
}

// Under starts a server as Standalone does, by way of another program: its name and
// arguments, after which the server's command line comes. It has to end in exec, as
// env does, so that the server is the process that is signalled.
func Under(t testing.TB, program []string, settings ...string) *Server {
	t.Helper()
	s := start(t, program, settings)
	s.URL = "redis://" + s.Address
	return s
}

// Cluster starts a server in cluster mode that owns every slot: it refuses
// commands whose keys lie in different ones.
func Cluster(t testing.TB, settings ...string) *Server {
	t.Helper()
	s := start(t, nil, append([]string{"--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.1"}, settings...))
	s.URL = "redis+cluster://" + s.Address
	ctx := t.Context()
	if err := s.Client.ClusterAddSlotsRange(ctx, 0, 16383).Err(); err != nil {
		t.Fatalf("give the slots to the server: %v", err)
	}
	s.await(t, func(ctx context.Context) bool {
		info, err := s.Client.ClusterInfo(ctx).Result()
		return err == nil && bytes.Contains([]byte(info), []byte("cluster_state:ok"))
	})
	return s
}

// Stop kills the server before the test's end. It may be called more than once.
func (s *Server) Stop() {
	s.ended.Do(func() {
		_ = s.cmd.Process.Kill()
		_ = s.cmd.Wait()
		_ = s.Client.Close()
	})
}

// attempts to start on a port that another process took in the meantime.
const attempts = 5

func start(t testing.TB, program, settings []string) *Server {
	t.Helper()
	path, err := exec.LookPath("redis-server")
	if err != nil {
		t.Fatal("redis-server is not installed: install it (Debian: apt-get install redis-server), or run `make test`, which does")
	}
	for range attempts {
		port, dir := FreePort(t), t.TempDir()
		line := slices.Concat(program, []string{
			path, "--port", strconv.Itoa(port), "--bind", "127.0.0.1", "--dir", dir, "--save", "", "--appendonly", "no",
		}, settings)
		if s := launch(t, port, line); s != nil {
			return s
		}
	}
	t.Fatalf("redis-server did not start in %d attempts", attempts)
	return nil
}

// launch runs a command line that serves a port; nil if it does not.
func launch(t testing.TB, port int, line []string) *Server {
	t.Helper()
	var output bytes.Buffer
	cmd := exec.Command(line[0], line[1:]...) //nolint:noctx // a test's own server; it ends in Cleanup
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Start(); err != nil {
		t.Fatalf("start redis-server: %v", err)
	}
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	s := &Server{
		Address: address, cmd: cmd, line: line,
		Client: goredis.NewClient(&goredis.Options{Addr: address, Protocol: 2, DisableIdentity: true, MaxRetries: -1, DialerRetries: 1}),
	}
	t.Cleanup(s.Stop)
	if s.poll(t, readyWithin, func(ctx context.Context) bool { return s.Client.Ping(ctx).Err() == nil }) && s.isOwn(t.Context()) {
		return s
	}
	s.Stop()
	t.Logf("redis-server on port %d: %s", port, output.String())
	return nil
}

// isOwn says whether it is the server's process that answers at its address. It is
// another one's where two servers chose one port at once: the later did not get it.
func (s *Server) isOwn(ctx context.Context) bool {
	info, err := s.Client.InfoMap(ctx, "server").Result()
	if err != nil {
		// A server whose settings take INFO away can tell no more.
		return strings.Contains(err.Error(), "unknown command")
	}
	return info["Server"]["process_id"] == strconv.Itoa(s.cmd.Process.Pid)
}

func (s *Server) await(t testing.TB, ready func(context.Context) bool) {
	t.Helper()
	if !s.poll(t, replacedWithin, ready) {
		t.Fatalf("redis-server was not ready within %s", replacedWithin)
	}
}

// poll asks every 10 ms.
func (s *Server) poll(t testing.TB, within time.Duration, ready func(context.Context) bool) bool {
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for {
		if ready(ctx) {
			return true
		}
		select {
		case <-ctx.Done():
			return false
		case <-ticker.C:
		}
	}
}

// Ports of servers lie below those that the system gives to connections and to
// listeners that name none: nothing takes a server's while it is down. Those of the
// cluster bus lie 10000 above.
const (
	lowestPort = 11000
	busAbove   = 10000
)

// FreePort finds a port that nothing takes before a server does, whose cluster bus port is free as well.
func FreePort(t testing.TB) int {
	t.Helper()
	for range 100 {
		port := lowestPort + rand.IntN(busAbove)
		if isFree(t, port) && isFree(t, port+busAbove) {
			return port
		}
	}
	t.Fatal("found no free port with a free bus port above it")
	return 0
}

func isFree(t testing.TB, port int) bool {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return false
	}
	return l.Close() == nil
}
