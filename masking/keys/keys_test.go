package keys_test

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tink-crypto/tink-go/v2/aead"

	"bauta/masking/keys"
)

func TestGeneratedKeysAreListed(t *testing.T) {
	t.Parallel()
	before := time.Now().UTC().Truncate(time.Second)
	got := generate(t).List()
	var purposes []keys.Purpose
	for _, k := range got {
		purposes = append(purposes, k.Purpose)
		if !k.Primary || k.Status != "enabled" || k.ID == 0 || k.Created.Before(before) || k.Created.After(time.Now()) {
			t.Errorf("key: %+v", k)
		}
	}
	if diff := cmp.Diff([]keys.Purpose{keys.Wrap, keys.Seal, keys.Index, keys.Lookup}, purposes); diff != "" {
		t.Errorf("purposes (-want +got):\n%s", diff)
	}
}

func TestAFileGivesTheSameKeys(t *testing.T) {
	t.Parallel()
	s := generate(t)
	again := read(t, written(t, s))
	if s.Fingerprint() != again.Fingerprint() {
		t.Error("fingerprints differ")
	}
	if diff := cmp.Diff(s.List(), again.List()); diff != "" {
		t.Errorf("lists (-want +got):\n%s", diff)
	}
	sealed, err := s.Seal([]byte("stanza"), []byte("acme"))
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := again.Open(sealed, []byte("acme")); err != nil || string(plain) != "stanza" {
		t.Errorf("opened %q, %v", plain, err)
	}
	data, wrapped, err := s.NewDataKey([]byte("acme/1"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := data.Encrypt([]byte("record"), []byte("place"))
	if err != nil {
		t.Fatal(err)
	}
	unwrapped, err := again.UnwrapDataKey(wrapped, []byte("acme/1"))
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := unwrapped.Decrypt(text, []byte("place")); err != nil || string(plain) != "record" {
		t.Errorf("decrypted %q, %v", plain, err)
	}
}

func TestFingerprint(t *testing.T) {
	t.Parallel()
	s := generate(t)
	print := s.Fingerprint()
	if raw, err := hex.DecodeString(print); err != nil || len(raw) != 8 {
		t.Errorf("%q is not 16 hex digits", print)
	}
	if print == generate(t).Fingerprint() {
		t.Error("two key sets have one fingerprint")
	}
	if print != read(t, withSecondKey(t, written(t, s), "wrap")).Fingerprint() {
		t.Error("rotating the wrapping key changed the fingerprint")
	}
}

func TestSealIsDeterministicAndBound(t *testing.T) {
	t.Parallel()
	s := generate(t)
	seal := func(plain, associated string) string {
		out, err := s.Seal([]byte(plain), []byte(associated))
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	one := seal("stanza", "acme")
	if one != seal("stanza", "acme") {
		t.Error("equal input gave two ciphertexts")
	}
	if one == seal("stanza", "other") || one == seal("stanzb", "acme") {
		t.Error("different input gave one ciphertext")
	}
	if len(one) != len("stanza")+21 {
		t.Errorf("%d bytes", len(one))
	}
	for name, c := range map[string]struct{ sealed, associated string }{
		"other associated data": {one, "other"},
		"a changed byte":        {one[:len(one)-1] + string([]byte{one[len(one)-1] ^ 1}), "acme"},
		"nothing":               {"", "acme"},
	} {
		if _, err := s.Open([]byte(c.sealed), []byte(c.associated)); err == nil {
			t.Errorf("%s was opened", name)
		}
	}
	if _, err := generate(t).Open([]byte(one), []byte("acme")); err == nil {
		t.Error("another key set opened it")
	}
}

func TestARotatedWrappingKeyStillReads(t *testing.T) {
	t.Parallel()
	before := generate(t)
	_, old, err := before.NewDataKey([]byte("acme/1"))
	if err != nil {
		t.Fatal(err)
	}
	after := read(t, withSecondKey(t, written(t, before), "wrap"))
	if _, err := after.UnwrapDataKey(old, []byte("acme/1")); err != nil {
		t.Errorf("the old data key: %v", err)
	}
	_, fresh, err := after.NewDataKey([]byte("acme/1"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := before.UnwrapDataKey(fresh, []byte("acme/1")); err == nil {
		t.Error("the new primary key is not used")
	}
	var primary, others int
	for _, k := range after.List() {
		if k.Purpose != keys.Wrap {
			continue
		}
		if k.Primary {
			primary++
			if !k.Created.IsZero() {
				t.Error("a key of unknown age has one")
			}
		} else {
			others++
		}
	}
	if primary != 1 || others != 1 {
		t.Errorf("%d primary and %d other wrapping keys", primary, others)
	}
}

func TestARotatedSealingKeyStillOpens(t *testing.T) {
	t.Parallel()
	before := generate(t)
	sealed, err := before.Seal([]byte("stanza"), nil)
	if err != nil {
		t.Fatal(err)
	}
	after := read(t, withSecondKey(t, written(t, before), "seal"))
	if plain, err := after.Open(sealed, nil); err != nil || string(plain) != "stanza" {
		t.Errorf("opened %q, %v", plain, err)
	}
}

// shows tells whether the beginning of a key is in a text, in any form fmt has.
func shows(text string, secret []byte) bool {
	for _, verb := range []string{"%d", "%x", "%X", "%s", "%#v"} {
		form := strings.Trim(fmt.Sprintf(verb, secret[:8]), `[]"}`)
		if strings.Contains(text, strings.TrimPrefix(form, "byte{")) {
			return true
		}
	}
	return false
}

func TestKeysDoNotPrintThemselves(t *testing.T) {
	t.Parallel()
	s := generate(t)
	data, wrapped, err := s.NewDataKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	file := written(t, s)
	_, part := sectionOf(t, file, "wrap")
	wrap, err := aead.New(handleOf(t, part))
	if err != nil {
		t.Fatal(err)
	}
	dataKey, err := wrap.Decrypt(wrapped[5:], wrapped[:5])
	if err != nil {
		t.Fatal(err)
	}
	secrets := [][]byte{dataKey, rawKey(t, file, "wrap", 32), rawKey(t, file, "seal", 64), rawKey(t, file, "index", 32)}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%X", "%d"} {
		if !shows(fmt.Sprintf(verb, struct{ k []byte }{dataKey}), dataKey) {
			t.Errorf("the test does not see a key printed with %s", verb)
		}
		for _, v := range []any{s, *s, []*keys.Set{s}, data, &data, struct{ d keys.Data }{data}, struct{ s *keys.Set }{s}} {
			got := fmt.Sprintf(verb, v)
			for _, secret := range secrets {
				if shows(got, secret) {
					t.Errorf("%s of %T prints a key", verb, v)
				}
			}
			if body, err := json.Marshal(v); err != nil || len(body) > 10 {
				t.Errorf("JSON of %T: %s, %v", v, body, err)
			}
		}
	}
}

func BenchmarkSeal(b *testing.B) {
	s := generate(b)
	plain, associated := []byte("3A4A6599AEE03810144F"), []byte("acme 9041174520836617350284")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Seal(plain, associated); err != nil {
			b.Fatal(err)
		}
	}
}
