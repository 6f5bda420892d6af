package receive

import "github.com/prometheus/client_golang/prometheus"

// The answers are a closed set and a metric's label.
const (
	answerStored           = "stored"
	answerHandshake        = "handshake"
	answerUnknownApp       = "unknown_app"
	answerWrongToken       = "wrong_token"
	answerBadChallenge     = "bad_challenge"
	answerBadSignature     = "bad_signature"
	answerWrongCertificate = "wrong_certificate"
	answerEncoded          = "encoded"
	answerTooLarge         = "too_large"
	answerUnreadable       = "unreadable"
	answerOverloaded       = "overloaded"
	answerNotStored        = "not_stored"
	answerFull             = "full"
)

// unknownApp stands for every app that is not configured: a label from the URL
// would let strangers make metrics.
const unknownApp = "unknown"

type metrics struct {
	requests *prometheus.CounterVec
	latency  *prometheus.HistogramVec
	size     *prometheus.HistogramVec
}

func newMetrics(r prometheus.Registerer) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "bauta_receive_requests_total", Help: "Requests of the platform's side by app and answer.",
		}, []string{"app", "answer"}),
		// The platform wants a median of at most 250 ms and under 1 % above 1 s.
		latency: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "bauta_receive_ack_seconds", Help: "Time from a webhook's headers to its 200.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 15},
		}, []string{"app"}),
		size: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "bauta_receive_body_bytes", Help: "Size of signed bodies.",
			Buckets: prometheus.ExponentialBuckets(512, 4, 8),
		}, []string{"app"}),
	}
	r.MustRegister(m.requests, m.latency, m.size)
	m.requests.WithLabelValues(unknownApp, answerUnknownApp)
	return m
}

// common is what is counted of every webhook of an app that is stored: found once, not
// by its labels each time.
type common struct {
	stored        prometheus.Counter
	latency, size prometheus.Observer
}

func (m *metrics) common(app string) common {
	return common{
		stored: m.requests.WithLabelValues(app, answerStored), latency: m.latency.WithLabelValues(app), size: m.size.WithLabelValues(app),
	}
}

// begin counts from 0 what can be counted of an app, so that the first one is an
// increase.
func (m *metrics) begin(app string) {
	for _, answer := range []string{
		answerStored, answerHandshake, answerWrongToken, answerBadChallenge, answerBadSignature, answerWrongCertificate,
		answerEncoded, answerTooLarge, answerUnreadable, answerOverloaded, answerNotStored, answerFull,
	} {
		m.requests.WithLabelValues(app, answer)
	}
}

func (m *metrics) answered(app, answer string) { m.requests.WithLabelValues(app, answer).Inc() }

// Latency is the histogram of how long webhooks waited for their 200, for whoever looks
// at it beside the registry.
func (r *Receiver) Latency() prometheus.Collector { return r.metrics.latency }
