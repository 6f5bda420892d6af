package redis_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	goredis "github.com/redis/go-redis/v9"

	"bauta/redis"
	"bauta/redis/redistest"
)

// gate holds every pipeline and command back until it is opened, and counts them.
type gate struct {
	open  chan struct{}
	count atomic.Int64
}

func (g *gate) DialHook(next goredis.DialHook) goredis.DialHook { return next }

func (g *gate) ProcessHook(next goredis.ProcessHook) goredis.ProcessHook {
	return func(ctx context.Context, cmd goredis.Cmder) error {
		g.pass(cmd)
		return next(ctx, cmd)
	}
}

func (g *gate) ProcessPipelineHook(next goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []goredis.Cmder) error {
		g.pass(cmds...)
		return next(ctx, cmds)
	}
}

// pass lets through what is no read of the test's own.
func (g *gate) pass(cmds ...goredis.Cmder) {
	if cmds[0].Name() != "get" {
		return
	}
	g.count.Add(1)
	<-g.open
}

func TestCallersShareRoundTrips(t *testing.T) {
	t.Parallel()
	server, g := redistest.Standalone(t), &gate{open: make(chan struct{})}
	store := server.Open(t, redis.Options{Hooks: []goredis.Hook{g}})
	callers := 64 * runtime.GOMAXPROCS(0)
	for i := range callers {
		if err := server.Client.Set(t.Context(), fmt.Sprintf("bauta:ad:acme:%d", i), i, 0).Err(); err != nil {
			t.Fatal(err)
		}
	}
	var all, begun sync.WaitGroup
	begun.Add(callers)
	for i := range callers {
		all.Go(func() {
			key, other := fmt.Sprintf("bauta:ad:acme:%d", i), fmt.Sprintf("bauta:ad:acme:%d", callers-1-i)
			begun.Done()
			got := store.Pipeline(t.Context(), []redis.Call{redis.Command("GET", key), redis.Command("GET", other)})
			for at, want := range []int{i, callers - 1 - i} {
				if text, ok, err := got[at].Text(); err != nil || !ok || text != fmt.Sprint(want) {
					t.Errorf("caller %d got %q, %t, %v, want its own result %d", i, text, ok, err, want)
				}
			}
		})
	}
	begun.Wait()
	close(g.open)
	all.Wait()
	if n := int(g.count.Load()); n >= callers {
		t.Errorf("%d callers took %d round trips", callers, n)
	}
}

// Who waits for others' round trip is let go with its own deadline, and takes nothing
// from the others.
func TestACallerLeavesASharedRoundTrip(t *testing.T) {
	t.Parallel()
	server, g := redistest.Standalone(t), &gate{open: make(chan struct{})}
	store := server.Open(t, redis.Options{Hooks: []goredis.Hook{g}})
	if err := server.Client.Set(t.Context(), "bauta:ad:acme:1", "one", 0).Err(); err != nil {
		t.Fatal(err)
	}
	get := []redis.Call{redis.Command("GET", "bauta:ad:acme:1")}
	// Two go by themselves, and one more is on its way: the next waits for its turn.
	const ahead = 3
	stay := make(chan redis.Result, ahead)
	for range ahead {
		go func() { stay <- store.Pipeline(t.Context(), get)[0] }()
	}
	eventually(t, "three round trips are under way", func() bool { return g.count.Load() == ahead })
	ctx, cancel := context.WithCancel(t.Context())
	leaves := make(chan redis.Result, 1)
	go func() { leaves <- store.Pipeline(ctx, get)[0] }()
	cancel()
	if r := <-leaves; !errors.Is(r.Err, redis.ErrUnavailable) || !errors.Is(r.Err, context.Canceled) {
		t.Errorf("who left got %v, want ErrUnavailable and why", r.Err)
	}
	close(g.open)
	for range ahead {
		if text, _, err := (<-stay).Text(); err != nil || text != "one" {
			t.Errorf("who stayed got %q, %v", text, err)
		}
	}
}
