package balance

import (
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"bauta/redis"
)

// leaseLife is how long after the last word of the node that reconciles another one
// may.
const leaseLife = 30 * time.Second

// lease is the right to reconcile: it only saves work, for two that reconcile at once
// do no harm.
type lease struct {
	token  string
	script *redis.Script
}

func newLease() lease { return lease{token: rand.Text(), script: redis.NewScript(leaseSource)} }

// leaseSource takes the lease, or keeps it. KEYS: the lease. ARGV: token, life in ms.
// Returns 1 if it is held.
const leaseSource = `
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
`

func (l *lease) hold(ctx context.Context, store *redis.Store) (bool, error) {
	call := l.script.Call([]string{redis.ReconcilerKey}, l.token, leaseLife.Milliseconds())
	n, err := store.Pipeline(ctx, []redis.Call{call})[0].Int()
	if err != nil {
		return false, fmt.Errorf("take the reconciler's lease: %w", err)
	}
	return n == 1, nil
}

// looked is the field of when a pass ended last; no business is called so.
const looked = ":looked_at"

// State is what the last passes found, of all nodes.
type State struct {
	// Looked is when a pass ended last; zero: none did.
	Looked time.Time
	// Unaccounted is by business by how many events the balance did not hold when it was
	// looked at last, and the time before.
	Unaccounted map[string]int64
}

// Read reads the state. One round trip.
func Read(ctx context.Context, store *redis.Store) (State, error) {
	reply, err := store.Pipeline(ctx, []redis.Call{redis.Command("HGETALL", redis.BalanceKey)})[0].List()
	if err != nil {
		return State{}, fmt.Errorf("read what the reconciler found: %w", err)
	}
	s := State{Unaccounted: map[string]int64{}}
	for i := 0; i+1 < len(reply); i += 2 {
		name, _ := reply[i].(string)
		text, _ := reply[i+1].(string)
		n, err := strconv.ParseInt(text, 10, 64)
		switch {
		case err != nil:
		case name == looked:
			s.Looked = time.UnixMilli(n)
		default:
			s.Unaccounted[name] = n
		}
	}
	return s, nil
}

// publish writes the state: of both the pass that goes on and the one before the worse,
// so that nobody misses what is mended at once. At the end of a pass ended is when.
func (r *Reconciler) publish(ctx context.Context, ended time.Time) error {
	w := &r.walk
	args := []any{}
	for _, business := range union(r.Businesses(), slices.Collect(maps.Keys(w.found))) {
		args = append(args, business, max(w.found[business], w.before[business]))
	}
	if !ended.IsZero() {
		args = append(args, looked, ended.UnixMilli())
	}
	if err := r.store.Pipeline(ctx, []redis.Call{redis.Command("HSET", redis.BalanceKey, args...)})[0].Err; err != nil {
		return fmt.Errorf("write what the reconciler found: %w", err)
	}
	return nil
}

// metrics counts what was mended.
type metrics struct{ mended *prometheus.CounterVec }

func newMetrics(r prometheus.Registerer, businesses []string) *metrics {
	m := &metrics{prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "bauta_events_mended_total",
		Help: "Events by which the balance did not hold, by what was wrong: missing, surplus, miscounted, stalled; ages: of lanes.",
	}, []string{"business", "what"})}
	r.MustRegister(m.mended)
	for _, business := range businesses {
		for what := range (&Difference{}).what() {
			m.mended.WithLabelValues(business, what)
		}
	}
	return m
}

func (m *metrics) found(d *Difference) {
	for what, n := range d.what() {
		if n > 0 {
			m.mended.WithLabelValues(d.Business, what).Add(float64(n))
		}
	}
}
