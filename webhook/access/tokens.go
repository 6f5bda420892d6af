package access

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"time"

	"github.com/golang-jwt/jwt/v5"
	lru "github.com/hashicorp/golang-lru/v2"

	"bauta/webhook"
)

// kept is how many tokens are remembered whose signature was found right, some
// 500 bytes each. Only tokens that were issued come in.
const kept = 4096

// Keys derives the key that signs: a key set.
type Keys interface {
	PRF(label string, parts ...string) [32]byte
}

// Registry is the list of the tokens that are in force: redis/tokens. Safe for
// concurrent use.
type Registry interface {
	// Add enters a grant; it is stored when it returns.
	Add(ctx context.Context, g webhook.Grant) error
	// Known tells whether a business's token is on the list, now.
	Known(ctx context.Context, business, id string) (bool, error)
}

// Options of Tokens: Keys and Registry are needed; Now is time.Now if nil.
type Options struct {
	Keys     Keys
	Registry Registry
	Now      func() time.Time
}

// Tokens issues and checks tokens. Safe for concurrent use.
type Tokens struct {
	key      []byte
	registry Registry
	now      func() time.Time
	parser   *jwt.Parser
	// verified are the grants of tokens whose signature is right, by SHA-256 of the
	// token: that they are in force is asked every time.
	verified *lru.Cache[[sha256.Size]byte, webhook.Grant]
}

// New builds Tokens.
func New(o Options) *Tokens {
	if o.Now == nil {
		o.Now = time.Now
	}
	key := o.Keys.PRF("token", jwt.SigningMethodHS256.Alg())
	verified, _ := lru.New[[sha256.Size]byte, webhook.Grant](kept) // fails for a size below one only
	return &Tokens{key: key[:], registry: o.Registry, now: o.Now, parser: newParser(o.Now), verified: verified}
}

// Issue makes a token for a grant's Business, Scopes, Label and Expires, and
// returns it with the whole grant: ID and Issued are filled in, times are whole
// seconds, scopes are in the order of Scopes, each once. The token is stored
// nowhere. An error that wraps ErrGrant is the caller's; any other is the
// registry's, and then there is no token.
func (t *Tokens) Issue(ctx context.Context, g webhook.Grant) (string, webhook.Grant, error) {
	now := t.now().UTC().Truncate(time.Second)
	g.Issued, g.Expires = now, g.Expires.UTC().Truncate(time.Second)
	if err := CheckGrant(g, now); err != nil {
		return "", webhook.Grant{}, err
	}
	id := make([]byte, 16)
	_, _ = rand.Read(id) // never fails
	g.ID = base64.RawURLEncoding.EncodeToString(id)
	g.Scopes = slices.DeleteFunc(Scopes(), func(scope string) bool { return !g.Allows(scope) })
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claimsOf(g)).SignedString(t.key)
	if err != nil {
		return "", webhook.Grant{}, fmt.Errorf("sign a token: %w", err)
	}
	if err := t.registry.Add(ctx, g); err != nil {
		return "", webhook.Grant{}, fmt.Errorf("register a token: %w", err)
	}
	return token, g, nil
}

// Check returns what a token allows, without its Label; the grant is read-only. The
// error is ErrInvalid itself for every token that is not in force; any other means
// that the registry could not be asked. That the business is still configured is
// for the caller to see. One round trip to the registry, none for a token that is
// not ours or has expired.
func (t *Tokens) Check(ctx context.Context, token string) (webhook.Grant, error) {
	g, ok := t.read(token)
	if !ok || !t.now().Before(g.Expires) {
		return webhook.Grant{}, ErrInvalid
	}
	known, err := t.registry.Known(ctx, g.Business, g.ID)
	if err != nil {
		return webhook.Grant{}, fmt.Errorf("check a token: %w", err)
	}
	if !known {
		return webhook.Grant{}, ErrInvalid
	}
	return g, nil
}

// read returns the grant that a token was signed for; it may have expired since it
// was first read.
func (t *Tokens) read(token string) (webhook.Grant, bool) {
	if !compact(token) {
		return webhook.Grant{}, false
	}
	sum := sha256.Sum256([]byte(token))
	if g, ok := t.verified.Get(sum); ok {
		return g, true
	}
	var c claims
	// The key is ours whatever the header asks for (kid, jku, jwk, x5u).
	if _, err := t.parser.ParseWithClaims(token, &c, func(*jwt.Token) (any, error) { return t.key, nil }); err != nil {
		return webhook.Grant{}, false
	}
	g, ok := c.grant(t.now())
	if ok {
		t.verified.Add(sum, g)
	}
	return g, ok
}
