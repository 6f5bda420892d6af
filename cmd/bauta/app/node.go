package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"bauta/cmd/bauta/app/config"
	"bauta/masking/keys"
	"bauta/redis/endpoints"
	"bauta/webhook"
	"bauta/webhook/access"
	"bauta/webhook/console"
	"bauta/webhook/forward"
	"bauta/webhook/graph"
	"bauta/webhook/limits"
	"bauta/webhook/manage"
	"bauta/webhook/meta"
	"bauta/webhook/operate"
	"bauta/webhook/receive"
	"bauta/webhook/reply"
	"bauta/webhook/tracing"
)

// node is a running Bauta: it listens, receives and delivers until it is
// stopped.
type node struct {
	core      *core
	pipeline  *webhook.Pipeline
	forwarder *forward.Forwarder
	gateway   *receive.Receiver
	gate      *limits.Gate
	limiters  []*access.Limiter
	watch     *graph.Watch
	ledgers   *ledgers
	strays    *strays
	desk      *operate.Desk
	console   *console.Console
	recent    *operate.Recent
	// secure is how the public listener ends TLS, nil if it does not.
	secure        atomic.Pointer[tls.Config]
	public, admin listener
	// reloads takes changes of the configuration over; nil where it cannot change.
	reloads atomic.Pointer[reloader]
	// failed gets the error of a listener that ends by itself.
	failed chan error
	down   teardown
}

// listener is one server and the address it listens at.
type listener struct {
	server  *http.Server
	address string
}

// startNode starts everything, or nothing. The tracer may be nil.
func startNode(ctx context.Context, c *config.Config, set *keys.Set, logger *slog.Logger, tracer *tracing.Tracer) (_ *node, err error) {
	k, err := newCore(ctx, opening{config: c, keys: set, logger: logger, tracer: tracer})
	if err != nil {
		return nil, err
	}
	return startOn(ctx, k)
}

// startOn starts everything on a core, or closes its store.
func startOn(ctx context.Context, k *core) (_ *node, err error) {
	logger := k.logger
	k.delivers = true
	n := &node{core: k, failed: make(chan error, 2), recent: operate.NewRecent()}
	n.down.add(stepTimeout, k.tracer.Close)
	n.down.add(stepTimeout, func(context.Context) error { return k.store.Close() })
	defer func() {
		if err != nil {
			err = errors.Join(err, n.down.run())
		}
	}()
	if err := k.noteAccounts(ctx, k.config()); err != nil {
		return nil, err
	}
	if err := n.followKeys(ctx); err != nil {
		return nil, err
	}
	k.registry.MustRegister(newGauges(k), collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	runner, err := k.runner()
	if err != nil {
		return nil, err
	}
	forwarder, err := forward.New(forward.Options{
		Carrier:    runner,
		Businesses: k.businesses(), Lanes: k.lanes, Progress: k.lanes, Wakes: k.lanes,
		Pauses: endpoints.New(k.store), Version: version(), Registerer: k.registry, Log: logger,
		Memory: memoryPart(8), PRF: k.keys, Observe: n.attempted(k.tracedAttempts()),
	})
	if err != nil {
		return nil, err
	}
	k.deciding.consents.Courier = forwarder
	n.forwarder = forwarder
	n.deliver(ctx, forwarder)
	receiver, err := n.receiver(ctx, forwarder)
	if err != nil {
		return nil, err
	}
	if n.desk, err = n.openDesk(ctx, forwarder, receiver); err != nil {
		return nil, err
	}
	answers, err := n.answers()
	if err != nil {
		return nil, err
	}
	management, err := n.management()
	if err != nil {
		return nil, err
	}
	if err := n.look(ctx); err != nil {
		return nil, err
	}
	n.keepLedgers(ctx)
	n.findStrays(ctx)
	n.endErasures(ctx)
	n.reconcile(ctx)
	k.registry.MustRegister(newVitals(n))
	n.background(ctx, "the work on dead letters", n.desk.Work)
	n.down.add(stepTimeout, func(context.Context) error { k.deciding.consents.Wait(); return nil })
	return n, n.listen(ctx, receiver, answers, management)
}

// deliver runs the forwarder until teardown, which waits for what is under way.
func (n *node) deliver(ctx context.Context, f *forward.Forwarder) {
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan error, 1)
	go func() { done <- f.Run(running) }()
	n.down.add(stepTimeout+config.LongestTimeout, func(ctx context.Context) error {
		cancel()
		select {
		case err := <-done:
			return err
		case <-ctx.Done():
			return fmt.Errorf("deliveries under way did not end in time: %w", ctx.Err())
		}
	})
}

func (n *node) receiver(ctx context.Context, f *forward.Forwarder) (*receive.Receiver, error) {
	gate := newGate(n.core)
	n.gate = gate
	n.watchLimits(ctx, gate)
	pipeline, err := n.core.pipeline(f, func(o *webhook.Options) { o.Gate, o.Trace = gate, n.core.observe != nil })
	if err != nil {
		return nil, err
	}
	n.pipeline = pipeline
	o := receive.Options{
		Pipeline: n.core.observed(pipeline), Registerer: n.core.registry, Logger: n.core.logger, ClientCN: n.core.config().TLS.ClientCN,
		Memory: memoryPart(8),
	}
	if o.Apps, err = appsOf(n.core.config()); err != nil {
		return nil, err
	}
	n.gateway, err = receive.New(o)
	return n.gateway, err
}

// appsOf are the platform's apps, with what verifies their webhooks.
func appsOf(c *config.Config) ([]receive.App, error) {
	apps := make([]receive.App, len(c.Apps))
	for i, app := range c.Apps {
		secrets := make([]string, len(app.AppSecrets))
		for j, s := range app.AppSecrets {
			secrets[j] = s.Reveal()
		}
		verifier, err := meta.NewVerifier(secrets)
		if err != nil {
			return nil, usageError{fmt.Errorf("app %s: %w", app.ID, err)}
		}
		apps[i] = receive.App{ID: app.ID, VerifyToken: app.VerifyToken.Reveal(), Verifier: verifier}
	}
	return apps, nil
}

// secureOf reads the files with which the public listener ends TLS; nil if it does not.
func secureOf(c *config.Config) (*tls.Config, error) {
	if c.TLS.Cert == "" {
		return nil, nil //nolint:nilnil // none is an answer here
	}
	secure, err := receive.TLSConfig(receive.TLSFiles{Cert: c.Path(c.TLS.Cert), Key: c.Path(c.TLS.Key), ClientCA: c.Path(c.TLS.ClientCA)})
	if err != nil {
		return nil, usageError{err}
	}
	return secure, nil
}

// listen opens both listeners, and says where they are.
func (n *node) listen(ctx context.Context, receiver *receive.Receiver, answers *reply.Handler, management *manage.Handler) error {
	c, logger := n.core.config(), n.core.logger
	public := receive.NewEcho(logger, prefixes(c.TrustedProxies))
	receiver.Register(public)
	answers.Register(public)
	// Warnings name businesses: they are for the operator, not for whoever asks.
	checks := []receive.Check{
		{Name: "redis", Ready: n.storeReady}, {Name: "delivery", Inside: true, Ready: func(context.Context) error { return working(n.forwarder) }},
	}
	receive.NewHealth(logger, nil, checks...).Register(public)
	admin := receive.NewEcho(logger, nil)
	receive.NewHealth(logger, n.warnings, checks...).Register(admin)
	management.Register(admin)
	if err := n.serveConsole(admin, checks); err != nil {
		return err
	}
	admin.GET("/metrics", echo.WrapHandler(promhttp.HandlerFor(n.core.registry, promhttp.HandlerOpts{})))
	publicBound, adminBound := crowd(n.core.registry)
	var err error
	if n.admin, err = n.serve(ctx, c.AdminListen, receive.NewServer(c.AdminListen, admin, nil, adminBound)); err != nil {
		return fmt.Errorf("admin_listen: %w", err)
	}
	// Pages that are open end before the listener waits for them.
	n.down.add(stepTimeout, func(context.Context) error { n.console.Close(); return nil })
	server := receive.NewServer(c.Listen, n.core.traced(public), nil, publicBound)
	secure, err := secureOf(c)
	if err != nil {
		return err
	}
	if secure != nil {
		n.secure.Store(secure)
		server.TLSConfig = &tls.Config{
			MinVersion:         secure.MinVersion,
			GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return n.secure.Load(), nil },
		}
	}
	if n.public, err = n.serve(ctx, c.Listen, server); err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	logger.InfoContext(ctx, "listening", slog.String("public", n.public.address), slog.String("admin", n.admin.address), slog.String("version", version()))
	return nil
}

// serve begins to listen; teardown lets requests finish that have begun.
func (n *node) serve(ctx context.Context, address string, server *http.Server) (listener, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return listener{}, fmt.Errorf("%w (set another address, or end the program that has this one)", err)
	}
	go func() {
		serve := func() error { return server.Serve(l) }
		if server.TLSConfig != nil {
			serve = func() error { return server.ServeTLS(l, "", "") }
		}
		if err := serve(); !errors.Is(err, http.ErrServerClosed) {
			n.failed <- fmt.Errorf("the listener at %s ended: %w", address, err)
		}
	}()
	n.down.add(stepTimeout, server.Shutdown)
	return listener{server: server, address: l.Addr().String()}, nil
}

// run waits until ctx ends or a listener fails, and stops.
func (n *node) run(ctx context.Context) error {
	var err error
	select {
	case <-ctx.Done():
		n.core.logger.InfoContext(ctx, "stopping: finishing what was begun")
	case err = <-n.failed:
	}
	err = errors.Join(err, n.stop())
	n.core.logger.InfoContext(ctx, "stopped")
	return err
}

func (n *node) stop() error { return n.down.run() }
