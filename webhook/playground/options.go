package playground

import (
	"context"
	"errors"
	"log/slog"

	"bauta/webhook"
)

// Manner is what can be changed while Bauta runs.
type Manner struct {
	// Shape of handles: bsuid or phone.
	Shape string
	// Language in which Bauta writes to customers: one of pages.Languages.
	Language string
}

// Setting is how Bauta is to run.
type Setting struct {
	Manner
	// Platform and CRM are the addresses (host:port) of the stand-ins.
	Platform, CRM string
	// Observe is shown every body, and what was prepared of it, before it is stored.
	Observe func(body []byte, p *webhook.Prepared)
}

// Running is a Bauta that runs.
type Running struct {
	// Public and Admin are the URLs of its listeners, without a slash at the end. A public
	// one that was given once stays.
	Public, Admin string
	// Token opens the reply API, ManageToken the management API.
	Token, ManageToken string
	// Change has another manner in force for what comes from then on, or leaves the one
	// from before.
	Change func(ctx context.Context, m Manner) error
	Stop   func() error
}

// Starter starts Bauta with an empty store. Start is called again after Stop, not before.
type Starter interface {
	Start(ctx context.Context, s Setting) (Running, error)
}

// Scene is what the configuration that a Starter uses says of the business: the show
// plays in it.
type Scene struct {
	// App is the id in the webhook's URL; Secret signs, AccessToken opens the platform.
	App, Secret, AccessToken string
	// Campaign is of ads that are not to hide anybody; Group is a declared group.
	Campaign, Group string
}

// Options of a Show.
type Options struct {
	Starter Starter
	Scene   Scene
	Shape   string
	Logger  *slog.Logger
}

// Errors that the page says to whoever acts; each is a key of messages ("fault.").
var (
	errNothing = errors.New("nothing")
	errRefused = errors.New("refused")
	errGone    = errors.New("gone")
	errLong    = errors.New("long")
	errBroken  = errors.New("broken")
)
