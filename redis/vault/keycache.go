package vault

import (
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"bauta/masking/keys"
)

// keyCache keeps unwrapped data keys for a moment. Its clock is the monotonic
// one: a key must not outlive its destruction because somebody set a clock.
type keyCache struct {
	entries *lru.Cache[string, keyEntry]
	lives   time.Duration
}

type keyEntry struct {
	key  keys.Data
	read time.Time
}

func newKeyCache(size int, lives time.Duration) *keyCache {
	return &keyCache{entries: bounded[keyEntry](size), lives: lives}
}

func (k *keyCache) get(name string) (keys.Data, bool) {
	e, ok := k.entries.Get(name)
	if !ok || time.Since(e.read) > k.lives {
		return keys.Data{}, false
	}
	return e.key, true
}

func (k *keyCache) put(name string, key keys.Data) {
	k.entries.Add(name, keyEntry{key: key, read: time.Now()})
}

func (k *keyCache) drop(name string) { k.entries.Remove(name) }
