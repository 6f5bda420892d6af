package console

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"bauta/webhook/access"
	"bauta/webhook/pages"
)

//go:embed templates messages assets
var files embed.FS

// Base is the path under which everything is.
const Base = "/console/"

// Options are what a Console needs. Hosts and Now may be left out.
type Options struct {
	Desk     Desk
	Tokens   access.Checker
	Sessions Sessions
	Brake    access.Brake
	Health   Health
	Logger   *slog.Logger
	// Hosts are names, beside localhost and addresses, under which it may be asked for.
	Hosts []string
	// Now is time.Now if nil.
	Now func() time.Time
	// Every is how often open pages are looked at anew; 0: 3 s.
	Every time.Duration
}

// Console answers operators. Safe for concurrent use.
type Console struct {
	Options

	// site has the navigation; entrance has not: nobody is logged in there.
	site, entrance *pages.Site
	handler        http.Handler
	// ended closes when streams have to end.
	ended   context.Context //nolint:containedctx // the life of all streams
	end     context.CancelFunc
	streams *streams
}

// New checks the options and reads all pages.
func New(o Options) (*Console, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Every <= 0 {
		o.Every = 3 * time.Second
	}
	c := &Console{Options: o, streams: newStreams()}
	c.ended, c.end = context.WithCancel(context.Background())
	look := pages.Options{
		Name: "console.name", Base: Base, Files: files, Hosts: o.Hosts,
		Styles: []string{"console.css"}, Scripts: []string{"console.js"},
	}
	var err, fault error
	c.entrance, fault = pages.New(look)
	look.Extra, look.Nav = "session", navigation()
	c.site, err = pages.New(look)
	c.handler = c.site.Handler(c.routes())
	return c, errors.Join(fault, err)
}

func (o *Options) check() error {
	var faults []error
	for _, need := range []struct {
		name string
		has  bool
	}{
		{"Desk", o.Desk != nil},
		{"Tokens", o.Tokens != nil},
		{"Sessions", o.Sessions != nil},
		{"Brake", o.Brake != nil},
		{"Health", o.Health != nil},
		{"Logger", o.Logger != nil},
	} {
		if !need.has {
			faults = append(faults, fmt.Errorf("console.New: Options.%s is missing", need.name))
		}
	}
	return errors.Join(faults...)
}

func navigation() []pages.Link {
	return []pages.Link{
		{Path: "", Text: "nav.overview", Icon: "pulse"},
		{Path: "endpoints", Text: "nav.endpoints", Icon: "send"},
		{Path: "deliveries", Text: "nav.deliveries", Icon: "search"},
		{Path: "held", Text: "nav.held", Icon: "lock"},
		{Path: "dead-letters", Text: "nav.letters", Icon: "inbox"},
		{Path: "decisions", Text: "nav.decisions", Icon: "mask"},
		{Path: "sharing", Text: "nav.sharing", Icon: "share"},
		{Path: "configuration", Text: "nav.configuration", Icon: "gear"},
		{Path: "journal", Text: "nav.journal", Icon: "document"},
	}
}

// ServeHTTP answers whatever is under Base.
func (c *Console) ServeHTTP(w http.ResponseWriter, r *http.Request) { c.handler.ServeHTTP(w, r) }

// Close ends the streams of open pages, and every one that comes.
func (c *Console) Close() { c.end() }
