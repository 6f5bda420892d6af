package limits

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

const (
	// every is how often the store is looked at, within how long it must answer.
	every  = time.Second
	within = 2 * time.Second
	// after is what the platform is asked to wait.
	after = 30 * time.Second
)

// Store is looked at. Safe for concurrent use.
type Store interface {
	// Servers tells the memory of every server, and why the store would lose events,
	// nil if it would not.
	Servers(ctx context.Context) (servers []Server, unfit, err error)
	// Queues tells what waits, by business.
	Queues(ctx context.Context) (map[string]Queue, error)
}

// Options of a Gate. All but Now are needed.
type Options struct {
	Limits     Limits
	Store      Store
	Registerer prometheus.Registerer
	Logger     *slog.Logger
	Now        func() time.Time
}

// Gate lets events in, or not. Safe for concurrent use.
type Gate struct {
	options Options
	limits  atomic.Pointer[Limits]
	// holds is what holds, by business: the reasons. It is replaced, never changed.
	holds   atomic.Pointer[map[string]string]
	was     map[hold]bool
	shut    *prometheus.GaugeVec
	refused *prometheus.CounterVec
}

// New builds a gate that lets everything in until it has looked. It panics on a registry
// that has its metrics already, as prometheus does.
func New(o Options) *Gate {
	if o.Now == nil {
		o.Now = time.Now
	}
	g := &Gate{
		options: o, was: map[hold]bool{},
		shut: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "bauta_backpressure", Help: "1 while the platform is asked to send a business's events later, and why; _all: everybody's.",
		}, []string{"business", "reason"}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "bauta_backpressure_refused_total", Help: "Webhooks that the platform was asked to send later, by whose limit it was.",
		}, []string{"business", "reason"}),
	}
	g.holds.Store(&map[string]string{})
	g.Limit(o.Limits)
	o.Registerer.MustRegister(g.shut, g.refused)
	for _, reason := range []string{Memory, Unfit} {
		g.shut.WithLabelValues(Everybody, reason)
		g.refused.WithLabelValues(Everybody, reason)
	}
	return g
}

// Limit has these limits in the place of those before, from the next look on.
func (g *Gate) Limit(l Limits) { g.limits.Store(&l) }

// FullError says that events of a business, or anybody's, have to come later.
type FullError struct{ Business, Reason string }

// Error names the limit.
func (e FullError) Error() string {
	who := "business " + e.Business
	if e.Business == Everybody {
		who = "every business"
	}
	return "events of " + who + " have to wait with the platform: " + e.Reason + " is at its limit"
}

// RetryAfter is how long to wait.
func (FullError) RetryAfter() time.Duration { return after }

// Admit tells whether events of a business can be taken in now: nil or a FullError.
func (g *Gate) Admit(business string) error {
	holds := *g.holds.Load()
	for _, who := range [...]string{Everybody, business} {
		if reason, held := holds[who]; held {
			g.refused.WithLabelValues(who, reason).Inc()
			return FullError{who, reason}
		}
	}
	return nil
}

// Run looks at the store until ctx ends. While that does not answer, what was last seen
// holds: then nothing can be stored anyway.
func (g *Gate) Run(ctx context.Context) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if err := g.Look(ctx); err != nil && ctx.Err() == nil {
			g.options.Logger.DebugContext(ctx, "the limits could not be checked", slog.String("error", err.Error()))
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Look looks at the store once. Not for concurrent use.
func (g *Gate) Look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	servers, unfit, err := g.options.Store.Servers(ctx)
	if err != nil {
		return errors.Join(errors.New("look at the store's memory"), err)
	}
	l := *g.limits.Load()
	var queues map[string]Queue
	if l.queues() || l.share(servers) >= ends*early {
		if queues, err = g.options.Store.Queues(ctx); err != nil {
			return errors.Join(errors.New("look at what waits"), err)
		}
	}
	g.take(ctx, l.judge(g.was, servers, queues, unfit != nil, g.options.Now()), unfit)
	return nil
}

// take has new holds in force, and says once what changed.
func (g *Gate) take(ctx context.Context, is map[hold]bool, unfit error) {
	log := g.options.Logger
	holds := make(map[string]string, len(is))
	for h := range is {
		if other, more := holds[h.business]; !more || h.reason < other {
			holds[h.business] = h.reason
		}
		g.shut.WithLabelValues(h.business, h.reason).Set(1)
		if !g.was[h] {
			attrs := []any{slog.String("business", h.business), slog.String("limit", h.reason)}
			if h.reason == Unfit {
				attrs = append(attrs, slog.String("error", unfit.Error()))
			}
			log.WarnContext(ctx, "a limit is reached: the platform is asked to send later", attrs...)
		}
	}
	for h := range g.was {
		if !is[h] {
			g.shut.WithLabelValues(h.business, h.reason).Set(0)
			log.InfoContext(ctx, "below the limit again: events are taken in", slog.String("business", h.business), slog.String("limit", h.reason))
		}
	}
	g.was = is
	g.holds.Store(&holds)
}
