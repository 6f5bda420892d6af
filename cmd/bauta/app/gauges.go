package app

import (
	"context"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"bauta/redis/balance"
	"bauta/redis/counts"
	"bauta/redis/deadletters"
	"bauta/redis/held"
	"bauta/webhook"
)

// gaugeTimeout bounds what one scrape asks of the store.
const gaugeTimeout = 2 * time.Second

// gauges are what the store knows when it is asked: how much waits, is held and
// is dead. A scrape that cannot read them leaves them out.
type gauges struct {
	core   *core
	counts *counts.Counts
	held   *held.Held
	dead   *deadletters.DeadLetters

	depth, oldest, stray, holds, letters, unaccounted, looked, failed *prometheus.Desc
}

func newGauges(k *core) *gauges {
	describe := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(name, help, labels, nil)
	}
	store := k.store.Bulk()
	return &gauges{
		core: k, counts: counts.New(store), dead: deadletters.New(deadletters.Options{Store: store, Endpoints: k.endpointIDs}),
		held:    held.New(held.Options{Store: store, Keys: k.vault, Retention: func(b string) time.Duration { return k.retention(b).Held }}),
		depth:   describe("bauta_lane_events", "Events that wait for an endpoint.", "business", "endpoint"),
		oldest:  describe("bauta_lane_oldest_seconds", "Age of the event that waits longest for an endpoint.", "business", "endpoint"),
		stray:   describe("bauta_lane_unconfigured_events", "Events that wait for endpoints that the configuration does not have."),
		holds:   describe("bauta_held_events", "Events that are held.", "business"),
		letters: describe("bauta_dead_letters", "Dead letters.", "business"),
		unaccounted: describe("bauta_events_unaccounted",
			"Must be 0: by how many events what was counted and what is there differed when it was last looked at, and the time before.", "business"),
		looked: describe("bauta_events_looked_at_seconds", "Unix time at which the balance of all events had been looked at."),
		failed: describe("bauta_store_scrape_failed", "1 if the store could not be read for this scrape."),
	}
}

// Describe implements prometheus.Collector.
func (g *gauges) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{g.depth, g.oldest, g.stray, g.holds, g.letters, g.unaccounted, g.looked, g.failed} {
		out <- d
	}
}

// Collect implements prometheus.Collector.
func (g *gauges) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), gaugeTimeout)
	defer cancel()
	failed := 0.0
	if g.waiting(ctx, out) != nil || g.kept(ctx, out) != nil || g.balance(ctx, out) != nil {
		failed = 1
	}
	out <- prometheus.MustNewConstMetric(g.failed, prometheus.GaugeValue, failed)
}

func (g *gauges) waiting(ctx context.Context, out chan<- prometheus.Metric) error {
	waiting, err := g.counts.Waiting(ctx)
	if err != nil {
		return err
	}
	stray := int64(0)
	for _, key := range g.idle(waiting) {
		waiting = append(waiting, counts.Waiting{Endpoint: key})
	}
	for _, w := range waiting {
		age := 0.0
		if !w.Oldest.IsZero() {
			age = max(time.Since(w.Oldest).Seconds(), 0)
		}
		labels := []string{w.Endpoint.Business, w.Endpoint.Endpoint}
		out <- prometheus.MustNewConstMetric(g.depth, prometheus.GaugeValue, float64(w.Events), labels...)
		out <- prometheus.MustNewConstMetric(g.oldest, prometheus.GaugeValue, age, labels...)
		if g.core.endpoint(w.Endpoint) == nil {
			stray += w.Events
		}
	}
	out <- prometheus.MustNewConstMetric(g.stray, prometheus.GaugeValue, float64(stray))
	return nil
}

// idle are the endpoints for which nothing waits: 0 is not the same as unknown.
func (g *gauges) idle(waiting []counts.Waiting) []webhook.EndpointKey {
	var out []webhook.EndpointKey
	for _, b := range g.core.directory.All() {
		for _, id := range g.core.endpointIDs(b.ID) {
			key := webhook.EndpointKey{Business: b.ID, Endpoint: id}
			if !slices.ContainsFunc(waiting, func(w counts.Waiting) bool { return w.Endpoint == key }) {
				out = append(out, key)
			}
		}
	}
	return out
}

func (g *gauges) balance(ctx context.Context, out chan<- prometheus.Metric) error {
	state, err := balance.Read(ctx, g.core.store.Bulk())
	if err != nil || state.Looked.IsZero() {
		return err
	}
	for _, business := range g.core.holders() {
		out <- prometheus.MustNewConstMetric(g.unaccounted, prometheus.GaugeValue, float64(state.Unaccounted[business]), business)
	}
	out <- prometheus.MustNewConstMetric(g.looked, prometheus.GaugeValue, float64(state.Looked.UnixMilli())/1000)
	return nil
}

func (g *gauges) kept(ctx context.Context, out chan<- prometheus.Metric) error {
	for _, business := range g.core.holders() {
		held, err := g.held.Count(ctx, business)
		if err != nil {
			return err
		}
		out <- prometheus.MustNewConstMetric(g.holds, prometheus.GaugeValue, float64(held), business)
	}
	for _, b := range g.core.directory.All() {
		id := b.ID
		dead, err := g.dead.Count(ctx, deadletters.Filter{Business: id})
		if err != nil {
			return err
		}
		out <- prometheus.MustNewConstMetric(g.letters, prometheus.GaugeValue, float64(dead), id)
	}
	return nil
}
