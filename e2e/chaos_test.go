package e2e

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bauta/redis/redistest"
	"bauta/webhook/simulator"
)

// plan says how long a storm is and by which seed. The short form is a part of the
// tests; the environment makes it longer: `make chaos`.
type plan struct {
	seed uint64
	// rounds are the strikes of a storm, between is the traffic before and after each.
	rounds  int
	between time.Duration
	// long adds the faults that are left out of the short form.
	long bool
	// patience is how long everything may take to come to rest.
	patience time.Duration
}

func planned(t *testing.T) plan {
	t.Helper()
	whole := func(name string, otherwise int) int {
		text, ok := os.LookupEnv(name) //nolint:forbidigo // make tells the suite's length
		if !ok {
			return otherwise
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			t.Fatalf("%s=%q: want a whole number from 1", name, text)
		}
		return n
	}
	p := plan{seed: uint64(whole("CHAOS_SEED", 1)), rounds: whole("CHAOS_ROUNDS", 1), between: time.Second, patience: 2 * time.Minute}
	_, p.long = os.LookupEnv("CHAOS_ROUNDS") //nolint:forbidigo // make tells the suite's length
	t.Logf("repeat this with CHAOS_SEED=%d CHAOS_ROUNDS=%d", p.seed, p.rounds)
	return p
}

const (
	// talkers are the customers of each business.
	talkers = 6
	busyID  = "102290129340777"
)

// storm is everything that a storm strikes: nodes that share a store, behind a link,
// two businesses with an endpoint each, and their customers.
type storm struct {
	t     *testing.T
	fault fault
	plan  plan
	rand  *rand.Rand
	redis *redistest.Server
	set   *redistest.Set
	// clock moves that of the store, where the fault does.
	clock *redistest.Clock
	// link leads to the store, way to the busy business's endpoint.
	link, way *link
	dir       string
	quiet     *sink
	busy      *sink
	// sources are all customers, those of the quiet business first.
	sources []*source

	mu      sync.Mutex
	nodes   []*bauta
	turn    int
	refused atomic.Int64
}

// busyBusiness is the second business of the fault suite.
func busyBusiness() simulator.Business {
	return simulator.Business{WABA: busyID, PhoneNumberID: "106540352242777", Number: "15550783777"}
}

func newStorm(t *testing.T, f fault, p plan) *storm {
	t.Helper()
	w := &storm{t: t, fault: f, plan: p, rand: rand.New(rand.NewPCG(p.seed, 1))}
	url := w.store(t)
	w.quiet, w.busy = newSink(t, people(0)), newSink(t, people(talkers))
	if f.flood > 0 {
		w.busy.takes.Store(int64(draining))
	}
	w.way = newLink(t, w.busy.server.Listener.Addr().String(), p.seed)
	endpoint := `        concurrency: 8
        own_events: false
`
	w.dir = configure(t, setup{
		Redis: url, CRM: w.quiet.server.URL, Default: "hidden", Log: "info",
		Wait: "30s, acknowledge: " + f.acknowledge(), Timeout: "1s", Retry: "schedule: [200ms, 500ms, 1s], refused_attempts: 100",
		Endpoints: endpoint + `  - id: busy
    app: main
    wabas: ["` + busyID + `"]
    sharing: {ask: never}
    hiding: {default: hidden}
    endpoints:
      - id: crm
        url: "http://` + w.way.address + `"
        secrets: [` + crmSecret + `]
        allow_private: true
        allow_http: true
        timeout: 1s
        retry: {schedule: [200ms, 500ms, 1s], refused_attempts: 100}
` + endpoint,
	})
	w.nodes = []*bauta{serve(t, w.dir), serve(t, w.dir)}
	return w
}

func people(from int) []simulator.Person {
	all := make([]simulator.Person, talkers)
	for i := range all {
		all[i] = someone(from + i)
	}
	return all
}

// url is that of the next node that runs, as a load balancer would choose.
func (w *storm) url() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	for range w.nodes {
		w.turn++
		if n := w.nodes[w.turn%len(w.nodes)]; n != nil {
			return n.public
		}
	}
	return "http://127.0.0.1:1"
}

// rage sends traffic, strikes, and waits until all that was acknowledged came.
func (w *storm) rage() verdict {
	over := make(chan struct{})
	var writing sync.WaitGroup
	begin := func(b simulator.Business, from int, every time.Duration) []*source {
		sources := make([]*source, talkers)
		for i, p := range people(from) {
			sources[i] = &source{person: p, name: i}
			w.sources = append(w.sources, sources[i])
			writing.Go(func() { w.write(over, w.t, sources[i], b, every) })
		}
		return sources
	}
	const every = 100 * time.Millisecond
	quiet := begin(business(), 0, every)
	busy := begin(busyBusiness(), talkers, every/time.Duration(max(1, w.fault.flood)))
	for range w.plan.rounds {
		w.pass(w.plan.between)
		w.fault.strike(w)
	}
	w.pass(w.plan.between)
	close(over)
	writing.Wait()
	patience := w.plan.patience
	if w.fault.loses && w.fault.lossy {
		patience = 5 * time.Second
	}
	w.quiet.wait(quiet, patience)
	w.busy.wait(busy, patience)
	if w.fault.loses && !w.fault.lossy {
		w.emptied() // what was lost is not waited for, what comes again is
	}
	v := verdict{refused: int(w.refused.Load())}
	v.judge(quiet, w.quiet)
	v.judge(busy, w.busy)
	v.still(w.quiet)
	v.balance(w)
	return v
}

// pass lets traffic flow for a while: the length of a fault is what is tried.
func (w *storm) pass(d time.Duration) {
	select {
	case <-time.After(d):
	case <-w.t.Context().Done():
	}
}

// TestFaults breaks one thing after the other while messages flow, and compares what
// was acknowledged with what came: nothing is lost, every customer's messages come in
// their order and under one handle, and a lane has at most one duplicate a crash.
func TestFaults(t *testing.T) {
	t.Parallel()
	p, results := planned(t), &table{}
	t.Cleanup(func() {
		if path := os.Getenv("CHAOS_TABLE"); path != "" { //nolint:forbidigo // make tells where the table goes
			if err := os.WriteFile(path, []byte(results.String()), 0o600); err != nil {
				t.Error(err)
			}
		}
		t.Logf("\n%s", results)
	})
	for _, f := range faults() {
		if f.long && !p.long {
			continue
		}
		t.Run(fmt.Sprintf("%s, acknowledge %s", f.name, f.acknowledge()), func(t *testing.T) {
			t.Parallel()
			v := newStorm(t, f, p).rage()
			results.add(f, v)
			v.hold(t, f, p.rounds)
		})
	}
}
