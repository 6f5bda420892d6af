package keys_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"bauta/masking/keys"
)

func at(day int) time.Time { return time.Date(2026, 11, day, 10, 0, 0, 0, time.UTC) }

// rotated has a second key that writes.
func rotated(t *testing.T, s *keys.Set) *keys.Set {
	t.Helper()
	s, err := s.WithNewKey(keys.Wrap, at(20))
	if err == nil {
		s, err = s.WithPrimary(keys.Wrap, s.Newest(keys.Wrap).ID)
	}
	if err != nil {
		t.Fatal(err)
	}
	return read(t, written(t, s))
}

func TestAnAddedKeyReadsButDoesNotWrite(t *testing.T) {
	t.Parallel()
	before := generate(t)
	added, err := before.WithNewKey(keys.Wrap, at(20))
	if err != nil {
		t.Fatal(err)
	}
	added = read(t, written(t, added))
	fresh := added.Newest(keys.Wrap)
	if added.Primary(keys.Wrap) != before.Primary(keys.Wrap) || fresh.ID == before.Primary(keys.Wrap) || !added.Holds(keys.Wrap, fresh.ID) || before.Holds(keys.Wrap, fresh.ID) {
		t.Errorf("primary %d, before %d, newest %+v", added.Primary(keys.Wrap), before.Primary(keys.Wrap), fresh)
	}
	if !fresh.Created.Equal(at(20)) || added.Fingerprint() != before.Fingerprint() {
		t.Errorf("created %s; the fingerprint changed: %t", fresh.Created, added.Fingerprint() != before.Fingerprint())
	}
	_, wrapped := newData(t, added, "acme/1")
	if id, ok := keys.WrappedUnder(wrapped); !ok || id != before.Primary(keys.Wrap) {
		t.Errorf("wrapped under %d, %t", id, ok)
	}
	if _, err := before.UnwrapDataKey(wrapped, []byte("acme/1")); err != nil {
		t.Errorf("who does not know the new key cannot read what is written: %v", err)
	}
	_, later := newData(t, rotated(t, before), "acme/1")
	if id, ok := keys.WrappedUnder(later); !ok || id == before.Primary(keys.Wrap) {
		t.Errorf("after it became the primary one: wrapped under %d, %t", id, ok)
	}
}

func TestWhatIsWrappedAnewIsTheSameKey(t *testing.T) {
	t.Parallel()
	before := generate(t)
	data, wrapped := newData(t, before, "acme/1")
	text, err := data.Encrypt([]byte("record"), nil)
	if err != nil {
		t.Fatal(err)
	}
	after := rotated(t, before)
	anew, err := after.Rewrap(wrapped, []byte("acme/1"))
	if err != nil {
		t.Fatal(err)
	}
	if id, _ := keys.WrappedUnder(anew); id != after.Primary(keys.Wrap) {
		t.Errorf("wrapped anew under %d, want %d", id, after.Primary(keys.Wrap))
	}
	same, err := after.UnwrapDataKey(anew, []byte("acme/1"))
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := same.Decrypt(text, nil); err != nil || string(plain) != "record" {
		t.Errorf("read %q, %v", plain, err)
	}
	if _, err := before.UnwrapDataKey(anew, []byte("acme/1")); err == nil {
		t.Error("the old key reads what is wrapped anew")
	}
	for name, c := range map[string]struct{ wrapped, place []byte }{
		"another customer's place": {wrapped, []byte("acme/2")},
		"a changed byte":           {append(bytes.Clone(wrapped[:len(wrapped)-1]), wrapped[len(wrapped)-1]^1), []byte("acme/1")},
		"nothing":                  {nil, []byte("acme/1")},
	} {
		if out, err := after.Rewrap(c.wrapped, c.place); err == nil {
			t.Errorf("%s was wrapped anew: %d bytes", name, len(out))
		}
	}
}

func TestADestroyedKeyIsGoneAndNamed(t *testing.T) {
	t.Parallel()
	before := generate(t)
	_, wrapped := newData(t, before, "acme/1")
	sealed, err := before.Seal([]byte("stanza"), nil)
	if err != nil {
		t.Fatal(err)
	}
	both := rotated(t, before)
	if old := both.Older(keys.Wrap, both.Primary(keys.Wrap)); len(old) != 1 || old[0].ID != before.Primary(keys.Wrap) {
		t.Errorf("older than the primary key: %+v", old)
	}
	if _, err := both.UnwrapDataKey(wrapped, []byte("acme/1")); err != nil {
		t.Errorf("before it is destroyed: %v", err)
	}
	alone, err := both.WithoutOld(keys.Wrap, at(22))
	if err != nil {
		t.Fatal(err)
	}
	file := written(t, alone)
	if bytes.Contains(file, rawText(t, before)) || !bytes.Contains(written(t, both), rawText(t, before)) {
		t.Error("the material of a destroyed key is in the file, or the test does not see it")
	}
	alone = read(t, file)
	if _, err := alone.UnwrapDataKey(wrapped, []byte("acme/1")); err == nil {
		t.Error("the destroyed key still unwraps")
	}
	if alone.Holds(keys.Wrap, before.Primary(keys.Wrap)) || !alone.IsDestroyed(keys.Wrap, before.Primary(keys.Wrap)) || !alone.Destroyed(keys.Wrap)[before.Primary(keys.Wrap)].Equal(at(22)) || alone.IsDestroyed(keys.Wrap, alone.Primary(keys.Wrap)) {
		t.Errorf("destroyed: %v", alone.Destroyed(keys.Wrap))
	}
	if _, err := alone.WithPrimary(keys.Wrap, before.Primary(keys.Wrap)); !errors.Is(err, keys.ErrNotHeld) {
		t.Errorf("a destroyed key becomes the primary one: %v", err)
	}
	if plain, err := alone.Open(sealed, nil); err != nil || string(plain) != "stanza" || alone.Fingerprint() != before.Fingerprint() {
		t.Errorf("the other keys changed: %q, %v", plain, err)
	}
	again, err := rotated(t, alone).WithoutOld(keys.Wrap, at(23))
	if err != nil || len(again.Destroyed(keys.Wrap)) != 2 || len(again.Older(keys.Wrap, again.Primary(keys.Wrap))) != 0 {
		t.Errorf("after a second rotation: %v, %v", again.Destroyed(keys.Wrap), err)
	}
}

// TestAKeyThatWaitsIsNotOld: it was added and does not write yet, and stays.
func TestAKeyThatWaitsIsNotOld(t *testing.T) {
	t.Parallel()
	added, err := generate(t).WithNewKey(keys.Wrap, at(20))
	if err != nil {
		t.Fatal(err)
	}
	after, err := added.WithoutOld(keys.Wrap, at(22))
	if err != nil || !after.Holds(keys.Wrap, added.Newest(keys.Wrap).ID) || !after.Holds(keys.Wrap, added.Primary(keys.Wrap)) || len(after.Destroyed(keys.Wrap)) != 0 {
		t.Errorf("%v, %v", after.List(), err)
	}
}

func TestWhatNoKeyWrapped(t *testing.T) {
	t.Parallel()
	_, wrapped := newData(t, generate(t), "acme/1")
	other := bytes.Clone(wrapped)
	other[5] = 7
	for name, text := range map[string][]byte{"nothing": nil, "a frame": wrapped[:5], "another version": append([]byte{9}, wrapped[1:]...), "another prefix": other} {
		if id, ok := keys.WrappedUnder(text); ok {
			t.Errorf("%s is wrapped under %d", name, id)
		}
	}
}

// rawText is the wrapping key as it stands in the file of a set with one.
func rawText(t *testing.T, s *keys.Set) []byte {
	t.Helper()
	_, part := sectionOf(t, written(t, s), "wrap")
	_, value, _ := bytes.Cut(part.Keyset, []byte(`"value":`))
	value = bytes.TrimLeft(value, ` "`)
	return value[:20]
}

func BenchmarkHolds(b *testing.B) {
	s := generate(b)
	_, wrapped := newData(b, s, "acme/1")
	b.ReportAllocs()
	for b.Loop() {
		if id, ok := keys.WrappedUnder(wrapped); !ok || !s.Holds(keys.Wrap, id) {
			b.Fatal("not held")
		}
	}
}

// What writes already stays as it is, and nobody makes a key of another set the primary
// one.
func TestAKeyThatWritesAlreadyGoesOnWriting(t *testing.T) {
	t.Parallel()
	before := generate(t)
	same, err := before.WithPrimary(keys.Wrap, before.Primary(keys.Wrap))
	if err != nil || same.Primary(keys.Wrap) != before.Primary(keys.Wrap) || !bytes.Equal(written(t, same), written(t, before)) {
		t.Errorf("the set is another one, %v", err)
	}
	if _, err := before.WithPrimary(keys.Wrap, rotated(t, before).Primary(keys.Wrap)); !errors.Is(err, keys.ErrNotHeld) {
		t.Errorf("a key that is not held: %v", err)
	}
}
