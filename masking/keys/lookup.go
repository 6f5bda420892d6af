package keys

import (
	"encoding/base64"
	"encoding/binary"

	"github.com/tink-crypto/tink-go/v2/keyset"
)

// LookupKey names identities. Safe for concurrent use; it prints no key material.
type LookupKey struct {
	ID uint32
	// Tag ends the names that are made with the key, and says which it is: a dot and
	// six characters of base64url, or nothing for the index key. That one named
	// identities before there were look-up keys, and is the first look-up key of an
	// installation that is older than these.
	Tag  string
	pool *prfPool
}

// PRF is Set.PRF under a look-up key.
func (k LookupKey) PRF(label string, parts ...string) [32]byte { return k.pool.sum(label, parts) }

// Lookups are the look-up keys in use, oldest first: an identity may be known under
// the name that each of them gives. The caller changes nothing of it.
func (s *Set) Lookups() []LookupKey { return s.parts().lookups }

// FirstLookup is the id of the look-up key of installations that are older than
// look-up keys: the index key's.
func (s *Set) FirstLookup() uint32 { return primaryOf(s.parts().handles[Index]) }

// LookupTag is what names end with that a look-up key of an id makes.
func (s *Set) LookupTag(id uint32) string { return tag(id, s.FirstLookup()) }

func tag(id, first uint32) string {
	if id == first {
		return ""
	}
	return "." + base64.RawURLEncoding.EncodeToString(binary.BigEndian.AppendUint32(nil, id))
}

func lookups(h *keyset.Handle, first uint32) []LookupKey {
	var out []LookupKey
	for i := range h.Len() {
		entry, err := h.Entry(i)
		if err == nil && entry.KeyStatus() == keyset.Enabled {
			out = append(out, LookupKey{ID: entry.KeyID(), Tag: tag(entry.KeyID(), first), pool: newPRFPool(entry.Key())})
		}
	}
	return out
}
