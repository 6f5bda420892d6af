package app

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"
)

// vitals are what a node knows of itself: its version, what /readyz says of its parts,
// and how long its certificate is good.
type vitals struct {
	node                      *node
	ready, build, certificate *prometheus.Desc
}

func newVitals(n *node) *vitals {
	return &vitals{
		node:  n,
		ready: prometheus.NewDesc("bauta_ready", "1 if a part of the node is ready, as /readyz says: redis, delivery.", []string{"part"}, nil),
		build: prometheus.NewDesc("bauta_build_info", "1, with the version of the program.", nil, prometheus.Labels{"version": version()}),
		certificate: prometheus.NewDesc("bauta_certificate_not_after_timestamp_seconds",
			"Unix time until which the certificate of the public listener is good; 0 if a proxy ends TLS.", nil, nil),
	}
}

// Describe implements prometheus.Collector.
func (v *vitals) Describe(out chan<- *prometheus.Desc) {
	out <- v.ready
	out <- v.build
	out <- v.certificate
}

// Collect implements prometheus.Collector.
func (v *vitals) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), gaugeTimeout)
	defer cancel()
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	gauge(v.build, 1)
	gauge(v.ready, oneIf(v.node.storeFit(ctx) == nil), "redis")
	gauge(v.ready, oneIf(v.node.forwarder.Working() == nil), "delivery")
	until := 0.0
	if secure := v.node.secure.Load(); secure != nil {
		until = float64(secure.Certificates[0].Leaf.NotAfter.Unix())
	}
	gauge(v.certificate, until)
}

func oneIf(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
