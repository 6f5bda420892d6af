package forward

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"bauta/webhook"
)

// metrics are labelled by business and endpoint as configured, so that their
// number is bounded, and never by anything of an event.
type metrics struct {
	attempts, events, returned                  *prometheus.CounterVec
	flight, queued, paused, breakerClosed, pace *prometheus.GaugeVec
	seconds                                     *prometheus.HistogramVec
	lost, unknown                               prometheus.Counter
}

// newMetrics builds the metrics; reg nil leaves them unregistered.
func newMetrics(reg prometheus.Registerer) (*metrics, error) {
	counter := func(name, help string, more ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "bauta_forward_" + name, Help: help},
			append([]string{"business", "endpoint"}, more...))
	}
	gauge := func(name, help string) *prometheus.GaugeVec {
		return prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "bauta_forward_" + name, Help: help},
			[]string{"business", "endpoint"})
	}
	m := &metrics{
		attempts: counter("attempts_total", "Requests to endpoints, by how they ended.", "reason"),
		events:   counter("events_total", "Verdicts on events: delivered, again, dead, aside, dropped, expired.", "outcome", "reason"),
		returned: counter("returned_total", "Leases given back without an attempt.", "reason"),
		flight:   gauge("in_flight", "Requests under way."),
		queued:   gauge("queued", "Work waiting on this node."),
		paused:   gauge("paused", "1 while the endpoint is paused, as this node knows."),
		breakerClosed: gauge("breaker_state",
			"The breaker of this node: 0 closed, 0.5 while work is taken up again, 1 open."),
		pace: gauge("concurrency", "How many requests this node makes at once at most: less than configured where answers say that it is too much."),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "bauta_forward_duration_seconds", Help: "How long requests took.",
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}, []string{"business", "endpoint"}),
		lost: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "bauta_forward_leases_lost_total", Help: "Leases that another node had taken, or that ran out here.",
		}),
		unknown: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "bauta_forward_unknown_endpoint_total", Help: "Due lanes of endpoints that are not configured any more.",
		}),
	}
	if reg == nil {
		return m, nil
	}
	var faults []error
	for _, c := range []prometheus.Collector{
		m.attempts, m.events, m.returned, m.flight, m.queued, m.paused, m.breakerClosed, m.pace, m.seconds, m.lost, m.unknown,
	} {
		faults = append(faults, reg.Register(c))
	}
	return m, errors.Join(faults...)
}

// meter is one endpoint's share of the metrics.
type meter struct {
	attempts, events, returned            *prometheus.CounterVec
	flight, queued, paused, breaker, pace prometheus.Gauge
	seconds                               prometheus.Observer
	lost                                  prometheus.Counter
}

func (m *metrics) of(k webhook.EndpointKey) meter {
	l := prometheus.Labels{"business": k.Business, "endpoint": k.Endpoint}
	for _, reason := range []Reason{Paused, Returned} {
		m.returned.MustCurryWith(l).WithLabelValues(string(reason)) // from 0, so that the first one is an increase
	}
	return meter{
		attempts: m.attempts.MustCurryWith(l), events: m.events.MustCurryWith(l), returned: m.returned.MustCurryWith(l),
		flight: m.flight.With(l), queued: m.queued.With(l), paused: m.paused.With(l), breaker: m.breakerClosed.With(l), pace: m.pace.With(l),
		seconds: m.seconds.With(l), lost: m.lost,
	}
}

func (m meter) attempt(r result, took time.Duration) {
	m.attempts.WithLabelValues(string(r.reason)).Inc()
	m.seconds.Observe(took.Seconds())
}

func (m meter) verdict(v webhook.Verdict) {
	m.events.WithLabelValues(outcomeName(v.Outcome), v.Reason).Inc()
}

func outcomeName(o webhook.Outcome) string {
	switch o {
	case webhook.Again:
		return "again"
	case webhook.Delivered:
		return "delivered"
	case webhook.Dead:
		return "dead"
	case webhook.Aside:
		return "aside"
	case webhook.Dropped:
		return "dropped"
	case webhook.Expired:
		return "expired"
	}
	return "again"
}
