package forward

import (
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"bauta/webhook"
	"bauta/webhook/egress"
)

// Options are what a Forwarder is made of. Lanes, Pauses and Businesses are
// needed; every other zero value has a default.
type Options struct {
	Businesses []webhook.Business
	Lanes      Lanes
	Pauses     Pauses
	// Progress is needed if an endpoint wants statuses forward only.
	Progress Progress
	// Wakes of other nodes; nil: the sweep alone finds their work.
	Wakes Wakes
	// Transport returns the way to an endpoint, asked once for each. Nil: a
	// guarded egress.Transport of its own. It must not follow redirects.
	Transport func(webhook.Endpoint) http.RoundTripper
	// Carrier carries what goes to endpoints with Platform set, which have no URL and
	// no secrets. Needed if there is such an endpoint.
	Carrier webhook.Carrier
	// Version of the program, in the User-Agent. Default "dev".
	Version string
	// Sweep is how often lanes are looked for that nobody spoke of. Default 5 s.
	Sweep time.Duration
	// Queue bounds the local work of one endpoint. Default four times its concurrency,
	// at least 64.
	Queue int
	// Memory bounds the bodies that are in hand, of all endpoints together, in bytes;
	// beside it there is one body for each endpoint. Default 64 MiB.
	Memory int64
	// Now is the clock for stamps and deadlines, with a monotonic reading.
	Now func() time.Time
	// Jitter returns numbers in [0, 1); default random.
	Jitter     func() float64
	Registerer prometheus.Registerer
	Log        *slog.Logger
	// PRF names lanes in the log (webhook.LoggedLane); nil: they have no name there.
	PRF webhook.PRF
	// Observe is told of every attempt that was made; nil: nobody is.
	Observe func(webhook.Attempt)
}

// withDefaults fills what was left out and joins all faults of the rest.
func (o Options) withDefaults() (Options, error) {
	var faults []error
	if o.Lanes == nil {
		faults = append(faults, errors.New("forward: no Lanes"))
	}
	if o.Pauses == nil {
		faults = append(faults, errors.New("forward: no Pauses"))
	}
	if o.Transport == nil {
		o.Transport = guarded
	}
	if o.Version == "" {
		o.Version = "dev"
	}
	if o.Sweep <= 0 {
		o.Sweep = 5 * time.Second
	}
	if o.Memory <= 0 {
		o.Memory = defaultMemory
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Jitter == nil {
		o.Jitter = rand.Float64
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o, errors.Join(faults...)
}

func guarded(e webhook.Endpoint) http.RoundTripper {
	return egress.New(egress.Options{
		AllowPrivate: e.AllowPrivate, AllowHTTP: e.AllowHTTP, Connections: e.Concurrency,
	})
}

// complete fills an endpoint's missing settings with the documented defaults,
// and refuses what cannot be delivered to.
func complete(c webhook.Endpoint) (webhook.Endpoint, error) {
	if c.Timeout <= 0 {
		c.Timeout = 10 * time.Second
	}
	if c.Concurrency <= 0 {
		c.Concurrency = 32
	}
	if len(c.Retry.Schedule) == 0 {
		c.Retry.Schedule = []time.Duration{
			time.Second, 5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour,
		}
	}
	if c.Retry.MaxAge <= 0 {
		c.Retry.MaxAge = 72 * time.Hour
	}
	if c.Retry.RefusedAttempts <= 0 {
		c.Retry.RefusedAttempts = 3
	}
	for i, w := range c.Retry.Schedule {
		if w <= 0 {
			return c, fmt.Errorf("retry.schedule: wait %d is not positive", i+1)
		}
	}
	if c.Platform {
		return c, nil
	}
	return c, egress.CheckURL(c.URL, egress.Options{AllowPrivate: c.AllowPrivate, AllowHTTP: c.AllowHTTP})
}
