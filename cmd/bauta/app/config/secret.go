package config

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"unique"
)

// concealed is what every formatting of a secret prints.
const concealed = "[secret]"

// Secret is a text that cannot print itself: not by fmt, slog, JSON, YAML nor by
// reflection over an outer struct, for it sits behind a pointer. Secrets compare
// with ==. The zero value is "no secret".
type Secret struct{ box unique.Handle[string] }

// NewSecret conceals a text; the empty one is "no secret".
func NewSecret(text string) Secret {
	if text == "" {
		return Secret{}
	}
	return Secret{box: unique.Make(text)}
}

// IsZero tells that there is no secret.
func (s Secret) IsZero() bool { return s == Secret{} }

// Reveal returns the text in clear. It is the only way to it.
func (s Secret) Reveal() string {
	if s.IsZero() {
		return ""
	}
	return s.box.Value()
}

// Format prints a fixed word for every verb.
func (s Secret) Format(state fmt.State, _ rune) { _, _ = state.Write([]byte(concealed)) }

// LogValue prints a fixed word in structured logs.
func (s Secret) LogValue() slog.Value { return slog.StringValue(concealed) }

// MarshalJSON writes a fixed word.
func (s Secret) MarshalJSON() ([]byte, error) { return json.Marshal(concealed) }

// MarshalText writes a fixed word.
func (s Secret) MarshalText() ([]byte, error) { return []byte(concealed), nil }

// MarshalYAML writes a fixed word.
func (s Secret) MarshalYAML() (any, error) { return concealed, nil }
