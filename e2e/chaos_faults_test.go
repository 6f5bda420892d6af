package e2e

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"bauta/redis/redistest"
)

// fault is one thing that breaks.
type fault struct {
	name string
	// level is the acknowledgement level, redis are the store's settings.
	level string
	redis []string
	// strike breaks it, and mends it before it returns.
	strike func(*storm)
	// doubles is how many events of a lane one strike may deliver twice.
	doubles int
	// refuses says that webhooks must have been refused meanwhile.
	refuses bool
	// redeliver has the platform send everything three times, and old things again.
	redeliver bool
	// set starts servers that replace each other, in the place of one.
	set func(testing.TB, ...string) *redistest.Set
	// lossy says that the acknowledgement level does not cover the fault: what is lost
	// is counted.
	lossy bool
	// loses says that something must be lost, or the suite could not see it.
	loses bool
	// long leaves it to the long form, where it adds nothing but its own row.
	long bool
	// flood is how many times more the busy business gets.
	flood int
	// clock gives the store a clock that the strike moves.
	clock bool
}

func (f fault) acknowledge() string { return cmp.Or(f.level, "memory") }

func faults() []fault {
	aof := []string{"--appendonly", "yes", "--appendfsync", "everysec"}
	always := []string{"--appendonly", "yes", "--appendfsync", "always"}
	rdb := []string{"--save", "3600 1", "--dbfilename", "dump.rdb"}
	return []fault{
		{name: "nothing", strike: func(w *storm) { w.pass(time.Second) }},
		{name: "a node is killed", strike: func(w *storm) { w.crash(0) }, doubles: 1},
		{name: "all nodes are killed", strike: func(w *storm) { w.crash(0, 1) }, doubles: 1, refuses: true},
		{name: "a node leaves, another joins", strike: (*storm).replace},
		{name: "a node stands still for longer than its lease", strike: (*storm).freeze, doubles: 1},
		{name: "Redis is killed, appendfsync everysec", redis: aof, strike: (*storm).loseStore, doubles: 1, refuses: true},
		{name: "Redis is killed, appendfsync always", level: "fsync", redis: always, strike: (*storm).loseStore, doubles: 1, refuses: true},
		{name: "Redis is killed, nothing on disk", strike: (*storm).loseUnsaved, doubles: 1, refuses: true, lossy: true, loses: true},
		{name: "everything is killed", level: "fsync", redis: always, strike: (*storm).loseAll, doubles: 1, refuses: true},
		{name: "Redis stands still", strike: (*storm).freezeStore, doubles: 1},
		{name: "Redis cannot write its disk", redis: rdb, strike: (*storm).fillDisk, doubles: 1, refuses: true},
		{name: "Redis has no memory left", strike: (*storm).fillMemory, doubles: 1, refuses: true},
		{name: "Redis becomes a replica", strike: (*storm).demote, doubles: 1, refuses: true},
		{name: "Redis forgets its scripts", strike: (*storm).forgetScripts},
		{name: "Redis's clock jumps by an hour, both ways", clock: true, strike: (*storm).jump, doubles: 2},
		{name: "Sentinel replaces the master", set: redistest.Sentinel, strike: (*storm).replaceMaster, doubles: 2, refuses: true, lossy: true},
		{name: "Sentinel replaces the master", level: "replica", set: redistest.Sentinel, strike: (*storm).replaceMaster, doubles: 1, refuses: true},
		{name: "two servers take themselves for the master", level: "replica", set: redistest.Pair, strike: (*storm).part, doubles: 1, refuses: true},
		{name: "a cluster replaces a master", set: redistest.Masters, strike: (*storm).replaceMaster, doubles: 2, lossy: true, long: true},
		{name: "a cluster replaces a master", level: "replica", set: redistest.Masters, strike: (*storm).replaceMaster, doubles: 1},
		{name: "a cluster's slots move", set: redistest.Masters, strike: (*storm).reshard, refuses: true},
		{name: "a cluster's slots move", level: "replica", set: redistest.Masters, strike: (*storm).reshard, refuses: true},
		{name: "connections to Redis are reset", strike: (*storm).resets, doubles: 10},
		{name: "requests to Redis are lost", strike: func(w *storm) { w.silence(hindrance{hold: true}, hindrance{}) }, doubles: 1},
		{name: "answers of Redis are lost", strike: func(w *storm) { w.silence(hindrance{}, hindrance{hold: true}) }, doubles: 1},
		{name: "the way to Redis is slow and sliced", strike: func(w *storm) {
			w.hindered(hindrance{delay: 2 * time.Millisecond, slice: 700}, hindrance{delay: time.Millisecond, slice: 300})
		}},
		{name: "the way to Redis is narrow", strike: func(w *storm) { w.hindered(hindrance{rate: 300_000}, hindrance{rate: 300_000}) }},
		{name: "an endpoint does everything wrong", strike: func(w *storm) { w.misbehave(hangs, breaksOff, garbles, redirects, tooMany) }},
		{name: "an endpoint hangs", long: true, strike: func(w *storm) { w.misbehave(hangs) }},
		{name: "an endpoint breaks off its answers", long: true, strike: func(w *storm) { w.misbehave(breaksOff) }},
		{name: "an endpoint answers garbage", long: true, strike: func(w *storm) { w.misbehave(garbles) }},
		{name: "an endpoint redirects to a private address", long: true, strike: func(w *storm) { w.misbehave(redirects) }},
		{name: "an endpoint asks for pauses", long: true, strike: func(w *storm) { w.misbehave(tooMany) }},
		{name: "the platform sends everything again and out of order", redeliver: true, strike: func(w *storm) { w.crash(0) }, doubles: 1},
		{name: "one business floods while its endpoint hangs", flood: 20, strike: func(w *storm) { w.misbehave(hangs) }},
	}
}

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

// crash kills nodes at once, and starts others in their places.
func (w *storm) crash(which ...int) {
	for _, i := range which {
		w.mu.Lock()
		n := w.nodes[i]
		w.nodes[i] = nil
		w.mu.Unlock()
		n.kill()
	}
	w.pass(300 * time.Millisecond)
	for _, i := range which {
		n := serve(w.t, w.dir)
		w.mu.Lock()
		w.nodes[i] = n
		w.mu.Unlock()
	}
}

// replace starts a node and ends another, as a rolling upgrade does.
func (w *storm) replace() {
	n := serve(w.t, w.dir)
	w.mu.Lock()
	old := w.nodes[0]
	w.nodes[0] = n
	w.mu.Unlock()
	old.stop(w.t)
}

// freeze stops a node for longer than the lease of its lanes, which is the
// endpoint's timeout and 10 s.
func (w *storm) freeze() {
	w.mu.Lock()
	n := w.nodes[0]
	w.nodes[0] = nil
	w.mu.Unlock()
	if err := n.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		w.t.Error(err)
	}
	w.pass(12 * time.Second)
	if err := n.cmd.Process.Signal(syscall.SIGCONT); err != nil {
		w.t.Error(err)
	}
	w.mu.Lock()
	w.nodes[0] = n
	w.mu.Unlock()
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

func (w *storm) resets() {
	for range 10 {
		w.link.reset()
		w.pass(time.Duration(50+w.rand.IntN(150)) * time.Millisecond)
	}
}

// silence holds one direction back, and then breaks the connections: what was held
// is lost.
func (w *storm) silence(up, down hindrance) {
	w.link.hinder(up, down)
	w.pass(2 * time.Second)
	w.link.reset()
	w.link.hinder(hindrance{}, hindrance{})
}

func (w *storm) hindered(up, down hindrance) {
	w.link.hinder(up, down)
	w.pass(3 * time.Second)
	w.link.hinder(hindrance{}, hindrance{})
}

// misbehave lets the busy business's endpoint answer otherwise for a while, in one
// manner after the other.
func (w *storm) misbehave(manners ...func(http.ResponseWriter, *http.Request)) {
	for _, manner := range manners {
		w.busy.behave(manner)
		w.pass(2 * time.Second)
	}
	w.busy.behave(nil)
}

func hangs(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

func breaksOff(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

func garbles(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	_, _ = fmt.Fprint(conn, "HTTP/1.1 2OO \x00\xff OK\r\n\r\n")
	_ = conn.Close()
}

func redirects(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Location", "http://169.254.169.254/latest/meta-data/")
	w.WriteHeader(http.StatusTemporaryRedirect)
}

func tooMany(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Retry-After", "1")
	w.WriteHeader(http.StatusTooManyRequests)
}
