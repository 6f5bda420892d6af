package reply

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"
)

// member is the value of a top-level member in a JSON object: where it stands, and
// its text if it is a string.
type member struct {
	from, to int64
	text     string
	isText   bool
}

// members finds every member of a name, duplicates included. What is not one JSON
// object has none.
func members(body []byte, name string) []member {
	d := jsontext.NewDecoder(bytes.NewReader(body), jsontext.AllowDuplicateNames(true))
	if open, err := d.ReadToken(); err != nil || open.Kind() != '{' {
		return nil
	}
	var found []member
	for d.PeekKind() == '"' {
		key, err := d.ReadToken()
		if err != nil {
			return nil
		}
		mine := key.String() == name
		value, err := d.ReadValue()
		if err != nil {
			return nil
		}
		if !mine {
			continue
		}
		m := member{to: d.InputOffset()}
		m.from = m.to - int64(len(value))
		if value.Kind() == '"' {
			text, err := jsontext.AppendUnquote(nil, value)
			m.text, m.isText = string(text), err == nil
		}
		found = append(found, m)
	}
	return found
}

// texts are the strings of a name.
func texts(body []byte, name string) []string {
	var out []string
	for _, m := range members(body, name) {
		if m.isText && m.text != "" {
			out = append(out, m.text)
		}
	}
	return out
}

// withText writes a string in the place of every member that was found in body.
func withText(body []byte, places []member, text string) ([]byte, error) {
	value, err := jsontext.AppendQuote(nil, text)
	if err != nil {
		return nil, err
	}
	out := make([]byte, 0, len(body)+len(places)*len(value))
	end := int64(0)
	for _, m := range places {
		out = append(append(out, body[end:m.from]...), value...)
		end = m.to
	}
	return append(out, body[end:]...), nil
}
