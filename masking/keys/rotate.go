package keys

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/tink-crypto/tink-go/v2/keyset"
)

// ErrNotHeld means that the key set does not have a key of that purpose and id.
var ErrNotHeld = errors.New("keys: the key set does not hold this key")

// Tink puts a byte and the key's id in front of what a key of ours encrypts
// (https://developers.google.com/tink/wire-format, "Tink" output prefix).
const (
	prefixStart  = 0x01
	prefixLength = 1 + 4
)

// WrappedUnder tells which wrapping key a wrapped data key needs; false for bytes that
// are none. That it unwraps is not said.
func WrappedUnder(wrapped []byte) (id uint32, ok bool) {
	if len(wrapped) < frameLength+prefixLength || wrapped[0] != frameVersion || wrapped[frameLength] != prefixStart {
		return 0, false
	}
	return binary.BigEndian.Uint32(wrapped[frameLength+1:]), true
}

// Holds tells that a key is there and in use.
func (s *Set) Holds(p Purpose, id uint32) bool { return s.parts().held[p][id] }

// IsDestroyed tells that a key was taken out: what needs it is gone. What needs an id
// that is neither held nor destroyed may be read with a newer key file.
func (s *Set) IsDestroyed(p Purpose, id uint32) bool { return !s.parts().destroyed[p][id].IsZero() }

// Primary is the key that new things are made with.
func (s *Set) Primary(p Purpose) uint32 { return primaryOf(s.parts().handles[p]) }

// Newest is the key that was made last. While it is not Primary it was added and waits
// until every node knows it.
func (s *Set) Newest(p Purpose) Info {
	all := s.of(p)
	return all[len(all)-1]
}

// Older lists the keys that were made before the one of an id: what is to be destroyed
// once that one writes.
func (s *Set) Older(p Purpose, id uint32) []Info {
	all := s.of(p)
	return all[:max(slices.IndexFunc(all, func(k Info) bool { return k.ID == id }), 0)]
}

// Destroyed are the keys that were taken out, with the times.
func (s *Set) Destroyed(p Purpose) map[uint32]time.Time { return maps.Clone(s.parts().destroyed[p]) }

// WithNewKey adds a key of Wrap or Lookup, which is not the primary one yet: everybody
// has to be able to read with it before somebody writes with it.
func (s *Set) WithNewKey(p Purpose, now time.Time) (*Set, error) {
	manager := keyset.NewManagerFromHandle(s.parts().handles[p])
	id, err := manager.Add(template(p))
	if err != nil {
		return nil, fmt.Errorf("make a %s key: %w", p, err)
	}
	created := map[uint32]time.Time{}
	maps.Copy(created, s.parts().created[p])
	created[id] = now.UTC().Truncate(time.Second)
	return s.with(p, manager, created, s.parts().destroyed[p])
}

// WithPrimary makes a key the primary one. ErrNotHeld: the set does not have it.
func (s *Set) WithPrimary(p Purpose, id uint32) (*Set, error) {
	if !s.Holds(p, id) {
		return nil, ErrNotHeld
	}
	if s.Primary(p) == id {
		return s, nil
	}
	manager := keyset.NewManagerFromHandle(s.parts().handles[p])
	if err := manager.SetPrimary(id); err != nil {
		return nil, fmt.Errorf("make a %s key the primary one: %w", p, err)
	}
	return s.with(p, manager, s.parts().created[p], s.parts().destroyed[p])
}

// WithoutOld takes every key out that is older than the primary one. Their ids stay,
// with the time.
func (s *Set) WithoutOld(p Purpose, now time.Time) (*Set, error) {
	manager := keyset.NewManagerFromHandle(s.parts().handles[p])
	created, destroyed := map[uint32]time.Time{}, map[uint32]time.Time{}
	maps.Copy(created, s.parts().created[p])
	maps.Copy(destroyed, s.parts().destroyed[p])
	for _, k := range s.Older(p, s.Primary(p)) {
		if err := manager.Delete(k.ID); err != nil {
			return nil, fmt.Errorf("take a %s key out: %w", p, err)
		}
		delete(created, k.ID)
		destroyed[k.ID] = now.UTC().Truncate(time.Second)
	}
	return s.with(p, manager, created, destroyed)
}

// Rewrap wraps a data key anew under the primary wrapping key; the data key stays the
// same. It fails as UnwrapDataKey does.
func (s *Set) Rewrap(wrapped, associated []byte) ([]byte, error) {
	if len(wrapped) < frameLength || wrapped[0] != frameVersion {
		return nil, fmt.Errorf("wrap a data key anew: %w", ErrFrame)
	}
	frame := slices.Clone(wrapped[:frameLength])
	bound := bind(frame, associated)
	raw, err := s.parts().wrap.Decrypt(wrapped[frameLength:], bound)
	var sealed []byte
	if err == nil {
		sealed, err = s.parts().wrap.Encrypt(raw, bound)
	}
	if err != nil {
		return nil, fmt.Errorf("wrap a data key anew: %w", err)
	}
	return append(frame, sealed...), nil
}

// of lists the keys of a purpose, oldest first.
func (s *Set) of(p Purpose) []Info {
	return slices.DeleteFunc(s.List(), func(k Info) bool { return k.Purpose != p })
}

// with is the set with other keys of one purpose.
func (s *Set) with(p Purpose, m *keyset.Manager, created, destroyed map[uint32]time.Time) (*Set, error) {
	h, err := m.Handle()
	if err != nil {
		return nil, fmt.Errorf("change the %s keys: %w", p, err)
	}
	handles, times, gone := maps.Clone(s.parts().handles), maps.Clone(s.parts().created), map[Purpose]map[uint32]time.Time{}
	maps.Copy(gone, s.parts().destroyed)
	handles[p], times[p], gone[p] = h, created, destroyed
	return newSet(handles, times, gone)
}
