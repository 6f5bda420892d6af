package meta_test

import (
	"encoding/base64"
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
