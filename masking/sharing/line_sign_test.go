package sharing_test

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"strings"
	"testing"
	"time"

	"bauta/masking/sharing"
)

func signedHead(t *testing.T, s *sharing.Signer) (signed, hash string) {
	t.Helper()
	hash = strings.Repeat("ab", 32)
	signed, err := s.Sign("acme", 42, hash, time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	return signed, hash
}

// publicKey reads the PEM as any stranger would.
func publicKey(t *testing.T, s *sharing.Signer) ed25519.PublicKey {
	t.Helper()
	block, rest := pem.Decode([]byte(s.PublicKey()))
	if block == nil || block.Type != "PUBLIC KEY" || len(rest) > 0 {
		t.Fatalf("no PEM: %s", s.PublicKey())
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	public, ok := key.(ed25519.PublicKey)
	if err != nil || !ok {
		t.Fatalf("no Ed25519 key: %v", err)
	}
	return public
}

// RFC 8037 section 3.1: the signature is Ed25519's over header.payload.
func TestAStrangerVerifiesAHead(t *testing.T) {
	t.Parallel()
	s := sharing.NewSigner(keyed("one"))
	signed, hash := signedHead(t, s)
	parts := strings.Split(signed, ".")
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || !ed25519.Verify(publicKey(t, s), []byte(parts[0]+"."+parts[1]), signature) {
		t.Errorf("the signature does not verify: %v", err)
	}
	var claims map[string]any
	payload, _ := base64.RawURLEncoding.DecodeString(parts[1])
	if err := json.Unmarshal(payload, &claims); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"iss": "bauta", "sub": "acme", "seq": 42.0, "head": hash, "iat": 1795305600.0} // the day
	for name, value := range want {
		if claims[name] != value {
			t.Errorf("%s is %v, want %v", name, claims[name], value)
		}
	}
	if len(claims) != len(want) {
		t.Errorf("the claims are %v", claims)
	}
}

func TestAHeadIsReadAsItWasSigned(t *testing.T) {
	t.Parallel()
	s := sharing.NewSigner(keyed("one"))
	signed, hash := signedHead(t, s)
	if business, seq, head, err := sharing.NewSigner(keyed("one")).Verify(signed); err != nil || business != "acme" || seq != 42 || head != hash {
		t.Errorf("%s %d %s: %v", business, seq, head, err)
	}
	empty, err := s.Sign("acme", 0, sharing.Begin("acme").Prev, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if _, seq, head, err := s.Verify(empty); err != nil || seq != 0 || head != zeros {
		t.Errorf("an empty ledger: %d %s: %v", seq, head, err)
	}
}

func TestWhatWasNotSignedHereIsNoHead(t *testing.T) {
	t.Parallel()
	s := sharing.NewSigner(keyed("one"))
	signed, hash := signedHead(t, s)
	theirs, _ := signedHead(t, sharing.NewSigner(keyed("two")))
	parts := strings.Split(signed, ".")
	payload, _ := base64.RawURLEncoding.DecodeString(parts[1])
	with := func(from, to string) string {
		return base64.RawURLEncoding.EncodeToString([]byte(strings.Replace(string(payload), from, to, 1)))
	}
	ours := func(business string, seq int64, hash string) string {
		signed, err := s.Sign(business, seq, hash, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		return signed
	}
	rows := map[string]string{
		"nothing":                   "",
		"another deployment's":      theirs,
		"another seq":               parts[0] + "." + with("42", "43") + "." + parts[2],
		"another business":          parts[0] + "." + with("acme", "emca") + "." + parts[2],
		"no signature":              parts[0] + "." + parts[1] + ".",
		"a line break":              signed + "\n",
		"too long":                  signed + strings.Repeat("A", 2048),
		"HS256 with the public key": signed256([]byte(s.PublicKey()), string(payload)),
		"HS256 with its bytes":      signed256(publicKey(t, s), string(payload)),
		"a button's token":          sharing.NewTokens(keyed("one")).Issue(claims()),
		"of no business":            ours("", 1, hash),
		"a seq below zero":          ours("acme", -1, hash),
		"a hash that is none":       ours("acme", 1, "abc"),
	}
	for name, text := range rows {
		if _, _, _, err := s.Verify(text); !errors.Is(err, sharing.ErrSigned) {
			t.Errorf("%s is a head: %v", name, err)
		}
	}
}

func signed256(key []byte, payload string) string { return signed(key, hs256, payload) }
