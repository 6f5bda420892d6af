package meta_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"bauta/webhook/meta"
)

func TestParseIDRefusesWhatItCannotReadWhole(t *testing.T) {
	t.Parallel()
	legacy := func(raw ...byte) string { return base64.RawURLEncoding.EncodeToString(raw) }
	bad := map[string]string{
		"nothing":                    "",
		"a prefix alone":             "wamid.",
		"another prefix":             "wbiid." + strings.TrimPrefix(inboundPhone, "wamid."),
		"words":                      "wamid.not an id",
		"newlines alone":             "wamid.\n\n\n\n",
		"a newline inside":           inboundPhone[:20] + "\n" + inboundPhone[20:],
		"both alphabets":             "wamid.HBgL-_+/",
		"half an id":                 inboundPhone[:30],
		"loose bits in base64":       strings.Replace(inboundUserID, "AA==", "AB==", 1),
		"padding that is too long":   inboundPhone + "=",
		"a stop is missing":          wamid(0x1c, 0x18, user, 0x15, 2, 0, 0x12, 0x18, key),
		"a byte behind the stop":     wamid(0x1c, 0x18, user, 0x15, 2, 0, 0x12, 0x18, key, 0, 0),
		"an unknown field 6":         wamid(0x1c, 0x18, user, 0x15, 2, 0, 0x12, 0x18, key, 0x35, 2, 0),
		"a second field 5":           wamid(0x1c, 0x18, user, 0x15, 2, 0, 0x12, 0x18, key, 0x25, 2, 0x05, 2, 0),
		"field 4 is no struct":       wamid(0x1c, 0x18, user, 0x15, 2, 0, 0x12, 0x18, key, 0x18, user, 0),
		"field 3 is missing":         wamid(0x1c, 0x18, user, 0x15, 2, 0, 0x12, 0),
		"field 2 is missing":         wamid(0x1c, 0x18, user, 0x15, 2, 0, 0x28, key, 0),
		"field 2 is no bool":         wamid(0x1c, 0x18, user, 0x15, 2, 0, 0x15, 2, 0x18, key, 0),
		"field 1 has no domain":      wamid(0x1c, 0x18, user, 0, 0x12, 0x18, key, 0),
		"field 1 has a third field":  wamid(0x1c, 0x18, user, 0x15, 2, 0x15, 2, 0, 0x12, 0x18, key, 0),
		"field ids in the long form": wamid(0x0c, 2, 0x18, user, 0x15, 2, 0, 0x12, 0x18, key, 0),
		"an unknown domain":          wamid(0x1c, 0x18, user, 0x15, 4, 0, 0x12, 0x18, key, 0),
		"a negative domain":          wamid(0x1c, 0x18, user, 0x15, 1, 0, 0x12, 0x18, key, 0),
		"a group within a group":     wamid(0x1c, 0x18, user, 0x15, 8, 0, 0x12, 0x18, key, 0x1c, 0x18, user, 0x15, 8, 0, 0),
		"an overlong varint":         wamid(0x1c, 0x18, user, 0x15, 0x82, 0, 0, 0x12, 0x18, key, 0),
		"a varint of 33 bits":        wamid(0x1c, 0x18, user, 0x15, 0x82, 0x80, 0x80, 0x80, 0x10, 0, 0x12, 0x18, key, 0),
		"a varint without end":       wamid(0x1c, 0x18, user, 0x15, 0x82, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01, 0, 0x12),
		"a length beyond the end":    wamid(0x1c, 0x18, 0x7f, 0x31),
		"more than 512 bytes":        wamid(0x1c, 0x18, user, 0x15, 2, 0, 0x12, 0x18, strings.Repeat("A", 500), 0),
		"much more than 512 bytes":   "wamid." + strings.Repeat("HBgL", 100_000),
		"legacy, cut off":            legacy(0x80, 0x11, 0x86, 0x15),
		"legacy, no digits":          legacy(0x80, 0x11, 0x00, 0x02, 0x01, 0xaa),
		"legacy, too many digits":    legacy(0x80, 0x11, 0x09, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0x02, 0x01, 0xaa),
		"legacy, a letter digit":     legacy(0x80, 0x11, 0x03, 0x12, 0x3a, 0x45, 0x02, 0x01, 0xaa),
		"legacy, no filler":          legacy(0x80, 0x11, 0x83, 0x12, 0x34, 0x56, 0x02, 0x01, 0xaa),
		"legacy, a filler too many":  legacy(0x80, 0x11, 0x03, 0x12, 0x34, 0x5f, 0x02, 0x01, 0xaa),
		"legacy, another kind":       legacy(0x80, 0x12, 0x03, 0x12, 0x34, 0x56, 0x02, 0x01, 0xaa),
		"legacy, another id kind":    legacy(0x80, 0x11, 0x03, 0x12, 0x34, 0x56, 0x03, 0x01, 0xaa),
		"legacy, a byte behind":      legacy(0x80, 0x11, 0x03, 0x12, 0x34, 0x56, 0x02, 0x01, 0xaa, 0xbb),
		"legacy, no stanza id":       legacy(0x80, 0x11, 0x03, 0x12, 0x34, 0x56, 0x02, 0x00),
		"legacy, a byte missing":     legacy(0x80, 0x11, 0x03, 0x12, 0x34, 0x56, 0x02, 0x02, 0xaa),
	}
	for name, text := range bad {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			id, err := meta.ParseID(text)
			if !errors.Is(err, meta.ErrID) {
				t.Fatalf("it was read: %+v, %v", contentOf(id), err)
			}
			if contentOf(id) != (content{}) || id.Reveal() != "" {
				t.Error("a refused id says something")
			}
		})
	}
}

func TestIDsDoNotPrintThemselves(t *testing.T) {
	t.Parallel()
	id, err := meta.ParseID(inboundPhone)
	if err != nil {
		t.Fatal(err)
	}
	m, business := newMasker(t), "acme"
	whole, err := m.Unmask(business, m.For(business).Mask(inboundPhone, nil))
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []any{id, &id, []meta.ID{id}, struct{ id meta.ID }{id}, whole, &whole, struct{ s meta.Sealed }{whole}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			if got := fmt.Sprintf(verb, v); strings.Contains(got, user) || strings.Contains(got, "HBgL") {
				t.Errorf("%s of %T: %s", verb, v, got)
			}
		}
		if body, err := json.Marshal(v); err != nil || strings.Contains(string(body), user) || strings.Contains(string(body), "HBgL") {
			t.Errorf("JSON of %T: %s, %v", v, body, err)
		}
	}
}

func FuzzParseID(f *testing.F) {
	seeds := documented()
	if len(seeds) == 0 {
		f.Fatal("no seeds")
	}
	for _, c := range seeds {
		f.Add(c.id)
	}
	f.Fuzz(func(t *testing.T, text string) {
		id, err := meta.ParseID(text)
		if err != nil {
			return
		}
		if got := id.Reveal(); got != text {
			t.Fatalf("%q came back as %q", text, got)
		}
		if len(text) > 700 {
			t.Fatalf("%d bytes were read", len(text))
		}
		if who := id.Person(); !who.Number.IsZero() && !who.UserID.IsZero() {
			t.Fatal("two people in one place")
		}
	})
}

func BenchmarkParseID(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := meta.ParseID(inboundPhone); err != nil {
			b.Fatal(err)
		}
	}
}
