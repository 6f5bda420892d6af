package access

import (
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"bauta/webhook"
)

const (
	// party is both issuer and audience: Bauta's tokens are for Bauta.
	party = "bauta"
	// maxToken is several times the length of a token with every scope (some 400
	// bytes). What is longer is not looked into.
	maxToken = 2048
	// skew is by how much the clocks of two nodes may differ: a token that one
	// issues is used at another at once. Expiry has no leeway: nobody is helped by
	// a token that works a little longer than it says.
	skew = time.Minute
)

// claims are those of RFC 7519 section 4.1, and scope (RFC 8693 section 4.2).
type claims struct {
	jwt.RegisteredClaims

	Scope string `json:"scope"`
}

func claimsOf(g webhook.Grant) *claims {
	return &claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer: party, Audience: jwt.ClaimStrings{party}, Subject: g.Business, ID: g.ID,
			IssuedAt: jwt.NewNumericDate(g.Issued), ExpiresAt: jwt.NewNumericDate(g.Expires),
		},
		Scope: strings.Join(g.Scopes, " "),
	}
}

// grant reads claims that were signed; false if one is missing. The parser has
// seen to exp, iss and aud.
func (c *claims) grant(now time.Time) (webhook.Grant, bool) {
	scopes := strings.Fields(c.Scope)
	if c.Subject == "" || c.ID == "" || len(scopes) == 0 || c.IssuedAt == nil || c.IssuedAt.After(now.Add(skew)) {
		return webhook.Grant{}, false
	}
	return webhook.Grant{
		ID: c.ID, Business: c.Subject, Scopes: scopes, Issued: c.IssuedAt.UTC(), Expires: c.ExpiresAt.UTC(),
	}, true
}

// newParser pins the algorithm. Strict decoding, together with compact, leaves one
// spelling of a token: otherwise trailing bits could be chosen.
func newParser(now func() time.Time) *jwt.Parser {
	return jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}), jwt.WithStrictDecoding(),
		jwt.WithIssuer(party), jwt.WithAudience(party), jwt.WithExpirationRequired(), jwt.WithTimeFunc(now),
	)
}

// compact tells that a text is made of what a compact JWS is made of (RFC 7515
// section 7.1) and is no longer than any of ours. The decoder would pass over line
// breaks.
func compact(token string) bool {
	if token == "" || len(token) > maxToken {
		return false
	}
	for i := range len(token) {
		switch c := token[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_', c == '.':
		default:
			return false
		}
	}
	return true
}
