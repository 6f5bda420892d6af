package access_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"testing"
	"time"

	"bauta/masking/keys"
	"bauta/redis"
	"bauta/redis/redistest"
	"bauta/redis/tokens"
	"bauta/webhook"
	"bauta/webhook/access"
)

// issuer is a deployment with one business, and a clock that tests set.
type issuer struct {
	testing.TB
	keys     *keys.Set
	store    *redis.Store
	registry *tokens.Tokens
	tokens   *access.Tokens
	now      time.Time
}

func newIssuer(t testing.TB) *issuer {
	t.Helper()
	set, err := keys.Generate()
	if err != nil {
		t.Fatal(err)
	}
	i := &issuer{TB: t, keys: set, store: redistest.Embedded(t, redis.Options{}), now: time.Date(2026, 9, 10, 8, 0, 0, 0, time.UTC)}
	i.registry = tokens.New(i.store)
	i.tokens = i.node()
	return i
}

// node is another node of the deployment: it has checked no token yet.
func (i *issuer) node() *access.Tokens {
	return access.New(access.Options{Keys: i.keys, Registry: i.registry, Now: func() time.Time { return i.now }})
}

func (i *issuer) issue(g webhook.Grant) (string, webhook.Grant) {
	i.Helper()
	token, g, err := i.tokens.Issue(i.Context(), g)
	if err != nil {
		i.Fatalf("issue: %v", err)
	}
	return token, g
}

// wanted is a grant as one asks for it.
func (i *issuer) wanted() webhook.Grant {
	return webhook.Grant{Business: "acme", Scopes: []string{"media", "messages"}, Label: "the CRM", Expires: i.now.Add(time.Hour)}
}

// key is the one that signs. It must not change: every token out there would end.
func key(set *keys.Set) []byte {
	sum := set.PRF("token", "HS256")
	return sum[:]
}

// signed makes a JWS by hand: HMAC-SHA256 over header.payload (RFC 7515 appendix
// A.1), apart from the library.
func signed(key []byte, header, payload map[string]any) string {
	text := segment(header) + "." + segment(payload)
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func segment(members map[string]any) string {
	text, _ := json.Marshal(members)
	return base64.RawURLEncoding.EncodeToString(text)
}

func hs256() map[string]any { return map[string]any{"alg": "HS256", "typ": "JWT"} }

// payload are the claims of a grant.
func payload(g webhook.Grant) map[string]any {
	return map[string]any{
		"iss": "bauta", "aud": "bauta", "sub": g.Business, "jti": g.ID, "scope": "messages media",
		"iat": g.Issued.Unix(), "exp": g.Expires.Unix(),
	}
}
