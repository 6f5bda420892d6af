package keys_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"bauta/masking/keys"
)

// sameNames tells that two look-up keys name identities alike.
func sameNames(a, b keys.LookupKey) bool {
	return a.ID == b.ID && a.Tag == b.Tag && a.PRF("identity", "acme", "number", "16505551234") == b.PRF("identity", "acme", "number", "16505551234")
}

// An installation that is older than look-up keys goes on to find what it stored: its
// first look-up key is the index key, and names made with it say nothing of a key.
func TestTheIndexKeyIsTheFirstLookupKeyOfAnEarlierFile(t *testing.T) {
	t.Parallel()
	old := earlier(t)
	s := read(t, old)
	if !bytes.Contains(written(t, s), []byte(`"version": 1`)) {
		t.Error("releases that know no look-up keys cannot read the file any more, though nothing changed")
	}
	first := s.Lookups()
	if len(first) != 1 || first[0].Tag != "" || first[0].ID != s.FirstLookup() || first[0].PRF("identity", "a") != s.PRF("identity", "a") {
		t.Fatalf("look-up keys: %d, tag %q", len(first), first[0].Tag)
	}
	added, err := s.WithNewKey(keys.Lookup, at(20))
	if err != nil {
		t.Fatal(err)
	}
	text := written(t, added)
	if !bytes.Contains(text, []byte(`"version": 3`)) {
		t.Error("releases that know no look-up keys read a file with two: they would not find everybody")
	}
	added = read(t, text)
	both := added.Lookups()
	if len(both) != 2 || !sameNames(both[0], first[0]) || both[1].ID != added.Newest(keys.Lookup).ID || added.Primary(keys.Lookup) != first[0].ID {
		t.Fatalf("%d look-up keys, primary %d", len(both), added.Primary(keys.Lookup))
	}
	if len(both[1].Tag) != 7 || both[1].Tag[0] != '.' || both[1].Tag != added.LookupTag(both[1].ID) || both[1].PRF("x") == both[0].PRF("x") {
		t.Errorf("the second key: tag %q", both[1].Tag)
	}
	next, err := added.WithPrimary(keys.Lookup, both[1].ID)
	if err == nil {
		next, err = next.WithoutOld(keys.Lookup, at(22))
	}
	if err != nil {
		t.Fatal(err)
	}
	next = read(t, written(t, next))
	if left := next.Lookups(); len(left) != 1 || !sameNames(left[0], both[1]) || !next.IsDestroyed(keys.Lookup, first[0].ID) {
		t.Errorf("after the first was destroyed: %d keys, destroyed %v", len(left), next.Destroyed(keys.Lookup))
	}
	if next.Fingerprint() != s.Fingerprint() || next.PRF("event", "a") != s.PRF("event", "a") || next.IsDestroyed(keys.Wrap, first[0].ID) {
		t.Error("what else the index key names has other names now")
	}
}

// A new installation has a look-up key of its own: once it is replaced and destroyed,
// nothing that is left makes its names.
func TestANewFileHasALookupKeyOfItsOwn(t *testing.T) {
	t.Parallel()
	s := generate(t)
	first := s.Lookups()
	if len(first) != 1 || len(first[0].Tag) != 7 || first[0].PRF("a") == s.PRF("a") {
		t.Fatalf("%d look-up keys, the first has the tag %q", len(first), first[0].Tag)
	}
	material := rawKey(t, written(t, s), "lookup", 32)
	added, err := s.WithNewKey(keys.Lookup, at(20))
	if err != nil {
		t.Fatal(err)
	}
	next, err := added.WithPrimary(keys.Lookup, added.Newest(keys.Lookup).ID)
	if err != nil {
		t.Fatal(err)
	}
	if next, err = next.WithoutOld(keys.Lookup, at(22)); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(rawKey(t, written(t, next), "lookup", 32), material) || bytes.Equal(rawKey(t, written(t, next), "index", 32), material) {
		t.Error("the destroyed key is still in the file")
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
		for _, text := range []string{fmt.Sprintf(verb, first[0]), fmt.Sprintf(verb, &first[0])} {
			if strings.Contains(text, fmt.Sprintf("%x", material)) || strings.Contains(text, string(material)) || strings.Contains(text, fmt.Sprintf("%v", material)) {
				t.Errorf("%s prints the key", verb)
			}
		}
	}
}
