package meta_test

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"bauta/masking"
	"bauta/masking/keys"
	"bauta/webhook/meta"
)

// room is a masker with a hidden customer in it.
type room struct {
	*meta.IDMasker
	handles *masking.Handles
}

func newMasker(tb testing.TB) room {
	tb.Helper()
	set, err := keys.Generate()
	if err != nil {
		tb.Fatal(err)
	}
	handles := masking.NewHandles(set)
	return room{meta.NewIDMasker(set, handles), handles}
}

// countingReader gives every handle the same digits, so that no test number can
// come up in one by chance.
type countingReader byte

func (r countingReader) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(r) + byte(i%3)
	}
	return len(p), nil
}

// customer is known by these names and hidden under a handle made of seed.
func (r room) customer(tb testing.TB, seed byte, names ...string) masking.Person {
	tb.Helper()
	h, err := r.handles.Mint(countingReader(seed), "IT")
	if err != nil {
		tb.Fatal(err)
	}
	p := masking.Person{Handle: h}
	for _, name := range names {
		who := identity(tb, name)
		if who.UserID.IsZero() {
			p.Numbers = append(p.Numbers, who.Number)
		} else {
			p.UserIDs = append(p.UserIDs, who.UserID)
		}
	}
	return p
}

func identity(tb testing.TB, name string) masking.Identity {
	tb.Helper()
	who, ok := masking.IdentityOf(name)
	if !ok {
		tb.Fatalf("%q is no identity", name)
	}
	return who
}

// brokenSealer fails as a damaged key set would.
type brokenSealer struct{}

func (brokenSealer) Seal(_, _ []byte) ([]byte, error) { return nil, errors.New("no key") }

func (brokenSealer) Open(_, _ []byte) ([]byte, error) { return nil, errors.New("no key") }

// assertNoNumber looks for a number in an id by its own means: as text, in base64
// at every alignment, in the decoded bytes, and there as BCD at every nibble.
func assertNoNumber(t *testing.T, id, number string) {
	t.Helper()
	_, body, ok := strings.Cut(id, ".")
	if !ok {
		body = id
	}
	for _, hidden := range []string{id, body} {
		if strings.Contains(hidden, number) {
			t.Errorf("the number is in %q", id)
		}
		for shift := range 3 {
			part := number[(3-shift)%3:]
			if enc := base64.RawStdEncoding.EncodeToString([]byte(part[:len(part)/3*3])); strings.Contains(hidden, enc) {
				t.Errorf("the number is in %q in base64 at %d", id, shift)
			}
		}
	}
	unified := strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(body, "="))
	raw, err := base64.RawStdEncoding.DecodeString(unified)
	if err != nil {
		return
	}
	if strings.Contains(string(raw), number) || strings.Contains(hex.EncodeToString(raw), number) {
		t.Errorf("the number is in the bytes of %q", id)
	}
}
