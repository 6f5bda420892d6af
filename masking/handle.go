package masking

import (
	"encoding/binary"
	"fmt"
	"io"
)

// Where the parts of a handle's digits end.
const (
	keyDigits        = 10
	longRandomDigits = 18
	longDigits       = 22
	phoneCountryCode = "999"
	phoneBodyDigits  = len(phoneCountryCode) + keyDigits
	phoneDigits      = 15
	unknownCountry   = "ZZ"
)

// Handle is the name of a hidden customer for one business in one scope. It is
// random, so nothing can be computed from it, and no secret: it may be printed.
type Handle struct {
	// Country is the ISO 3166 alpha-2 code of the customer's country, ZZ if
	// unknown.
	Country string
	// Long is the 22 digits of the user-id shape, the last 4 a keyed check.
	Long string
	// Phone is the 15 digits of the phone shape: 999, 10 digits, a keyed check
	// of 2. Long and Phone share their first 10 random digits (Key).
	Phone string
}

// IsZero tells that there is no handle.
func (h Handle) IsZero() bool { return h.Long == "" }

// Key is the 10 random digits that both shapes share: a handle's unique name
// within a business, whose minter has to refuse a second one. It is empty for
// the zero value.
func (h Handle) Key() string {
	if len(h.Long) < keyDigits {
		return ""
	}
	return h.Long[:keyDigits]
}

// In returns the handle as a view shows it: 15 digits in the phone shape,
// otherwise a user id such as IT.9041174520836617350284, with ZZ for the country
// unless the view shows it. It is empty for the zero value.
func (h Handle) In(v View) string {
	switch {
	case h.IsZero():
		return ""
	case v.Shape == ShapePhone:
		return h.Phone
	case v.ShowCountry && h.Country != "":
		return h.Country + "." + h.Long
	}
	return unknownCountry + "." + h.Long
}

// shownIn tells that In is not empty.
func (h Handle) shownIn(v View) bool {
	return h.Long != "" && (v.Shape != ShapePhone || h.Phone != "")
}

// Reference is what a handle's text says by itself, without a look-up.
type Reference struct {
	// Key as Handle.Key gives it.
	Key   string
	Shape Shape
}

// Checker is the keyed function that check digits are made of; keys.Set is one.
type Checker interface {
	// PRF returns 32 bytes that nobody can compute without the key. Two lists of
	// label and parts that differ never make one input. Safe for concurrent use.
	PRF(label string, parts ...string) [32]byte
}

// Handles mints handles and recognises them. One serves all businesses: the
// check digits tell that a handle is Bauta's, not whose it is. Safe for
// concurrent use.
type Handles struct{ check Checker }

// NewHandles returns the handles of one key set.
func NewHandles(check Checker) *Handles { return &Handles{check: check} }

// Mint makes a handle of 18 random digits, every digit equally likely, for a
// customer of an ISO 3166 alpha-2 country; anything else there becomes ZZ. Random
// is crypto/rand's reader outside of tests; its error is returned. The caller
// refuses a Key that the business has already and mints again.
func (h *Handles) Mint(random io.Reader, country string) (Handle, error) {
	digits, err := randomDigits(random, longRandomDigits)
	if err != nil {
		return Handle{}, fmt.Errorf("mint a handle: read random bytes: %w", err)
	}
	if !isCountry(country) {
		country = unknownCountry
	}
	body := phoneCountryCode + digits[:keyDigits]
	return Handle{
		Country: country,
		Long:    digits + h.longCheck(digits),
		Phone:   body + h.phoneCheck(body),
	}, nil
}

// Parse recognises a handle in either shape: a user id of any country with 22
// digits, or 15 digits that begin with 999; both also behind a plus sign, which
// clients add to what they take for a number. It looks nothing up, so the handle
// may be unknown; text whose check digits are wrong is no handle.
func (h *Handles) Parse(text string) (Reference, bool) {
	if text != "" && text[0] == '+' {
		text = text[1:]
	}
	switch {
	case len(text) == len("ZZ.")+longDigits && isCountry(text[:2]) && text[2] == '.':
		digits := text[3:]
		random := digits[:longRandomDigits]
		if isDigits(digits) && h.longCheck(random) == digits[longRandomDigits:] {
			return Reference{Key: digits[:keyDigits], Shape: ShapeUserID}, true
		}
	case len(text) == phoneDigits && text[:len(phoneCountryCode)] == phoneCountryCode:
		body := text[:phoneBodyDigits]
		if isDigits(text) && h.phoneCheck(body) == text[phoneBodyDigits:] {
			return Reference{Key: body[len(phoneCountryCode):], Shape: ShapePhone}, true
		}
	}
	return Reference{}, false
}

func (h *Handles) longCheck(random string) string {
	return fmt.Sprintf("%04d", h.checkValue("handle check long", random)%10_000)
}

func (h *Handles) phoneCheck(body string) string {
	return fmt.Sprintf("%02d", h.checkValue("handle check phone", body)%100)
}

// checkValue has 64 bits, so that what its remainder prefers is beyond
// measuring (one part in 10^15).
func (h *Handles) checkValue(label, digits string) uint64 {
	sum := h.check.PRF(label, digits)
	return binary.BigEndian.Uint64(sum[:8])
}

// randomDigits draws n decimal digits. Bytes from 250 on are thrown away: their
// remainders would make the digits 0 to 5 likelier.
func randomDigits(random io.Reader, n int) (string, error) {
	digits := make([]byte, 0, n)
	var block [32]byte
	for len(digits) < n {
		if _, err := io.ReadFull(random, block[:]); err != nil {
			return "", err
		}
		for _, b := range block {
			if b < 250 && len(digits) < n {
				digits = append(digits, '0'+b%10)
			}
		}
	}
	return string(digits), nil
}
