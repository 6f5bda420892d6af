package playground

import (
	"context"
	"embed"
	"errors"
	"io"
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
func NewPage(show *Show) *Page {
	site := show.site
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
	return p
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

// act is something that can be done on the page.
type act struct {
	do func(*http.Request) error
	// said, a message's key, is told once it is done; "": what it does can be seen.
	said string
}

// acts are what can be done, by path.
func (p *Page) acts() map[string]act {
	s := p.show
	number := func(r *http.Request, name string) int {
		n, err := strconv.Atoi(r.PostFormValue(name))
		if err != nil {
			return -1
		}
		return n
	}
	return map[string]act{
		"/who":      {do: func(r *http.Request) error { return s.choose(r.PostFormValue("entry")) }},
		"/say":      {do: func(r *http.Request) error { return s.say(r.PostFormValue("text")) }},
		"/card":     {do: func(*http.Request) error { return s.card() }},
		"/tap":      {do: func(r *http.Request) error { return s.tap(number(r, "message"), number(r, "button")) }},
		"/number":   {do: func(*http.Request) error { return s.change() }},
		"/username": {do: func(*http.Request) error { return s.adopt() }},
		"/thread":   {do: func(r *http.Request) error { return s.open(number(r, "at")) }},
		"/answer":   {do: func(r *http.Request) error { return s.answer(r.Context(), r.PostFormValue("text")) }},
		"/ask":      {do: func(r *http.Request) error { return s.ask(r.Context()) }},
		"/event":    {do: func(r *http.Request) error { return s.look(r.PostFormValue("id")) }},
		"/shape":    {do: p.reshape, said: "shape.said"},
		"/inspect":  {do: func(r *http.Request) error { return s.examine(r.PostFormValue("side"), r.PostFormValue("id")) }},
		"/guide":    {do: func(r *http.Request) error { return s.follow(r.Context(), r.PostFormValue("step")) }},
		"/again":    {do: func(r *http.Request) error { return s.again(context.WithoutCancel(r.Context())) }},
	}
}

func (p *Page) reshape(r *http.Request) error {
	shape := r.PostFormValue("shape")
	if shape != "bsuid" && shape != "phone" {
		return errGone
	}
	return p.show.become(r.Context(), func(m *Manner) { m.Shape = shape })
}

// perform does an act in the language of whoever asks for it: what people of the show say,
// and what Bauta asks them, is in that.
func (p *Page) perform(r *http.Request, a act) error {
	p.show.acting.Lock()
	defer p.show.acting.Unlock()
	language := p.site.ReaderOf(r).Language
	if err := p.show.become(r.Context(), func(m *Manner) { m.Language = language }); err != nil {
		return err
	}
	return a.do(r)
}

// act answers a form: a script gets what is to be said or what went wrong, a browser
// without one the page.
func (p *Page) act(a act) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
		if err := r.ParseForm(); err != nil {
			http.Error(w, http.StatusText(http.StatusBadRequest), http.StatusBadRequest)
			return
		}
		err := p.perform(r, a)
		script := strings.HasPrefix(r.Header.Get("Accept"), "text/plain")
		switch {
		case err != nil && script:
			http.Error(w, p.fault(r, err), http.StatusConflict)
		case script && a.said != "":
			_, _ = io.WriteString(w, p.say(r, a.said))
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
	for _, one := range []error{errNothing, errRefused, errGone, errLong} {
		if errors.Is(err, one) {
			known = one
		}
	}
	if known == errBroken { //nolint:errorlint // it is our own variable
		p.logger.ErrorContext(r.Context(), "an act of the playground failed", slog.Any("error", err))
	}
	return p.say(r, "fault."+known.Error())
}

// say is a message in the reader's language.
func (p *Page) say(r *http.Request, key string) string {
	text, err := p.site.Say(p.site.ReaderOf(r).Language, key)
	if err != nil {
		return key
	}
	return text
}
