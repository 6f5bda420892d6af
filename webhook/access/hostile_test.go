package access_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"bauta/webhook/access"
)

// with is a copy of members with one changed, or left out if the value is nil.
func with(members map[string]any, name string, value any) map[string]any {
	out := maps.Clone(members)
	if out[name] = value; value == nil {
		delete(out, name)
	}
	return out
}

// Whatever is wrong with a token, the answer is the same. All of these name a
// token that is on the registry, so that nothing but the check of the token itself
// stands in the way.
func TestEveryTokenThatIsNotOursIsRefusedAlike(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	token, g := i.issue(i.wanted())
	ours, claims := key(i.keys), payload(g)
	if _, err := i.tokens.Check(t.Context(), signed(ours, hs256(), claims)); err != nil {
		t.Fatalf("the pattern of the forgeries is not in force itself: %v", err)
	}
	parts := strings.Split(token, ".")
	short, long := padded(ours, claims, 2048)
	if _, err := i.tokens.Check(t.Context(), short); err != nil {
		t.Fatalf("%d bytes: %v: is a header's length not what refuses the long one?", len(short), err)
	}
	stranger := newIssuer(t)
	theirs, _ := stranger.issue(stranger.wanted())
	rows := map[string]string{
		"nothing":                      "",
		"one part":                     parts[0],
		"two parts":                    parts[0] + "." + parts[1],
		"four parts":                   token + "." + parts[2],
		"dots":                         "..",
		"no signature":                 parts[0] + "." + parts[1] + ".",
		"a shortened signature":        token[:len(token)-4],
		"a space before":               " " + token,
		"a line break behind":          token + "\n",
		"a line break in between":      parts[0] + "." + parts[1] + ".\n" + parts[2],
		"a byte of zero":               token + "\x00",
		"padding":                      token + "=",
		"a letter of another alphabet": strings.Replace(token, "e", "е", 1),
		"full-width letters":           strings.ReplaceAll(token, "e", "ｅ"),
		"bytes that are no text":       "\xff\xfe" + token,
		"other trailing bits":          otherBits(token),
		"another key":                  signed([]byte("another key of the same length 32"), hs256(), claims),
		"no key":                       signed(nil, hs256(), claims),
		"a key of zeros":               signed(make([]byte, 32), hs256(), claims),
		"another deployment's":         theirs,
		"another deployment's key":     signed(key(stranger.keys), hs256(), claims),
		"changed claims":               parts[0] + "." + segment(with(claims, "sub", "other")) + "." + parts[2],
		"changed header":               segment(with(hs256(), "kid", "1")) + "." + parts[1] + "." + parts[2],
		"an unknown algorithm":         signed(ours, with(hs256(), "alg", "HS1"), claims),
		"no algorithm":                 signed(ours, with(hs256(), "alg", nil), claims),
		"an algorithm that is none":    signed(ours, with(hs256(), "alg", 256), claims),
		"lower-case algorithm":         signed(ours, with(hs256(), "alg", "hs256"), claims),
		"a header that is null":        "bnVsbA." + parts[1] + "." + parts[2],
		"a payload that is null":       parts[0] + ".bnVsbA." + parts[2],
		"a huge header":                signed(ours, with(hs256(), "kid", strings.Repeat("k", 1<<20)), claims),
		"a header just too long":       long,
		"deep nesting":                 base64.RawURLEncoding.EncodeToString([]byte(strings.Repeat("[", 700))) + "." + parts[1] + "." + parts[2],
	}
	for alg, forged := range otherAlgorithms(t, ours, claims) {
		rows["signed by "+alg] = forged
	}
	for name, forged := range rows {
		refused(t, i.tokens, name, forged)
	}
}

// What a token must say it says, or it is nothing: even one that was signed with
// our key, and whatever the registry says.
func TestEveryClaimIsRequired(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	_, g := i.issue(i.wanted())
	ours, claims := key(i.keys), payload(g)
	rows := map[string]map[string]any{
		"another issuer":        with(claims, "iss", "Bauta"),
		"another audience":      with(claims, "aud", "meta"),
		"no audience in a list": with(claims, "aud", []string{}),
		"an empty subject":      with(claims, "sub", ""),
		"an empty id":           with(claims, "jti", ""),
		"no scope in it":        with(claims, "scope", " "),
		"scope as a list":       with(claims, "scope", []string{"messages"}),
		"expired by a second":   with(claims, "exp", i.now.Unix()-1),
		"expires now":           with(claims, "exp", i.now.Unix()),
		"expiry as text":        with(claims, "exp", "tomorrow"),
		"expiry null":           with(claims, "exp", nil),
		"not yet":               with(claims, "nbf", i.now.Unix()+1),
		"of tomorrow":           with(claims, "iat", i.now.Add(24*time.Hour).Unix()),
	}
	for name := range claims {
		rows["without "+name] = with(claims, name, nil)
	}
	all := access.New(access.Options{Keys: i.keys, Registry: everything{}, Now: func() time.Time { return i.now }})
	for name, changed := range rows {
		refused(t, all, name, signed(ours, hs256(), changed))
	}
	for name, changed := range map[string]map[string]any{
		"another business's": with(claims, "sub", "other"),
		"never registered":   with(claims, "jti", "AAAAAAAAAAAAAAAAAAAAAA"),
	} {
		if _, err := all.Check(t.Context(), signed(ours, hs256(), changed)); err != nil {
			t.Errorf("%s: %v, though the registry has it", name, err)
		}
		refused(t, i.tokens, name, signed(ours, hs256(), changed))
	}
}

// A node whose clock is slow takes what another has just issued.
func TestClocksOfNodesMayDiffer(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	token, g := i.issue(i.wanted())
	i.now = g.Issued.Add(-time.Minute)
	if _, err := i.node().Check(t.Context(), token); err != nil {
		t.Errorf("a minute behind: %v", err)
	}
	i.now = g.Issued.Add(-time.Minute - time.Second)
	refused(t, i.node(), "more than a minute behind", token)
}

// What the header says of keys is not looked at.
func TestTheHeaderChoosesNoKey(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	_, g := i.issue(i.wanted())
	theirs := []byte("a key that the caller knows, 32 B")
	jwk := map[string]any{"kty": "oct", "k": base64.RawURLEncoding.EncodeToString(theirs)}
	for name, value := range map[string]any{"kid": "../../dev/null", "jku": "https://keys.example/", "jwk": jwk, "x5u": "https://keys.example/"} {
		refused(t, i.tokens, name, signed(theirs, with(hs256(), name, value), payload(g)))
	}
}

// Of all texts only the one that was issued is in force, and none makes it panic.
func FuzzCheck(f *testing.F) {
	i := newIssuer(f)
	token, g := i.issue(i.wanted())
	parts, claims := strings.Split(token, "."), payload(g)
	for _, seed := range []string{
		token, "", "..", token + "\n", otherBits(token), parts[0] + "." + parts[1] + ".",
		signed(nil, hs256(), claims), signed(nil, with(hs256(), "alg", "none"), claims), signed(nil, map[string]any{"alg": nil}, nil),
		"e30.e30.", "bnVsbA.bnVsbA.bnVsbA", "W10.W10.W10", parts[0] + ".eyJleHAiOjFlOTk5fQ." + parts[2],
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := i.tokens.Check(t.Context(), text)
		switch {
		case text == token && err != nil:
			t.Errorf("the issued token: %v", err)
		case text != token && (err != access.ErrInvalid || got.ID != ""): //nolint:errorlint // it is never wrapped
			t.Errorf("%q: %v", text, err)
		}
	})
}

// refused wants ErrInvalid itself, and no grant.
func refused(t *testing.T, tokens *access.Tokens, name, token string) {
	t.Helper()
	g, err := tokens.Check(t.Context(), token)
	if err != access.ErrInvalid { //nolint:errorlint // it is never wrapped
		t.Errorf("%s: %v, want ErrInvalid itself", name, err)
	}
	if g.ID != "" || g.Business != "" || g.Scopes != nil {
		t.Errorf("%s: a grant came along", name)
	}
}

// otherBits changes the last bits of a signature that carry nothing: 32 bytes are
// 43 characters, the last of which has two bits to spare.
func otherBits(token string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := strings.IndexByte(alphabet, token[len(token)-1])
	return token[:len(token)-1] + string(alphabet[last|1])
}

// padded are tokens of our own key with long headers: the longest of so many bytes
// at most, and the next.
func padded(key []byte, claims map[string]any, most int) (short, long string) {
	for n := 0; len(long) <= most; n++ {
		short, long = long, signed(key, with(hs256(), "x", strings.Repeat("x", n)), claims)
	}
	return short, long
}

// otherAlgorithms signs with everything that the library knows: what is public,
// what is symmetric under our very key, and nothing at all.
func otherAlgorithms(t *testing.T, ours []byte, claims map[string]any) map[string]string {
	t.Helper()
	rsaKey, errRSA := rsa.GenerateKey(rand.Reader, 2048)
	ecKey, errEC := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if errRSA != nil || errEC != nil {
		t.Fatal(errRSA, errEC)
	}
	out := map[string]string{}
	for method, key := range map[jwt.SigningMethod]crypto.PrivateKey{
		jwt.SigningMethodNone: jwt.UnsafeAllowNoneSignatureType, jwt.SigningMethodHS384: ours, jwt.SigningMethodHS512: ours,
		jwt.SigningMethodRS256: rsaKey, jwt.SigningMethodPS256: rsaKey, jwt.SigningMethodES256: ecKey,
	} {
		token, err := jwt.NewWithClaims(method, jwt.MapClaims(claims)).SignedString(key)
		if err != nil {
			t.Fatalf("%s: %v", method.Alg(), err)
		}
		out[method.Alg()] = token
	}
	for _, alg := range []string{"none", "None", "RS256", "ES256"} {
		out["HS256 that says "+alg] = signed(ours, with(hs256(), "alg", alg), claims)
	}
	return out
}
