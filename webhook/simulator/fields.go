package simulator

import (
	"encoding/json"
	"strings"
)

// fields are the members of a JSON object or a form.
type fields map[string]json.RawMessage

// text returns a string, or the digits of a number, "" if it is neither.
func (f fields) text(name string) string {
	raw := f[name]
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	var number json.Number
	if json.Unmarshal(raw, &number) == nil {
		return number.String()
	}
	return ""
}

// object returns the members of an object, nil if it is none.
func (f fields) object(name string) fields {
	var members fields
	if raw := f[name]; len(raw) == 0 || json.Unmarshal(raw, &members) != nil {
		return nil
	}
	return members
}

// list returns the objects of an array, nil if it is none.
func (f fields) list(name string) []fields {
	var items []fields
	if raw := f[name]; len(raw) == 0 || json.Unmarshal(raw, &items) != nil {
		return nil
	}
	return items
}

// formValue: in a form, objects and lists are JSON, everything else is text.
func formValue(text string) json.RawMessage {
	if trimmed := strings.TrimSpace(text); (strings.HasPrefix(trimmed, "{") || strings.HasPrefix(trimmed, "[")) && json.Valid([]byte(trimmed)) {
		return json.RawMessage(trimmed)
	}
	quoted, err := json.Marshal(text)
	if err != nil { // text always encodes
		return nil
	}
	return quoted
}
