package outbound

import (
	"bytes"
	"net/url"
	"strings"

	"bauta/masking"
	"bauta/masking/jsontree"
)

// form is a body of the type application/x-www-form-urlencoded: every pair is a
// top-level member, and values that are no texts are JSON. Pairs that need no
// change keep their bytes.
type form struct {
	sheet

	source []byte
	pairs  []pair
}

// pair is one name and value.
type pair struct {
	// raw is the pair as it was sent.
	raw         []byte
	name, value string
	// inner is the value if it was read as JSON.
	inner *document
}

// readForm splits a form. The rules are stricter than a browser's, since readers
// differ: names are plain, and only & stands between pairs.
func readForm(body []byte) (*form, error) {
	f := &form{source: body}
	for offset := 0; offset <= len(body); {
		raw := body[offset:]
		if end := bytes.IndexByte(raw, '&'); end >= 0 {
			raw = raw[:end]
		}
		p, reason := readPair(raw)
		if reason != "" {
			return nil, &BodyError{"byte " + index(offset), reason}
		}
		f.pairs = append(f.pairs, p)
		offset += len(raw) + 1
	}
	return f, nil
}

func readPair(raw []byte) (_ pair, reason string) {
	if len(raw) == 0 {
		return pair{}, ""
	}
	if bytes.IndexByte(raw, ';') >= 0 {
		return pair{}, "a semicolon is written %3B"
	}
	name, value, _ := strings.Cut(string(raw), "=")
	p := pair{raw: raw}
	var err error
	if p.name, err = url.QueryUnescape(name); err != nil {
		return pair{}, "a percent sign is followed by two hexadecimal digits"
	}
	if p.value, err = url.QueryUnescape(value); err != nil {
		return pair{}, "a percent sign is followed by two hexadecimal digits"
	}
	if !isFormName(p.name) {
		return pair{}, "a name is letters, digits and underscores; write what is nested as JSON"
	}
	return p, ""
}

func isFormName(name string) bool {
	for i := range len(name) {
		c := name[i]
		if c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return name != ""
}

// collect takes note of all that the form names.
func (f *form) collect(r *request) error {
	var seen seenNames
	for i := range f.pairs {
		p := &f.pairs[i]
		if p.raw == nil {
			continue
		}
		at := place{&f.sheet, int32(i)}
		drop, err := r.topMember(p.name)
		if err != nil {
			return err
		}
		if drop {
			at.drop()
			continue
		}
		schema := r.call.Route.Body
		if right := misspelt(p.name, schema); right != "" {
			return &BodyError{right, "is written in small letters"}
		}
		if err := p.reserved(r); err != nil {
			return err
		}
		m := schema.Member(p.name)
		guarded := guards(m, nil)
		if (guarded || p.name == "recipient_type") && seen.add(p.name) {
			return &BodyError{p.name, "stands there more than once"}
		}
		if !guarded {
			continue
		}
		if err := f.pair(r, at, p, m); err != nil {
			return located(err, p.name)
		}
	}
	return nil
}

// pair reads one that is described.
func (f *form) pair(r *request, at place, p *pair, s *masking.Schema) error {
	if isGuarded(s.Role) {
		return r.nameAtTop(spot{at: at, top: true, name: p.name, schema: s, text: p.value})
	}
	if p.value == "" {
		return nil
	}
	doc, err := r.t.parser.Parse([]byte(p.value))
	if err != nil {
		bad := unreadable(err, []byte(p.value))
		return &BodyError{p.name + ", " + bad.Position, bad.Reason}
	}
	p.inner = &document{Doc: doc}
	w := walk{r: r, d: p.inner, root: s, prefix: p.name}
	return w.value(0, s)
}

// text is a top-level member's text.
func (f *form) text(name string) string {
	if p := f.last(name); p != nil {
		return p.value
	}
	return ""
}

// last is the last pair of a name, nil if there is none.
func (f *form) last(name string) *pair {
	for i := len(f.pairs) - 1; i >= 0; i-- {
		if f.pairs[i].raw != nil && f.pairs[i].name == name {
			return &f.pairs[i]
		}
	}
	return nil
}

// asks reads the words of the platform's own request.
func (f *form) asks() (words string, ok bool) {
	for name, reads := range map[string]func(*document, int32) (string, bool){
		"interactive": (*document).asksAt, "template": (*document).asksBy,
	} {
		p := f.last(name)
		if p == nil {
			continue
		}
		doc, err := jsontree.Parse([]byte(p.value))
		if err != nil {
			continue
		}
		if words, ok = reads(&document{Doc: doc}, 0); ok {
			return words, true
		}
	}
	return "", false
}

// template reads the name and language of a template.
func (f *form) template() (name, language string) {
	p := f.last("template")
	if p == nil {
		return "", ""
	}
	doc, err := jsontree.Parse([]byte(p.value))
	if err != nil {
		return "", ""
	}
	d := document{Doc: doc}
	return d.templateAt(0)
}

func (f *form) keep() {
	f.sheet.keep()
	for i := range f.pairs {
		if inner := f.pairs[i].inner; inner != nil {
			inner.keep()
		}
	}
}

func (f *form) begin() {
	f.sheet.begin()
	for i := range f.pairs {
		if inner := f.pairs[i].inner; inner != nil {
			inner.begin()
		}
	}
}

// render writes the form with its changes.
func (f *form) render() ([]byte, error) {
	written := make([][]byte, len(f.pairs))
	gone := make([]bool, len(f.pairs))
	for i := range f.pairs {
		p := &f.pairs[i]
		written[i] = p.raw
		if p.inner == nil {
			continue
		}
		value, err := p.inner.render()
		if err != nil {
			return nil, err
		}
		if string(value) != p.value {
			written[i] = encoded(p.name, string(value))
		}
	}
	for _, c := range f.changes {
		p := &f.pairs[c.at]
		name := p.name
		if c.name != "" {
			name = c.name
		}
		switch {
		case c.drop:
			gone[c.at] = true
		case name != p.name || c.text != p.value:
			written[c.at] = encoded(name, c.text)
		}
	}
	out := make([]byte, 0, len(f.source)+64)
	first := true
	for i, raw := range written {
		if gone[i] {
			continue
		}
		if !first {
			out = append(out, '&')
		}
		out, first = append(out, raw...), false
	}
	return out, nil
}

func encoded(name, value string) []byte {
	return []byte(name + "=" + url.QueryEscape(value))
}
