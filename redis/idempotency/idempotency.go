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

// Keys finds the data keys that outcomes are encrypted under: *vault.Vault. Safe for
// concurrent use.
type Keys interface {
	BusinessKey(ctx context.Context, business string) (webhook.DataKey, error)
	// CustomerKey returns webhook.ErrErased for one that was destroyed.
	CustomerKey(ctx context.Context, business, customer string) (webhook.DataKey, error)
}

// Claims implements reply.Once. Safe for concurrent use, on any number of nodes.
type Claims struct {
	store                  *redis.Store
	prf                    webhook.PRF
	keys                   Keys
	begin, finish, release *redis.Script
}

// The scripts have one key: a hash of f (what was called), t (the claim, until the
// call ended), o (its outcome) and c (the customer whose key encrypts that, absent for
// the business's).
const (
	// begin: f, t, life in ms. It returns f, o and c of the call that has the key, or
	// the claim alone.
	beginSource = `
local held = redis.call('HMGET', KEYS[1], 'f', 'o', 'c')
if held[1] then return held end
redis.call('HSET', KEYS[1], 'f', ARGV[1], 't', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return {ARGV[2]}`

	// finish: t, o, c ('' for none).
	finishSource = `
if redis.call('HGET', KEYS[1], 't') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'o', ARGV[2])
if ARGV[3] ~= '' then redis.call('HSET', KEYS[1], 'c', ARGV[3]) end
redis.call('HDEL', KEYS[1], 't')
return 1`

	// release: t.
	releaseSource = `
if redis.call('HGET', KEYS[1], 't') ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`
)

// New keeps claims in a store. prf is the key set's.
func New(store *redis.Store, prf webhook.PRF, keys Keys) *Claims {
	return &Claims{
		store: store, prf: prf, keys: keys,
		begin: redis.NewScript(beginSource), finish: redis.NewScript(finishSource), release: redis.NewScript(releaseSource),
	}
}

// Begin claims a key for one call, in one step, as reply.Once says. An outcome that
// cannot be read any more (its customer was erased, or the business's key destroyed)
// is one that nobody knows: the call is not made again under this key. After an error a claim that may have been made is let go, if Redis can be
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
	case len(held) != 3:
		return "", nil, fmt.Errorf("claim an idempotency key: %w: the script answered %d values", redis.ErrRefused, len(held))
	case held[0] != call:
		return "", nil, webhook.ErrOtherCall
	}
	sealed, there := held[1].(string)
	if !there {
		return "", nil, nil
	}
	customer, _ := held[2].(string)
	data, err := c.key(ctx, business, customer)
	if errors.Is(err, webhook.ErrErased) {
		return "", nil, nil // as below
	}
	if err != nil {
		return "", nil, fmt.Errorf("read the outcome of a call: %w", err)
	}
	saved, err = data.Decrypt([]byte(sealed), associated(business, key, customer))
	if err != nil || saved == nil {
		return "", nil, nil //nolint:nilerr // nobody can read it again: it is lost, and the call is not made twice
	}
	return "", saved, nil
}

func (c *Claims) key(ctx context.Context, business, customer string) (webhook.DataKey, error) {
	if customer == "" {
		return c.keys.BusinessKey(ctx, business)
	}
	return c.keys.CustomerKey(ctx, business, customer)
}

// Finish keeps what became of a call until 24 hours after it began: under the key of
// the customer whom it was about, so that it goes with them, or the business's.
// ErrTooLarge and ErrNoClaim: it was not kept.
func (c *Claims) Finish(ctx context.Context, business, key, claim string, kept webhook.Kept) error {
	if len(kept.Outcome) > MaxOutcome {
		return ErrTooLarge
	}
	data := kept.Key
	if kept.Customer == "" {
		var err error
		if data, err = c.keys.BusinessKey(ctx, business); err != nil {
			return fmt.Errorf("keep the outcome of a call: %w", err)
		}
	}
	if data == nil {
		return fmt.Errorf("keep the outcome of a call: %w: it is about a customer and comes without their data key", redis.ErrRefused)
	}
	sealed, err := data.Encrypt(kept.Outcome, associated(business, key, kept.Customer))
	if err != nil {
		return fmt.Errorf("keep the outcome of a call: %w", err)
	}
	return c.end(ctx, c.finish.Call([]string{c.place(business, key)}, claim, sealed, kept.Customer))
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

// associated binds an outcome to its place and its customer. Ids of businesses and
// customers have no zero byte, and keys none either (they are visible ASCII).
func associated(business, key, customer string) []byte {
	bound := "idempotency\x00" + business + "\x00" + key
	if customer != "" {
		bound += "\x00" + customer
	}
	return []byte(bound)
}
