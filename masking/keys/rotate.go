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

// ErrNotHeld means that the key set does not have a key of that id.
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

// Holds tells that a wrapping key is there and in use.
func (s *Set) Holds(id uint32) bool { return s.parts().wraps[id] }

// IsDestroyed tells that a wrapping key was taken out: what it wrapped is gone. What
// an id that is neither held nor destroyed wrapped may be read with a newer key file.
func (s *Set) IsDestroyed(id uint32) bool { return !s.parts().destroyed[id].IsZero() }

// Primary is the wrapping key that new data keys are wrapped with.
func (s *Set) Primary() uint32 {
	return s.parts().handles[Wrap].KeysetInfo().GetPrimaryKeyId()
}

// Newest is the wrapping key that was made last. While it is not Primary it was added
// and waits until every node knows it.
func (s *Set) Newest() Info {
	all := s.wrapping()
	return all[len(all)-1]
}

// Older lists the wrapping keys that were made before the one of an id: what is to be
// destroyed once that one writes.
func (s *Set) Older(id uint32) []Info {
	all := s.wrapping()
	return all[:max(slices.IndexFunc(all, func(k Info) bool { return k.ID == id }), 0)]
}

// Destroyed are the wrapping keys that were taken out, with the times.
func (s *Set) Destroyed() map[uint32]time.Time { return maps.Clone(s.parts().destroyed) }

// WithNewKey adds a wrapping key, which is not the primary one yet: everybody has to be
// able to read with it before somebody writes with it.
func (s *Set) WithNewKey(now time.Time) (*Set, error) {
	manager := keyset.NewManagerFromHandle(s.parts().handles[Wrap])
	id, err := manager.Add(template(Wrap))
	if err != nil {
		return nil, fmt.Errorf("make a wrapping key: %w", err)
	}
	created := map[uint32]time.Time{}
	maps.Copy(created, s.parts().created[Wrap])
	created[id] = now.UTC().Truncate(time.Second)
	return s.rewrapped(manager, created, s.parts().destroyed)
}

// WithPrimary makes a wrapping key the primary one. ErrNotHeld: the set does not have
// it.
func (s *Set) WithPrimary(id uint32) (*Set, error) {
	if !s.Holds(id) {
		return nil, ErrNotHeld
	}
	if s.Primary() == id {
		return s, nil
	}
	manager := keyset.NewManagerFromHandle(s.parts().handles[Wrap])
	if err := manager.SetPrimary(id); err != nil {
		return nil, fmt.Errorf("make a wrapping key the primary one: %w", err)
	}
	return s.rewrapped(manager, s.parts().created[Wrap], s.parts().destroyed)
}

// WithoutOld takes every wrapping key out that is older than the primary one. Their
// ids stay, with the time.
func (s *Set) WithoutOld(now time.Time) (*Set, error) {
	manager := keyset.NewManagerFromHandle(s.parts().handles[Wrap])
	created, destroyed := maps.Clone(s.parts().created[Wrap]), map[uint32]time.Time{}
	maps.Copy(destroyed, s.parts().destroyed)
	for _, k := range s.Older(s.Primary()) {
		if err := manager.Delete(k.ID); err != nil {
			return nil, fmt.Errorf("take a wrapping key out: %w", err)
		}
		delete(created, k.ID)
		destroyed[k.ID] = now.UTC().Truncate(time.Second)
	}
	return s.rewrapped(manager, created, destroyed)
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

// wrapping lists the wrapping keys, oldest first.
func (s *Set) wrapping() []Info {
	return slices.DeleteFunc(s.List(), func(k Info) bool { return k.Purpose != Wrap })
}

// rewrapped is the set with other wrapping keys.
func (s *Set) rewrapped(m *keyset.Manager, created, destroyed map[uint32]time.Time) (*Set, error) {
	h, err := m.Handle()
	if err != nil {
		return nil, fmt.Errorf("change the wrapping keys: %w", err)
	}
	handles, times := maps.Clone(s.parts().handles), maps.Clone(s.parts().created)
	handles[Wrap], times[Wrap] = h, created
	return newSet(handles, times, destroyed)
}
