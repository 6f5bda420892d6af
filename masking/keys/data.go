package keys

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
)

// The frame in front of ciphertexts and wrapped data keys: a version, then the
// data key's id, which says at once that a record was written under another key.
const (
	frameVersion = 1
	frameLength  = 1 + 4
	dataKeyBytes = 32
)

// The errors of data keys; every other failure to decrypt is damage or somebody
// else's associated data.
var (
	// ErrOtherKey: the ciphertext was written under another data key.
	ErrOtherKey = errors.New("keys: written under another data key")
	// ErrFrame: too short, or of a version that this program does not know.
	ErrFrame = errors.New("keys: not a ciphertext of this version")
)

// Data encrypts what is kept of one customer (or business), with AES-256-GCM.
// Destroying its wrapped form destroys what it encrypted. The zero value
// encrypts nothing. Safe for concurrent use; it prints no key material.
type Data struct {
	id uint32
	// aead is a pointer to an interface, for the reason Set.box is. It is the library's
	// GCM that draws nonces: the same bytes as Tink's raw AES-GCM, but set up for every
	// customer who is read at half the cost, and written into one buffer.
	aead *cipher.AEAD
}

// NewDataKey makes a data key and its wrapped form, to be stored. The associated
// data names the place it belongs to (business and customer): at another place
// it does not unwrap.
func (s *Set) NewDataKey(associated []byte) (Data, []byte, error) {
	var fresh [4 + dataKeyBytes]byte
	_, _ = rand.Read(fresh[:]) // never fails, by its contract
	id := binary.BigEndian.Uint32(fresh[:4])
	data, errData := newData(id, fresh[4:])
	frame := data.appendFrame(nil)
	sealed, errWrap := s.parts().wrap.Encrypt(fresh[4:], bind(frame, associated))
	if err := errors.Join(errData, errWrap); err != nil {
		return Data{}, nil, fmt.Errorf("wrap a data key: %w", err)
	}
	return data, append(frame, sealed...), nil
}

// UnwrapDataKey returns the data key of its wrapped form, with any wrapping key of
// the set. It fails for another place's associated data.
func (s *Set) UnwrapDataKey(wrapped, associated []byte) (Data, error) {
	if len(wrapped) < frameLength || wrapped[0] != frameVersion {
		return Data{}, fmt.Errorf("unwrap a data key: %w", ErrFrame)
	}
	frame := wrapped[:frameLength]
	raw, err := s.parts().wrap.Decrypt(wrapped[frameLength:], bind(frame, associated))
	if err != nil {
		return Data{}, fmt.Errorf("unwrap a data key: %w", err)
	}
	return newData(binary.BigEndian.Uint32(frame[1:]), raw)
}

// Encrypt returns version, key id, nonce, ciphertext and tag: 33 bytes more than
// the plaintext. The associated data binds it to its place.
func (d Data) Encrypt(plain, associated []byte) ([]byte, error) {
	if d.aead == nil {
		return nil, ErrOtherKey
	}
	aead := *d.aead
	out := d.appendFrame(make([]byte, 0, frameLength+len(plain)+aead.Overhead()))
	return aead.Seal(out, nil, plain, bind(out, associated)), nil //nolint:gosec // it draws the nonce itself and wants none
}

// Decrypt reverses Encrypt. Errors are ErrFrame, ErrOtherKey, or a failed check.
func (d Data) Decrypt(ciphertext, associated []byte) ([]byte, error) {
	if len(ciphertext) < frameLength || ciphertext[0] != frameVersion {
		return nil, ErrFrame
	}
	frame := ciphertext[:frameLength]
	if d.aead == nil || binary.BigEndian.Uint32(frame[1:]) != d.id {
		return nil, ErrOtherKey
	}
	plain, err := (*d.aead).Open(nil, nil, ciphertext[frameLength:], bind(frame, associated))
	if err != nil {
		return nil, fmt.Errorf("decrypt: %w", err)
	}
	return plain, nil
}

func newData(id uint32, raw []byte) (Data, error) {
	if len(raw) != dataKeyBytes { // 16 bytes would make AES-128
		return Data{}, errors.New("keys: a data key is not 32 bytes")
	}
	block, err := aes.NewCipher(raw)
	if err != nil {
		return Data{}, fmt.Errorf("keys: set up a data key: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return Data{}, fmt.Errorf("keys: set up a data key: %w", err)
	}
	return Data{id: id, aead: &aead}, nil
}

func (d Data) appendFrame(out []byte) []byte {
	return binary.BigEndian.AppendUint32(append(out, frameVersion), d.id)
}

// bind puts the frame, whose length is fixed, in front of the associated data.
func bind(frame, associated []byte) []byte {
	return append(append(make([]byte, 0, len(frame)+len(associated)), frame...), associated...)
}
