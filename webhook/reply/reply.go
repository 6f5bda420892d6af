package reply

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/semaphore"

	"bauta/webhook"
	"bauta/webhook/access"
	"bauta/webhook/meta"
)

// Options are what a Handler needs. All are required but PublicURL and
// TrustedProxies.
type Options struct {
	Businesses *webhook.Directory
	// AccessToken returns a business's access token for the platform, "" if none is
	// configured.
	AccessToken func(business string) string
	API         *meta.API
	Tokens      access.Checker
	Limiter     access.Brake
	Translator  Translator
	Platform    Platform
	Once        Once
	Rolls       webhook.Rolls
	Requests    Requests
	Audit       webhook.Audit
	Pace        Pace
	// Sealer seals what the URLs of media say.
	Sealer meta.Sealer
	// PublicURL is where businesses reach this API, such as https://bauta.example;
	// "": where the request itself says.
	PublicURL string
	// TrustedProxies are those whose X-Forwarded-Proto and X-Forwarded-Host count;
	// the client's address is the Echo's affair.
	TrustedProxies []netip.Prefix
	Registerer     prometheus.Registerer
	Logger         *slog.Logger
	// Now stamps and ages; waiting is done by timers.
	Now func() time.Time
	// Answered is told of every call that was let in, in the words of the metrics; nil:
	// nobody is.
	Answered func(ctx context.Context, business, route, outcome string)
}

// Handler answers businesses. Safe for concurrent use.
type Handler struct {
	Options

	numbers *numbers
	metrics *metrics
	notices *notices
	door    *access.Door
	memory  *semaphore.Weighted

	transfers transfers
}

// New checks the options, every fault at once. It panics if the registry has the
// metrics already, as prometheus does.
func New(o Options) (*Handler, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	m := newMetrics(o.Registerer)
	return &Handler{
		Options: o,
		numbers: newNumbers(o.Platform, o.Now),
		metrics: m,
		door:    access.NewDoor(o.Tokens, o.Limiter, o.Businesses, m.failures),
		notices: newNotices(o.Logger),
		memory:  semaphore.NewWeighted(memoryLimit),
	}, nil
}

func (o *Options) check() error {
	var faults []error
	for _, option := range []struct {
		name    string
		missing bool
	}{
		{"Businesses", o.Businesses == nil},
		{"AccessToken", o.AccessToken == nil},
		{"API", o.API == nil},
		{"Tokens", o.Tokens == nil},
		{"Limiter", o.Limiter == nil},
		{"Translator", o.Translator == nil},
		{"Platform", o.Platform == nil},
		{"Once", o.Once == nil},
		{"Rolls", o.Rolls == nil},
		{"Requests", o.Requests == nil},
		{"Audit", o.Audit == nil},
		{"Pace", o.Pace == nil},
		{"Sealer", o.Sealer == nil},
		{"Registerer", o.Registerer == nil},
		{"Logger", o.Logger == nil},
		{"Now", o.Now == nil},
	} {
		if option.missing {
			faults = append(faults, fmt.Errorf("reply.New: Options.%s is missing", option.name))
		}
	}
	if o.PublicURL != "" {
		u, err := url.Parse(o.PublicURL)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
			faults = append(faults, errors.New("reply.New: Options.PublicURL: want a URL such as https://bauta.example, without query or user"))
		}
	}
	return errors.Join(faults...)
}

// opened are the routes that a business opened for itself (passthrough). What is no
// route was told by whoever checked the configuration, and opens nothing.
func opened(b *webhook.Business) []*meta.Route {
	var routes []*meta.Route
	for _, entry := range b.Passthrough {
		if route, err := meta.ParsePassthrough(entry); err == nil {
			routes = append(routes, route)
		}
	}
	return routes
}

// Register adds GET /media/:sealed, and takes every other path that the Echo does
// not route elsewhere.
func (h *Handler) Register(e *echo.Echo) {
	e.GET(mediaPath+":sealed", h.answering(h.download))
	e.Any("/*", h.answering(h.serve))
	// Methods that the Echo does not know end here.
	e.RouteNotFound("/*", h.answering(h.serve))
}
