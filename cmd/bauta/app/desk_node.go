package app

import (
	"context"
	"errors"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"bauta/cmd/bauta/app/config"
	"bauta/webhook"
	"bauta/webhook/forward"
	"bauta/webhook/operate"
	"bauta/webhook/receive"
)

// openDesk builds the desk of a running node.
func (n *node) openDesk(ctx context.Context, f *forward.Forwarder, r *receive.Receiver) (*operate.Desk, error) {
	latency := newLatency(r.Latency())
	n.background(ctx, "the look at the latency", latency.run)
	n.background(ctx, "the counting for operators", n.core.figures.Run)
	return n.core.desk(f, func(o *operate.Options) {
		o.Node, o.Recent, o.Latency, o.Settings = here{f}, n.recent, latency, settings{n.core}
		o.Reloader = reloading{n}
	})
}

// here tells how endpoints stand at this node.
type here struct{ *forward.Forwarder }

// Here implements operate.Node.
func (h here) Here(key webhook.EndpointKey) (operate.Here, bool) {
	found, ok := h.Forwarder.Here(key)
	return operate.Here(found), ok
}

// attempted tells of attempts: whoever watches, if anybody does, and the desk.
func (n *node) attempted(others func(webhook.Attempt)) func(webhook.Attempt) {
	return func(a webhook.Attempt) {
		n.recent.Note(a)
		if others != nil {
			others(a)
		}
	}
}

// settings tells which configuration is in force at a node.
type settings struct{ core *core }

// Loaded implements operate.Settings.
func (s settings) Loaded() operate.Loaded {
	c := s.core.config()
	out := operate.Loaded{File: c.Name(), At: c.ReadAt().UTC()}
	for _, one := range c.Settings() {
		out.Settings = append(out.Settings, operate.Setting(one))
	}
	for _, w := range c.Warnings() {
		out.Warnings = append(out.Warnings, w.String())
	}
	return out
}

// reloading takes changes of the configuration over when an operator says so.
type reloading struct{ node *node }

// Reload implements operate.Reloader.
func (r reloading) Reload(ctx context.Context) (operate.Outcome, error) {
	reloads := r.node.reloads.Load()
	if reloads == nil {
		return operate.Outcome{}, operate.ErrUnknown
	}
	before := r.node.core.config()
	outcome, err := reloads.Reload(ctx)
	out := operate.Outcome{At: time.Now().UTC(), Changed: outcome == Applied && !slices.Equal(before.Settings(), r.node.core.config().Settings())}
	if outcome == Applied {
		return out, nil
	}
	out.Faults = []string{err.Error()}
	if faults, ok := errors.AsType[config.Faults](err); ok {
		out.Faults = nil
		for _, f := range faults {
			out.Faults = append(out.Faults, f.String())
		}
	}
	return out, nil
}

const (
	// latencyEvery is how often the histogram is looked at, latencySpan how far back
	// quantiles reach.
	latencyEvery = 10 * time.Second
	latencySpan  = 5 * time.Minute
)

// latency tells quantiles of the last minutes from the histogram, which counts from the
// beginning: by what it grew. Safe for concurrent use.
type latency struct {
	gatherer prometheus.Gatherer

	mu    sync.Mutex
	looks []buckets
}

// buckets are how many acknowledgements took at most so long: cumulative, by upper bounds
// in seconds, the last one +Inf.
type buckets struct {
	bounds []float64
	counts []uint64
}

func newLatency(histogram prometheus.Collector) *latency {
	own := prometheus.NewRegistry()
	own.MustRegister(histogram)
	return &latency{gatherer: own}
}

func (l *latency) run(ctx context.Context) {
	ticker := time.NewTicker(latencyEvery)
	defer ticker.Stop()
	for {
		now := l.look()
		l.mu.Lock()
		l.looks = append(l.looks, now)
		if most := int(latencySpan / latencyEvery); len(l.looks) > most {
			l.looks = slices.Delete(l.looks, 0, len(l.looks)-most)
		}
		l.mu.Unlock()
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// look sums the histogram over all apps.
func (l *latency) look() buckets {
	var out buckets
	families, _ := l.gatherer.Gather() // a histogram does not fail
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			h := metric.GetHistogram()
			for i, b := range h.GetBucket() {
				if i == len(out.bounds) {
					out.bounds, out.counts = append(out.bounds, b.GetUpperBound()), append(out.counts, 0)
				}
				out.counts[i] += b.GetCumulativeCount()
			}
			last := len(h.GetBucket())
			if last == len(out.bounds) {
				out.bounds, out.counts = append(out.bounds, math.Inf(1)), append(out.counts, 0)
			}
			out.counts[last] += h.GetSampleCount()
		}
	}
	return out
}

// Acknowledged implements operate.Latency.
func (l *latency) Acknowledged() operate.Quantiles {
	now := l.look()
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.looks) > 0 {
		for i, before := range l.looks[0].counts {
			now.counts[i] -= before
		}
	}
	if len(now.counts) == 0 {
		return operate.Quantiles{}
	}
	n := now.counts[len(now.counts)-1]
	return operate.Quantiles{P50: now.quantile(.5), P99: now.quantile(.99), N: int64(min(n, math.MaxInt64))}
}

// quantile is estimated within its bucket, as Prometheus does; beyond the last bound it
// is that bound.
func (b buckets) quantile(q float64) time.Duration {
	all := b.counts[len(b.counts)-1]
	if all == 0 {
		return 0
	}
	rank := q * float64(all)
	lower, below := 0.0, uint64(0)
	for i, n := range b.counts {
		if float64(n) >= rank {
			if math.IsInf(b.bounds[i], 1) {
				break
			}
			lower += (b.bounds[i] - lower) * (rank - float64(below)) / float64(n-below)
			break
		}
		if !math.IsInf(b.bounds[i], 1) {
			lower, below = b.bounds[i], n
		}
	}
	return time.Duration(lower * float64(time.Second))
}
