package access

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"bauta/webhook"
)

const (
	// desk is the audience of sessions: no session is a token, and no token a session.
	desk = "bauta-console"
	// sessionLife is a working day: who comes back tomorrow logs in again.
	sessionLife = 8 * time.Hour
)

// Session is somebody who logged in to the console with a token.
type Session struct {
	// TokenID and Business are those of the token; the session ends with it.
	TokenID, Business string
	Expires           time.Time
	// Form is in every form of the session's pages: who does not see them does not know it.
	Form string
}

// sessionClaims are those of RFC 7519; the token's id is beside them.
type sessionClaims struct {
	jwt.RegisteredClaims

	TokenID string `json:"token"`
}

// Sessions opens and checks sessions. They are kept nowhere: whether the token is in
// force is asked every time. Safe for concurrent use.
type Sessions struct {
	key      []byte
	registry Registry
	now      func() time.Time
	parser   *jwt.Parser
}

// NewSessions builds Sessions.
func NewSessions(o Options) *Sessions {
	if o.Now == nil {
		o.Now = time.Now
	}
	key := o.Keys.PRF("session", jwt.SigningMethodHS256.Alg())
	parser := jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}), jwt.WithStrictDecoding(),
		jwt.WithIssuer(party), jwt.WithAudience(desk), jwt.WithExpirationRequired(), jwt.WithTimeFunc(o.Now),
	)
	return &Sessions{key: key[:], registry: o.Registry, now: o.Now, parser: parser}
}

// Open begins a session for a grant that was checked: 8 hours, and no longer than the
// token. Value is for a cookie that no script reads.
func (s *Sessions) Open(g webhook.Grant) (value string, session Session, err error) {
	now := s.now().UTC().Truncate(time.Second)
	expires := now.Add(sessionLife)
	if g.Expires.Before(expires) {
		expires = g.Expires
	}
	c := sessionClaims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer: party, Audience: jwt.ClaimStrings{desk}, Subject: g.Business, ID: rand.Text(),
			IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(expires),
		},
		TokenID: g.ID,
	}
	if value, err = jwt.NewWithClaims(jwt.SigningMethodHS256, c).SignedString(s.key); err != nil {
		return "", Session{}, fmt.Errorf("sign a session: %w", err)
	}
	return value, s.session(&c), nil
}

// Check returns the session that a cookie's value was made for. The error is ErrInvalid
// itself where there is none, or its token was revoked; any other means that the registry
// could not be asked.
func (s *Sessions) Check(ctx context.Context, value string) (Session, error) {
	if !compact(value) {
		return Session{}, ErrInvalid
	}
	var c sessionClaims
	// The key is ours whatever the header asks for (kid, jku, jwk, x5u).
	if _, err := s.parser.ParseWithClaims(value, &c, func(*jwt.Token) (any, error) { return s.key, nil }); err != nil {
		return Session{}, ErrInvalid
	}
	if c.Subject == "" || c.ID == "" || c.TokenID == "" {
		return Session{}, ErrInvalid
	}
	known, err := s.registry.Known(ctx, c.Subject, c.TokenID)
	switch {
	case err != nil:
		return Session{}, fmt.Errorf("check a session: %w", err)
	case !known:
		return Session{}, ErrInvalid
	}
	return s.session(&c), nil
}

func (s *Sessions) session(c *sessionClaims) Session {
	mac := hmac.New(sha256.New, s.key)
	_, _ = mac.Write([]byte("form\n" + c.ID)) // never fails
	return Session{
		TokenID: c.TokenID, Business: c.Subject, Expires: c.ExpiresAt.UTC(),
		Form: base64.RawURLEncoding.EncodeToString(mac.Sum(nil)),
	}
}
