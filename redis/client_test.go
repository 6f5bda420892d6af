package redis_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"bauta/redis"
	"bauta/redis/redistest"
)

// between opens a store on a server behind something that a test has answer.
func between(t *testing.T) (*redis.Store, *redistest.Between, *redistest.Server) {
	t.Helper()
	server := redistest.Standalone(t)
	b := server.Between(t)
	store, err := redis.Open(t.Context(), redis.Options{URL: b.URL})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return store, b, server
}

// field/delivery.md 4.3.1: the client repeats writes by itself, unless it is told not
// to; one whose reply was lost then happens twice.
func TestAWriteWhoseReplyIsLostIsNotRepeated(t *testing.T) {
	t.Parallel()
	store, b, server := between(t)
	script := redis.NewScript(`return redis.call('INCR', KEYS[1])`)
	rows := []struct {
		name, cut string
		done      string
		calls     []redis.Call
	}{
		{"a command", "INCR", "1", []redis.Call{redis.Command("INCR", "bauta:ad:acme:1")}},
		{"a script", "EVALSHA", "1", []redis.Call{script.Call([]string{"bauta:ad:acme:1"})}},
		{"a pipeline", "INCR", "1", []redis.Call{redis.Command("INCR", "bauta:ad:acme:1"), redis.Command("INCR", "bauta:ad:acme:1")}},
	}
	if r := store.Do(t.Context(), script.Call([]string{"bauta:ad:acme:0"})); r.Err != nil {
		t.Fatal(r.Err) // the server knows the script now
	}
	for _, row := range rows { //nolint:paralleltest // they share what the server says
		t.Run(row.name, func(t *testing.T) {
			server.Client.Del(t.Context(), "bauta:ad:acme:1")
			b.Says(always(row.cut, redistest.Lost))
			r := store.Commit(t.Context(), row.calls)[0]
			b.Says(nil)
			if !errors.Is(r.Err, redis.ErrUnavailable) {
				t.Errorf("it says %v, want ErrUnavailable: whether it happened is not known", r.Err)
			}
			if n := server.Client.Get(t.Context(), "bauta:ad:acme:1").Val(); n != row.done {
				t.Errorf("it happened %s times, want once", n)
			}
		})
	}
}

// field/delivery.md 4.3.2: a deadline does not bound a command in flight, unless the
// client is told so. A server that hangs and a caller that has half a second.
func TestADeadlineBoundsACommandInFlight(t *testing.T) {
	t.Parallel()
	store, b, _ := between(t)
	b.Says(func([]string) string { return redistest.Silence })
	for _, calls := range [][]redis.Call{
		{redis.Command("GET", "bauta:ad:acme:1")},
		{redis.Command("GET", "bauta:ad:acme:1"), redis.Command("GET", "bauta:ad:acme:2")},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		began := time.Now()
		r := store.Pipeline(ctx, calls)[0]
		cancel()
		// Without the setting it is the client's own 3 s.
		if took := time.Since(began); took > 2*time.Second || !errors.Is(r.Err, redis.ErrSilent) {
			t.Errorf("after %s: %v, want ErrSilent after 200 ms", took, r.Err)
		}
	}
	b.Says(nil)
	if r := store.Do(t.Context(), redis.Command("GET", "bauta:ad:acme:1")); r.Err != nil {
		t.Errorf("afterwards: %v", r.Err)
	}
}

// field/delivery.md 4.3.3, and WAIT in its place: whoever waits holds a connection.
func TestWhoWaitsTakesNoConnectionFromOthers(t *testing.T) {
	t.Parallel()
	// More than there are connections for short exchanges.
	const many = 100
	hang := func(t *testing.T, store *redis.Store, call redis.Call, send func(*redis.Store, context.Context, redis.Call) error) (release func()) {
		t.Helper()
		ctx, cancel := context.WithCancel(t.Context())
		var all sync.WaitGroup
		for range many {
			all.Go(func() { _ = send(store, ctx, call) })
		}
		return func() { cancel(); all.Wait() }
	}
	do := func(s *redis.Store, ctx context.Context, c redis.Call) error { return s.Do(ctx, c).Err }
	read := func(s *redis.Store, ctx context.Context, c redis.Call) error {
		return s.Bulk().Pipeline(ctx, []redis.Call{c})[0].Err
	}
	quick := func(t *testing.T, store *redis.Store) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if r := store.Pipeline(ctx, []redis.Call{redis.Command("GET", "bauta:ad:acme:1")})[0]; r.Err != nil {
			t.Errorf("a short exchange meanwhile: %v", r.Err)
		}
	}
	t.Run("writes that wait for replicas that are away", func(t *testing.T) {
		t.Parallel()
		master := redistest.Standalone(t, "--repl-diskless-sync-delay", "0")
		host, port, err := net.SplitHostPort(master.Address)
		if err != nil {
			t.Fatal(err)
		}
		replica := redistest.Standalone(t, "--replicaof", host+" "+port)
		b := master.Between(t)
		waiting := make(chan struct{}, many)
		store, err := redis.Open(t.Context(), redis.Options{URL: b.URL, Acknowledge: redis.Replica, AcknowledgeTimeout: 2 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = store.Close() }()
		replica.Stop()
		b.Says(func(command []string) string {
			if strings.EqualFold(command[0], "WAIT") {
				waiting <- struct{}{}
			}
			return ""
		})
		defer hang(t, store, redis.Command("SET", "bauta:ad:acme:1", "x"), do)()
		// The others go together, behind the first.
		<-waiting
		quick(t, store)
	})
	t.Run("lists and sums that take long", func(t *testing.T) {
		t.Parallel()
		store, b, _ := between(t)
		asked := make(chan struct{}, many)
		b.Says(func(command []string) string {
			if strings.EqualFold(command[0], "HGETALL") {
				asked <- struct{}{}
				return redistest.Silence
			}
			return ""
		})
		defer hang(t, store, redis.Command("HGETALL", "bauta:ad:acme:1"), read)()
		<-asked
		quick(t, store)
	})
}

// field/delivery.md 4.3.4 and 5.4: what a restart, a fail-over and SCRIPT FLUSH have in
// common is that scripts are gone, also for calls in the middle of a pipeline.
func TestScriptsSurviveAServerThatForgotThem(t *testing.T) {
	t.Parallel()
	script := redis.NewScript(`return redis.call('INCR', KEYS[1])`)
	calls := []redis.Call{
		redis.Command("SET", "bauta:ad:acme:9", "x"), script.Call([]string{"bauta:ad:acme:1"}), script.Call([]string{"bauta:ad:acme:2"}),
	}
	store, b, first := between(t)
	run := func(t *testing.T, want int64) {
		t.Helper()
		for i, r := range store.Commit(t.Context(), calls) {
			if n, err := r.Int(); i > 0 && (err != nil || n != want) {
				t.Fatalf("call %d: %d (%v), want %d: once each time", i, n, err, want)
			}
		}
	}
	run(t, 1)
	run(t, 2)
	if err := first.Client.ScriptFlush(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	run(t, 3)
	second := redistest.Standalone(t)
	b.Leads(second)
	eventually(t, "the other server takes calls", func() bool {
		return store.Pipeline(t.Context(), calls[:1])[0].Err == nil
	})
	run(t, 1)
	if second.Client.Exists(t.Context(), "bauta:ad:acme:9").Val() != 1 {
		t.Error("the calls went elsewhere")
	}
}

// eventually waits for up to half a minute.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	end := time.After(30 * time.Second)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !is() {
		select {
		case <-end:
			t.Fatalf("not within 30 s: %s", what)
		case <-tick.C:
		}
	}
}
