package app

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"maps"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"bauta/cmd/bauta/app/config"
	"bauta/webhook/receive"
)

// Outcome is what became of a configuration that was read while Bauta runs.
type Outcome string

// The outcomes, also as a metric's label.
const (
	// Applied: it is in force, as a whole.
	Applied Outcome = "applied"
	// Refused: the one from before stays in force, as a whole.
	Refused Outcome = "refused"
)

// reloader takes changes of the configuration over. Safe for concurrent use.
type reloader struct {
	node *node
	std  Std
	path string
	// level is how much is logged.
	level *slog.LevelVar

	outcomes *prometheus.CounterVec
	loaded   prometheus.Gauge
	stale    prometheus.Gauge

	// mu has one reload at a time.
	mu sync.Mutex
	// looked is what the files were when they were read last.
	looked look

	telling sync.Mutex
	// refused is when the configuration was refused that lies there now; zero: it is in
	// force. mistakes is how many it has.
	refused  time.Time
	mistakes int
}

// reloadable prepares a node for Reload; seen is what the files were before the
// configuration in force was read.
func (n *node) reloadable(std Std, path string, level *slog.LevelVar, seen look) {
	r := &reloader{
		node: n, std: std, path: path, level: level, looked: seen,
		outcomes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "bauta_config_reloads_total", Help: "Configurations that were read while running: applied, or refused as a whole.",
		}, []string{"outcome"}),
		loaded: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "bauta_config_loaded_seconds", Help: "Unix time at which the configuration in force was read.",
		}),
		stale: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "bauta_config_refused", Help: "1 while the configuration that lies there was refused and one from before is in force.",
		}),
	}
	n.core.registry.MustRegister(r.outcomes, r.loaded, r.stale)
	for _, o := range []Outcome{Applied, Refused} {
		r.outcomes.WithLabelValues(string(o))
	}
	r.loaded.Set(seconds(time.Now()))
	n.reloads.Store(r)
}

// Reload reads the configuration with its secrets and has it in force, all at once, or
// refuses it, all of it: then the error says every mistake with its place, and never a
// configured value. What is under way ends as it began.
func (r *reloader) Reload(ctx context.Context) (Outcome, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	next, err := r.read()
	if err == nil {
		err = r.node.apply(ctx, next)
	}
	outcome := Applied
	if err != nil {
		outcome = Refused
	} else {
		r.level.Set(levelOf(next.Log.Level))
	}
	r.tell(ctx, outcome, err)
	return outcome, err
}

// read reads the configuration as a start would, and notes what its files were: before
// they were read, so that what changes meanwhile is seen as a change.
func (r *reloader) read() (*config.Config, error) {
	var warnings bytes.Buffer
	quiet := r.std
	quiet.Err = &warnings
	r.looked = lookFor(r.std, r.path, r.node.core.config().Files())
	next, _, err := load(quiet, r.path, config.AllSecrets)
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(warnings.String()) {
		r.node.core.logger.Warn("the configuration has something that is probably not meant",
			slog.String("warning", strings.TrimPrefix(strings.TrimSpace(line), "warning: ")))
	}
	if faults := next.NeedsRestart(r.node.core.config()); len(faults) > 0 {
		return nil, usageError{faults}
	}
	return next, nil
}

// apply has a checked configuration in force. Everything is built before anything
// changes: an error leaves all as it was.
func (n *node) apply(ctx context.Context, next *config.Config) error {
	v := newView(next)
	decider, err := newDecider(n.core, next)
	if err != nil {
		return err
	}
	v.decideBy(decider)
	endpoints, err := n.forwarder.Prepare(v.businesses)
	if err != nil {
		return usageError{err}
	}
	all, err := appsOf(next)
	if err != nil {
		return err
	}
	apps, err := receive.CheckApps(all)
	if err != nil {
		return usageError{err}
	}
	secure, err := secureOf(next)
	if err != nil {
		return err
	}
	// The store is asked only where accounts change, so that it may be away for anything else.
	if !maps.Equal(next.Accounts(), n.core.config().Accounts()) {
		if err := n.core.noteAccounts(ctx, next); err != nil {
			return err
		}
	}
	// Endpoints first: whatever is appended by the new view finds whom to offer it to.
	endpoints.Open()
	n.core.take(v)
	n.gateway.Replace(apps)
	endpoints.Close()
	n.secure.Store(secure)
	n.gate.Limit(limitsOf(next))
	for _, l := range n.limiters {
		l.Calls(callsOf(next))
	}
	n.core.metrics.Begin(n.core.directory.All())
	n.watch.Changed()
	signal(n.ledgers.changed)
	signal(n.strays.changed)
	n.core.logger.InfoContext(ctx, "the configuration was taken over", slog.Int("businesses", len(v.businesses)), slog.Int("apps", len(all)))
	return nil
}

// tell says what became of a configuration: every mistake in a line of its own.
func (r *reloader) tell(ctx context.Context, o Outcome, err error) {
	r.outcomes.WithLabelValues(string(o)).Inc()
	r.telling.Lock()
	defer r.telling.Unlock()
	if o == Applied {
		r.loaded.Set(seconds(time.Now()))
		r.stale.Set(0)
		r.refused, r.mistakes = time.Time{}, 0
		return
	}
	r.stale.Set(1)
	mistakes := []string{err.Error()}
	if faults, ok := errors.AsType[config.Faults](err); ok {
		mistakes = mistakes[:0]
		for _, f := range faults {
			mistakes = append(mistakes, f.String())
		}
	}
	r.refused, r.mistakes = time.Now(), len(mistakes)
	for _, m := range mistakes {
		r.node.core.logger.ErrorContext(ctx, "the configuration was refused, the one from before stays in force", slog.String("mistake", m))
	}
}

// warnings tell that what lies there is not in force.
func (r *reloader) warnings() []string {
	if r == nil {
		return nil
	}
	r.telling.Lock()
	defer r.telling.Unlock()
	if r.refused.IsZero() {
		return nil
	}
	return []string{"configuration_refused: " + r.refused.UTC().Format(time.RFC3339) + ", " +
		count(r.mistakes, "mistake", "mistakes") + "; run bauta config check, or see the log"}
}

func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
