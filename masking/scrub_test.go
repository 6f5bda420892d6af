package masking_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"bauta/masking"
)

// notations writes a number of digits in every way that promise 1 names. The
// national form of the number stands behind its first digit, the code of North America.
func notations(digits string) map[string]string {
	national := digits[1:]
	script := func(zero rune) string {
		return strings.Map(func(r rune) rune { return zero + r - '0' }, digits)
	}
	every := func(format string) string {
		var b strings.Builder
		for _, r := range digits {
			fmt.Fprintf(&b, format, r)
		}
		return b.String()
	}
	between := func(separator string) string { return strings.Join(strings.Split(digits, ""), separator) }
	encode := func(e *base64.Encoding, text string) string { return e.EncodeToString([]byte(text)) }
	return map[string]string{
		"digits":                   digits,
		"plus":                     "+" + digits,
		"full-width plus":          "\uff0b" + digits,
		"dialled zeros":            "00" + digits,
		"national":                 national,
		"trunk zero":               "0" + national,
		"both zeros":               "+" + digits[:1] + " (0) " + national,
		"spaces":                   between(" "),
		"no-break spaces":          between("\u00a0"),
		"narrow no-break spaces":   between("\u202f"),
		"zero-width spaces":        between("\u200b"),
		"zero-width joiners":       between("\u200d"),
		"soft hyphens":             between("\u00ad"),
		"dots":                     between("."),
		"dashes":                   between("-"),
		"en dashes":                between("\u2013"),
		"slashes":                  between("/"),
		"commas":                   between(", "),
		"stars":                    between("*"),
		"line breaks":              between("\n"),
		"parentheses":              "+" + digits[:1] + " (" + national[:3] + ") " + national[3:6] + "-" + national[6:],
		"keycaps":                  between("\ufe0f\u20e3") + "\ufe0f\u20e3",
		"arabic-indic digits":      script('\u0660'),
		"persian digits":           script('\u06f0'),
		"devanagari digits":        script('\u0966'),
		"full-width digits":        script('\uff10'),
		"bold mathematical digits": script('\U0001d7ce'),
		"chakma digits":            script('\U00011136'),
		"percent":                  every("%%%02X"),
		"percent of arabic digits": url.QueryEscape(script('\u0660')),
		"percent, twice":           every("%%25%02X"),
		"percent, three times":     every("%%2525%02x"),
		"percent separators":       url.PathEscape(between(" ")),
		"JSON escapes":             every(`\u%04x`),
		"JSON escapes, twice":      every(`\\u%04x`),
		"JavaScript escapes":       every(`\u{%x}`),
		"old JavaScript escapes":   every("%%u%04x"),
		"byte escapes":             every(`\x%02x`),
		"escapes of 32 bits":       strings.Trim(strconvQuoteASCII(script('\U0001d7ce')), `"`),
		"pairs of surrogates":      strings.Trim(escapeAll(script('\U0001d7ce')), `"`),
		"character references":     every("&#%d;"),
		"references in hex":        every("&#x%x;"),
		"quoted-printable":         every("=%02X"),
		"quoted-printable, folded": digits[:4] + "=\r\n" + digits[4:],
		"percent quoted-printable": strings.ReplaceAll(every("=%02X"), "=", "%3D"),
		"vCard folding":            digits[:5] + "\r\n " + digits[5:],
		"vCard":                    "BEGIN:VCARD\r\nTEL;type=CELL;waid=" + digits + ":+" + digits + "\r\nEND:VCARD",
		"wa.me":                    "https://wa.me/" + digits + "?text=hi",
		"api link":                 "https://api.whatsapp.com/send?phone=" + digits,
		"tel link":                 "tel:+" + digits,
		"sip link":                 "sip:+" + digits + "@wa.meta.vc",
		"jid":                      digits + "@s.whatsapp.net",
		"in a longer run":          "77" + digits + "88",
		"after letters":            "tel" + digits + "x",
		"JSON in text":             `{"phone":"` + digits + `"}`,
		"base64":                   encode(base64.StdEncoding, digits),
		"base64, second alignment": encode(base64.StdEncoding, "x"+digits),
		"base64, third alignment":  encode(base64.StdEncoding, "xy"+digits),
		"base64 url, raw":          encode(base64.RawURLEncoding, "~~?"+digits+"~~?"),
		"base64, folded":           encode(base64.StdEncoding, digits)[:7] + "\r\n " + encode(base64.StdEncoding, digits)[7:],
		"base64 of separators":     encode(base64.StdEncoding, between(" ")),
		"base64 of arabic digits":  encode(base64.StdEncoding, script('\u0660')),
		"base64 of base64":         encode(base64.StdEncoding, encode(base64.StdEncoding, digits)),
		"base64 inside of letters": "abc" + encode(base64.RawStdEncoding, digits),
		"base64 in percent":        url.QueryEscape(encode(base64.StdEncoding, "?>~"+digits+"?>~")),
		"legacy message id":        legacyID(digits),
	}
}

func strconvQuoteASCII(text string) string { return fmt.Sprintf("%+q", text) }

// legacyID packs digits as webhooks.md section 4 shows at its end.
func legacyID(digits string) string {
	packed := []byte{0x80, 0x11, byte((len(digits) + 1) / 2)}
	padded := digits
	if len(digits)%2 == 1 {
		padded += "?" // 0x3f: its low half is the filler F
		packed[2] |= 0x80
	}
	for i := 0; i < len(padded); i += 2 {
		packed = append(packed, padded[i]<<4|padded[i+1]&15)
	}
	packed = append(packed, 2, 9, 0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0xaa, 0xbb)
	return base64.RawURLEncoding.EncodeToString(packed)
}

func TestLegacyIDOfTheTestIsThePlatforms(t *testing.T) {
	t.Parallel()
	// webhooks.md section 4, synthetic vectors: 1 555 000 1234.
	if got, want := legacyID("15550001234"), "gBGGFVUAASNPAgkAESIzRFVmqrs"; got != want {
		t.Errorf("legacyID = %s, want %s", got, want)
	}
}

// positions are documents with a place for one JSON value.
func positions() map[string]string {
	return map[string]string{
		"a text":               `{"value":{"message":{"text":{"body":%s}}}}`,
		"an unknown key":       `{"value":{"message":{"novelty":%s}}}`,
		"an unknown object":    `{"novelty":{"a":[1,{"b":%s}]}}`,
		"a profile name":       `{"value":{"contact":{"profile":{"name":%s}}}}`,
		"a card":               `{"value":{"message":{"phones":[{"phone":%s}]}}}`,
		"an error text":        `{"value":{"message":{"errors":[{"title":%s}]}}}`,
		"a broken JSON string": `{"value":{"message":{"interactive":{"response_json":%s}}}}`,
		"a name":               `{"novelty":{%s:1}}`,
		"a user id's place":    `{"value":{"message":{"from_user_id":%s}}}`,
	}
}

func TestEveryNotationAtEveryPosition(t *testing.T) {
	t.Parallel()
	for notation, text := range notations(adaNumber) {
		for position, document := range positions() {
			for style, quoted := range map[string]string{
				"plain": quote(t, text), "in a sentence": quote(t, "Hi, \u00e9 "+text+" bye"), "escaped": escapeAll(text),
			} {
				t.Run(notation+" in "+position+", "+style, func(t *testing.T) {
					t.Parallel()
					in := fmt.Sprintf(document, quoted)
					got := rewriteOf(t, jobOf(t, in, masking.ShapeUserID, ada(t), shown(bea(t))))
					assertHidden(t, string(got.Body))
					if strings.Contains(string(got.Body), text) {
						t.Errorf("the notation is still there\n in  %s\n got %s", in, got.Body)
					}
					if !got.Changed {
						t.Errorf("Changed is false\n in  %s\n got %s", in, got.Body)
					}
					if again := rewriteOf(t, jobOf(t, string(got.Body), masking.ShapeUserID, ada(t))); string(again.Body) != string(got.Body) {
						t.Errorf("masked twice\n got %s\nwant %s", again.Body, got.Body)
					}
				})
			}
		}
	}
}

func quote(tb testing.TB, text string) string {
	tb.Helper()
	quoted, err := json.Marshal(text)
	if err != nil {
		tb.Fatal(err)
	}
	return string(quoted)
}

// escapeAll writes a JSON string of nothing but escapes.
func escapeAll(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		if r > 0xffff {
			r -= 0x10000
			fmt.Fprintf(&b, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
			continue
		}
		fmt.Fprintf(&b, `\u%04X`, r)
	}
	b.WriteByte('"')
	return b.String()
}

// assertHidden is a simple oracle: every string of the document, decoded and
// without anything but ASCII digits, holds neither Ada's number nor her user id.
func assertHidden(tb testing.TB, body string) {
	tb.Helper()
	var document any
	if err := json.Unmarshal([]byte(body), &document); err != nil {
		tb.Fatalf("not JSON: %v\n%s", err, body)
	}
	var b strings.Builder
	collect(document, &b)
	for _, secret := range []string{adaNumber, adaNumber[1:], adaID[3:], adaParent[7:]} {
		if strings.Contains(b.String(), secret) {
			tb.Errorf("%s can be read from %s", secret, body)
		}
	}
}

func collect(v any, b *strings.Builder) {
	switch v := v.(type) {
	case string:
		for _, r := range v {
			if '0' <= r && r <= '9' {
				b.WriteRune(r)
			}
		}
		b.WriteByte(' ')
	case float64:
		fmt.Fprintf(b, "%.0f ", v)
	case []any:
		for _, e := range v {
			collect(e, b)
		}
	case map[string]any:
		for k, e := range v {
			collect(k, b)
			collect(e, b)
		}
	}
}
