package reply

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Outcomes beside the names of faults (meta.FaultName).
const (
	outcomeOK            = "ok"
	outcomePlatformError = "platform_error"
	// outcomeGone: the caller hung up before the platform was called.
	outcomeGone = "gone"
)

// noRoute stands for every path that is not a route: a label from the URL would let
// callers make metrics.
const noRoute = "none"

type metrics struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	failures *prometheus.CounterVec
}

func newMetrics(r prometheus.Registerer) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "bauta_reply_requests_total", Help: "Calls of businesses by route and outcome: ok, platform_error, or the name of Bauta's own error.",
		}, []string{"business", "route", "outcome"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "bauta_reply_seconds", Help: "Time from a call's headers to its answer, the platform's included.",
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 15, 60},
		}, []string{"route"}),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "bauta_reply_auth_failures_total", Help: "Calls that were not let in, by reason.",
		}, []string{"reason"}),
	}
	r.MustRegister(m.requests, m.seconds, m.failures)
	return m
}

// answered counts a call of a business that was let in.
func (m *metrics) answered(business, route, outcome string, took time.Duration) {
	m.requests.WithLabelValues(business, route, outcome).Inc()
	m.seconds.WithLabelValues(route).Observe(took.Seconds())
}
