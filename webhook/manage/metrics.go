package manage

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Outcomes in the log, beside the names of problems.
const (
	outcomeOK = "ok"
	// outcomeGone: the caller hung up before anything was done.
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
			Name: "bauta_manage_requests_total", Help: "Calls of the management API by route and class of status: 2xx, 4xx, 5xx, or gone for callers who hung up.",
		}, []string{"business", "route", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "bauta_manage_seconds", Help: "Time from a call's headers to its answer.",
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 15, 60},
		}, []string{"route"}),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "bauta_manage_auth_failures_total", Help: "Calls of the management API that were not let in, by reason.",
		}, []string{"reason"}),
	}
	r.MustRegister(m.requests, m.seconds, m.failures)
	return m
}

// answered counts a call of a business that was let in; status 0 is one that nobody
// waited for.
func (m *metrics) answered(business, route string, status int, took time.Duration) {
	class := outcomeGone
	if status > 0 {
		class = strconv.Itoa(status/100) + "xx"
	}
	m.requests.WithLabelValues(business, route, class).Inc()
	m.seconds.WithLabelValues(route).Observe(took.Seconds())
}
