package sharing

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// issuer of signed heads.
const issuer = "bauta"

// maxSigned is more than any signed head has.
const maxSigned = 2048

// ErrSigned is the error of Signer.Verify.
var ErrSigned = errors.New("not a head that was signed here")

// Signer signs the heads of ledgers: JWTs (RFC 7519) with EdDSA over Ed25519 (RFC
// 8037), which a stranger verifies with the public key. Safe for concurrent use.
type Signer struct {
	private ed25519.PrivateKey
	parser  *jwt.Parser
}

// NewSigner derives the key pair from a key set: the file of keys needs no new kind
// of key, and the signatures last as long as the index key, without which there is
// no ledger to ask after. The derivation must not change: nothing signed before could
// be verified.
func NewSigner(prf PRF) *Signer {
	seed := prf.PRF("ledger signature key", "Ed25519")
	return &Signer{
		private: ed25519.NewKeyFromSeed(seed[:]),
		// A head does not expire: it vouches for what was.
		parser: jwt.NewParser(
			jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg()}), jwt.WithStrictDecoding(), jwt.WithIssuer(issuer),
		),
	}
}

type headClaims struct {
	jwt.RegisteredClaims

	Seq  int64  `json:"seq"`
	Head string `json:"head"`
}

// Sign vouches that at a time a business's ledger had seq lines, the last of them with
// this hash (of an empty ledger: Begin(business).Prev). The claims are iss, sub, iat,
// seq and head.
func (s *Signer) Sign(business string, seq int64, hash string, at time.Time) (string, error) {
	signed, err := jwt.NewWithClaims(jwt.SigningMethodEdDSA, headClaims{
		RegisteredClaims: jwt.RegisteredClaims{Issuer: issuer, Subject: business, IssuedAt: jwt.NewNumericDate(at)},
		Seq:              seq, Head: hash,
	}).SignedString(s.private)
	if err != nil {
		return "", fmt.Errorf("sign a head: %w", err)
	}
	return signed, nil
}

// Verify reads a head that was signed with this key. The error is ErrSigned.
func (s *Signer) Verify(signed string) (business string, seq int64, hash string, err error) {
	if len(signed) > maxSigned || !compact(signed) {
		return "", 0, "", ErrSigned
	}
	var c headClaims
	_, err = s.parser.ParseWithClaims(signed, &c, func(*jwt.Token) (any, error) { return s.private.Public(), nil })
	if err != nil || c.Subject == "" || c.Seq < 0 || !isHash(c.Head) || c.IssuedAt == nil {
		return "", 0, "", ErrSigned
	}
	return c.Subject, c.Seq, c.Head, nil
}

// PublicKey is the key that verifies heads, as PEM (PKIX, RFC 8410).
func (s *Signer) PublicKey() string {
	der, _ := x509.MarshalPKIXPublicKey(s.private.Public()) // fails for other kinds of keys only
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}
