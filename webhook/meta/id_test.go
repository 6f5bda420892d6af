package meta_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bauta/webhook/meta"
)

// The synthetic ids of webhooks.md section 4: fictional customer 1 555 000 1234
// and business 1 555 000 5678.
const (
	inboundPhone  = "wamid.HBgLMTU1NTAwMDEyMzQVAgASGBQzQTAwMTEyMjMzNDQ1NTY2QUFCQgA="
	outboundPhone = "wamid.HBgLMTU1NTAwMDEyMzQVAgARGBIwMDExMjIzMzQ0NTU2NkFBQkIA"
	inboundUserID = "wamid.HBgTVVMuMTAwMDIwMDAzMDAwNDAwMBUUABIYFDNBMDAxMTIyMzM0NDU1NjZBQUJCAA=="
	inboundGroup  = "wamid.HBgSMTIwMzYzMDAwMDAwMDAwMDAxFQgAEhgWM0VCMDAwMTEyMjMzNDQ1NTY2QUFCQhwYCzE1NTUwMDAxMjM0FQIAAA=="
	callID        = "wacid.HBgLMTU1NTAwMDEyMzQVAgASGCAwMDExMjIzMzQ0NTU2Njc3ODg5OUFBQkJDQ0RERUVGRhwYCzE1NTUwMDA1Njc4FQIAFRoA"
	legacyOut     = "gBGGFVUAASNPAgkAESIzRFVmqrs"
	lidCall       = "wacid.HBgPMjAwNzU2OTA0ODY5OTY1FRIAEhggMjQ4QzUwOUQ1REQ0NDUwNENEQzRFMTgwRTNGQjAwNjEcGAsxMjE0NTU1MTg2ORUCAAA"
)

// content is what an id says, with the person in clear.
type content struct {
	Person, Stanza, Group, Form string
	FromBusiness                bool
}

func contentOf(id meta.ID) content {
	who := id.Person()
	return content{
		Person: who.Number.Reveal() + who.UserID.Reveal(), Stanza: id.Stanza(), Group: id.Group(), Form: id.Form(),
		FromBusiness: id.FromBusiness(),
	}
}

// documented are the ids whose content webhooks.md section 4 gives.
func documented() map[string]struct {
	id   string
	want content
} {
	return map[string]struct {
		id   string
		want content
	}{
		"row 1, inbound": {
			"wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQTRBNjU5OUFFRTAzODEwMTQ0RgA=",
			content{Person: "16503879439", Stanza: "3A4A6599AEE03810144F"},
		},
		"row 2, inbound": {
			"wamid.HBgLMTY1MDU1NTEyMzQVAgASGBQzRUIwQTk4NkNGMUZCMDZERTREMAA=",
			content{Person: "16505551234", Stanza: "3EB0A986CF1FB06DE4D0"},
		},
		"row 5, outbound": {
			"wamid.HBgLMTY0NjcwNDM1OTUVAgARGBI1RjQyNUE3NEYxMzAzMzQ5MkEA",
			content{Person: "16467043595", Stanza: "5F425A74F13033492A", FromBusiness: true},
		},
		"row 6, a number of 12 digits": {
			"wamid.HBgMNDQ3ODI1MDYzOTQxFQIAERgSN0MzMTg0Nzk2RkMwOEQ5NTQ2AA==",
			content{Person: "447825063941", Stanza: "7C3184796FC08D9546", FromBusiness: true},
		},
		"row 9, system": {
			"wamid.HBgLMTk4MzU1NTE5NzQVAgASGAoxMTgyMDg2MjY3AA==",
			content{Person: "19835551974", Stanza: "1182086267"},
		},
		"row 10, product inquiry": {
			"wamid.HBgLMTY1MDM4Nzk0MzkVAgARGA9wcm9kdWN0X2lucXVpcnkA",
			content{Person: "16503879439", Stanza: "product_inquiry", FromBusiness: true},
		},
		"row 16, a call": {
			"wacid.HBgLMTIxOTU1NTA3MTQVAgASGCAzODg1NTE5NEU1NTBEMTc1RTFFQUY5NjNCQ0FCRkEzRhwYCzE3MDE1NTU4ODU3FQIAAA==",
			content{Person: "12195550714", Stanza: "38855194E550D175E1EAF963BCABFA3F"},
		},
		"row 17, a call of a LID, no padding": {
			lidCall,
			content{Stanza: "248C509D5DD44504CDC4E180E3FB0061", Form: "r"},
		},
		"synthetic, inbound, phone": {inboundPhone, content{Person: "15550001234", Stanza: "3A00112233445566AABB"}},
		"synthetic, outbound, phone": {
			outboundPhone,
			content{Person: "15550001234", Stanza: "00112233445566AABB", FromBusiness: true},
		},
		"synthetic, inbound, user id": {inboundUserID, content{Person: "US.1000200030004000", Stanza: "3A00112233445566AABB"}},
		"synthetic, group": {
			inboundGroup,
			content{Person: "15550001234", Stanza: "3EB000112233445566AABB", Group: "120363000000000001"},
		},
		"synthetic, a call with field 5": {callID, content{Person: "15550001234", Stanza: "00112233445566778899AABBCCDDEEFF"}},
		"synthetic, legacy": {
			legacyOut,
			content{Person: "15550001234", Stanza: "00112233445566AABB", FromBusiness: true, Form: "lnr"},
		},
		"legacy, an even count of digits": {
			"gBEGkYiEB1VXAglK1ZEqA1YKPrU",
			content{Person: "918884075557", Stanza: "4AD5912A03560A3EB5", FromBusiness: true, Form: "lnr"},
		},
		"legacy, a call": {
			"wacid.ABGGFjFVU2AfAgo6V-Hc5eCgK5Gh",
			content{Person: "16315553601", Stanza: "3A57E1DCE5E0A02B91A1", Form: "lu"},
		},
		"legacy, outbound": {
			"gBGGFmkiWVVPAgkgQkwi7IORac0",
			content{Person: "16692259554", Stanza: "20424C22EC839169CD", FromBusiness: true, Form: "lnr"},
		},
		"legacy, inbound": {
			"ABGGFmkiWVVPAgo-sKD87hgxPHdF",
			content{Person: "16692259554", Stanza: "3EB0A0FCEE18313C7745", Form: "lnu"},
		},
		"legacy with a prefix": {
			"wamid.gBGGSFcCNEOPAgkO_KJ55r4w_ww",
			content{Person: "48570234438", Stanza: "0EFCA279E6BE30FF0C", FromBusiness: true, Form: "lur"},
		},
	}
}

func TestParseIDReadsTheDocumentedIDs(t *testing.T) {
	t.Parallel()
	for name, c := range documented() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			id, err := meta.ParseID(c.id)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, contentOf(id)); diff != "" {
				t.Errorf("content (-want +got):\n%s", diff)
			}
			if got := id.Reveal(); got != c.id {
				t.Errorf("came back as %q", got)
			}
		})
	}
}

// thrift writes bytes of section 4's byte map: numbers become one byte each,
// strings their length (as varint) and their bytes.
func thrift(fields ...any) []byte {
	var out []byte
	for _, f := range fields {
		switch f := f.(type) {
		case int:
			out = append(out, byte(f))
		case string:
			if len(f) > 127 {
				out = append(out, byte(len(f)&0x7f|0x80))
				out = append(out, byte(len(f)>>7))
			} else {
				out = append(out, byte(len(f)))
			}
			out = append(out, f...)
		}
	}
	return out
}

func wamid(fields ...any) string {
	return "wamid." + base64.StdEncoding.EncodeToString(thrift(fields...))
}

const (
	user = "15550001234"
	key  = "3A00112233445566AABB"
)

func TestParseIDReadsWhatIsRare(t *testing.T) {
	t.Parallel()
	longUserID := "US." + strings.Repeat("a", 128)
	std := wamid(0x1c, 0x18, user, 0x15, 2, 0, 0x12, 0x18, "\xff\xff\xff", 0)
	four := wamid(0x1c, 0x18, user, 0x15, 2, 0, 0x12, 0x18, "\xff\xff\xff\xff", 0)
	for name, c := range map[string]struct {
		id   string
		want content
	}{
		"the thrift helper writes the synthetic id": {
			wamid(0x1c, 0x18, user, 0x15, 2, 0, 0x12, 0x18, key, 0),
			content{Person: user, Stanza: key},
		},
		"a length of two bytes": {
			wamid(0x1c, 0x18, longUserID, 0x15, 0x14, 0, 0x12, 0x18, key, 0),
			content{Person: longUserID, Stanza: key},
		},
		"field 5 without field 4": {
			wamid(0x1c, 0x18, user, 0x15, 2, 0, 0x12, 0x18, key, 0x25, 0x1a, 0),
			content{Person: user, Stanza: key},
		},
		"a user id as participant": {
			wamid(0x1c, 0x18, "120363000000000001", 0x15, 8, 0, 0x12, 0x18, key, 0x1c, 0x18, "US.1", 0x15, 0x14, 0, 0),
			content{Person: "US.1", Stanza: key, Group: "120363000000000001"},
		},
		"a group without a participant names nobody": {
			wamid(0x1c, 0x18, "120363000000000001", 0x15, 8, 0, 0x12, 0x18, key, 0),
			content{Stanza: key, Group: "120363000000000001"},
		},
		"a LID as participant is nobody": {
			wamid(0x1c, 0x18, "120363000000000001", 0x15, 8, 0, 0x12, 0x18, key, 0x1c, 0x18, "200756904869965", 0x15, 0x12, 0, 0),
			content{Stanza: key, Group: "120363000000000001"},
		},
		"a number with a plus sign is nobody": {wamid(0x1c, 0x18, "+"+user, 0x15, 2, 0, 0x12, 0x18, key, 0), content{Stanza: key}},
		"a word as user id is nobody":         {wamid(0x1c, 0x18, "someone", 0x15, 0x14, 0, 0x12, 0x18, key, 0), content{Stanza: key}},
		"no user is nobody":                   {wamid(0x1c, 0x18, "", 0x15, 2, 0, 0x12, 0x18, key, 0), content{Stanza: key}},
		"without a prefix": {
			strings.TrimPrefix(inboundPhone, "wamid."),
			content{Person: user, Stanza: key, Form: "n"},
		},
		"without padding":       {strings.TrimRight(inboundPhone, "="), content{Person: user, Stanza: key, Form: "r"}},
		"the standard alphabet": {std, content{Person: user, Stanza: "\xff\xff\xff"}},
		"the URL alphabet":      {strings.ReplaceAll(std, "/", "_"), content{Person: user, Stanza: "\xff\xff\xff", Form: "u"}},
		"the URL alphabet without padding": {
			strings.TrimRight(strings.ReplaceAll(four, "/", "_"), "="),
			content{Person: user, Stanza: "\xff\xff\xff\xff", Form: "ur"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			id, err := meta.ParseID(c.id)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, contentOf(id)); diff != "" {
				t.Errorf("content (-want +got):\n%s", diff)
			}
			if got := id.Reveal(); got != c.id {
				t.Errorf("came back as %q, was %q", got, c.id)
			}
		})
	}
	if !strings.Contains(std, "/") {
		t.Error("the row of the standard alphabet has none of its letters")
	}
}

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
