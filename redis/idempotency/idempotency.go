// Package idempotency keeps what became of calls that businesses made under an
// Idempotency-Key, so that the same call is made once on all nodes. Of the key and
// of the call it keeps keyed PRFs, of the outcome a ciphertext.
package idempotency

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"bauta/redis"
	"bauta/webhook"
)

const (
	// life of a key, from the first call under it.
	life = 24 * time.Hour
	// MaxOutcome is how large an outcome may be, in bytes.
	MaxOutcome = 64 << 10
	// releaseWithin bounds the release of a claim of which nobody knows whether it
	// was made.
	releaseWithin = time.Second
)

// The errors beside those of package redis and webhook.ErrOtherCall.
var (
	// ErrTooLarge: the outcome has more than MaxOutcome bytes and was not kept.
	ErrTooLarge = errors.New("the outcome is too large to be kept")
	// ErrNoClaim: the claim has run out or was ended before; nothing was changed.
	ErrNoClaim = errors.New("the claim of the idempotency key is not in force")
)

// Claims implements reply.Once. Safe for concurrent use, on any number of nodes.
type Claims struct {
	store                  *redis.Store
	prf                    webhook.PRF
	keys                   webhook.BusinessKeys
	begin, finish, release *redis.Script
}

// The scripts have one key: a hash of f (what was called), t (the claim, until the
// call ended) and o (its outcome).
const (
	// begin: f, t, life in ms. It returns f and o of the call that has the key, or
	// the claim alone.
	beginSource = `
local held = redis.call('HMGET', KEYS[1], 'f', 'o')
if held[1] then return held end
redis.call('HSET', KEYS[1], 'f', ARGV[1], 't', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return {ARGV[2]}`

	// finish: t, o.
	finishSource = `
if redis.call('HGET', KEYS[1], 't') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'o', ARGV[2])
redis.call('HDEL', KEYS[1], 't')
return 1`

	// release: t.
	releaseSource = `
if redis.call('HGET', KEYS[1], 't') ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`
)

// New keeps claims in a store. prf is the key set's.
func New(store *redis.Store, prf webhook.PRF, keys webhook.BusinessKeys) *Claims {
	return &Claims{
		store: store, prf: prf, keys: keys,
		begin: redis.NewScript(beginSource), finish: redis.NewScript(finishSource), release: redis.NewScript(releaseSource),
	}
}

// Begin claims a key for one call, in one step, as reply.Once says. An outcome that
// cannot be read any more (the business's key was destroyed) is one that nobody
// knows. After an error a claim that may have been made is let go, if Redis can be
// reached; otherwise the key stays claimed: its call was not made, and is not.
func (c *Claims) Begin(ctx context.Context, business, key string, fingerprint [32]byte) (claim string, saved []byte, err error) {
	claim = rand.Text()
	call := c.fingerprint(business, key, fingerprint)
	r := c.store.Do(ctx, c.begin.Call([]string{c.place(business, key)}, call, claim, life.Milliseconds()))
	held, err := r.List()
	if err != nil {
		c.letGo(ctx, business, key, claim)
		return "", nil, fmt.Errorf("claim an idempotency key: %w", err)
	}
	switch {
	case len(held) == 1 && held[0] == claim:
		return claim, nil, nil
	case len(held) != 2:
		return "", nil, fmt.Errorf("claim an idempotency key: %w: the script answered %d values", redis.ErrRefused, len(held))
	case held[0] != call:
		return "", nil, webhook.ErrOtherCall
	}
	sealed, there := held[1].(string)
	if !there {
		return "", nil, nil
	}
	data, err := c.keys.BusinessKey(ctx, business)
	if err != nil {
		return "", nil, fmt.Errorf("read the outcome of a call: %w", err)
	}
	saved, err = data.Decrypt([]byte(sealed), associated(business, key))
	if err != nil || saved == nil {
		return "", nil, nil //nolint:nilerr // nobody can read it again: it is lost, and the call is not made twice
	}
	return "", saved, nil
}

// Finish keeps the outcome until 24 hours after the call began. ErrTooLarge and
// ErrNoClaim: it was not kept.
func (c *Claims) Finish(ctx context.Context, business, key, claim string, outcome []byte) error {
	if len(outcome) > MaxOutcome {
		return ErrTooLarge
	}
	data, err := c.keys.BusinessKey(ctx, business)
	if err != nil {
		return fmt.Errorf("keep the outcome of a call: %w", err)
	}
	sealed, err := data.Encrypt(outcome, associated(business, key))
	if err != nil {
		return fmt.Errorf("keep the outcome of a call: %w", err)
	}
	return c.end(ctx, c.finish.Call([]string{c.place(business, key)}, claim, sealed))
}

// Release forgets a claim: the key can be used again. ErrNoClaim: there was none.
func (c *Claims) Release(ctx context.Context, business, key, claim string) error {
	return c.end(ctx, c.release.Call([]string{c.place(business, key)}, claim))
}

func (c *Claims) end(ctx context.Context, call redis.Call) error {
	ended, err := c.store.Do(ctx, call).Int()
	if err != nil {
		return fmt.Errorf("end the claim of an idempotency key: %w", err)
	}
	if ended == 0 {
		return ErrNoClaim
	}
	return nil
}

// letGo tries to, also for a caller who is gone.
func (c *Claims) letGo(ctx context.Context, business, key, claim string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseWithin)
	defer cancel()
	_ = c.Release(ctx, business, key, claim)
}

func (c *Claims) place(business, key string) string {
	sum := c.prf.PRF("idempotency key", business, key)
	return c.store.Keys().Idempotency(business, base64.RawURLEncoding.EncodeToString(sum[:16]))
}

// fingerprint is keyed: what a business wrote cannot be tried out on it.
func (c *Claims) fingerprint(business, key string, of [32]byte) string {
	sum := c.prf.PRF("idempotency call", business, key, string(of[:]))
	return string(sum[:16])
}

// associated binds an outcome to its place. Ids of businesses have no zero byte.
func associated(business, key string) []byte {
	return []byte("idempotency\x00" + business + "\x00" + key)
}
