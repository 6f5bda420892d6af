package redis_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"bauta/redis"
	"bauta/redis/redistest"
)

func TestAServerThatWouldLoseEventsIsRefused(t *testing.T) {
	t.Parallel()
	aof := []string{"--appendonly", "yes", "--appendfsync", "always"}
	rows := []struct {
		name     string
		settings []string
		options  redis.Options
		want     string // in the error; "" opens
		warns    string
	}{
		{"an eviction policy", []string{"--maxmemory-policy", "allkeys-lru"}, redis.Options{}, "set maxmemory-policy noeviction", ""},
		{"a replica", []string{"--replicaof", "127.0.0.1 1"}, redis.Options{}, "point redis.url at the master", ""},
		{"nothing on disk is a warning", nil, redis.Options{}, "", "keeps nothing on disk"},
		{"snapshots only is a warning", []string{"--save", "3600 1"}, redis.Options{}, "", "snapshots only"},
		{"an append-only file is enough for memory", aof[:2], redis.Options{}, "", ""},
		{"fsync without an append-only file", nil, redis.Options{Acknowledge: redis.Fsync}, "needs appendonly yes and appendfsync always", ""},
		{"fsync with appendfsync everysec", aof[:2], redis.Options{Acknowledge: redis.Fsync}, "needs appendonly yes and appendfsync always", ""},
		{"fsync with appendfsync always", aof, redis.Options{Acknowledge: redis.Fsync}, "", ""},
		{"fsync where CONFIG is refused", append(aof, "--rename-command", "CONFIG", ""), redis.Options{Acknowledge: redis.Fsync}, "redis.assume_appendfsync", ""},
		{
			"fsync where CONFIG is refused and somebody vouches",
			[]string{"--rename-command", "CONFIG", ""},
			redis.Options{Acknowledge: redis.Fsync, AssumeAppendFsync: true},
			"", "",
		},
		{"memory where CONFIG is refused is a warning", []string{"--rename-command", "CONFIG", ""}, redis.Options{}, "", "refuses CONFIG"},
		{
			"memory where CONFIG and INFO are refused is a warning",
			[]string{"--rename-command", "CONFIG", "", "--rename-command", "INFO", ""},
			redis.Options{},
			"", "refuses INFO",
		},
		{"more replicas than there are", nil, redis.Options{Acknowledge: redis.Replica, AcknowledgeTimeout: 50 * time.Millisecond}, "0 of 1 replicas", ""},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			var logged bytes.Buffer
			o := row.options
			o.URL = redistest.Standalone(t, row.settings...).URL
			o.Logger = slog.New(slog.NewTextHandler(&logged, nil))
			store, err := redis.Open(t.Context(), o)
			if store != nil {
				defer func() { _ = store.Close() }()
			}
			if row.want == "" && err != nil {
				t.Fatalf("open: %v", err)
			}
			if row.want != "" && (err == nil || !strings.Contains(err.Error(), row.want)) {
				t.Fatalf("error %v, want one with %q", err, row.want)
			}
			if row.warns != "" && !strings.Contains(logged.String(), row.warns) {
				t.Errorf("logged %q, want a warning with %q", logged.String(), row.warns)
			}
			if row.warns == "" && row.want == "" && logged.Len() > 0 {
				t.Errorf("logged %q, want nothing", logged.String())
			}
		})
	}
}

func TestAnotherConfigurationIsRefused(t *testing.T) {
	t.Parallel()
	server := redistest.Standalone(t)
	first := server.Open(t, redis.Options{Shards: 64, Fingerprint: "one"})
	if first.Keys().Shards() != 64 {
		t.Fatalf("%d shards, want 64", first.Keys().Shards())
	}
	if again := server.Open(t, redis.Options{Fingerprint: "one"}); again.Keys().Shards() != 64 {
		t.Errorf("without redis.shards: %d shards, want what the store was made with", again.Keys().Shards())
	}
	rows := []struct {
		name string
		o    redis.Options
		want string
	}{
		{"another number of shards", redis.Options{Shards: 128, Fingerprint: "one"}, "set redis.shards: 64"},
		{"another key set", redis.Options{Shards: 64, Fingerprint: "two"}, "point keys at the right file"},
	}
	for _, row := range rows {
		row.o.URL = server.URL
		_, err := redis.Open(t.Context(), row.o)
		if !errors.Is(err, redis.ErrMisconfigured) || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: %v", row.name, err)
		}
	}
	if err := server.Client.HSet(t.Context(), redis.StoreKey, "schema", "9").Err(); err != nil {
		t.Fatal(err)
	}
	_, err := redis.Open(t.Context(), redis.Options{URL: server.URL})
	if !errors.Is(err, redis.ErrMisconfigured) || !strings.Contains(err.Error(), "schema 9") {
		t.Errorf("a later schema: %v", err)
	}
}

func TestReadingOnlyLeavesNoTrace(t *testing.T) {
	t.Parallel()
	server := redistest.Standalone(t)
	if n := server.Open(t, redis.Options{ReadOnly: true, Shards: 64, Fingerprint: "one"}).Keys().Shards(); n != 64 {
		t.Errorf("%d shards of a store that nobody made yet, want 64", n)
	}
	if held := server.Dump(t); len(held) != 0 {
		t.Errorf("the server holds %v", held)
	}
	server.Open(t, redis.Options{Shards: 64, Fingerprint: "one"})
	_, err := redis.Open(t.Context(), redis.Options{URL: server.URL, ReadOnly: true, Fingerprint: "two"})
	if !errors.Is(err, redis.ErrMisconfigured) {
		t.Errorf("another key set: %v, want ErrMisconfigured", err)
	}
}

func TestErrorsOfOpenHoldNoCredentials(t *testing.T) {
	t.Parallel()
	server := redistest.Standalone(t)
	if err := server.Client.ConfigSet(t.Context(), "requirepass", "right").Err(); err != nil {
		t.Fatal(err)
	}
	guarded := strings.Replace(server.URL, "redis://", "redis://:hunter2@", 1)
	rows := []struct{ name, url string }{
		{"no URL", "hunter2"},
		{"a password with a slash", "redis://user:hunter2/x@127.0.0.1:1/0"},
		{"a password with a percent sign", "redis://user:hunter2%zz@127.0.0.1:1/0"},
		{"another scheme", "http://user:hunter2@127.0.0.1:1/0"},
		{"another kind", "redis+hunter2://127.0.0.1:1/0"},
		{"an unknown option", "redis://127.0.0.1:1/0?hunter2=1"},
		{"a database that is no number", "redis://127.0.0.1:1/hunter2"},
		{"Sentinel without a master", "redis+sentinel://user:hunter2@127.0.0.1:1"},
		{"nobody listens", "redis://user:hunter2@127.0.0.1:1/0"},
		{"nobody listens in the cluster", "redis+cluster://user:hunter2@127.0.0.1:1"},
		{"nobody listens as a sentinel", "redis+sentinel://user:hunter2@127.0.0.1:1?master_name=m"},
		{"a wrong password", guarded},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			var logged bytes.Buffer
			_, err := redis.Open(t.Context(), redis.Options{URL: row.url, Logger: slog.New(slog.NewTextHandler(&logged, nil))})
			if err == nil {
				t.Fatal("it opened")
			}
			if strings.Contains(err.Error()+logged.String(), "hunter2") {
				t.Errorf("the secret is in %q or %q", err, logged.String())
			}
			if !errors.Is(err, redis.ErrMisconfigured) && !errors.Is(err, redis.ErrUnavailable) {
				t.Errorf("%v is neither ErrMisconfigured nor ErrUnavailable", err)
			}
		})
	}
}

func TestOpenWaitsForTheServer(t *testing.T) {
	t.Parallel()
	server := redistest.Standalone(t)
	var config net.ListenConfig
	gate, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = gate.Close() }()
	go relay(t.Context(), gate, server.Address)
	var logged bytes.Buffer
	store, err := redis.Open(t.Context(), redis.Options{
		URL: "redis://" + gate.Addr().String(), WaitOnStart: 20 * time.Second, Logger: slog.New(slog.NewTextHandler(&logged, nil)),
	})
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	defer func() { _ = store.Close() }()
	if !strings.Contains(logged.String(), "waiting for redis") {
		t.Error("nothing says that it waited")
	}
}

// hangUp ends a context as soon as anything is logged.
type hangUp struct{ end context.CancelFunc }

func (h hangUp) Write(p []byte) (int, error) {
	h.end()
	return len(p), nil
}

// Whoever stops a start is not told of a time that was not up.
func TestAStartThatIsStoppedSaysSo(t *testing.T) {
	t.Parallel()
	ctx, end := context.WithCancel(t.Context())
	_, err := redis.Open(ctx, redis.Options{
		URL: "redis://127.0.0.1:1/0", WaitOnStart: time.Hour, Logger: slog.New(slog.NewTextHandler(hangUp{end}, nil)),
	})
	if err == nil || !strings.HasPrefix(err.Error(), "stopped while waiting for redis at 127.0.0.1:1: ") || strings.Contains(err.Error(), "1h") {
		t.Errorf("it says %v", err)
	}
	if !errors.Is(err, redis.ErrUnavailable) {
		t.Errorf("%v is not ErrUnavailable", err)
	}
}

func TestAURLIsCheckedWithoutAServer(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name, url string
		ok        bool
	}{
		{"a server", "redis://127.0.0.1:1/0", true},
		{"a server behind TLS, with a password", "rediss://user:hunter2@redis.example:6380", true},
		{"Sentinels with a master's name", "redis+sentinel://127.0.0.1:1?master_name=m&addr=127.0.0.1:2", true},
		{"a cluster", "rediss+cluster://127.0.0.1:1?addr=127.0.0.1:2", true},
		{"Sentinels without a master's name", "redis+sentinel://127.0.0.1:1/0", false},
		{"the master's name in the place of the database", "redis+sentinel://hunter2@127.0.0.1:1/m", false},
		{"a database that is no number", "redis://:hunter2@127.0.0.1:1/first", false},
		{"a cluster with a misspelt option", "redis+cluster://:hunter2@127.0.0.1:1?adr=127.0.0.1:2", false},
		{"another scheme", "http://hunter2@127.0.0.1:1", false},
		{"a password with a slash", "redis://user:hunter2/x@127.0.0.1:1/0", false},
		{"no URL", "", false},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			err := redis.CheckURL(row.url)
			if row.ok != (err == nil) || err != nil && !errors.Is(err, redis.ErrMisconfigured) {
				t.Fatalf("error %v, want none: %t", err, row.ok)
			}
			if err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error quotes the URL: %v", err)
			}
		})
	}
}
