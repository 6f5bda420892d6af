package redistest

import (
	"context"
	"strings"
	"testing"
)

// Pair starts a master and a replica that nobody watches. The master is the first.
func Pair(t testing.TB, settings ...string) *Set {
	t.Helper()
	settings = append([]string{"--repl-diskless-sync-delay", "0"}, settings...)
	master := Standalone(t, settings...)
	host, port, _ := strings.Cut(master.Address, ":")
	s := &Set{Servers: []*Server{master, Standalone(t, append(settings, "--replicaof", host+" "+port)...)}}
	s.Replicated(t)
	return s
}

// Part promotes the replica of a Pair while its master goes on as one. They return as
// the old and the new master; Rejoin ends it.
func (s *Set) Part(t testing.TB) (old, next *Server) {
	t.Helper()
	old = s.Master(t.Context())
	if old == nil {
		t.Fatal("the master has no replica")
	}
	next = s.Servers[0]
	if next == old {
		next = s.Servers[1]
	}
	if err := next.Client.ReplicaOf(t.Context(), "NO", "ONE").Err(); err != nil {
		t.Fatal(err)
	}
	old.await(t, func(ctx context.Context) bool {
		info, err := old.Client.InfoMap(ctx, "replication").Result()
		return err == nil && info["Replication"]["connected_slaves"] == "0"
	})
	return old, next
}

// Rejoin makes a server the replica of another: what it did by itself is forgotten.
func (s *Set) Rejoin(t testing.TB, old, next *Server) {
	t.Helper()
	old.follow(t, next)
	s.Replicated(t)
}

func (s *Server) follow(t testing.TB, master *Server) {
	t.Helper()
	host, port, _ := strings.Cut(master.Address, ":")
	if err := s.Client.ReplicaOf(t.Context(), host, port).Err(); err != nil {
		t.Fatal(err)
	}
}
