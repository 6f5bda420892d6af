package playground

import (
	"context"
	"embed"
	"errors"
	"log/slog"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"bauta/webhook/pages"
)

//go:embed assets templates messages
var files embed.FS

// Page is the playground's page. Safe for concurrent use.
type Page struct {
	show *Show
	site *pages.Site
	// customer brings what may show a number, business everything else.
	customer, business *pages.Stream
	handler            http.Handler
	logger             *slog.Logger
}

// NewPage returns the page of a show. Run keeps it alive.
func NewPage(show *Show) (*Page, error) {
	site, err := pages.New(pages.Options{
		Name: "play.name", Base: "/", Files: files, Styles: []string{"playground.css"}, Scripts: []string{"playground.js"}, Extra: "again",
	})
	if err != nil {
		return nil, err
	}
	p := &Page{
		show: show, site: site, logger: show.o.Logger,
		customer: pages.NewStream(pages.StreamOptions{Site: site}), business: pages.NewStream(pages.StreamOptions{Site: site}),
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", p.page)
	mux.Handle("GET /live/customer", p.customer)
	mux.Handle("GET /live/business", p.business)
	for path, act := range p.acts() {
		mux.Handle("POST "+path, p.act(act))
	}
	p.handler = site.Handler(mux)
	return p, nil
}

// ServeHTTP implements http.Handler.
func (p *Page) ServeHTTP(w http.ResponseWriter, r *http.Request) { p.handler.ServeHTTP(w, r) }

// Run brings what changes to the pages that are open, until ctx ends.
func (p *Page) Run(ctx context.Context) {
	defer p.customer.Close()
	defer p.business.Close()
	before := p.show.scenery()
	for {
		select {
		case <-ctx.Done():
			return
		case <-p.show.changed:
		}
		now := p.show.scenery()
		for _, r := range regions() {
			if reflect.DeepEqual(before[r.name], now[r.name]) {
				continue
			}
			to := p.business
			if r.number {
				to = p.customer
			}
			to.Publish(pages.Patch{Place: "r-" + r.name, How: pages.Replace, Fragment: r.name, Data: now[r.name]})
		}
		before = now
	}
}

// stageView is the page's data.
type stageView struct {
	Regions            map[string]any
	Customer, Business string
}

func (p *Page) page(w http.ResponseWriter, r *http.Request) {
	// Read before what the page shows, so that nothing is missed in between.
	view := stageView{Customer: p.customer.Last(), Business: p.business.Last()}
	view.Regions = p.show.scenery()
	if err := p.site.Render(w, r, pages.Page{Name: "stage", Data: view}); err != nil {
		p.logger.ErrorContext(r.Context(), "the page cannot be drawn", slog.Any("error", err))
	}
}

// acts are what can be done, by path.
func (p *Page) acts() map[string]func(*http.Request) error {
	s := p.show
	number := func(r *http.Request, name string) int {
		n, err := strconv.Atoi(r.PostFormValue(name))
		if err != nil {
			return -1
		}
		return n
	}
	return map[string]func(*http.Request) error{
		"/who":      func(r *http.Request) error { return s.choose(r.PostFormValue("entry")) },
		"/say":      func(r *http.Request) error { return s.say(r.PostFormValue("text")) },
		"/card":     func(*http.Request) error { return s.card() },
		"/tap":      func(r *http.Request) error { return s.tap(number(r, "message"), number(r, "button")) },
		"/number":   func(*http.Request) error { return s.change() },
		"/username": func(*http.Request) error { return s.adopt() },
		"/thread":   func(r *http.Request) error { return s.open(number(r, "at")) },
		"/answer":   func(r *http.Request) error { return s.answer(r.Context(), r.PostFormValue("text")) },
		"/ask":      func(r *http.Request) error { return s.ask(r.Context()) },
		"/event":    func(r *http.Request) error { return s.look(r.PostFormValue("id")) },
		"/shape":    func(r *http.Request) error { return p.reshape(r) },
		"/inspect":  func(r *http.Request) error { return s.examine(r.PostFormValue("side"), r.PostFormValue("id")) },
		"/guide":    func(r *http.Request) error { return s.follow(r.Context(), r.PostFormValue("step")) },
		"/again":    func(r *http.Request) error { return s.again(context.WithoutCancel(r.Context())) },
	}
}

func (p *Page) reshape(r *http.Request) error {
	shape := r.PostFormValue("shape")
	if shape != "bsuid" && shape != "phone" {
		return errGone
	}
	return p.show.reshape(context.WithoutCancel(r.Context()), shape)
}

// act answers a form: a script gets 204 or what went wrong, a browser without one the page.
func (p *Page) act(do func(*http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
		if err := r.ParseForm(); err != nil {
			http.Error(w, http.StatusText(http.StatusBadRequest), http.StatusBadRequest)
			return
		}
		p.show.acting.Lock()
		err := do(r)
		p.show.acting.Unlock()
		script := strings.HasPrefix(r.Header.Get("Accept"), "text/plain")
		switch {
		case err != nil && script:
			http.Error(w, p.fault(r, err), http.StatusConflict)
		case script:
			w.WriteHeader(http.StatusNoContent)
		default:
			http.Redirect(w, r, "/", http.StatusSeeOther)
		}
	})
}

// fault is what went wrong in the reader's language; what nobody expected is in the log.
func (p *Page) fault(r *http.Request, err error) string {
	known := errBroken
	for _, one := range []error{errNothing, errRefused, errGone} {
		if errors.Is(err, one) {
			known = one
		}
	}
	if known == errBroken { //nolint:errorlint // it is our own variable
		p.logger.ErrorContext(r.Context(), "an act of the playground failed", slog.Any("error", err))
	}
	text, sayErr := p.site.Say(p.site.ReaderOf(r).Language, "fault."+known.Error())
	if sayErr != nil {
		return known.Error()
	}
	return text
}
