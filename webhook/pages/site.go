package pages

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"slices"
	"strings"
)

// Options are what a Site is made of.
type Options struct {
	// Name of the site, after which titles end: a message's key or plain words.
	Name string
	// Base is the path under which everything is, with a slash at both ends.
	Base string
	// Files are templates, messages and assets, as the package's documentation says.
	Files fs.FS
	// Styles and Scripts are assets that every page loads after those of this package.
	Styles, Scripts []string
	// Nav are the links of every page; none: no navigation.
	Nav []Link
	// Hosts are names, beside localhost and addresses, under which the site may be asked
	// for: a page of elsewhere that has its own name lead here is refused.
	Hosts []string
	// Extra, the name of a template, is drawn in the header of every page; "": nothing.
	Extra string
}

// Link is an entry of the navigation. Path is relative to Base, Text a message's key.
type Link struct{ Path, Text, Icon string }

// Page is one answer.
type Page struct {
	// Name is the page's template: templates/pages/NAME.html.
	Name string
	// Status is the HTTP status; 0 is 200.
	Status int
	Data   any
	// Query is kept by the links of the navigation, such as business=acme.
	Query string
	// Omit are paths of the navigation that are not for this reader.
	Omit []string
}

// Site draws pages. Safe for concurrent use.
type Site struct {
	options   Options
	assets    *assets
	catalogue *catalogue
	// sets are the templates, by language; each knows its language's messages.
	sets map[string]*set
}

// New reads all files, and says everything that is wrong with them.
func New(o Options) (*Site, error) {
	if !strings.HasPrefix(o.Base, "/") || !strings.HasSuffix(o.Base, "/") {
		return nil, fmt.Errorf("pages: the base %q has no slash at both ends", o.Base)
	}
	s := &Site{options: o, sets: map[string]*set{}}
	var err error
	if s.assets, err = newAssets(o.Base+"assets/", own, o.Files); err != nil {
		return nil, err
	}
	if s.catalogue, err = newCatalogue(own, o.Files); err != nil {
		return nil, err
	}
	var faults []error
	for _, name := range append(append([]string{}, o.Styles...), o.Scripts...) {
		if _, err := s.assets.url(name); err != nil {
			faults = append(faults, err)
		}
	}
	for _, link := range o.Nav {
		if !s.catalogue.has(link.Text) {
			faults = append(faults, fmt.Errorf("pages: the navigation says %q, which is no message", link.Text))
		}
	}
	for _, language := range Languages() {
		set, err := s.newSet(language)
		faults = append(faults, err)
		s.sets[language] = set
	}
	return s, errors.Join(faults...)
}

// Render answers with a page in the reader's language. Nothing of it is sent before all
// of it is drawn; what fails is said as an error, and the reader is told that it did.
func (s *Site) Render(w http.ResponseWriter, r *http.Request, p Page) error {
	reader := s.ReaderOf(r)
	text, err := s.sets[reader.Language].page(p.Name, s.frame(r, reader, p))
	if err != nil {
		http.Error(w, "This page cannot be shown. The log says why.", http.StatusInternalServerError)
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Vary", "Cookie, Accept-Language")
	if p.Status != 0 {
		w.WriteHeader(p.Status)
	}
	_, err = w.Write(text)
	return err
}

// Fragment draws one template in a language: for what a Stream brings, and for answers to
// scripts.
func (s *Site) Fragment(language, name string, data any) (string, error) {
	set, ok := s.sets[language]
	if !ok {
		set = s.sets[Languages()[0]]
	}
	var b bytes.Buffer
	if err := set.fragments.ExecuteTemplate(&b, name, data); err != nil {
		return "", fmt.Errorf("pages: draw %s: %w", name, err)
	}
	return b.String(), nil
}

// Say is a message in a language, with {name} replaced by the value that follows the name.
func (s *Site) Say(language, key string, pairs ...any) (string, error) {
	return s.catalogue.say(language, key, pairs...)
}

// frame is what the layout draws around a page.
type frame struct {
	Language, Theme, Base string
	Nav                   []place
	Styles, Scripts       []string
	Languages, Themes     []choice
	Name                  string
	Data                  any
	// Extra is drawn in the header.
	Extra template.HTML
}

// place is a link, and whether it is the one that is shown.
type place struct {
	Link
	URL     string
	Current bool
}

// choice is a value that the reader can choose.
type choice struct {
	Value, URL string
	Current    bool
}

func (s *Site) frame(r *http.Request, reader Reader, p Page) frame {
	f := frame{
		Language: reader.Language, Theme: reader.Theme, Base: s.options.Base, Styles: s.options.Styles, Scripts: s.options.Scripts,
		Name: s.options.Name, Data: p.Data,
	}
	for _, l := range s.options.Nav {
		if slices.Contains(p.Omit, l.Path) {
			continue
		}
		url := s.options.Base + l.Path
		current := r.URL.Path == url || l.Path != "" && strings.HasPrefix(r.URL.Path, url+"/")
		if p.Query != "" {
			url += "?" + p.Query
		}
		f.Nav = append(f.Nav, place{Link: l, URL: url, Current: current})
	}
	for _, l := range Languages() {
		f.Languages = append(f.Languages, choice{Value: l, URL: chosen(r, languageKey, l), Current: l == reader.Language})
	}
	for _, t := range themes() {
		f.Themes = append(f.Themes, choice{Value: t, URL: chosen(r, themeKey, t), Current: t == reader.Theme})
	}
	return f
}
