package e2e

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"bauta/redis"
	"bauta/redis/redistest"
)

// ailing is an endpoint that asks for a pause, until it is told to keep who asks waiting.
type ailing struct {
	server *httptest.Server
	// asked are requests since it keeps them waiting, and all before.
	asked, before atomic.Int64
	waits         atomic.Bool
	release       chan struct{}
	well          atomic.Bool
	got           atomic.Int64
}

func (a *ailing) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case a.well.Load():
		a.got.Add(1)
		return
	case a.waits.Load():
		a.asked.Add(1)
		select {
		case <-a.release:
		case <-r.Context().Done():
		}
	default:
		a.before.Add(1)
		w.Header().Set("Retry-After", "5")
	}
	w.WriteHeader(http.StatusServiceUnavailable)
}

// However many nodes there are and whatever waits on each: when a pause is over, one
// request in the whole cluster tries the endpoint, and while that is under way no other.
func TestOneRequestTriesAPausedEndpoint(t *testing.T) {
	t.Parallel()
	const nodes = 3
	a := &ailing{release: make(chan struct{})}
	a.server = httptest.NewServer(a)
	t.Cleanup(a.server.Close)
	store := redistest.Standalone(t)
	dir := configure(t, setup{Redis: store.URL, CRM: a.server.URL, Timeout: "10s", Retry: "schedule: [200ms], refused_attempts: 100", Endpoint: "own_events: false"})
	var running []*bauta
	for range nodes {
		running = append(running, serve(t, dir))
	}
	for i := range writers {
		running[i%nodes].send(t, says(someone(i), fmt.Sprintf("3A07%05d", i), "one", ctwa()))
	}
	until := pausedUntil(t, store)
	for i := range writers {
		running[i%nodes].send(t, says(someone(i), fmt.Sprintf("3A08%05d", i), "two", nil))
	}
	// What was under way has long ended when the pause is about to.
	<-time.After(time.Until(until.Add(-time.Second)))
	a.waits.Store(true)
	eventually(t, "somebody tries the endpoint", func(context.Context) bool { return a.asked.Load() > 0 })
	<-time.After(3 * time.Second)
	if n := a.asked.Load(); n != 1 {
		t.Errorf("%d requests try the endpoint at once, want 1", n)
	}
	close(a.release)
	paused := pausedUntil(t, store)
	if left := time.Until(paused); left < 20*time.Second {
		t.Errorf("the next pause lasts %s, want at least the first one of 30 s", left)
	}
	<-time.After(3 * time.Second)
	if n := a.asked.Load(); n != 1 {
		t.Errorf("%d requests after the one that tried it, want none", n-1)
	}
	a.well.Store(true)
	running[0].operate(t, "endpoints", "resume", "--business", "acme", "--endpoint", "crm")
	eventually(t, "what waited is delivered", func(context.Context) bool { return a.got.Load() == 2*writers })
}

// pausedUntil waits until the cluster's record says that the endpoint is paused, and for
// how long.
func pausedUntil(t *testing.T, store *redistest.Server) (until time.Time) {
	t.Helper()
	eventually(t, "the endpoint is paused", func(ctx context.Context) bool {
		text, err := store.Client.HGet(ctx, "bauta:endpoint:acme:crm", "until").Result()
		if err != nil {
			return false
		}
		ms, err := strconv.ParseInt(text, 10, 64)
		until = time.UnixMilli(ms)
		return err == nil && time.Now().Before(until)
	})
	return until
}

// The node that looks after the balance of events dies. Another one takes that over when
// its lease ends, and mends what differs.
func TestTheBalanceIsLookedAfterByWhoeverIsLeft(t *testing.T) {
	t.Parallel()
	s := start(t, setup{Wait: "10s, shards: 16"}) // few are soon looked at
	ctx := t.Context()
	looked := func() string { return s.redis.Client.HGet(ctx, redis.BalanceKey, ":looked_at").Val() }
	eventually(t, "the first node has looked at everything", func(context.Context) bool { return looked() != "" })
	holder, before := s.redis.Client.Get(ctx, redis.ReconcilerKey).Val(), looked()
	other := serve(t, s.dir)
	s.crm.answer(http.StatusServiceUnavailable)
	s.send(t, says(ada(), "3A0901", "it waits", ctwa()))
	s.crm.attempts(t, 1)
	if now := s.redis.Client.Get(ctx, redis.ReconcilerKey).Val(); holder == "" || now != holder {
		t.Fatalf("the node that joined looks after the balance beside the first: %q, %q", holder, now)
	}
	s.kill()
	depths, err := s.redis.Client.Keys(ctx, "bauta:{*}:depths").Result()
	if err != nil || len(depths) != 1 {
		t.Fatalf("depths %q, %v", depths, err)
	}
	if err := s.redis.Client.HIncrBy(ctx, depths[0], "acme:crm", 5).Err(); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(leaseOfReconciler + patience)
	for looked() == before && time.Now().Before(deadline) {
		<-time.After(100 * time.Millisecond)
	}
	if now := s.redis.Client.Get(ctx, redis.ReconcilerKey).Val(); now == "" || now == holder {
		t.Errorf("looked after by %q, want another than %q", now, holder)
	}
	if depth := s.redis.Client.HGet(ctx, depths[0], "acme:crm").Val(); depth != "1" {
		t.Errorf("%s events wait, want 1", depth)
	}
	if _, metrics := other.get(t, other.admin+"/metrics"); metric(metrics, `bauta_events_mended_total{business="acme",what="miscounted"}`) == 0 {
		t.Error("the node that is left does not say that it mended something")
	}
}

// leaseOfReconciler is for how long nobody else looks after the balance (redis/KEYS.md).
const leaseOfReconciler = 30 * time.Second
