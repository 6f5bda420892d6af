package forward

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"strconv"
	"strings"
	"sync"
	"time"
)

// standardPrefix marks a secret of the Standard Webhooks form.
const standardPrefix = "whsec_"

// signer signs deliveries with an endpoint's secrets. Several secrets are valid
// while one is being replaced.
type signer struct {
	hub  *macs
	keys []*macs
}

// macs are HMAC-SHA256 under one key that are used again: to set one up takes as long as
// to sign a small body. Safe for concurrent use.
type macs struct{ idle sync.Pool }

type mac struct {
	hash.Hash
	sum [sha256.Size]byte
}

func newMacs(key []byte) *macs {
	return &macs{idle: sync.Pool{New: func() any { return &mac{Hash: hmac.New(sha256.New, key)} }}}
}

// sum signs the parts, one after the other.
func (m *macs) sum(parts ...[]byte) [sha256.Size]byte {
	used, _ := m.idle.Get().(*mac)
	defer m.idle.Put(used)
	used.Reset()
	for _, part := range parts {
		_, _ = used.Write(part) // never fails
	}
	used.Sum(used.sum[:0])
	return used.sum
}

// newSigner takes the secrets as configured. An empty one, or none, is an error:
// it would sign with a key that everybody knows.
func newSigner(secrets []string) (signer, error) {
	if len(secrets) == 0 {
		return signer{}, errors.New("no secret to sign deliveries with: set secrets")
	}
	s := signer{hub: newMacs([]byte(secrets[0]))}
	for i, secret := range secrets {
		if secret == "" {
			return signer{}, fmt.Errorf("secret %d is empty: remove it or set it", i+1)
		}
		encoded, ok := strings.CutPrefix(secret, standardPrefix)
		if !ok {
			continue
		}
		key, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil || len(key) == 0 {
			// The cause would quote the secret's length and bytes.
			return signer{}, fmt.Errorf("secret %d: what follows whsec_ is not base64: write 24 to 64 random bytes in standard base64", i+1)
		}
		s.keys = append(s.keys, newMacs(key))
	}
	return s, nil
}

// signatures of one delivery. standard is empty for an endpoint without whsec_ secret.
type signatures struct{ hub, stamp, standard string }

// sign signs exactly the bytes of body: as Meta does with the first secret's bytes as
// written, and by Standard Webhooks 1.0 with every whsec_ secret. id has no dot; at is
// this attempt's time.
func (s signer) sign(id string, at time.Time, body []byte) signatures {
	sum := s.hub.sum(body)
	signed := signatures{hub: "sha256=" + hex.EncodeToString(sum[:]), stamp: strconv.FormatInt(at.Unix(), 10)}
	if len(s.keys) == 0 {
		return signed
	}
	dated := []byte(id + "." + signed.stamp + ".")
	out := make([]byte, 0, 48*len(s.keys))
	for i, key := range s.keys {
		if i > 0 {
			out = append(out, ' ')
		}
		sum = key.sum(dated, body)
		out = base64.StdEncoding.AppendEncode(append(out, "v1,"...), sum[:])
	}
	signed.standard = string(out)
	return signed
}

// headerValue makes words of rules and reasons fit for a header: RFC 9110 has no
// line breaks there, and receivers disagree on bytes beyond ASCII.
func headerValue(v string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, v)
}
