package vault

import (
	"context"
	"encoding/base64"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"bauta/masking"
	"bauta/masking/keys"
	"bauta/redis"
	"bauta/webhook"
)

// ErrUnknownHandle is webhook.ErrUnknownHandle: the business has no such handle
// (any more).
var ErrUnknownHandle = webhook.ErrUnknownHandle

// unconfirmed is how long a record lives whose minting did not finish: longer
// than the platform sends again, so that a redelivery finds it.
const unconfirmed = 8 * 24 * time.Hour

// Bounds of the caches, in entries. Data keys are kept for keyLifetime at most:
// a destroyed key must stop working everywhere.
const (
	keyEntries     = 4096
	keyLifetime    = 2 * time.Second
	touchedEntries = 65536
	hiddenEntries  = 4096
	bearerEntries  = 32768 // some 200 bytes each
	windowEntries  = 65536
)

// Ring is the key set while its wrapping keys are rotated: *keyring.Ring.
type Ring interface {
	// Writer is the set whose primary key wraps new data keys, and until when such may
	// be stored, by the store's own clock in Unix ms.
	Writer(ctx context.Context) (set *keys.Set, until int64, err error)
	// Reader is the set with which a wrapped data key is read. An error: whether it can
	// be read is not known here, and it must not count as gone.
	Reader(ctx context.Context, wrapped []byte) (*keys.Set, error)
	// Renew is for a right to write that ran out before its time.
	Renew(ctx context.Context) error
}

// Names is the key set while its look-up keys are rotated: *keyring.Ring.
type Names interface {
	// Namer is the set whose look-up keys, from an id on up to the primary one, name new
	// entries of the index, and until when as with Ring.Writer.
	Namer(ctx context.Context) (set *keys.Set, from uint32, until int64, err error)
	// Finder is the set under whose look-up keys identities are looked up, with all keys
	// that are needed (redis.Store.Needed). An error: who is in the store is not known.
	Finder(ctx context.Context, needed string) (*keys.Set, error)
}

// Options of a vault.
type Options struct {
	// Retention of a business; nil keeps everything for ever.
	Retention func(business string) webhook.Retention
	// Ring follows the wrapping keys; nil: they are those of the set, for ever.
	Ring Ring
	// Names follows the look-up keys; nil: they are those of the set, for ever.
	Names Names
	// Now is the clock of envelope forms and of once-a-day work; nil is time.Now.
	Now func() time.Time
}

// Vault keeps customers. Its errors wrap redis.ErrUnavailable (answer 503) or
// those of package webhook. Safe for concurrent use.
type Vault struct {
	store     *redis.Store
	keys      *keys.Set
	ring      Ring
	names     Names
	retention func(string) webhook.Retention
	now       func() time.Time
	scripts   scripts
	dataKeys  *keyCache
	touched   *lru.Cache[string, int64]
	// windows holds what is known to be stored of when customers wrote.
	windows *lru.Cache[string, window]
	// hidden holds FirstHidden of businesses that have one: it never changes.
	hidden *lru.Cache[string, time.Time]
	// bearers holds the customer ids that handles were drawn for, by business and key.
	bearers *lru.Cache[string, string]
	// making lets one goroutine at a time make a business's data key.
	making sync.Mutex
}

// New makes a vault on a store. Of the set the index key is used, and the wrapping and
// look-up keys where the options have none.
func New(store *redis.Store, set *keys.Set, o Options) *Vault {
	v := &Vault{
		store: store, keys: set, ring: o.Ring, names: o.Names, retention: o.Retention, now: o.Now, scripts: newScripts(),
		dataKeys: newKeyCache(keyEntries, keyLifetime), touched: bounded[int64](touchedEntries), hidden: bounded[time.Time](hiddenEntries),
		bearers: bounded[string](bearerEntries), windows: bounded[window](windowEntries),
	}
	if v.retention == nil {
		v.retention = func(string) webhook.Retention { return webhook.Retention{} }
	}
	if v.now == nil {
		v.now = time.Now
	}
	if v.ring == nil {
		v.ring = fixed{set}
	}
	if v.names == nil {
		v.names = fixed{set}
	}
	return v
}

// bounded makes a cache; its only error is a size below one.
func bounded[V any](entries int) *lru.Cache[string, V] {
	c, err := lru.New[string, V](entries)
	if err != nil {
		panic(err)
	}
	return c
}

// lives is how long a customer's record stays who is seen now; 0 for ever. One whose
// time is over goes at once.
func (v *Vault) lives(c *webhook.Customer) time.Duration {
	r := v.retention(c.Business)
	if r.CustomerAbsolute == 0 {
		return r.Customer
	}
	left := max(c.Created.Add(r.CustomerAbsolute).Sub(v.now()), time.Millisecond)
	if r.Customer == 0 {
		return left
	}
	return min(r.Customer, left)
}

// longest is how long a record of a business can stay from now on; 0 for ever.
func (v *Vault) longest(business string) time.Duration {
	r := v.retention(business)
	if r.Customer == 0 || r.CustomerAbsolute == 0 {
		return r.Customer + r.CustomerAbsolute
	}
	return min(r.Customer, r.CustomerAbsolute)
}

// indexLives is how long an index entry stays: as long as its record, and then as
// the marker. 0 for ever.
func (v *Vault) indexLives(business string, record time.Duration) time.Duration {
	marker := v.retention(business).HiddenMarker
	if record == 0 || marker == 0 {
		return 0
	}
	return record + marker
}

// isID tells a customer id from the marker and from anything damaged.
func isID(text string) bool {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	return err == nil && len(raw) == 16
}

// same compares identities as the index does.
func same(a, b masking.Identity) bool { return canonical(a) == canonical(b) }

func canonical(i masking.Identity) masking.Identity {
	if !i.Number.IsZero() {
		i.Number = i.Number.Canonical()
	}
	return i
}

// claims tells that an identity is the customer's by their own record.
func claims(c *webhook.Customer, i masking.Identity) bool {
	for _, l := range c.Links {
		if !l.Lost && same(l.Identity, i) {
			return true
		}
	}
	return false
}
