// Package keys is the key sets that everything Bauta keeps or issues rests on:
// the keys that wrap customers' data keys, that seal message ids, that name
// identities in the index of a store, and that name everything else. The
// cryptography is Tink's; reading and writing the file is the caller's.
//
// Rotation: a wrapping key or look-up key is added, becomes the primary one once
// every node can read with it, and the old one is taken out when nothing needs it any
// more. A new primary of seal would give old messages new masked ids; index has one
// key only, because the handles' check digits and the dedupe ids are made with it.
package keys

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/aead/aesgcm"
	"github.com/tink-crypto/tink-go/v2/daead"
	"github.com/tink-crypto/tink-go/v2/daead/aessiv"
	"github.com/tink-crypto/tink-go/v2/key"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"
	"github.com/tink-crypto/tink-go/v2/prf/hmacprf"
	tinkpb "github.com/tink-crypto/tink-go/v2/proto/tink_go_proto"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// Purpose says what a key set is for.
type Purpose string

// The purposes, and with that the members of the file.
const (
	// Wrap is AES-256-GCM: it encrypts data keys.
	Wrap Purpose = "wrap"
	// Seal is AES-SIV, deterministic: equal message ids stay equal.
	Seal Purpose = "seal"
	// Index is HMAC-SHA256 as a PRF: names, check digits, dedupe ids.
	Index Purpose = "index"
	// Lookup is HMAC-SHA256 as a PRF: under which names identities are found.
	Lookup Purpose = "lookup"
)

// purposes lists them in the order of the file.
func purposes() []Purpose { return []Purpose{Wrap, Seal, Index, Lookup} }

// Info describes one key without its material.
type Info struct {
	Purpose Purpose
	ID      uint32
	// Primary: new things are made with it.
	Primary bool
	// Status is "enabled", "disabled" or "destroyed".
	Status string
	// Created is zero if the file does not say.
	Created time.Time
}

// Set is the key sets of one deployment, ready for use. It does not change, is
// safe for concurrent use, and prints no key material.
type Set struct {
	// box is a pointer to a pointer: under a verb that does not fit (%s), fmt follows
	// one pointer to a struct. How deep Tink keeps its keys then does not matter.
	box **setParts
}

type setParts struct {
	handles map[Purpose]*keyset.Handle
	created map[Purpose]map[uint32]time.Time
	// destroyed are keys that were taken out.
	destroyed map[Purpose]map[uint32]time.Time
	// held are the keys in use: a wrapping key is asked for with every record.
	held    map[Purpose]map[uint32]bool
	wrap    tink.AEAD
	seal    tink.DeterministicAEAD
	index   *prfPool
	lookups []LookupKey
}

func (s *Set) parts() *setParts { return *s.box }

// Generate makes fresh key sets with one key each.
func Generate() (*Set, error) {
	now := time.Now().UTC().Truncate(time.Second)
	handles := map[Purpose]*keyset.Handle{}
	created := map[Purpose]map[uint32]time.Time{}
	for _, p := range purposes() {
		h, err := keyset.NewHandle(template(p))
		if err != nil {
			return nil, fmt.Errorf("generate the %s key: %w", p, err)
		}
		handles[p] = h
		created[p] = map[uint32]time.Time{primaryOf(h): now}
	}
	return newSet(handles, created, nil)
}

// Seal encrypts deterministically: equal plaintext and associated data give
// equal bytes, 21 longer than the plaintext.
func (s *Set) Seal(plain, associated []byte) ([]byte, error) {
	out, err := s.parts().seal.EncryptDeterministically(plain, associated)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return out, nil
}

// Open decrypts what Seal made, with any key of the set. It fails for other
// bytes, other keys and other associated data, without telling which.
func (s *Set) Open(sealed, associated []byte) ([]byte, error) {
	out, err := s.parts().seal.DecryptDeterministically(sealed, associated)
	if err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	return out, nil
}

// Fingerprint names the index key in 16 hex digits that tell nothing about it. A
// store keeps it, and refuses key sets that would not find what it holds. It
// survives the rotation of the other keys.
func (s *Set) Fingerprint() string {
	sum := s.PRF("key set fingerprint")
	return hex.EncodeToString(sum[:8])
}

// List describes every key: wrap, seal, index, lookup; within those oldest first as
// in the file.
func (s *Set) List() []Info {
	var out []Info
	for _, p := range purposes() {
		info := s.parts().handles[p].KeysetInfo()
		for _, k := range info.GetKeyInfo() {
			out = append(out, Info{
				Purpose: p,
				ID:      k.GetKeyId(),
				Primary: k.GetKeyId() == info.GetPrimaryKeyId(),
				Status:  strings.ToLower(k.GetStatus().String()),
				Created: s.parts().created[p][k.GetKeyId()],
			})
		}
	}
	return out
}

func template(p Purpose) *tinkpb.KeyTemplate {
	switch p {
	case Wrap:
		return aead.AES256GCMKeyTemplate()
	case Seal:
		return daead.AESSIVKeyTemplate()
	case Index, Lookup:
	}
	return prf.HMACSHA256PRFKeyTemplate()
}

// fits tells that a key has the algorithm and strength of its purpose; it keeps
// the members of a file from being mixed up.
func fits(p Purpose, k key.Key) bool {
	switch params := k.Parameters().(type) {
	case *aesgcm.Parameters:
		return p == Wrap && params.KeySizeInBytes() == 32 && params.Variant() == aesgcm.VariantTink
	case *aessiv.Parameters:
		return p == Seal && params.KeySizeInBytes() == 64 && params.Variant() == aessiv.VariantTink
	case *hmacprf.Parameters:
		return (p == Index || p == Lookup) && params.KeySizeInBytes() >= 32 && params.HashType() == hmacprf.SHA256
	}
	return false
}

// newSet makes the primitives of complete key sets. Errors are ours: Tink's may
// quote what it read.
func newSet(handles map[Purpose]*keyset.Handle, created, destroyed map[Purpose]map[uint32]time.Time) (*Set, error) {
	for _, p := range purposes() {
		h := handles[p]
		for i := range h.Len() {
			entry, err := h.Entry(i)
			if err != nil || !fits(p, entry.Key()) {
				return nil, fmt.Errorf("%q holds a key of another kind: the members of the file were mixed up", p)
			}
		}
	}
	if n := handles[Index].Len(); n != 1 {
		return nil, fmt.Errorf("%q holds %d keys, it must hold one: what is stored can only be found with that", Index, n)
	}
	wrap, errWrap := aead.New(handles[Wrap])
	seal, errSeal := daead.New(handles[Seal])
	first, errIndex := handles[Index].Primary()
	_, errLookup := handles[Lookup].Primary()
	if errors.Join(errWrap, errSeal, errIndex, errLookup) != nil {
		return nil, errors.New("a key set cannot be used: its primary key is disabled or of a kind that this program does not know")
	}
	parts := &setParts{handles: handles, created: created, destroyed: destroyed, held: map[Purpose]map[uint32]bool{}, wrap: wrap, seal: seal, index: newPRFPool(first.Key())}
	for _, p := range purposes() {
		parts.held[p] = map[uint32]bool{}
		for _, k := range handles[p].KeysetInfo().GetKeyInfo() {
			parts.held[p][k.GetKeyId()] = k.GetStatus() == tinkpb.KeyStatusType_ENABLED
		}
	}
	parts.lookups = lookups(handles[Lookup], first.KeyID())
	return &Set{&parts}, nil
}

func primaryOf(h *keyset.Handle) uint32 { return h.KeysetInfo().GetPrimaryKeyId() }
