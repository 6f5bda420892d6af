package graph

import (
	"errors"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// outcomeOK is the outcome of a call that worked; every other one is a Kind.
const outcomeOK = "ok"

// operation is what a duration is of: a closed set.
type operation string

const (
	operationCall     operation = "call"
	operationDownload operation = "download"
)

// Metrics counts what a Client does. The nil pointer counts nothing.
type Metrics struct {
	calls, retries *prometheus.CounterVec
	seconds        *prometheus.HistogramVec
	breakers       atomic.Pointer[breakers]
}

// NewMetrics registers the metrics; the error is the registry's. Labels are from
// closed sets and name nobody. They are of one Client.
func NewMetrics(registerer prometheus.Registerer) (*Metrics, error) {
	m := &Metrics{
		calls: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "bauta_graph_calls_total", Help: "Calls of the platform's API, by how they ended.",
		}, []string{"outcome"}),
		retries: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "bauta_graph_retries_total", Help: "Repetitions of calls, by why.",
		}, []string{"reason"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "bauta_graph_duration_seconds", Help: "How long the platform took to answer one request.",
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}, []string{"operation"}),
	}
	gauge := func(state string, read func(open, half int) int) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "bauta_graph_breakers", Help: "Breakers that are not closed.", ConstLabels: prometheus.Labels{"state": state},
		}, func() float64 {
			b := m.breakers.Load()
			if b == nil {
				return 0
			}
			return float64(read(b.states()))
		})
	}
	var faults []error
	for _, one := range []prometheus.Collector{
		m.calls, m.retries, m.seconds,
		gauge("open", func(open, _ int) int { return open }), gauge("half_open", func(_, half int) int { return half }),
	} {
		faults = append(faults, registerer.Register(one))
	}
	// From 0, so that the first one is an increase.
	for _, outcome := range []Kind{
		outcomeOK, NotFound, TokenRefused, Forbidden, RateLimited, Refused, Unavailable, Unreadable, TooSlow, Unreachable, BreakerOpen, Canceled, SourceBroken,
	} {
		m.calls.WithLabelValues(string(outcome))
	}
	for _, reason := range []repetition{afterLimit, afterPairLimit, afterConnection} {
		m.retries.WithLabelValues(string(reason))
	}
	return m, errors.Join(faults...)
}

func (m *Metrics) watch(b *breakers) {
	if m != nil {
		m.breakers.Store(b)
	}
}

func (m *Metrics) call(outcome string) {
	if m != nil {
		m.calls.WithLabelValues(outcome).Inc()
	}
}

func (m *Metrics) again(reason repetition) {
	if m != nil {
		m.retries.WithLabelValues(string(reason)).Inc()
	}
}

func (m *Metrics) took(what operation, d time.Duration) {
	if m != nil {
		m.seconds.WithLabelValues(string(what)).Observe(d.Seconds())
	}
}

// outcomeOf names how a call ended.
func outcomeOf(a *Answer, fault *Error) string {
	switch {
	case fault != nil:
		return string(fault.Kind)
	case a.Status >= 200 && a.Status <= 299:
		return outcomeOK
	}
	return string(refusal(a.Status, a.Body).Kind)
}
