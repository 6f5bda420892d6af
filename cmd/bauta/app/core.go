package app

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"bauta/cmd/bauta/app/config"
	"bauta/masking"
	"bauta/masking/keys"
	"bauta/redis"
	"bauta/redis/figures"
	"bauta/redis/held"
	"bauta/redis/keyring"
	"bauta/redis/lanes"
	"bauta/redis/rolls"
	"bauta/redis/tokens"
	"bauta/redis/vault"
	"bauta/webhook"
	"bauta/webhook/access"
	"bauta/webhook/graph"
	"bauta/webhook/meta"
	"bauta/webhook/tracing"
)

// core is what every command that works with events shares: the store and the
// pipeline on it.
type core struct {
	// view is the configuration in force; directory has its businesses.
	view      atomic.Pointer[view]
	directory *webhook.Directory
	keys      *keys.Set
	handles   *masking.Handles
	store     *redis.Store
	// ring follows the wrapping keys; nil of an embedded store, whose keys stay.
	ring      *keyring.Ring
	vault     *vault.Vault
	lanes     *lanes.Lanes
	held      *held.Held
	rolls     *rolls.Rolls
	metrics   *webhook.Metrics
	figures   *figures.Figures
	registry  *prometheus.Registry
	logger    *slog.Logger
	decider   webhook.Decider
	catalogue *meta.Catalogue
	ids       *meta.IDMasker
	platform  *graph.Client
	tokens    *access.Tokens
	deciding  *deciding
	// observe, where it is not nil, is shown every body before its events are stored.
	observe func(body []byte, p *webhook.Prepared)
	// tracer makes spans; nil: nothing is traced.
	tracer *tracing.Tracer
	// delivers: this process runs a forwarder. readOnly: it writes nothing.
	delivers, readOnly bool
}

// opening is what an installation is opened with.
type opening struct {
	config *config.Config
	keys   *keys.Set
	logger *slog.Logger
	// tracer may be nil.
	tracer *tracing.Tracer
	// readOnly: opening it, and what is done then, leaves no trace.
	readOnly bool
}

// newCore opens the store and builds what stands on it. Whoever calls closes the
// store.
func newCore(ctx context.Context, o opening) (*core, error) {
	store, err := openStore(ctx, o)
	if err != nil {
		return nil, err
	}
	return newCoreOn(ctx, o, store)
}

// newCoreOn builds on a store that is open, and closes it where it fails.
func newCoreOn(ctx context.Context, o opening, store *redis.Store) (_ *core, err error) {
	k := &core{
		directory: webhook.NewDirectory(nil), keys: o.keys, handles: masking.NewHandles(o.keys), store: store,
		registry: prometheus.NewRegistry(), logger: o.logger, tracer: o.tracer, readOnly: o.readOnly,
	}
	v := newView(o.config)
	k.take(v)
	k.catalogue = meta.NewCatalogue()
	k.metrics = webhook.NewMetrics(k.registry)
	k.figures = figures.New(figures.Options{Store: store})
	k.metrics.FiguresTo(k.figures)
	people := vault.Options{Retention: k.retention}
	if k.ring, err = newRing(ctx, k); err != nil {
		_ = store.Close()
		return nil, err
	}
	if k.ring != nil {
		people.Ring, people.Names = k.ring, k.ring
	}
	k.vault = vault.New(store, o.keys, people)
	k.rolls = rolls.New(store, o.keys, rolls.Options{})
	k.lanes = lanes.New(lanes.Options{
		Store: store, Keys: k.vault, Lease: k.lease,
		DeadLetter: func(b string) time.Duration { return k.retention(b).DeadLetter },
		Shown:      func(b string) time.Duration { return k.retention(b).Customer },
	})
	k.held = held.New(held.Options{
		Store: store, Keys: k.vault, Retention: func(b string) time.Duration { return k.retention(b).Held },
	})
	k.ids = meta.NewIDMasker(o.keys, k.handles)
	k.tokens = access.New(access.Options{Keys: o.keys, Registry: tokens.New(store)})
	if k.platform, err = newPlatform(k); err == nil {
		k.decider, err = newDecider(k, o.config)
		v.decideBy(k.decider)
	}
	if err == nil {
		k.deciding, err = newDeciding(k)
	}
	if err != nil {
		_ = store.Close()
		return nil, err
	}
	return k, nil
}

// view is what one configuration says. Read-only once it is in force.
type view struct {
	config     *config.Config
	businesses []webhook.Business
}

func newView(c *config.Config) *view { return &view{config: c, businesses: c.Businesses()} }

// decideBy has a decider decide on first contacts of the businesses.
func (v *view) decideBy(d webhook.Decider) {
	for i := range v.businesses {
		v.businesses[i].Decider = d
	}
}

// take has a view in force. Who has a business of the one before in hand ends with that.
func (k *core) take(v *view) {
	k.view.Store(v)
	k.directory.Replace(v.businesses)
}

// config is the configuration in force.
func (k *core) config() *config.Config { return k.view.Load().config }

// businesses are those of the configuration in force.
func (k *core) businesses() []webhook.Business { return k.view.Load().businesses }

// newPlatform is the client of the platform's API.
func newPlatform(k *core) (*graph.Client, error) {
	counted, err := graph.NewMetrics(k.registry)
	if err != nil {
		return nil, fmt.Errorf("register the metrics of calls: %w", err)
	}
	client, err := graph.New(graph.Options{
		URL: k.config().Platform.GraphURL, Version: k.config().Platform.GraphVersion, HTTP: k.tracedPlatform(graph.NewHTTP()), Metrics: counted,
	})
	if err != nil {
		return nil, usageError{fmt.Errorf("platform: %w", err)}
	}
	return client, nil
}

// accessToken is the platform's token of a business, "" if none is configured.
func (k *core) accessToken(business string) string {
	c := k.config()
	for i := range c.Business {
		if b := &c.Business[i]; b.ID == business {
			return b.AccessToken.Reveal()
		}
	}
	return ""
}

// retention of a business; what is kept for an app itself is kept as the
// configuration says in general.
func (k *core) retention(business string) webhook.Retention {
	if b := k.directory.ByID(business); b != nil {
		return b.Retention
	}
	return k.config().Retention.General()
}

// lease is for how long a lane is leased to the process that appends to it: only
// one that delivers takes any.
func (k *core) lease(e webhook.EndpointKey) time.Duration {
	if found := k.endpoint(e); found != nil && k.delivers {
		return found.Lease()
	}
	return 0
}

func (k *core) endpoint(e webhook.EndpointKey) *webhook.Endpoint {
	b := k.directory.ByID(e.Business)
	if b == nil {
		return nil
	}
	for i := range b.Endpoints {
		if b.Endpoints[i].ID == e.Endpoint {
			return &b.Endpoints[i]
		}
	}
	return nil
}

// endpointIDs are the endpoints of a business.
func (k *core) endpointIDs(business string) []string {
	b := k.directory.ByID(business)
	if b == nil {
		return nil
	}
	ids := make([]string, len(b.Endpoints))
	for i := range b.Endpoints {
		ids[i] = b.Endpoints[i].ID
	}
	return ids
}

// holders are under whose names events can be held: the businesses, and the apps
// for bodies that name none.
func (k *core) holders() []string {
	var ids []string
	v := k.view.Load()
	for i := range v.businesses {
		ids = append(ids, v.businesses[i].ID)
	}
	for _, app := range v.config.Apps {
		ids = append(ids, webhook.AppBusiness(app.ID))
	}
	return ids
}

// apps are the ids of the platform's apps.
func (k *core) apps() []string {
	c := k.config()
	ids := make([]string, len(c.Apps))
	for i := range c.Apps {
		ids[i] = c.Apps[i].ID
	}
	return ids
}

// pipeline builds the inbound pipeline. Courier may be nil: then nothing is
// delivered by this process. Options may be changed by adjust.
func (k *core) pipeline(courier webhook.Courier, adjust func(*webhook.Options)) (*webhook.Pipeline, error) {
	o := webhook.Options{
		Directory: k.directory, Catalogue: k.catalogue, Rewriter: masking.NewRewriter(),
		IDs: k.ids, Minter: k.handles, PRF: k.keys,
		Vault: k.vault, Forms: k.vault, Rolls: k.rolls, Presence: k.vault, Watershed: k.vault, Keys: k.vault,
		Decider: k.decider, Queue: k.lanes, Holder: k.held, Courier: courier,
		Tokens: k.deciding.buttons, Consents: k.deciding.consents, Windows: k.vault,
		Metrics: k.metrics, Logger: k.logger, Now: time.Now,
	}
	if k.tracer != nil {
		o.Queue = k.tracer.Queue(o.Queue, k.keys)
	}
	if adjust != nil {
		adjust(&o)
	}
	return webhook.NewPipeline(o)
}
