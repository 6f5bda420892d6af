package receive

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
)

// Bounds of one request and of all together.
const (
	// BodyLimit is the platform's 3 MB and some slack, in bytes.
	BodyLimit = 3<<20 + 64<<10
	// challengeLimit bounds hub.challenge, in bytes; the platform sends about 10.
	challengeLimit = 1024

	defaultBodyTimeout   = 10 * time.Second
	defaultAcceptTimeout = 15 * time.Second
	defaultRetryAfter    = 5 * time.Second
)

// Pipeline stores what a body holds. Nil means that every event of it is stored;
// after an error the platform is asked to send the body again. Its context
// outlives the connection but not a time bound. Called concurrently; the body
// is its own from then on.
type Pipeline interface {
	Accept(ctx context.Context, app string, body []byte) error
}

// Verifier tells whether an X-Hub-Signature-256 header fits the raw body, in
// constant time, with any of the app's secrets. Called concurrently.
type Verifier interface {
	Verify(header string, body []byte) bool
}

// App is one app of the platform.
type App struct {
	// ID stands in the URL: /webhooks/{id}.
	ID          string
	VerifyToken string
	Verifier    Verifier
}

// Options are what a Receiver needs.
type Options struct {
	Apps     []App
	Pipeline Pipeline
	// Registerer takes the metrics; Logger gets refusals of the pipeline.
	Registerer prometheus.Registerer
	Logger     *slog.Logger
	// ClientCN is the exact common name that the platform's client certificate
	// must have on POST; "" asks for none. It needs TLSConfig with a client CA.
	ClientCN string
	// BodyTimeout bounds the reading of a body, AcceptTimeout the pipeline;
	// RetryAfter is what a 503 asks for. 0 takes 10 s, 15 s and 5 s.
	BodyTimeout, AcceptTimeout, RetryAfter time.Duration
	// Memory bounds the bodies that are held at once, in bytes; beyond it the answer is
	// 503. 0 takes 128 MiB.
	Memory int64
	// Now says how long ago the log was told something; nil takes time.Now.
	Now func() time.Time
}

// Receiver answers the platform. Safe for concurrent use.
type Receiver struct {
	apps     atomic.Pointer[Apps]
	pipeline Pipeline
	metrics  *metrics
	logger   *slog.Logger
	notices  *notices
	room     room
	clientCN string

	bodyTimeout, acceptTimeout time.Duration
	retryAfter                 string
}

type app struct {
	// token is the hash of the verify token: hashes have one length, so comparing
	// them tells nothing about the token's.
	token    [sha256.Size]byte
	verifier Verifier
	common   common
}

// New checks the options, every fault at once. It panics if the registry has
// the metrics already, as prometheus does.
func New(o Options) (*Receiver, error) {
	var faults []error
	missing := func(is bool, what string) {
		if is {
			faults = append(faults, fmt.Errorf("receive.New: %s is missing", what))
		}
	}
	missing(o.Pipeline == nil, "Options.Pipeline")
	missing(o.Registerer == nil, "Options.Registerer")
	missing(o.Logger == nil, "Options.Logger")
	apps, err := CheckApps(o.Apps)
	if err != nil {
		faults = append(faults, err)
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	now := o.Now
	if now == nil {
		now = time.Now
	}
	seconds := int(orElse(o.RetryAfter, defaultRetryAfter).Round(time.Second).Seconds())
	r := &Receiver{
		pipeline:      o.Pipeline,
		metrics:       newMetrics(o.Registerer),
		logger:        o.Logger,
		notices:       newNotices(o.Logger, now),
		room:          newRoom(orElse(o.Memory, defaultMemory)),
		clientCN:      o.ClientCN,
		bodyTimeout:   orElse(o.BodyTimeout, defaultBodyTimeout),
		acceptTimeout: orElse(o.AcceptTimeout, defaultAcceptTimeout),
		retryAfter:    fmt.Sprint(max(seconds, 1)),
	}
	r.Replace(apps)
	return r, nil
}

// Apps are apps that were checked, for one Replace.
type Apps struct {
	of map[string]app
	// ids are all, for a notice.
	ids string
}

// CheckApps finds what is missing, every fault at once.
func CheckApps(all []App) (*Apps, error) {
	var faults []error
	missing := func(is bool, what string) {
		if is {
			faults = append(faults, fmt.Errorf("receive: %s is missing", what))
		}
	}
	missing(len(all) == 0, "an App")
	apps := &Apps{of: make(map[string]app, len(all))}
	ids := make([]string, len(all))
	for i, a := range all {
		missing(a.ID == "", "an App.ID")
		missing(a.VerifyToken == "", "the verify token of app "+a.ID)
		missing(a.Verifier == nil, "the verifier of app "+a.ID)
		if _, twice := apps.of[a.ID]; twice {
			faults = append(faults, fmt.Errorf("receive: app %s is there twice", a.ID))
		}
		apps.of[a.ID], ids[i] = app{token: sha256.Sum256([]byte(a.VerifyToken)), verifier: a.Verifier}, a.ID
	}
	apps.ids = strings.Join(ids, ", ")
	return apps, errors.Join(faults...)
}

// Replace has these apps in the place of those before. A request that has begun ends
// with those it began with.
func (r *Receiver) Replace(apps *Apps) {
	for id, a := range apps.of {
		r.metrics.begin(id)
		a.common = r.metrics.common(id)
		apps.of[id] = a
	}
	r.apps.Store(apps)
}

func orElse[T ~int64](value, fallback T) T {
	if value > 0 {
		return value
	}
	return fallback
}

// Register adds GET and POST /webhooks/:app.
func (r *Receiver) Register(e *echo.Echo) {
	e.GET("/webhooks/:app", r.handshake)
	e.POST("/webhooks/:app", r.webhook)
}
