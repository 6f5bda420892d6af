package e2e

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"bauta/redis/redistest"
)

// store starts the Redis of a fault, and returns by which URL the nodes reach it. A
// set's servers tell where they are, so that no link can be put in front of them.
func (w *storm) store(t *testing.T) (url string) {
	t.Helper()
	switch {
	case w.fault.set != nil:
		w.set = w.fault.set(t, w.fault.redis...)
		if w.set.URL != "" {
			return w.set.URL
		}
		w.redis = w.set.Servers[0]
	case w.fault.clock:
		w.redis, w.clock = redistest.Timed(t, w.fault.redis...)
	default:
		w.redis = redistest.Standalone(t, w.fault.redis...)
	}
	w.link = newLink(t, w.redis.Address, w.plan.seed)
	return "redis://" + w.link.address
}

func (w *storm) replaceMaster() { w.set.Failover(w.t) }

// part promotes a replica while its master lives, and nodes stay with the old one while
// events wait: a fail-over that is called too early, or a node that hears of it too
// late. In the end all that the old one did since is forgotten.
func (w *storm) part() {
	w.busy.behave(hangs)
	w.pass(time.Second)
	old, next := w.set.Part(w.t)
	w.busy.behave(nil)
	w.pass(3 * time.Second)
	w.set.Rejoin(w.t, old, next)
	w.link.lead(next.Address)
	w.link.reset()
}

// reshardWith has redis-cli move the half of a master's slots to another one.
func (w *storm) reshardWith() {
	const half = 16384 / 6
	slot := w.set.Slot(w.t, "bauta:store")
	others := w.set.Others(w.t, slot)
	w.set.Reshard(w.t, w.set.Owner(w.t, slot), others[w.rand.IntN(len(others))], half)
}

// reshard moves every slot that has a customer, and the one of the store's own key, to
// another master. Each stands still for a while when a part of it has moved.
func (w *storm) reshard() {
	slots := map[int]bool{w.set.Slot(w.t, "bauta:store"): true}
	for _, server := range w.set.Servers {
		names, err := server.Client.Keys(w.t.Context(), "bauta:{*}:c:*").Result()
		if err != nil {
			w.t.Error(err)
		}
		for _, name := range names {
			slots[w.set.Slot(w.t, name)] = true
		}
	}
	for _, slot := range slices.Sorted(maps.Keys(slots)) {
		others := w.set.Others(w.t, slot)
		w.set.Move(w.t, slot, others[w.rand.IntN(len(others))], func() { w.pass(200 * time.Millisecond) })
	}
}

func (w *storm) loseStore() {
	w.redis.Kill()
	w.pass(700 * time.Millisecond)
	w.redis.Start(w.t)
}

func (w *storm) loseAll() {
	w.redis.Kill()
	w.mu.Lock()
	nodes := w.nodes
	w.nodes = make([]*bauta, len(nodes))
	w.mu.Unlock()
	for _, n := range nodes {
		n.kill()
	}
	w.redis.Start(w.t)
	for i := range nodes {
		n := serve(w.t, w.dir)
		w.mu.Lock()
		w.nodes[i] = n
		w.mu.Unlock()
	}
}

// loseUnsaved loses a store that keeps nothing, while events wait in it. The nodes
// know it for another one and take nothing until they are started anew.
func (w *storm) loseUnsaved() {
	w.busy.behave(hangs)
	w.pass(time.Second)
	w.loseAll()
	w.busy.behave(nil)
}

// loseSince kills a store that keeps snapshots only, while events wait in it. What came
// after the last snapshot is lost; what waited then is delivered again.
func (w *storm) loseSince() {
	w.busy.behave(hangs)
	w.pass(time.Second)
	began, kept := time.Now(), w.acked()
	w.snapshot("ok")
	w.busy.behave(nil)
	w.pass(time.Second)
	w.busy.behave(hangs)
	w.pass(time.Second)
	w.redis.Kill()
	w.pass(1500 * time.Millisecond) // what was under way ends
	for i, s := range w.sources {
		// One more may be stored whose 200 is on its way.
		s.exposed = append(s.exposed, exposure{since: began, until: time.Now(), from: kept[i], to: s.taken() + 1})
	}
	w.busy.behave(nil)
	w.redis.Start(w.t)
}

// acked is how many messages of each source were answered 200.
func (w *storm) acked() []int {
	counts := make([]int, len(w.sources))
	for i, s := range w.sources {
		counts[i] = s.taken()
	}
	return counts
}

// emptied waits until nothing waits in a lane.
func (w *storm) emptied() {
	eventually(w.t, "empty lanes", func(ctx context.Context) bool {
		names, err := w.redis.Client.Keys(ctx, "bauta:{*}:depths").Result()
		return err == nil && len(names) == 0
	})
}

func (w *storm) freezeStore() {
	w.redis.Signal(w.t, syscall.SIGSTOP)
	w.pass(3 * time.Second)
	w.redis.Signal(w.t, syscall.SIGCONT)
}

// fillDisk puts a folder where the snapshot has to be, so that it cannot be written.
func (w *storm) fillDisk() {
	ctx := w.t.Context()
	dir, err := w.redis.Client.ConfigGet(ctx, "dir").Result()
	if err != nil {
		w.t.Error(err)
		return
	}
	blocked := filepath.Join(dir["dir"], "dump.rdb", "x")
	_ = os.Remove(filepath.Dir(blocked))
	if err := os.MkdirAll(blocked, 0o700); err != nil {
		w.t.Error(err)
	}
	w.snapshot("err")
	w.pass(2 * time.Second)
	if err := os.RemoveAll(filepath.Dir(blocked)); err != nil {
		w.t.Error(err)
	}
	w.snapshot("ok")
}

// snapshot takes one, and waits until the server says how it went.
func (w *storm) snapshot(outcome string) {
	w.redis.Client.BgSave(w.t.Context())
	eventually(w.t, "a snapshot that is "+outcome, func(ctx context.Context) bool {
		info, err := w.redis.Client.InfoMap(ctx, "persistence").Result()
		return err == nil && info["Persistence"]["rdb_bgsave_in_progress"] == "0" && info["Persistence"]["rdb_last_bgsave_status"] == outcome
	})
}

func (w *storm) configured(pairs ...string) {
	for i := 0; i < len(pairs); i += 2 {
		if err := w.redis.Client.ConfigSet(w.t.Context(), pairs[i], pairs[i+1]).Err(); err != nil {
			w.t.Error(err)
		}
	}
}

func (w *storm) fillMemory() {
	w.configured("maxmemory", "1mb")
	w.pass(2 * time.Second)
	w.configured("maxmemory", "0")
}

// demote makes the server a replica of one that is not there: it refuses writes.
func (w *storm) demote() {
	ctx := w.t.Context()
	if err := w.redis.Client.ReplicaOf(ctx, "127.0.0.1", "1").Err(); err != nil {
		w.t.Error(err)
	}
	w.pass(2 * time.Second)
	if err := w.redis.Client.ReplicaOf(ctx, "NO", "ONE").Err(); err != nil {
		w.t.Error(err)
	}
}

func (w *storm) forgetScripts() {
	for range 10 {
		if err := w.redis.Client.ScriptFlush(w.t.Context()).Err(); err != nil {
			w.t.Error(err)
		}
		w.pass(100 * time.Millisecond)
	}
}

func (w *storm) jump() {
	for _, after := range []time.Duration{time.Hour, 0, -time.Hour, 0} {
		w.clock.Set(w.t, after)
		w.pass(time.Second)
	}
}
