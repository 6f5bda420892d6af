package keys_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"

	"bauta/masking/keys"
)

func generate(tb testing.TB) *keys.Set {
	tb.Helper()
	s, err := keys.Generate()
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func written(tb testing.TB, s *keys.Set) []byte {
	tb.Helper()
	var out bytes.Buffer
	if err := s.Write(&out); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

func read(tb testing.TB, text []byte) *keys.Set {
	tb.Helper()
	s, err := keys.Read(bytes.NewReader(text))
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

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
	if diff := cmp.Diff([]keys.Purpose{keys.Wrap, keys.Seal, keys.Index}, purposes); diff != "" {
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
		"a changed byte":        {one[:len(one)-1] + "\x00", "acme"},
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

// section is one key set of a written file.
type section struct {
	Created map[string]time.Time `json:"created"`
	Keyset  json.RawMessage      `json:"keyset"`
}

func sectionOf(tb testing.TB, text []byte, name string) (map[string]json.RawMessage, section) {
	tb.Helper()
	var file map[string]json.RawMessage
	if err := json.Unmarshal(text, &file); err != nil {
		tb.Fatal(err)
	}
	var s section
	if err := json.Unmarshal(file[name], &s); err != nil {
		tb.Fatal(err)
	}
	return file, s
}

func handleOf(tb testing.TB, s section) *keyset.Handle {
	tb.Helper()
	h, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(s.Keyset)))
	if err != nil {
		tb.Fatal(err)
	}
	return h
}

// withSecondKey rotates: a second key of the same kind becomes the primary.
func withSecondKey(tb testing.TB, text []byte, name string) []byte {
	tb.Helper()
	file, s := sectionOf(tb, text, name)
	_, fresh := sectionOf(tb, written(tb, generate(tb)), name)
	manager := keyset.NewManagerFromHandle(handleOf(tb, s))
	entry, err := handleOf(tb, fresh).Primary()
	if err != nil {
		tb.Fatal(err)
	}
	id, err := manager.AddNewKeyFromParameters(entry.Key().Parameters())
	if err != nil {
		tb.Fatal(err)
	}
	if err := manager.SetPrimary(id); err != nil {
		tb.Fatal(err)
	}
	h, err := manager.Handle()
	if err != nil {
		tb.Fatal(err)
	}
	var out bytes.Buffer
	if err := insecurecleartextkeyset.Write(h, keyset.NewJSONWriter(&out)); err != nil {
		tb.Fatal(err)
	}
	s.Keyset = out.Bytes()
	return replaced(tb, file, name, s)
}

func replaced(tb testing.TB, file map[string]json.RawMessage, name string, value any) []byte {
	tb.Helper()
	part, err := json.Marshal(value)
	if err != nil {
		tb.Fatal(err)
	}
	file[name] = part
	out, err := json.Marshal(file)
	if err != nil {
		tb.Fatal(err)
	}
	return out
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

func TestPRFIsTinksHMACOverLengthPrefixedParts(t *testing.T) {
	t.Parallel()
	s := generate(t)
	_, part := sectionOf(t, written(t, s), "index")
	set, err := prf.NewPRFSet(handleOf(t, part))
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("x", 5000) // beyond what is kept as scratch space
	for _, parts := range [][]string{{}, {""}, {"acme", "16505551234"}, {long, long}, {"after"}} {
		in := binary.AppendUvarint(nil, 5)
		in = append(in, "label"...)
		for _, p := range parts {
			in = append(binary.AppendUvarint(in, uint64(len(p))), p...)
		}
		want, err := set.ComputePrimaryPRF(in, 32)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.PRF("label", parts...); !bytes.Equal(got[:], want) {
			t.Errorf("%d parts: got %x, want %x", len(parts), got, want)
		}
	}
}

func TestPRFPartsDoNotRunTogether(t *testing.T) {
	t.Parallel()
	s := generate(t)
	seen := map[[32]byte]string{}
	for _, in := range [][]string{
		{"l", "ab", "c"},
		{"l", "a", "bc"},
		{"l", "abc"},
		{"la", "bc"},
		{"l", "abc", ""},
		{"l", "", "abc"},
		{"labc"},
		{"l", "\x02ab\x01c"},
		{"l"},
		{""},
		{"", ""},
	} {
		sum := s.PRF(in[0], in[1:]...)
		if other, ok := seen[sum]; ok {
			t.Errorf("%q and %s collide", in, other)
		}
		seen[sum] = fmt.Sprintf("%q", in)
	}
}

func TestASetIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	s := generate(t)
	want := s.PRF("label", "part")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range 200 {
				s.PRF("label", fmt.Sprint("other", i))
				if s.PRF("label", "part") != want {
					t.Error("another call's input got into the result")
					return
				}
			}
		})
	}
	wg.Wait()
}

// rawKey returns the key itself, which ends the only key's serialised value.
func rawKey(tb testing.TB, file []byte, purpose string, length int) []byte {
	tb.Helper()
	_, part := sectionOf(tb, file, purpose)
	var set struct {
		Key []struct {
			KeyData struct {
				Value []byte `json:"value"`
			} `json:"keyData"`
		} `json:"key"`
	}
	if err := json.Unmarshal(part.Keyset, &set); err != nil || len(set.Key) != 1 || len(set.Key[0].KeyData.Value) < length {
		tb.Fatalf("%d keys, %v", len(set.Key), err)
	}
	value := set.Key[0].KeyData.Value
	return value[len(value)-length:]
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
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%c"} {
		for _, v := range []any{s, *s, []*keys.Set{s}, data, &data, struct{ d keys.Data }{data}, struct{ s *keys.Set }{s}} {
			got := fmt.Sprintf(verb, v)
			for _, secret := range secrets {
				if bytes.Contains([]byte(got), secret[:8]) || strings.Contains(got, strings.Trim(fmt.Sprintf(verb, secret[:8]), "[]")) ||
					strings.Contains(got, strings.Trim(fmt.Sprintf("%d", secret[:8]), "[]")) {
					t.Errorf("%s of %T prints a key", verb, v)
				}
			}
			if body, err := json.Marshal(v); err != nil || len(body) > 10 {
				t.Errorf("JSON of %T: %s, %v", v, body, err)
			}
		}
	}
}

func BenchmarkPRF(b *testing.B) {
	s := generate(b)
	b.ReportAllocs()
	for b.Loop() {
		s.PRF("identity", "acme", "16505551234")
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
