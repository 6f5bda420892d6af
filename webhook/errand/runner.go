package errand

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"bauta/masking/sharing"
	"bauta/webhook"
	"bauta/webhook/graph"
)

// Consents takes in what became of errands: *webhook.Consents.
type Consents interface {
	// Sent notes that a message is with the customer: what it says, and its own id
	// within message ids, "" if the platform did not tell.
	Sent(ctx context.Context, b *webhook.Business, c *webhook.Customer, told webhook.Told) error
	// Failed notes why a question did not reach the customer.
	Failed(ctx context.Context, b *webhook.Business, c *webhook.Customer, e webhook.Errand, why webhook.Failure) error
	// Erase forgets a customer.
	Erase(ctx context.Context, b *webhook.Business, c *webhook.Customer, by, action string) (webhook.Receipt, error)
}

// Tokens makes what stands on buttons: *sharing.Tokens.
type Tokens interface {
	Issue(claims sharing.Claims) string
}

// Platform makes calls: *graph.Client.
type Platform interface {
	// Call returns every answer of the platform, errors of its own included; the
	// error is a *graph.Error.
	Call(ctx context.Context, r graph.Request) (*graph.Answer, error)
}

// Options are what a Runner needs. All are required but Registerer.
type Options struct {
	Businesses *webhook.Directory
	// AccessToken returns a business's access token for the platform, "" if none is
	// configured.
	AccessToken func(business string) string
	Records     webhook.Records
	Consents    Consents
	Audit       webhook.Audit
	Tokens      Tokens
	Platform    Platform
	Pace        *Pace
	Registerer  prometheus.Registerer
	Logger      *slog.Logger
	Now         func() time.Time
}

// Runner runs errands: a webhook.Carrier. Safe for concurrent use.
type Runner struct {
	Options

	rates   *rates
	metrics *metrics
	notices *notices
}

// New checks the options, every fault at once.
func New(o Options) (*Runner, error) {
	var faults []error
	for _, need := range []struct {
		name string
		has  bool
	}{
		{"Businesses", o.Businesses != nil},
		{"AccessToken", o.AccessToken != nil},
		{"Records", o.Records != nil},
		{"Consents", o.Consents != nil},
		{"Audit", o.Audit != nil},
		{"Tokens", o.Tokens != nil},
		{"Platform", o.Platform != nil},
		{"Pace", o.Pace != nil},
		{"Logger", o.Logger != nil},
		{"Now", o.Now != nil},
	} {
		if !need.has {
			faults = append(faults, fmt.Errorf("errand.New: Options.%s is missing", need.name))
		}
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	m, err := newMetrics(o.Registerer)
	if err != nil {
		return nil, fmt.Errorf("errand.New: %w", err)
	}
	return &Runner{
		Options: o, rates: newRates(), metrics: m, notices: newNotices(o.Logger, o.Now),
	}, nil
}
