package config

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"unique"
)

// concealed is what every formatting of a secret prints.
const concealed = "[secret]"

// Secret is a text that cannot print itself: not by fmt, slog, JSON, YAML nor by
// reflection over an outer struct, for it sits behind a pointer. Secrets compare
// with ==. The zero value is "no secret".
type Secret struct{ box unique.Handle[string] }

// storeURL is the path of the store's URL, which can hold a password.
const storeURL = "redis.url"

// Secrets says which secrets of a configuration are needed.
type Secrets uint8

// What commands need. The zero value is the strictest.
const (
	// AllSecrets is for whoever serves, or checks for that.
	AllSecrets Secrets = iota
	// CallingSecrets are those of the store and of calls to the platform.
	CallingSecrets
	// StoreSecrets are those of the store.
	StoreSecrets
)

// has tells whether the secret at a path, such as businesses[0].access_token, is
// among them.
func (s Secrets) has(path string) bool {
	calls := strings.HasSuffix(path, ".access_token") || strings.HasSuffix(path, ".marketing_token")
	return s == AllSecrets || path == storeURL || s == CallingSecrets && calls
}

// writtenOut notes a secret that stands in the file itself. A store's URL is one if
// it has a password.
func (d *decoder) writtenOut(text, path string) {
	harmless := path == storeURL && !strings.Contains(text, "@") && !strings.Contains(text, "password")
	if text != "" && !harmless && !strings.HasPrefix(text, "file:") && !strings.Contains(text, "${") {
		d.literals = append(d.literals, path)
	}
}

// exposed is the path of a secret that whoever reads the file knows, "" if there is
// none. Where a stand-in on this machine plays the platform only the store's is one.
func (d *decoder) exposed(c *Config) string {
	for _, path := range d.literals {
		if path == storeURL || !c.Platform.standsIn() {
			return path
		}
	}
	return ""
}

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
