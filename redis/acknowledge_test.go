package redis_test

import (
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"bauta/redis"
	"bauta/redis/redistest"
)

// always says the same to a command of that name.
func always(name, answer string) redistest.Say {
	return func(command []string) string {
		if strings.EqualFold(command[0], name) {
			return answer
		}
		return ""
	}
}

// The replies are those of the page on WAITAOF (redis.io): an array of two counts,
// fewer than asked for when the time was up, and an error without an append-only file.
func TestAWriteIsOnDiskWhenWaitaofCountsIt(t *testing.T) {
	t.Parallel()
	server := redistest.Standalone(t, "--appendonly", "yes")
	b := server.Between(t)
	b.Says(always("WAITAOF", "*2\r\n:1\r\n:0\r\n"))
	store, err := redis.Open(t.Context(), redis.Options{URL: b.URL, Acknowledge: redis.Fsync})
	if err != nil {
		t.Fatalf("open with appendfsync everysec, on a server that has WAITAOF: %v", err)
	}
	defer func() { _ = store.Close() }()
	calls := []redis.Call{
		redis.Command("SET", "bauta:ad:acme:1", "one"),
		redis.NewScript(`return redis.call('SET', KEYS[1], ARGV[1])`).Call([]string{"bauta:ad:acme:2"}, "two"),
	}
	rows := []struct {
		name, answer string
		stored       bool
	}{
		{"the disk has it", "*2\r\n:1\r\n:0\r\n", true},
		{"the disk and replicas have it", "*2\r\n:1\r\n:2\r\n", true},
		{"the time was up before", "*2\r\n:0\r\n:0\r\n", false},
		{"replicas have it and the disk does not", "*2\r\n:0\r\n:2\r\n", false},
		{"the append-only file was switched off", "-ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.\r\n", false},
		{"a fail-over brought a server that does not know it", "-ERR unknown command 'WAITAOF', with args beginning with: '1' '0' '2000' \r\n", false},
		{"an answer of another kind", "+OK\r\n", false},
		{"no counts", "*0\r\n", false},
		{"a nil", "*-1\r\n", false},
		{"the connection breaks", redistest.Cut, false},
	}
	for _, row := range rows { //nolint:paralleltest // they share what the server says
		t.Run(row.name, func(t *testing.T) {
			b.Says(always("WAITAOF", row.answer))
			for i, r := range store.Commit(t.Context(), calls) {
				if (r.Err == nil) != row.stored {
					t.Errorf("call %d: %v, want it stored: %v", i, r.Err, row.stored)
				}
			}
		})
	}
	var asked []string
	b.Says(func(command []string) string {
		if command[0] == "WAITAOF" {
			asked = append(asked, strings.Join(command[1:], " "))
			return "*2\r\n:1\r\n:0\r\n"
		}
		return ""
	})
	if r := store.Do(t.Context(), calls[0]); r.Err != nil || len(asked) != 1 || asked[0] != "1 0 2000" {
		t.Errorf("asked %q (%v), want once for one local disk within 2 s", asked, r.Err)
	}
	if r := store.Pipeline(t.Context(), calls); r[0].Err != nil || len(asked) != 1 {
		t.Errorf("a pipeline asked for the disk: %v", r[0].Err)
	}
}

// The server of this machine may be older than 7.2; then what a real WAITAOF says is
// not tested here.
func TestARealServersDiskIsWaitedFor(t *testing.T) {
	t.Parallel()
	server := redistest.Standalone(t, "--appendonly", "yes")
	if err := server.Client.Do(t.Context(), "WAITAOF", 1, 0, 0).Err(); err != nil {
		info, _ := server.Client.InfoMap(t.Context(), "server").Result()
		t.Logf("NOT RUN: redis-server %s has no WAITAOF (7.2): %v. Its replies are tested with those of the documentation.",
			info["Server"]["redis_version"], err)
		_, err := redis.Open(t.Context(), redis.Options{URL: server.URL, Acknowledge: redis.Fsync})
		if !errors.Is(err, redis.ErrMisconfigured) || !strings.Contains(err.Error(), "WAITAOF (Redis 7.2)") {
			t.Errorf("a server that cannot wait for its disk: %v", err)
		}
		return
	}
	store := server.Open(t, redis.Options{Acknowledge: redis.Fsync, AcknowledgeTimeout: 5 * time.Second})
	if r := store.Do(t.Context(), redis.Command("SET", "bauta:ad:acme:1", "one")); r.Err != nil {
		t.Errorf("with appendfsync everysec: %v", r.Err)
	}
	if err := server.Client.ConfigSet(t.Context(), "appendonly", "no").Err(); err != nil {
		t.Fatal(err)
	}
	if r := store.Do(t.Context(), redis.Command("SET", "bauta:ad:acme:1", "two")); r.Err == nil {
		t.Error("without an append-only file it was acknowledged")
	}
}

// What a level rests on and the server cannot do is said at the start.
func TestALevelThatTheServerCannotKeepIsRefused(t *testing.T) {
	t.Parallel()
	noaof := "-ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.\r\n"
	rows := []struct {
		name     string
		settings []string
		level    redis.Acknowledge
		says     map[string]string
		want     string // in the error; "" opens
	}{
		{"fsync with WAITAOF and no append-only file", nil, redis.Fsync, map[string]string{"WAITAOF": noaof}, "needs appendonly yes"},
		{
			"fsync with WAITAOF and appendfsync no",
			[]string{"--appendonly", "yes", "--appendfsync", "no"},
			redis.Fsync,
			map[string]string{"WAITAOF": "*2\r\n:1\r\n:0\r\n"},
			"never comes about with appendfsync no",
		},
		{
			"fsync with WAITAOF where CONFIG is refused",
			[]string{"--appendonly", "yes", "--rename-command", "CONFIG", ""},
			redis.Fsync,
			map[string]string{"WAITAOF": "*2\r\n:1\r\n:0\r\n"},
			"",
		},
		{
			"fsync without WAITAOF that pauses while the file is rewritten",
			[]string{"--appendonly", "yes", "--appendfsync", "always", "--no-appendfsync-on-rewrite", "yes"},
			redis.Fsync, nil, "no-appendfsync-on-rewrite no",
		},
		{"fsync where WAITAOF counts nothing", []string{"--appendonly", "yes"}, redis.Fsync, map[string]string{"WAITAOF": "*2\r\n:0\r\n:0\r\n"}, "0 of 1 disks"},
		{"replica where WAIT is not known", []string{"--rename-command", "WAIT", ""}, redis.Replica, nil, "it refuses WAIT"},
		{
			"replica where WAIT is forbidden", nil, redis.Replica,
			map[string]string{"WAIT": "-NOPERM User default has no permissions to run the 'wait' command\r\n"},
			"it refuses WAIT",
		},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			b := redistest.Standalone(t, row.settings...).Between(t)
			b.Says(func(command []string) string { return row.says[strings.ToUpper(command[0])] })
			store, err := redis.Open(t.Context(), redis.Options{URL: b.URL, Acknowledge: row.level, AcknowledgeTimeout: 50 * time.Millisecond})
			if store != nil {
				_ = store.Close()
			}
			if row.want == "" && err != nil {
				t.Fatalf("open: %v", err)
			}
			if row.want != "" && (err == nil || !strings.Contains(err.Error(), row.want)) {
				t.Errorf("open: %v, want an error with %q", err, row.want)
			}
		})
	}
}

// The configured number counts, not one.
func TestTwoReplicasAreMoreThanOne(t *testing.T) {
	t.Parallel()
	master := redistest.Standalone(t, "--repl-diskless-sync-delay", "0")
	host, port, err := net.SplitHostPort(master.Address)
	if err != nil {
		t.Fatal(err)
	}
	redistest.Standalone(t, "--replicaof", host+" "+port)
	store := master.Open(t, redis.Options{Acknowledge: redis.Replica})
	if r := store.Do(t.Context(), redis.Command("SET", "bauta:ad:acme:1", "one")); r.Err != nil {
		t.Fatalf("with one of one: %v", r.Err)
	}
	_, err = redis.Open(t.Context(), redis.Options{
		URL: master.URL, Acknowledge: redis.Replica, Replicas: 2, AcknowledgeTimeout: 50 * time.Millisecond,
	})
	if !errors.Is(err, redis.ErrUnavailable) || !strings.Contains(err.Error(), "1 of 2 replicas") {
		t.Errorf("with one of two: %v", err)
	}
}
