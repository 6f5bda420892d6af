package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"bauta/cmd/bauta/app/config"
	"bauta/masking"
	"bauta/redis/idempotency"
	"bauta/webhook"
	"bauta/webhook/access"
	"bauta/webhook/graph"
	"bauta/webhook/manage"
	"bauta/webhook/meta"
	"bauta/webhook/outbound"
	"bauta/webhook/reply"
)

// answers builds the business's side: the platform's API under handles.
func (n *node) answers() (*reply.Handler, error) {
	k, api := n.core, meta.NewAPI()
	translator, err := outbound.New(outbound.Options{
		API: api, Handles: k.handles, IDs: k.ids, WayBack: webhook.NewWayBack(k.ids, k.vault, k.vault),
		Directory: k.vault, Forms: k.vault, Rolls: k.rolls, Templates: graph.NewTemplates(k.platform, k.accessToken),
		Sealer: k.keys, Tokens: k.deciding.buttons, Rewriter: masking.NewRewriter(), Logger: k.logger,
	})
	if err != nil {
		return nil, fmt.Errorf("build the translator: %w", err)
	}
	handler, err := reply.New(reply.Options{
		Businesses: k.directory, AccessToken: k.accessToken, API: api, Tokens: k.tokens, Limiter: n.limiter(),
		Translator: translator, Platform: k.platform, Once: idempotency.New(k.store, k.keys, k.vault), Rolls: k.rolls, Sealer: k.keys,
		Requests: k.deciding.consents, Audit: k.deciding.audit, Pace: k.deciding.pace,
		PublicURL: k.config().PublicURL, TrustedProxies: prefixes(k.config().TrustedProxies),
		Registerer: k.registry, Logger: k.logger, Now: time.Now, Answered: k.tracedAnswers(),
	})
	if err != nil {
		return nil, usageError{err}
	}
	return handler, nil
}

// management builds the management API.
func (n *node) management() (*manage.Handler, error) {
	k := n.core
	handler, err := manage.New(manage.Options{
		Businesses: k.directory, Decisions: k.deciding.consents, Eraser: k.deciding.consents,
		Consents: ledgerLines{k.deciding.lines}, Audit: auditLines{k.deciding.audit}, Desk: n.desk, Handles: k.handles,
		Tokens: k.tokens, Limiter: n.limiter(), Once: idempotency.New(k.store, k.keys, k.vault),
		Registerer: k.registry, Logger: k.logger,
	})
	if err != nil {
		return nil, fmt.Errorf("build the management API: %w", err)
	}
	return handler, nil
}

// limiter counts the calls of one API.
func (n *node) limiter() *access.Limiter {
	l := access.NewLimiter(access.Limits{})
	l.Calls(callsOf(n.core.config()))
	n.limiters = append(n.limiters, l)
	return l
}

// callsOf is how many calls a second a token may make, and how many at once.
func callsOf(c *config.Config) (rate float64, burst int) {
	rate = c.Limits.PerToken.PerSecond()
	return rate, max(1, int(2*rate))
}

// look watches who else gets the businesses' webhooks, until teardown.
func (n *node) look(ctx context.Context) error {
	k := n.core
	watch, err := graph.NewWatch(graph.WatchOptions{
		Client: k.platform, Businesses: k.directory.All, Token: k.accessToken, Logger: k.logger, Registerer: k.registry,
	})
	if err != nil {
		return fmt.Errorf("watch the subscriptions: %w", err)
	}
	n.watch = watch
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() {
		defer close(done)
		watch.Run(running)
	}()
	n.down.add(stepTimeout, func(ctx context.Context) error {
		cancel()
		select {
		case <-done:
			return nil
		case <-ctx.Done():
			return errors.New("the look at the subscriptions did not end in time")
		}
	})
	return nil
}

// warnings are what the operator should know of, for the admin listener.
func (n *node) warnings() []string {
	return slices.Concat(n.pipeline.Warnings(), n.watch.Warnings(), n.ledgers.warnings(), n.core.keyWarnings(time.Now()),
		n.strays.warnings(), n.reloads.Load().warnings())
}
