package balance_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strconv"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"bauta/redis"
	"bauta/redis/balance"
	"bauta/redis/counts"
	"bauta/redis/deadletters"
	"bauta/redis/held"
	"bauta/redis/lanes"
	"bauta/redis/lanes/lanestest"
	"bauta/redis/lanes/place"
	"bauta/webhook"
)

// retention is how long events are held here.
const retention = 7 * 24 * time.Hour

// rig is a store with everything that moves events, and a reconciler.
type rig struct {
	testing.TB
	store    *redis.Store
	ring     *lanestest.Ring
	lanes    *lanes.Lanes
	held     *held.Held
	dead     *deadletters.DeadLetters
	counts   *counts.Counts
	registry *prometheus.Registry
	logged   bytes.Buffer
	balance  *balance.Reconciler
	now      time.Time
	events   int
}

func newRig(t testing.TB, store *redis.Store) *rig {
	r := &rig{TB: t, store: store, ring: lanestest.NewRing(t), now: time.Now().Truncate(time.Millisecond), registry: prometheus.NewRegistry()}
	clock := func() time.Time { return r.now }
	ends := func(string) []string { return []string{"crm", "bot", webhook.PlatformEndpoint} }
	r.lanes = lanes.New(lanes.Options{Store: store, Keys: r.ring, Now: clock, Lease: func(webhook.EndpointKey) time.Duration { return time.Minute }})
	r.held = held.New(held.Options{Store: store, Keys: r.ring, Now: clock, Retention: func(string) time.Duration { return retention }})
	r.dead = deadletters.New(deadletters.Options{Store: store, Endpoints: ends})
	r.counts = counts.New(store)
	r.balance = balance.New(balance.Options{
		Store: store, Holding: r.held, Businesses: func() []string { return []string{"acme", "_main"} }, Endpoints: ends, Registerer: r.registry,
		Logger: slog.New(slog.NewTextHandler(&r.logged, nil)), Now: clock,
	})
	return r
}

func (r *rig) must(err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}

// item is a new event of a customer, accepted some time ago.
func (r *rig) item(who string, ago time.Duration, ends ...string) webhook.Item {
	r.Helper()
	r.events++
	item := r.ring.Item(r, who, fmt.Sprintf("evt_%d", r.events), uint64(r.events), ends...)
	item.Delivery.Accepted = r.now.Add(-ago)
	return item
}

// accept appends a new event and returns the leases that it got.
func (r *rig) accept(who string, ago time.Duration, ends ...string) []webhook.Lease {
	r.Helper()
	out, err := r.lanes.Append(r.Context(), []webhook.Item{r.item(who, ago, ends...)})
	r.must(err)
	return out[0].Leases
}

func (r *rig) finish(lease webhook.Lease, o webhook.Outcome) {
	r.Helper()
	_, _, err := r.lanes.Finish(r.Context(), lease, webhook.Verdict{Outcome: o, Reason: "refused"}, 0)
	r.must(err)
}

// hold holds a new event and returns its id in the list.
func (r *rig) hold(who string, ago time.Duration) string {
	r.Helper()
	item := r.item(who, ago)
	_, err := r.held.Hold(r.Context(), webhook.HeldEvent{
		ID: item.Delivery.ID, Business: "acme", Field: "messages", Reason: "leak_check", At: item.Delivery.Accepted,
		Raw: item.Delivery.Body, Customer: who, Key: item.Key, Dedupe: item.Dedupe, Conversation: item.Conversation,
	})
	r.must(err)
	shard := r.store.Keys().Shard(item.Conversation)
	return fmt.Sprintf("%d-%s-%d", item.Delivery.Accepted.UnixMilli(), item.Delivery.ID, shard)
}

// lane is where a customer's events lie.
func (r *rig) lane(who, end string) place.Place {
	r.Helper()
	p, err := place.Of(r.store.Keys(), webhook.Lane{Business: "acme", Endpoint: end, Conversation: webhook.Conversation(who)})
	r.must(err)
	return p
}

// behind does something to the store that Bauta does not do.
func (r *rig) behind(name, key string, args ...any) {
	r.Helper()
	res := r.store.Do(r.Context(), redis.Command(name, key, args...))
	if res.Err != nil || res.Value == int64(0) {
		r.Fatalf("%s did nothing: %v %v", name, res.Value, res.Err)
	}
}

// differences are what a look at everything finds, summed over the shards.
func (r *rig) differences(mend bool) balance.Difference {
	r.Helper()
	sum := balance.Difference{}
	r.must(r.balance.Check(r.Context(), []string{"acme"}, mend, func(d balance.Difference) {
		sum.Missing += d.Missing
		sum.Surplus += d.Surplus
		sum.Miscounted += d.Miscounted
		sum.Stalled += d.Stalled
		sum.Ages += d.Ages
	}, nil))
	return sum
}

// total is what was counted of acme in all hours that are compared.
func (r *rig) total() counts.Minute {
	r.Helper()
	minutes, err := r.counts.Minutes(r.Context(), "acme", r.now.Add(-189*time.Hour), r.now.Add(time.Hour))
	r.must(err)
	var sum counts.Minute
	for i := range minutes {
		sum.Add(&minutes[i])
	}
	return sum
}

// waiting is how many events of acme are in lanes by the depths.
func (r *rig) waiting() (n int64) {
	r.Helper()
	waiting, err := r.counts.Waiting(r.Context())
	r.must(err)
	for _, w := range waiting {
		n += w.Events
	}
	return n
}

// due are the lanes that a node would look at, an hour from now.
func (r *rig) due() []webhook.Lane {
	r.Helper()
	due, err := r.lanes.Due(r.Context(), 1000)
	r.must(err)
	return due
}

// ticks lets the reconciler work until it has gone over everything n times.
func (r *rig) ticks(n int) {
	r.Helper()
	for range n {
		for last := r.looked(); r.looked().Equal(last); r.now = r.now.Add(balance.Every) {
			r.must(r.balance.Tick(r.Context()))
		}
	}
}

func (r *rig) looked() time.Time {
	r.Helper()
	s, err := balance.Read(r.Context(), r.store)
	r.must(err)
	return s.Looked
}

func (r *rig) unaccounted() int64 {
	r.Helper()
	s, err := balance.Read(r.Context(), r.store)
	r.must(err)
	return s.Unaccounted["acme"]
}

// hour is the key and the field of a kind in the minute of an event.
func (r *rig) hour(who, kind string, ago time.Duration) (key, field string) {
	key, minute := place.Minute(r.store.Keys(), r.store.Keys().Of(who), "acme", r.now.Add(-ago))
	return key, minute + kind
}

// shards is a small store's: each look asks each shard for each hour.
const shards = 2

func options() redis.Options {
	return redis.Options{Shards: shards, AcknowledgeTimeout: 2 * time.Second}
}

func text(n int64) string { return strconv.FormatInt(n, 10) }
