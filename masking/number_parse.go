package masking

import "unicode"

// The digits a number has, country code included (E.164), and the most bytes of
// text that are looked at: 15 digits of 4 bytes with separators between them.
const (
	minDigits     = 5
	maxDigits     = 15
	maxNumberText = 128
)

// ParseNumber reads a phone number in the platform's notation (wa_id: digits)
// or in one that people write: a leading plus sign, spaces (no-break and thin
// ones too), hyphens, dots, slashes and parentheses between the digits, digits
// of any script. The result holds ASCII digits only, as they were given:
// variants of one number stay different (see Canonical).
//
// It is false for text without 5 to 15 digits and for text with anything else
// in it: an empty field, or a user id where a number is expected
// (identity.md 2.2), is no number.
func ParseNumber(text string) (Number, bool) {
	if isDigits(text) {
		if len(text) < minDigits || len(text) > maxDigits {
			return Number{}, false
		}
		return Number{box(text)}, true
	}
	if len(text) > maxNumberText {
		return Number{}, false
	}
	var digits [maxDigits]byte
	n, plus := 0, false
	for _, r := range text {
		d, isDigit := foldDigit(r)
		switch {
		case isDigit && n == maxDigits:
			return Number{}, false
		case isDigit:
			digits[n] = d
			n++
		case r == '+' || r == '\uff0b': // the full-width plus sign
			if plus || n > 0 {
				return Number{}, false
			}
			plus = true
		case !isSeparator(r):
			return Number{}, false
		}
	}
	if n < minDigits {
		return Number{}, false
	}
	return Number{box(string(digits[:n]))}, true
}

// IdentityOf reads a number or a user id. The two shapes exclude each other: a
// user id begins with letters.
func IdentityOf(text string) (Identity, bool) {
	if n, ok := ParseNumber(text); ok {
		return Identity{Number: n}, true
	}
	if u, ok := ParseUserID(text); ok {
		return Identity{UserID: u}, true
	}
	return Identity{}, false
}

// isDigits tells that text is ASCII digits and nothing else.
func isDigits(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return text != ""
}

// foldDigit returns the ASCII digit of a decimal digit of any script. Unicode
// keeps the ten digits of a script together in order, and every range of the
// table begins with a zero.
func foldDigit(r rune) (byte, bool) {
	const ascii = "0123456789"
	if r <= unicode.MaxLatin1 {
		if r < '0' || r > '9' {
			return 0, false
		}
		return ascii[r-'0'], true
	}
	at := int64(r)
	for _, span := range unicode.Nd.R16 {
		if lo, hi := int64(span.Lo), int64(span.Hi); lo <= at && at <= hi {
			return ascii[(at-lo)%10], true
		}
	}
	for _, span := range unicode.Nd.R32 {
		if lo, hi := int64(span.Lo), int64(span.Hi); lo <= at && at <= hi {
			return ascii[(at-lo)%10], true
		}
	}
	return 0, false
}

// isSeparator tells what people and address books put between digits. The
// direction marks come along when a number is copied out of a contact card.
func isSeparator(r rune) bool {
	switch r {
	case '-', '.', '/', '(', ')', '\t', '\u2212':
		return true
	}
	return unicode.In(r, unicode.Zs, unicode.Pd, unicode.Bidi_Control)
}
