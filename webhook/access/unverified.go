package access

import (
	"strings"

	"github.com/golang-jwt/jwt/v5"
)

// idLength is that of 16 bytes in base64url without padding.
const idLength = 22

// IsID tells that a text has the form of a token's id: a token has not.
func IsID(text string) bool {
	return len(text) == idLength && compact(text) && !strings.Contains(text, ".")
}

// Unverified returns the business and the id that a text names if it has the form
// of a token; the id has the form of one. Nothing is checked: whoever wrote the text
// chose both. It is for ending tokens, never for admitting them.
func Unverified(token string) (business, id string, ok bool) {
	if !compact(token) {
		return "", "", false
	}
	var c claims
	if _, _, err := jwt.NewParser(jwt.WithStrictDecoding()).ParseUnverified(token, &c); err != nil {
		return "", "", false
	}
	return c.Subject, c.ID, c.Subject != "" && IsID(c.ID)
}
