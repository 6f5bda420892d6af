package masking

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"unique"
)

// hidden is what every formatting of a boxed value prints.
const hidden = "[hidden]"

// boxed holds a personal identifier where neither fmt, slog, encoding/json nor
// reflection over an outer struct can print it: the text sits behind a pointer
// that the unique package shares, so boxed values compare with ==.
type boxed struct{ box unique.Handle[string] }

func box(text string) boxed { return boxed{box: unique.Make(text)} }

// IsZero tells that there is no identifier.
func (b boxed) IsZero() bool { return b == boxed{} }

// Reveal returns the identifier in clear. It is the only way to it: whoever
// reviews for leaks searches for this name. It is empty for the zero value.
func (b boxed) Reveal() string {
	if b.IsZero() {
		return ""
	}
	return b.box.Value()
}

// Format prints a fixed word for every verb.
func (b boxed) Format(state fmt.State, _ rune) { _, _ = state.Write([]byte(hidden)) }

// LogValue prints a fixed word in structured logs.
func (b boxed) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalJSON writes a fixed word: a record that must keep the identifier has
// to reveal it in code.
func (b boxed) MarshalJSON() ([]byte, error) { return json.Marshal(hidden) }

// MarshalText writes a fixed word, for encoders of text and of map keys.
func (b boxed) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// Number is a phone number: 5 to 15 digits of E.164, kept in the notation in
// which the platform gave it (wa_id: digits, no plus sign). The zero value is
// "no number". Numbers compare with ==; two notations of one person's number
// (see Canonical) differ under ==.
type Number struct{ boxed }

// UserID is a business-scoped user id (BSUID) or parent BSUID of the platform,
// such as US.13491208655302741918. The zero value is "no id". It compares with ==.
type UserID struct{ boxed }

// Identity is one name the platform has for a person: a number or a user id,
// never both. It compares with ==; as a map key use its canonical form.
type Identity struct {
	Number Number
	UserID UserID
}

// IsZero tells that the identity names nobody.
func (i Identity) IsZero() bool { return i.Number.IsZero() && i.UserID.IsZero() }

// Canonical returns the identity with its number in canonical form, so that two
// notations of one person's number are equal under ==.
func (i Identity) Canonical() Identity {
	return Identity{Number: i.Number.Canonical(), UserID: i.UserID}
}
