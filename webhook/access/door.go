package access

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"bauta/webhook"
)

// Checker tells what a bearer token allows: *Tokens.
type Checker interface {
	// Check returns ErrInvalid, always the same, for every token that is not in force;
	// any other error means that it could not be found out.
	Check(ctx context.Context, token string) (webhook.Grant, error)
}

// Brake slows callers down: *Limiter. All answers are at once.
type Brake interface {
	// Token takes one call of a grant; false: too many.
	Token(g webhook.Grant) bool
	// Source tells whether an address may still try tokens; Failed notes that it
	// gave a wrong one, in one step with the same question.
	Source(address netip.Addr) bool
	Failed(address netip.Addr) bool
}

// Why somebody was not let in, a closed set.
const (
	failureMissing      = "missing"
	failureAmbiguous    = "ambiguous"
	failureInvalid      = "invalid"
	failureUnconfigured = "unconfigured"
	failureSource       = "source_limited"
)

const (
	// tokenWait: the bucket of a token fills again by the second.
	tokenWait = time.Second
	// sourceWait: wrong tokens are forgiven one by one.
	sourceWait = 10 * time.Second
)

// BusyError is the answer to who calls, or guesses, too often.
type BusyError struct {
	// Wait is for the header Retry-After.
	Wait time.Duration
}

// Error implements error.
func (e *BusyError) Error() string { return "too many calls" }

// Door lets the callers of one API in. Safe for concurrent use.
type Door struct {
	tokens     Checker
	brake      Brake
	businesses *webhook.Directory
	failures   *prometheus.CounterVec
}

// NewDoor builds a Door. Failures counts who is not let in by one label, the reason,
// and is registered by the caller.
func NewDoor(tokens Checker, brake Brake, businesses *webhook.Directory, failures *prometheus.CounterVec) *Door {
	// From 0, so that the first one is an increase.
	for _, reason := range []string{failureMissing, failureAmbiguous, failureInvalid, failureUnconfigured, failureSource} {
		failures.WithLabelValues(reason)
	}
	return &Door{tokens: tokens, brake: brake, businesses: businesses, failures: failures}
}

// Guest is who was let in.
type Guest struct {
	Grant webhook.Grant
	// Business of the grant; nil where that is of webhook.AllBusinesses, which only
	// EnterOperator lets in.
	Business *webhook.Business
	// Token is what was shown.
	Token string
}

// Enter lets a call in by the token that it shows, in several places the same one. A
// right token is let in from every address: many businesses may call from one, and one
// of them with an old token must not lock the others out. Its business has to be
// configured still. The error is ErrInvalid, a *BusyError, or the registry's: it is not
// known who calls. The Guest is whole with a *BusyError too if only the token is used
// too often. Who has a token of all businesses is not let in: as if it were unknown.
func (d *Door) Enter(ctx context.Context, address netip.Addr, shown []string) (Guest, error) {
	return d.enter(ctx, address, shown, false)
}

// EnterOperator is Enter where operators come in too: also with a token of
// webhook.AllBusinesses, whose Guest has no Business. What the token opens is for the
// caller to see, as with Enter: who operates has the scope Console.
func (d *Door) EnterOperator(ctx context.Context, address netip.Addr, shown []string) (Guest, error) {
	return d.enter(ctx, address, shown, true)
}

func (d *Door) enter(ctx context.Context, address netip.Addr, shown []string, operators bool) (Guest, error) {
	token, failure := sole(shown)
	var g webhook.Grant
	if failure == "" {
		var err error
		g, err = d.tokens.Check(ctx, token)
		switch {
		case errors.Is(err, ErrInvalid):
			failure = failureInvalid
		case err != nil:
			return Guest{}, err
		}
	}
	switch {
	case failure == failureMissing:
		if err := d.Knock(address); err != nil {
			return Guest{}, err
		}
		return Guest{}, d.refuse(failure)
	case failure != "" && !d.brake.Failed(address):
		return Guest{}, d.tooMany()
	case failure != "":
		return Guest{}, d.refuse(failure)
	}
	b := d.businesses.ByID(g.Business)
	if b == nil && (!operators || g.Business != webhook.AllBusinesses) {
		return Guest{}, d.refuse(failureUnconfigured)
	}
	guest := Guest{Grant: g, Business: b, Token: token}
	if !d.brake.Token(g) {
		return guest, &BusyError{tokenWait}
	}
	return guest, nil
}

// Knock is for who costs something before a token is looked at: a *BusyError if their
// address gave too many wrong ones.
func (d *Door) Knock(address netip.Addr) error {
	if d.brake.Source(address) {
		return nil
	}
	return d.tooMany()
}

func (d *Door) tooMany() error {
	d.failures.WithLabelValues(failureSource).Inc()
	return &BusyError{sourceWait}
}

// Differs refuses a call of which another place shows another token.
func (d *Door) Differs() error { return d.refuse(failureAmbiguous) }

func (d *Door) refuse(failure string) error {
	d.failures.WithLabelValues(failure).Inc()
	return ErrInvalid
}

// Bearers are the tokens in the values of the header Authorization.
func Bearers(values []string) []string {
	var tokens []string
	for _, value := range values {
		if scheme, token, ok := strings.Cut(value, " "); ok && strings.EqualFold(scheme, "Bearer") {
			tokens = append(tokens, strings.TrimSpace(token))
		}
	}
	return tokens
}

// sole is the one token that all places agree on, or why there is none.
func sole(shown []string) (token, failure string) {
	for _, t := range shown {
		switch {
		case t == "":
			return "", failureInvalid
		case token != "" && t != token:
			return "", failureAmbiguous
		}
		token = t
	}
	if token == "" {
		return "", failureMissing
	}
	return token, ""
}
