package errand

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"bauta/webhook"
)

// metrics are labelled by business as configured and by closed sets.
type metrics struct {
	errands *prometheus.CounterVec
	age     *prometheus.HistogramVec
}

// newMetrics builds the metrics; reg nil leaves them unregistered.
func newMetrics(reg prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		errands: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "bauta_errands_total",
			Help: "Attempts to do what Bauta itself has to do towards the platform, by what became of them.",
		}, []string{"business", "kind", "outcome"}),
		age: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "bauta_errand_age_seconds", Help: "How long messages of Bauta's own waited until the platform took them.",
			Buckets: []float64{.1, .5, 1, 5, 15, 60, 300, 1800, 7200, 86400},
		}, []string{"business"}),
	}
	if reg == nil {
		return m, nil
	}
	return m, errors.Join(reg.Register(m.errands), reg.Register(m.age))
}

// end counts an attempt; age is the errand's since it was accepted.
func (m *metrics) end(business string, kind webhook.ErrandKind, why Reason, age time.Duration) {
	m.errands.WithLabelValues(business, string(kind), string(why)).Inc()
	if why == Sent || why == Unrecorded {
		m.age.WithLabelValues(business).Observe(max(age, 0).Seconds())
	}
}
