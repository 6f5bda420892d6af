package access

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"bauta/webhook"
)

// MaxLife is the longest time for which a token is issued: five years.
const MaxLife = 1825 * 24 * time.Hour

// maxLabel is how many characters a label may have.
const maxLabel = 64

// CheckGrant tells why no token can be issued for a grant at a time, nil if one
// can. Business, Scopes, Label and Expires are looked at. A token of
// webhook.AllBusinesses is an operator's: it has the scope Console and no other, since
// nobody calls the platform, or knows a customer, for all businesses at once. The error
// wraps ErrGrant, and says what to write instead.
func CheckGrant(g webhook.Grant, now time.Time) error {
	if g.Business == "" {
		return fmt.Errorf("%w: it names no business", ErrGrant)
	}
	if len(g.Scopes) == 0 {
		return fmt.Errorf("%w: it has no scope; there are %s", ErrGrant, strings.Join(Scopes(), ", "))
	}
	for _, scope := range g.Scopes {
		if !slices.Contains(Scopes(), scope) {
			return fmt.Errorf("%w: there is no scope %q; there are %s", ErrGrant, scope, strings.Join(Scopes(), ", "))
		}
	}
	if g.Business == webhook.AllBusinesses && !slices.Equal(g.Scopes, []string{Console}) {
		return fmt.Errorf("%w: a token of all businesses has the scope %s alone", ErrGrant, Console)
	}
	if !printable(g.Label) {
		return fmt.Errorf("%w: a label has at most %d characters, all of them printable", ErrGrant, maxLabel)
	}
	switch life := g.Expires.Sub(now); {
	case life < time.Second:
		return fmt.Errorf("%w: it would expire in less than a second", ErrGrant)
	case life > MaxLife:
		return fmt.Errorf("%w: a token lives %d days at most", ErrGrant, MaxLife/(24*time.Hour))
	}
	return nil
}

// printable keeps what would break a line or a terminal out of lists of tokens.
func printable(label string) bool {
	return utf8.ValidString(label) && utf8.RuneCountInString(label) <= maxLabel &&
		!strings.ContainsFunc(label, func(r rune) bool { return !unicode.IsPrint(r) })
}
