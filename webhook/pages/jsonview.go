package pages

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"strconv"
	"strings"
)

// Tone is what a mark means, and its colour.
type Tone string

// The tones. Whoever cannot see colours gets a mark's title too.
const (
	// ToneNumber can be read as a customer's number; ToneHandle stands in its place.
	ToneNumber Tone = "number"
	ToneHandle Tone = "handle"
	// ToneRemoved is not there any more on the other side, ToneAdded only here.
	ToneRemoved Tone = "removed"
	ToneAdded   Tone = "added"
	ToneChanged Tone = "changed"
)

// Mark is a marked value of a JSON document. Of a text the bytes From to To are marked,
// all of it where both are 0. Title, if any, is said to those who point at it.
type Mark struct {
	Tone     Tone
	From, To int
	Title    string
}

// maxDepth is how deep a document is indented.
const maxDepth = 16

// JSON draws a document, a member a line, its texts as they read and not as they are
// escaped. Marks are by path: entry[0].changes[0].value.messages[0].id; what is in a
// marked object or array is marked with it. What is not JSON is shown as it is.
func JSON(body []byte, marks map[string]Mark) template.HTML {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	v := view{decoder: d, marks: marks}
	if err := v.value("", "", 0, Mark{}); err != nil {
		return template.HTML(`<div class="json"><div class="jl">` + template.HTMLEscapeString(string(body)) + `</div></div>`) //nolint:gosec // escaped
	}
	return template.HTML(`<div class="json">` + v.out.String() + `</div>`) //nolint:gosec // every text in it is escaped
}

// view draws one document.
type view struct {
	decoder *json.Decoder
	marks   map[string]Mark
	out     strings.Builder
}

// value draws the next value behind a prefix, which is HTML.
func (v *view) value(path, prefix string, depth int, over Mark) error {
	token, err := v.decoder.Token()
	if err != nil {
		return err
	}
	mark, ok := v.marks[path]
	if !ok {
		mark = over
	}
	opening, ok := token.(json.Delim)
	if !ok {
		text, err := literal(token, mark)
		v.line(depth, prefix+text+v.comma())
		return err
	}
	closing := "}"
	if opening == '[' {
		closing = "]"
	}
	if !v.decoder.More() {
		if _, err := v.decoder.Token(); err != nil {
			return err
		}
		v.line(depth, prefix+marked(mark, opening.String()+closing)+v.comma())
		return nil
	}
	v.line(depth, prefix+marked(mark, opening.String()))
	for i := 0; v.decoder.More(); i++ {
		if err := v.member(path, i, opening == '{', depth+1, mark); err != nil {
			return err
		}
	}
	if _, err := v.decoder.Token(); err != nil {
		return err
	}
	v.line(depth, marked(mark, closing)+v.comma())
	return nil
}

// member draws what is next in an object or array.
func (v *view) member(path string, i int, object bool, depth int, over Mark) error {
	if depth > 1<<10 {
		return errors.New("too deep")
	}
	if !object {
		return v.value(path+"["+strconv.Itoa(i)+"]", "", depth, over)
	}
	token, err := v.decoder.Token()
	if err != nil {
		return err
	}
	name, ok := token.(string)
	if !ok {
		return fmt.Errorf("%v is no name", token)
	}
	if path != "" {
		path += "."
	}
	path += name
	mark, here := v.marks[path]
	if !here {
		mark = over
	}
	mark.From, mark.To = 0, 0
	key := `<span class="jk">` + quoted(name) + `</span>`
	if mark.Tone == ToneRemoved || mark.Tone == ToneAdded {
		key = marked(mark, quoted(name))
	}
	return v.value(path, key+": ", depth, over)
}

// comma is between this value and the next one.
func (v *view) comma() string {
	if v.decoder.More() {
		return ","
	}
	return ""
}

func (v *view) line(depth int, html string) {
	v.out.WriteString(`<div class="jl in` + strconv.Itoa(min(depth, maxDepth)) + `">` + html + "</div>")
}

func literal(token json.Token, mark Mark) (string, error) {
	switch t := token.(type) {
	case string:
		if mark.Tone == "" {
			return `<span class="js">` + quoted(t) + `</span>`, nil
		}
		if 0 <= mark.From && mark.From < mark.To && mark.To <= len(t) {
			part := func(text string) string {
				return strings.TrimSuffix(strings.TrimPrefix(quoted(text), "&#34;"), "&#34;")
			}
			return `<span class="js">&#34;` + part(t[:mark.From]) + marked(mark, part(t[mark.From:mark.To])) + part(t[mark.To:]) + `&#34;</span>`, nil
		}
		return marked(mark, quoted(t)), nil
	case json.Number:
		return marked(mark, `<span class="jn">`+template.HTMLEscapeString(t.String())+`</span>`), nil
	case bool:
		return marked(mark, `<span class="jn">`+strconv.FormatBool(t)+`</span>`), nil
	case nil:
		return marked(mark, `<span class="jn">null</span>`), nil
	}
	return "", io.ErrUnexpectedEOF
}

// quoted is a JSON text as HTML.
func quoted(text string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(text)
	return template.HTMLEscapeString(strings.TrimSuffix(b.String(), "\n"))
}

// marked puts HTML into its mark.
func marked(m Mark, html string) string {
	if m.Tone == "" {
		return html
	}
	element := "mark"
	switch m.Tone { //nolint:exhaustive // the others are marks
	case ToneRemoved:
		element = "del"
	case ToneAdded:
		element = "ins"
	}
	title := ""
	if m.Title != "" {
		title = ` title="` + template.HTMLEscapeString(m.Title) + `"`
	}
	return "<" + element + ` class="t-` + template.HTMLEscapeString(string(m.Tone)) + `"` + title + ">" + html + "</" + element + ">"
}
