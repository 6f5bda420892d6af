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

// pemType is what stands around a public key in PEM (RFC 7468 section 13).
const pemType = "PUBLIC KEY"

// day is how exact a head's time is: a head goes to the business with a share of any scope,
// and must not tell the moment of the last act in another.
const day = 24 * time.Hour

// maxSigned is more than any signed head has.
const maxSigned = 2048

// ErrSigned is the error of Verifier.Verify.
var ErrSigned = errors.New("not a head that was signed with this key")

// Signer signs the heads of ledgers: JWTs (RFC 7519) with EdDSA over Ed25519 (RFC
// 8037), which a stranger verifies with the public key. Safe for concurrent use.
type Signer struct {
	Verifier

	private ed25519.PrivateKey
}

// Verifier verifies signed heads by the public key. Safe for concurrent use.
type Verifier struct {
	public ed25519.PublicKey
	parser *jwt.Parser
}

// NewSigner derives the key pair from a key set: the file of keys needs no new kind
// of key, and the signatures last as long as the index key, without which there is
// no ledger to ask after. The derivation must not change: nothing signed before could
// be verified.
func NewSigner(prf PRF) *Signer {
	seed := prf.PRF("ledger signature key", "Ed25519")
	private := ed25519.NewKeyFromSeed(seed[:])
	public, _ := private.Public().(ed25519.PublicKey) // which it documents
	return &Signer{Verifier: verifierOf(public), private: private}
}

// NewVerifier reads a public key as PublicKey writes it.
func NewVerifier(text []byte) (*Verifier, error) {
	block, _ := pem.Decode(text)
	if block == nil || block.Type != pemType {
		return nil, errors.New("not a public key in PEM, as bauta consents key prints it")
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	public, ok := key.(ed25519.PublicKey)
	if err != nil || !ok {
		return nil, errors.New("not an Ed25519 public key, as bauta consents key prints it")
	}
	v := verifierOf(public)
	return &v, nil
}

func verifierOf(public ed25519.PublicKey) Verifier {
	// A head does not expire: it vouches for what was.
	return Verifier{public: public, parser: jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg()}), jwt.WithStrictDecoding(), jwt.WithIssuer(issuer),
	)}
}

type headClaims struct {
	jwt.RegisteredClaims

	Seq  int64  `json:"seq"`
	Head string `json:"head"`
}

// Sign vouches that on the day of a time a business's ledger had seq lines, the last of them with
// this hash (of an empty ledger: Begin(business).Prev). The claims are iss, sub, iat,
// seq and head.
func (s *Signer) Sign(business string, seq int64, hash string, at time.Time) (string, error) {
	signed, err := jwt.NewWithClaims(jwt.SigningMethodEdDSA, headClaims{
		RegisteredClaims: jwt.RegisteredClaims{Issuer: issuer, Subject: business, IssuedAt: jwt.NewNumericDate(at.UTC().Truncate(day))},
		Seq:              seq, Head: hash,
	}).SignedString(s.private)
	if err != nil {
		return "", fmt.Errorf("sign a head: %w", err)
	}
	return signed, nil
}

// Verify reads a head that was signed with this key. The error is ErrSigned.
func (v *Verifier) Verify(signed string) (business string, seq int64, hash string, err error) {
	if len(signed) > maxSigned || !compact(signed) {
		return "", 0, "", ErrSigned
	}
	var c headClaims
	_, err = v.parser.ParseWithClaims(signed, &c, func(*jwt.Token) (any, error) { return v.public, nil })
	if err != nil || c.Subject == "" || c.Seq < 0 || !isHash(c.Head) || c.IssuedAt == nil {
		return "", 0, "", ErrSigned
	}
	return c.Subject, c.Seq, c.Head, nil
}

// PublicKey is the key that verifies heads, as PEM (PKIX, RFC 8410).
func (v *Verifier) PublicKey() string {
	der, _ := x509.MarshalPKIXPublicKey(v.public) // fails for other kinds of keys only
	return string(pem.EncodeToMemory(&pem.Block{Type: pemType, Bytes: der}))
}
