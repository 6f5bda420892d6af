package keys_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/aead/subtle"

	"bauta/masking/keys"
)

// dataKey is what the domain needs of a data key.
type dataKey interface {
	Encrypt(plaintext, associated []byte) ([]byte, error)
	Decrypt(ciphertext, associated []byte) ([]byte, error)
}

var _ dataKey = keys.Data{}

func newData(tb testing.TB, s *keys.Set, associated string) (keys.Data, []byte) {
	tb.Helper()
	data, wrapped, err := s.NewDataKey([]byte(associated))
	if err != nil {
		tb.Fatal(err)
	}
	return data, wrapped
}

func TestDataIsBoundToKeyAndPlace(t *testing.T) {
	t.Parallel()
	s := generate(t)
	data, _ := newData(t, s, "acme/1")
	other, _ := newData(t, s, "acme/2")
	text, err := data.Encrypt([]byte("record"), []byte("place"))
	if err != nil {
		t.Fatal(err)
	}
	if again, err := data.Encrypt([]byte("record"), []byte("place")); err != nil || bytes.Equal(text, again) {
		t.Error("equal records can be told to be equal")
	}
	if len(text) != len("record")+33 || text[0] != 1 {
		t.Errorf("%d bytes of version %d", len(text), text[0])
	}
	change := func(i int) []byte {
		out := bytes.Clone(text)
		out[i] ^= 1
		return out
	}
	for name, c := range map[string]struct {
		key        keys.Data
		text       []byte
		associated string
		want       error // nil: any
	}{
		"another key":         {other, text, "place", keys.ErrOtherKey},
		"the zero key":        {keys.Data{}, text, "place", keys.ErrOtherKey},
		"another place":       {data, text, "elsewhere", nil},
		"another version":     {data, change(0), "place", keys.ErrFrame},
		"another key's id":    {data, change(1), "place", keys.ErrOtherKey},
		"a changed nonce":     {data, change(6), "place", nil},
		"a changed last byte": {data, change(len(text) - 1), "place", nil},
		"a frame alone":       {data, text[:5], "place", nil},
		"less than a frame":   {data, text[:4], "place", keys.ErrFrame},
		"nothing":             {data, nil, "place", keys.ErrFrame},
	} {
		plain, err := c.key.Decrypt(c.text, []byte(c.associated))
		if err == nil || plain != nil || (c.want != nil && !errors.Is(err, c.want)) {
			t.Errorf("%s: got %q, error %v, want %v", name, plain, err, c.want)
		}
	}
	if plain, err := data.Decrypt(text, []byte("place")); err != nil || string(plain) != "record" {
		t.Errorf("the right key and place: %q, %v", plain, err)
	}
	if _, err := (keys.Data{}).Encrypt([]byte("record"), nil); !errors.Is(err, keys.ErrOtherKey) {
		t.Errorf("the zero key encrypted: %v", err)
	}
}

func TestWrappedKeysAreBoundToTheirCustomer(t *testing.T) {
	t.Parallel()
	s := generate(t)
	_, wrapped := newData(t, s, "acme/1")
	change := func(i int) []byte {
		out := bytes.Clone(wrapped)
		out[i] ^= 1
		return out
	}
	for name, c := range map[string]struct {
		set        *keys.Set
		wrapped    []byte
		associated string
		frame      bool
	}{
		"another customer":    {s, wrapped, "acme/2", false},
		"another key set":     {generate(t), wrapped, "acme/1", false},
		"another version":     {s, change(0), "acme/1", true},
		"another key id":      {s, change(2), "acme/1", false},
		"a changed last byte": {s, change(len(wrapped) - 1), "acme/1", false},
		"less than a frame":   {s, wrapped[:3], "acme/1", true},
		"nothing":             {s, nil, "acme/1", true},
	} {
		_, err := c.set.UnwrapDataKey(c.wrapped, []byte(c.associated))
		if err == nil || errors.Is(err, keys.ErrFrame) != c.frame {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestAShortDataKeyIsRefused: 16 bytes would be a key too, of AES-128.
func TestAShortDataKeyIsRefused(t *testing.T) {
	t.Parallel()
	s := generate(t)
	_, part := sectionOf(t, written(t, s), "wrap")
	wrap, err := aead.New(handleOf(t, part))
	if err != nil {
		t.Fatal(err)
	}
	frame := []byte{1, 0, 0, 0, 7}
	sealed, err := wrap.Encrypt(make([]byte, 16), append(bytes.Clone(frame), "acme/1"...))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.UnwrapDataKey(append(frame, sealed...), []byte("acme/1")); err == nil || !strings.Contains(err.Error(), "32 bytes") {
		t.Errorf("got %v", err)
	}
}

// TestDataIsReadAndWrittenAsTinkDoes: what earlier releases wrote is Tink's raw AES-GCM,
// and the other way round.
func TestDataIsReadAndWrittenAsTinkDoes(t *testing.T) {
	t.Parallel()
	s := generate(t)
	data, wrapped := newData(t, s, "acme/1")
	_, part := sectionOf(t, written(t, s), "wrap")
	wrap, err := aead.New(handleOf(t, part))
	if err != nil {
		t.Fatal(err)
	}
	frame := wrapped[:5]
	place := func(name string) []byte { return append(bytes.Clone(frame), name...) }
	raw, err := wrap.Decrypt(wrapped[5:], place("acme/1"))
	if err != nil {
		t.Fatal(err)
	}
	gcm, err := subtle.NewAESGCM(raw)
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := gcm.Encrypt([]byte("record"), place("place"))
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := data.Decrypt(append(bytes.Clone(frame), theirs...), []byte("place")); err != nil || string(plain) != "record" {
		t.Errorf("Tink's: %q, %v", plain, err)
	}
	ours, err := data.Encrypt([]byte("record"), []byte("place"))
	if err != nil || !bytes.HasPrefix(ours, frame) {
		t.Fatalf("% x, %v", ours, err)
	}
	if plain, err := gcm.Decrypt(ours[5:], place("place")); err != nil || string(plain) != "record" {
		t.Errorf("ours, read by Tink: %q, %v", plain, err)
	}
}

func BenchmarkDataEncrypt1KB(b *testing.B) {
	data, _ := newData(b, generate(b), "acme/1")
	plain, associated := make([]byte, 1024), []byte("acme/record/1")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := data.Encrypt(plain, associated); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkUnwrapDataKey(b *testing.B) {
	s := generate(b)
	_, wrapped := newData(b, s, "acme/1")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.UnwrapDataKey(wrapped, []byte("acme/1")); err != nil {
			b.Fatal(err)
		}
	}
}
