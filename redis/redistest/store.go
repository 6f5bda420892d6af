package redistest

import (
	"crypto/rand"
	"slices"
	"strings"
	"testing"
	"time"

	"bauta/redis"
	"bauta/redis/embedded"
)

// Open opens a store on the server; it closes with the test. URL of the options
// is set here.
func (s *Server) Open(t testing.TB, o redis.Options) *redis.Store {
	t.Helper()
	o.URL = s.URL
	o.WaitOnStart = readyWithin
	store, err := redis.Open(t.Context(), o)
	if err != nil {
		t.Fatalf("open the store: %v", err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return store
}

// Embedded opens a store inside the test's process.
func Embedded(t testing.TB, o redis.Options) *redis.Store {
	t.Helper()
	store, err := embedded.Open(t.Context(), o)
	if err != nil {
		t.Fatalf("open the embedded store: %v", err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return store
}

// Each runs a contract suite on the embedded server, a standalone server and a
// server in cluster mode, each empty.
func Each(t *testing.T, suite func(t *testing.T, store *redis.Store)) {
	t.Helper()
	options := redis.Options{AcknowledgeTimeout: time.Second}
	t.Run("on the embedded server", func(t *testing.T) {
		t.Parallel()
		// Under the race detector it takes seconds for a full pipeline.
		suite(t, Embedded(t, redis.Options{AcknowledgeTimeout: replacedWithin}))
	})
	t.Run("on a standalone server", func(t *testing.T) {
		t.Parallel()
		suite(t, Standalone(t).Open(t, options))
	})
	t.Run("on a server in cluster mode", func(t *testing.T) {
		t.Parallel()
		suite(t, Cluster(t).Open(t, options))
	})
}

// As makes a user of the server who has so many rights, in the words of ACL SETUSER, and
// returns the URL of that user.
func (s *Server) As(t testing.TB, rights ...string) (url string) {
	t.Helper()
	name, password := "u"+strings.ToLower(rand.Text()), rand.Text()
	args := []any{"ACL", "SETUSER", name, "on", ">" + password}
	for _, r := range rights {
		args = append(args, r)
	}
	if err := s.Client.Do(t.Context(), args...).Err(); err != nil {
		t.Fatalf("make a user: %v", err)
	}
	// Start knows the user again.
	s.line = slices.Concat(s.line, []string{"--user", name, "on", ">" + password}, rights)
	return strings.Replace(s.URL, "://", "://"+name+":"+password+"@", 1)
}
