package forward

import (
	"errors"
	"sync"
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

// meter is one endpoint's share of the metrics. ok and delivered are what most
// attempts and events come to, looked up once.
type meter struct {
	attempts, events, returned            *prometheus.CounterVec
	ok, delivered                         func() prometheus.Counter
	flight, queued, paused, breaker, pace prometheus.Gauge
	seconds                               prometheus.Observer
	lost                                  prometheus.Counter
}

func (m *metrics) of(k webhook.EndpointKey) meter {
	l := prometheus.Labels{"business": k.Business, "endpoint": k.Endpoint}
	for _, reason := range []Reason{Paused, Returned} {
		m.returned.MustCurryWith(l).WithLabelValues(string(reason)) // from 0, so that the first one is an increase
	}
	attempts, events := m.attempts.MustCurryWith(l), m.events.MustCurryWith(l)
	return meter{
		attempts: attempts, events: events, returned: m.returned.MustCurryWith(l),
		ok:        sync.OnceValue(func() prometheus.Counter { return attempts.WithLabelValues(string(OK)) }),
		delivered: sync.OnceValue(func() prometheus.Counter { return events.WithLabelValues(outcomeName(webhook.Delivered), string(OK)) }),
		flight:    m.flight.With(l), queued: m.queued.With(l), paused: m.paused.With(l), breaker: m.breakerClosed.With(l), pace: m.pace.With(l),
		seconds: m.seconds.With(l), lost: m.lost,
	}
}

// forget takes away what tells how an endpoint stands that is gone.
func (m *metrics) forget(k webhook.EndpointKey) {
	for _, g := range []*prometheus.GaugeVec{m.queued, m.paused, m.breakerClosed, m.pace} {
		g.DeleteLabelValues(k.Business, k.Endpoint)
	}
}

func (m *meter) attempt(r result, took time.Duration) {
	m.seconds.Observe(took.Seconds())
	if r.reason == OK {
		m.ok().Inc()
		return
	}
	m.attempts.WithLabelValues(string(r.reason)).Inc()
}

func (m *meter) verdict(v webhook.Verdict) {
	if v.Outcome == webhook.Delivered && v.Reason == string(OK) {
		m.delivered().Inc()
		return
	}
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
