package manage

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"

	"bauta/webhook"
	"bauta/webhook/access"
)

// Options are what a Handler needs. All are required.
type Options struct {
	Businesses *webhook.Directory
	Decisions  Decisions
	Eraser     Eraser
	Consents   Consents
	Audit      Audit
	Desk       Desk
	Handles    Handles
	Tokens     access.Checker
	Limiter    access.Brake
	Once       Once
	Registerer prometheus.Registerer
	Logger     *slog.Logger
}

// Handler answers businesses. Safe for concurrent use.
type Handler struct {
	Options

	routes  []route
	index   []byte
	metrics *metrics
	notices *notices
	door    *access.Door
}

// New checks the options, every fault at once. It panics if the registry has the
// metrics already, as prometheus does.
func New(o Options) (*Handler, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	h := &Handler{Options: o, routes: routes(), metrics: newMetrics(o.Registerer), notices: newNotices(o.Logger)}
	h.door = access.NewDoor(o.Tokens, o.Limiter, o.Businesses, h.metrics.failures)
	h.index = indexOf(h.routes)
	return h, nil
}

func (o *Options) check() error {
	var faults []error
	for _, option := range []struct {
		name    string
		missing bool
	}{
		{"Businesses", o.Businesses == nil},
		{"Decisions", o.Decisions == nil},
		{"Eraser", o.Eraser == nil},
		{"Consents", o.Consents == nil},
		{"Audit", o.Audit == nil},
		{"Desk", o.Desk == nil},
		{"Handles", o.Handles == nil},
		{"Tokens", o.Tokens == nil},
		{"Limiter", o.Limiter == nil},
		{"Once", o.Once == nil},
		{"Registerer", o.Registerer == nil},
		{"Logger", o.Logger == nil},
	} {
		if option.missing {
			faults = append(faults, fmt.Errorf("manage.New: Options.%s is missing", option.name))
		}
	}
	return errors.Join(faults...)
}

// Register adds /v1 and everything below it, whatever the method.
func (h *Handler) Register(e *echo.Echo) {
	for _, path := range []string{root, root + "/*"} {
		e.Any(path, h.serve)
		// Methods that the Echo does not know end here.
		e.RouteNotFound(path, h.serve)
	}
}
