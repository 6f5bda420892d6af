package forward

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// standardPrefix marks a secret of the Standard Webhooks form.
const standardPrefix = "whsec_"

// signer signs deliveries with an endpoint's secrets. Several secrets are valid
// while one is being replaced.
type signer struct {
	hub  []byte
	keys [][]byte
}

// newSigner takes the secrets as configured. An empty one, or none, is an error:
// it would sign with a key that everybody knows.
func newSigner(secrets []string) (signer, error) {
	if len(secrets) == 0 {
		return signer{}, errors.New("no secret to sign deliveries with: set secrets")
	}
	s := signer{hub: []byte(secrets[0])}
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
		s.keys = append(s.keys, key)
	}
	return s, nil
}

// sign sets the signature headers over exactly the bytes of body: Meta's
// X-Hub-Signature-256 with the first secret's bytes as written, and Standard
// Webhooks 1.0 with every whsec_ secret. id has no dot; at is this attempt's time.
func (s signer) sign(h http.Header, id string, at time.Time, body []byte) {
	mac := hmac.New(sha256.New, s.hub)
	mac.Write(body)
	var sum [sha256.Size]byte
	h.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(sum[:0])))
	stamp := strconv.FormatInt(at.Unix(), 10)
	h.Set("Webhook-Id", id)
	h.Set("Webhook-Timestamp", stamp)
	if len(s.keys) == 0 {
		return
	}
	var out []byte
	for i, key := range s.keys {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(id + "." + stamp + "."))
		mac.Write(body)
		if i > 0 {
			out = append(out, ' ')
		}
		out = append(out, "v1,"...)
		out = base64.StdEncoding.AppendEncode(out, mac.Sum(sum[:0]))
	}
	h.Set("Webhook-Signature", string(out))
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
