package reply

import (
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"

	"bauta/webhook"
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
	Tokens      Tokens
	Limiter     Limiter
	Translator  Translator
	Platform    Platform
	Once        Once
	Rolls       webhook.Rolls
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
}

// Handler answers businesses. Safe for concurrent use.
type Handler struct {
	Options

	metrics *metrics
}

// New checks the options, every fault at once. It panics if the registry has the
// metrics already, as prometheus does.
func New(o Options) (*Handler, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	return &Handler{Options: o, metrics: newMetrics(o.Registerer)}, nil
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

// What the files of this package do for each other:
//
//	upload(c echo.Context, r *request) (*outcome, error)         Handling Upload
//	lookUp(ctx context.Context, r *request) (*outcome, error)    Handling LookUp
//	download(c echo.Context, r *request) (*outcome, error)       GET /media/:sealed, before any check
//	once(ctx context.Context, r *request, make func(context.Context) (*outcome, error)) (*outcome, error)
//	    around every call that changes something; the fingerprint is made of r
//	owns(ctx context.Context, business, id string) (bool, error) a medium is on one of the rolls
//	authenticate(c echo.Context, r *request) error               fills r up to token
//	call(ctx context.Context, r *request) (*outcome, error)      translate, call, mask
//	fail(name meta.FaultName, details string) *failure           an error that becomes an answer; failure.uncertain:
//	    the platform may have done it
//	lost(r *request, err error) error                            the failure that a *graph.Error is
//
// A handling that returns neither outcome nor error has answered by itself.

// Register adds GET /media/:sealed, and takes every other path that the Echo does
// not route elsewhere.
func (h *Handler) Register(_ *echo.Echo) {}
