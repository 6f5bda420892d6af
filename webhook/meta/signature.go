package meta

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"strings"
	"sync"
)

// The header X-Hub-Signature-256 is this scheme and 64 hex digits.
const signatureScheme = "sha256="

// Verifier checks that a body comes from the platform: the HMAC-SHA256 of its raw
// bytes under an app secret (webhooks.md 1.2). Nothing in it is a time: whoever has
// a body with its signature can send it again, and deduplication has to tell. Safe
// for concurrent use; it prints no secret.
type Verifier struct {
	signers []func(body, sum []byte) []byte
}

// NewVerifier takes every secret that is valid at present: two while one is being
// replaced. No secret, and an empty one, are errors: they would let everybody in.
func NewVerifier(secrets []string) (*Verifier, error) {
	if len(secrets) == 0 {
		return nil, errors.New("meta: no app secret: configure at least one")
	}
	v := &Verifier{}
	for i, secret := range secrets {
		if strings.TrimSpace(secret) == "" {
			return nil, fmt.Errorf("meta: app secret %d of %d is empty: set it or take it out", i+1, len(secrets))
		}
		v.signers = append(v.signers, newSigner([]byte(secret)))
	}
	return v, nil
}

// newSigner appends the HMAC of a body to sum. Setting a key up costs as much as a short
// body, so states that have it are kept.
func newSigner(key []byte) func(body, sum []byte) []byte {
	states := sync.Pool{New: func() any { return hmac.New(sha256.New, key) }}
	return func(body, sum []byte) []byte {
		mac, _ := states.Get().(hash.Hash)
		mac.Reset()
		mac.Write(body)
		sum = mac.Sum(sum)
		states.Put(mac)
		return sum
	}
}

// Verify tells whether the header signs these bytes under one of the secrets. Every
// secret is tried and compared in constant time, so that the time taken tells
// nothing about which. A header that is not sha256= and 64 hex digits is refused
// before the body is read.
func (v *Verifier) Verify(header string, body []byte) bool {
	if len(header) != len(signatureScheme)+2*sha256.Size || header[:len(signatureScheme)] != signatureScheme {
		return false
	}
	var given [sha256.Size]byte
	if _, err := hex.Decode(given[:], []byte(header[len(signatureScheme):])); err != nil {
		return false
	}
	valid, sum := false, make([]byte, 0, sha256.Size)
	for _, sign := range v.signers {
		if hmac.Equal(sign(body, sum), given[:]) {
			valid = true
		}
	}
	return valid
}
