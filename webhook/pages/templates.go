package pages

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"path"
	"strings"
	"text/template/parse"
	"time"
)

//go:embed assets templates messages icons
var own embed.FS

// set is the templates of one language.
type set struct {
	fragments *template.Template
	pages     map[string]*template.Template
}

// newSet parses the templates, and looks up every message that they ask for.
func (s *Site) newSet(language string) (*set, error) {
	base := template.New("").Option("missingkey=error").Funcs(s.funcs(language))
	for _, files := range []fs.FS{own, s.options.Files} {
		names, err := fs.Glob(files, "templates/*.html")
		if err != nil || len(names) == 0 {
			continue
		}
		if base, err = base.ParseFS(files, names...); err != nil {
			return nil, fmt.Errorf("pages: %w", err)
		}
	}
	out := &set{fragments: base, pages: map[string]*template.Template{}}
	names, err := fs.Glob(s.options.Files, "templates/pages/*.html")
	if err != nil {
		return nil, fmt.Errorf("pages: %w", err)
	}
	var faults []error
	for _, name := range names {
		page, err := template.Must(base.Clone()).ParseFS(s.options.Files, name)
		if err != nil {
			return nil, fmt.Errorf("pages: %w", err)
		}
		out.pages[strings.TrimSuffix(path.Base(name), ".html")] = page
		faults = append(faults, s.unsaid(page))
	}
	// Fragments are drawn from a set that no page changes.
	if out.fragments, err = base.Clone(); err != nil {
		return nil, fmt.Errorf("pages: %w", err)
	}
	return out, errors.Join(append(faults, s.unsaid(base))...)
}

func (t *set) page(name string, f frame) ([]byte, error) {
	page, ok := t.pages[name]
	if !ok {
		return nil, fmt.Errorf("pages: there is no page %q", name)
	}
	var b bytes.Buffer
	if err := page.ExecuteTemplate(&b, "layout", f); err != nil {
		return nil, fmt.Errorf("pages: draw %s: %w", name, err)
	}
	return b.Bytes(), nil
}

func (s *Site) funcs(language string) template.FuncMap {
	return template.FuncMap{
		"t": func(key string, pairs ...any) (string, error) { return s.catalogue.say(language, key, pairs...) },
		"n": func(key string, n any, pairs ...any) (string, error) {
			whole, err := whole(n)
			if err != nil {
				return "", err
			}
			form := key + ".other"
			if whole == 1 {
				form = key + ".one"
			}
			return s.catalogue.say(language, form, append([]any{"n", Count(language, whole)}, pairs...)...)
		},
		"language": func() string { return language },
		"icon":     icon,
		"asset":    s.assets.url,
		"extra":    func() string { return s.options.Extra },
		"has":      s.catalogue.has,
		"link":     func(path string) string { return s.options.Base + path },
		"draw": func(name string, data any) (template.HTML, error) {
			text, err := s.Fragment(language, name, data)
			return template.HTML(text), err //nolint:gosec // drawn by html/template
		},
		"count": func(n any) (string, error) {
			whole, err := whole(n)
			return Count(language, whole), err
		},
		"clock":   func(t time.Time) string { return t.Format("15:04:05") },
		"moment":  func(t time.Time) string { return Moment(language, t) },
		"instant": func(t time.Time) string { return Instant(language, t) },
		"ago":     func(d time.Duration) string { return Span(language, d) },
		"json":    JSON,
		"chart":   func(c Chart) (template.HTML, error) { return s.chart(language, c) },
		"colour":  func(place int) int { return place%colours + 1 },
		"bytes":   func(text string) []byte { return []byte(text) },
		"dict":    dict,
	}
}

// whole is a count of the types that counts have.
func whole(n any) (int, error) {
	switch n := n.(type) {
	case int:
		return n, nil
	case int64:
		return int(n), nil
	}
	return 0, fmt.Errorf("%v is no count", n)
}

// dict is a map of the names and values that it is given.
func dict(pairs ...any) (map[string]any, error) {
	out := make(map[string]any, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("dict: %v is no name", pairs[i])
		}
		out[name] = pairs[i+1]
	}
	if len(pairs)%2 != 0 {
		return nil, errors.New("dict: the last name has no value")
	}
	return out, nil
}

// unsaid are the messages that templates ask for by name and that are not there.
func (s *Site) unsaid(t *template.Template) error {
	var faults []error
	for _, one := range t.Templates() {
		if one.Tree == nil {
			continue
		}
		walk(one.Tree.Root, func(function, key string) {
			switch {
			case function == "t" && !s.catalogue.has(key), function == "n" && (!s.catalogue.has(key+".one") || !s.catalogue.has(key+".other")):
				faults = append(faults, fmt.Errorf("pages: template %s says %q, which is no message", one.Name(), key))
			}
		})
	}
	return errors.Join(faults...)
}

// walk calls found for every call of a function whose first argument is a plain text.
func walk(node parse.Node, found func(function, text string)) {
	switch n := node.(type) {
	case *parse.ListNode:
		if n == nil {
			return
		}
		for _, one := range n.Nodes {
			walk(one, found)
		}
	case *parse.ActionNode:
		walk(n.Pipe, found)
	case *parse.TemplateNode:
		walk(n.Pipe, found)
	case *parse.IfNode:
		walkBranch(&n.BranchNode, found)
	case *parse.RangeNode:
		walkBranch(&n.BranchNode, found)
	case *parse.WithNode:
		walkBranch(&n.BranchNode, found)
	case *parse.PipeNode:
		if n == nil {
			return
		}
		for _, c := range n.Cmds {
			walk(c, found)
		}
	case *parse.CommandNode:
		if name, ok := n.Args[0].(*parse.IdentifierNode); ok && len(n.Args) > 1 {
			if text, ok := n.Args[1].(*parse.StringNode); ok {
				found(name.Ident, text.Text)
			}
		}
		for _, a := range n.Args {
			walk(a, found)
		}
	}
}

func walkBranch(b *parse.BranchNode, found func(function, text string)) {
	walk(b.Pipe, found)
	walk(b.List, found)
	walk(b.ElseList, found)
}
