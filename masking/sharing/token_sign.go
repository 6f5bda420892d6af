package sharing

import (
	"encoding/base64"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	// MaxToken is the longest token: the platform takes no longer id of a button.
	MaxToken = 256
	// header is the one that golang-jwt writes: {"alg":"HS256","typ":"JWT"}.
	header = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
	// signatureLength is that of 32 bytes in base64url.
	signatureLength = 43
	// shortBytes of a keyed hash stand for a name: enough that no two meet.
	shortBytes = 12
)

// PRF is a keyed hash; a key set is one. Safe for concurrent use.
type PRF interface {
	// PRF returns 32 bytes that nobody can compute without the key. Two lists of
	// label and parts that differ never make one input.
	PRF(label string, parts ...string) [32]byte
}

// Tokens issues and reads what stands on Bauta's buttons: JWTs (RFC 7519, HS256)
// under a key of their own, with names in keyed short forms, so that a token tells a
// customer's phone nothing. Safe for concurrent use.
type Tokens struct {
	prf    PRF
	key    []byte
	parser *jwt.Parser
}

// NewTokens derives the key from a key set.
func NewTokens(prf PRF) *Tokens {
	key := prf.PRF("button token", jwt.SigningMethodHS256.Alg())
	return &Tokens{
		prf: prf, key: key[:],
		// An expired token is read, too: the caller has to tell why it is void.
		parser: jwt.NewParser(
			jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}),
			jwt.WithStrictDecoding(), jwt.WithoutClaimsValidation(),
		),
	}
}

// buttonClaims are a token's. Their order is part of what In looks for.
type buttonClaims struct {
	Business string `json:"b"`
	Handle   string `json:"h"`
	Scope    string `json:"s"`
	Action   Action `json:"a"`
	Question string `json:"q"`

	jwt.RegisteredClaims
}

// Issue makes a button's token, the same for the same claims: at most MaxToken
// characters with a Question of 16. Expires is cut to a second.
func (t *Tokens) Issue(c Claims) string {
	claims := buttonClaims{
		Business: t.short("business", c.Business), Handle: t.short("handle", c.Business, c.Handle),
		Scope: t.short("scope", c.Business, c.Scope), Action: c.Action, Question: c.Question,
		RegisteredClaims: jwt.RegisteredClaims{ExpiresAt: jwt.NewNumericDate(c.Expires)},
	}
	token, _ := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString(t.key) // fails for keys that are no bytes
	return token
}

// Button is what a token says that Bauta signed. Whose it is, Of tells; that it is
// the button of the scope's present question, and has not expired, is for the caller
// to see.
type Button struct {
	Action   Action
	Question string
	Expires  time.Time

	tokens                  *Tokens
	business, handle, scope string
}

// Of tells whether the button was issued for a handle (by its Key) of a business, in
// a scope ("" is direct, otherwise the group's id). False for the zero value.
func (b Button) Of(business, handle, scope string) bool {
	return b.tokens != nil && b.business == b.tokens.short("business", business) &&
		b.handle == b.tokens.short("handle", business, handle) && b.scope == b.tokens.short("scope", business, scope)
}

// Read reads a token that Bauta signed, whatever its expiry. False for everything
// else; a token has one spelling.
func (t *Tokens) Read(token string) (Button, bool) {
	if len(token) > MaxToken || !strings.HasPrefix(token, header) || !compact(token) {
		return Button{}, false
	}
	var c buttonClaims
	_, err := t.parser.ParseWithClaims(token, &c, func(*jwt.Token) (any, error) { return t.key, nil })
	if err != nil || c.ExpiresAt == nil {
		return Button{}, false
	}
	return Button{
		Action: c.Action, Question: c.Question, Expires: c.ExpiresAt.UTC(),
		tokens: t, business: c.Business, handle: c.Handle, scope: c.Scope,
	}, true
}

// compact tells that a text is made of what tokens are made of (RFC 7515 section
// 7.1): the decoder would pass over line breaks.
func compact(token string) bool {
	for i := range len(token) {
		if token[i] != '.' && !urlSafe(token[i]) {
			return false
		}
	}
	return true
}

// urlSafe tells the characters of base64url (RFC 4648 section 5).
func urlSafe(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_'
}

// short is a keyed short form of 16 characters.
func (t *Tokens) short(name string, parts ...string) string {
	sum := t.prf.PRF("button "+name, parts...)
	return base64.RawURLEncoding.EncodeToString(sum[:shortBytes])
}
