package leak_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bauta/masking"
	"bauta/masking/leak"
)

const american = "15550001234"

func number(text string) masking.Number {
	n, _ := masking.ParseNumber(text) // the zero Number for ""
	return n
}

func userID(text string) masking.UserID {
	u, _ := masking.ParseUserID(text)
	return u
}

func secrets(numbers ...string) leak.Secrets {
	s := leak.Secrets{Opaque: map[string]bool{"timestamp": true, "id": true}}
	for _, n := range numbers {
		s.Numbers = append(s.Numbers, number(n))
	}
	return s
}

func users(ids ...string) leak.Secrets {
	var s leak.Secrets
	for _, id := range ids {
		s.UserIDs = append(s.UserIDs, userID(id))
	}
	return s
}

// body puts text, already escaped for JSON, where a message's text stands.
func body(text string) []byte {
	return []byte(`{"entry":[{"changes":[{"value":{"messages":[{"timestamp":"1749416383","text":{"body":"` + text + `"}}]}}]}]}`)
}

const bodyPath = "entry[0].changes[0].value.messages[0].text.body"

func escaped(text string) string {
	var out strings.Builder
	for _, r := range text {
		fmt.Fprintf(&out, `\u%04x`, r)
	}
	return out.String()
}

func percent(text string) string {
	var out strings.Builder
	for _, b := range []byte(text) {
		fmt.Fprintf(&out, "%%%02X", b)
	}
	return out.String()
}

func script(zero rune, text string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return zero + r - '0'
		}
		return r
	}, text)
}

func bcd(text string) []byte {
	if len(text)%2 == 1 {
		text += "f"
	}
	packed, _ := hex.DecodeString(text)
	return packed
}

func std(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

// notations are the ways of promise 1 to write a number.
func notations(number string) map[string]string {
	n := number
	json := `{"phone":"+` + n + `"}`
	return map[string]string{
		"digits":                         n,
		"with a plus sign":               "+" + n,
		"with 00":                        "00" + n,
		"with 011":                       "011" + n,
		"the national form":              n[1:],
		"the national form with a zero":  "0" + n[1:],
		"with spaces":                    "+1 555 000 1234",
		"with brackets":                  "+1 (555) 000-1234",
		"with dots":                      "1.555.000.1234",
		"with slashes, escaped":          `1\/555\/000\/1234`,
		"with line breaks, escaped":      `1\n555\r\n000\t1234`,
		"with a no-break space":          "1\u00a0555\u00a0000\u00a01234",
		"with a no-break space, escaped": `1\u00a0555\u00a0000\u00a01234`,
		"with marks of direction":        "\u202a+1\u200e 555\u2011000\u20111234\u202c",
		"with zero-width spaces":         strings.Join(strings.Split(n, ""), "\u200b"),
		"as keycaps":                     strings.Join(strings.Split(n, ""), "\ufe0f\u20e3") + "\ufe0f\u20e3",
		"in adjacent strings":            `1555","000","1234`,
		"in an indented array":           "1555\",\n        \"000\",\n        \"1234",
		"touched by letters":             "tel" + n + "x",
		"at the end of longer digits":    "99" + n,
		"at the start of longer digits":  n + "77",
		"Arabic-Indic digits":            script('\u0660', n),
		"Devanagari digits, escaped":     escaped(script('\u0966', n)),
		"full-width digits":              script('\uff10', n),
		"mathematical digits":            script('\U0001d7ce', n),
		"mathematical digits, escaped":   `\ud835\udfcf\ud835\udfd3\ud835\udfd3\ud835\udfd3000\ud835\udfcf\ud835\udfd0\ud835\udfd1\ud835\udfd2`,
		"raised digits":                  "\u00b9\u2075\u2075\u2075\u2070\u2070\u2070\u00b9\u00b2\u00b3\u2074",
		"circled digits":                 "\u2460\u2464\u2464\u2464\u24ea\u24ea\u24ea\u2460\u2461\u2462\u2463",
		"negative circled digits":        "\u2776\u277a\u277a\u277a000\u2776\u2777\u2778\u2779",
		"sans-serif circled digits":      "\u2780\u2784\u2784\u2784000\u278a\u278b\u278c\u278d",
		"JSON escapes":                   escaped(n),
		"one digit escaped":              n[:9] + escaped(n[9:10]) + n[10:],
		"JSON escapes in a JSON string":  strings.ReplaceAll(escaped(n), `\`, `\\`),
		"three times escaped":            strings.ReplaceAll(escaped(n), `\`, `\\\\`),
		"hex escapes of a script":        `\\x31\\x35\\x35\\x35\\x30\\x30\\x30\\x31\\x32\\x33\\x34`,
		"percent-escaped":                percent(n),
		"percent-escaped twice":          url.QueryEscape(percent(n)),
		"percent-escaped three times":    url.QueryEscape(url.QueryEscape(percent(n))),
		"percent-escaped plus sign":      "%2B1%20555%20000%201234",
		"percent-escaped full-width":     percent(script('\uff10', n)),
		"percent-escaped code units":     strings.ReplaceAll(strings.ReplaceAll(escaped(n), `\u`, "%u"), `"`, ""),
		"a link":                         "https://wa.me/" + n,
		"a link's parameter":             "https://api.whatsapp.com/send?phone=" + n + "&text=hi",
		"a half escaped parameter":       "send?phone=155500%30%31234",
		"quoted-printable":               "=31=35=35=35=30=30=30=31=32=33=34",
		"quoted-printable separators":    "TEL:=2B1=20555=20000=201234",
		"a soft line break":              `155500=\r\n01234`,
		"base64 over a soft line break":  `MTU1NTAw=\r\nMDEyMzQ=`,
		"HTML entities":                  "&#49;&#53;&#53;&#53;&#48;&#48;&#48;&#49;&#50;&#51;&#52;",
		"HTML entities in hex":           "&#x31;&#x35;&#x35;&#x35;&#x30;&#X30;&#x30;&#x31&#x32&#x33&#x34",
		"HTML entities escaped":          "&amp;#49;&amp;#53;&amp;#53;&amp;#53;000&amp;#49;234",
		"no-break entities":              "1&nbsp;555&nbsp;000&nbsp;1234",
		"a card":                         `BEGIN:VCARD\nTEL;type=CELL;waid=` + n + `:+1 555-000-1234\nEND:VCARD`,
		"hex":                            hex.EncodeToString([]byte(n)),
		"hex behind a digit":             "a" + strings.ToUpper(hex.EncodeToString([]byte(n))),
		"base64":                         std([]byte(n)),
		"base64, one byte on":            std([]byte("x" + n)),
		"base64, two bytes on":           std([]byte("xy" + n)),
		"base64 behind another letter":   "Q" + std([]byte(n)),
		"base64 behind two letters":      "Qw" + std([]byte(n)),
		"base64 behind three letters":    "Qwe" + std([]byte(n)),
		"base64 of a formatted number":   std([]byte("+1 (555) 000-1234")),
		"base64 of other digits":         std([]byte(script('\u0660', n))),
		"base64 of escapes":              std([]byte(escaped(n))),
		"base64 of JSON":                 std([]byte(json)),
		"base64 in base64":               std([]byte(std([]byte(n)))),
		"base64 of hex":                  std([]byte(hex.EncodeToString([]byte(n)))),
		"base64, wrapped":                strings.ReplaceAll(wrap(std([]byte(strings.Repeat("-", 40)+n))), "\n", `\r\n`),
		"base64, slash escaped":          strings.ReplaceAll(std([]byte("\xff\xff\xff"+n)), "/", `\/`),
		"base64url":                      base64.RawURLEncoding.EncodeToString([]byte("\xfb\xff\xfe" + n)),
		"base64, percent-escaped":        url.QueryEscape(std([]byte("\xfb\xff\xfe" + n))),
		"packed digits":                  std(append([]byte("\x00\x11\x86"), bcd(n)...)),
		"packed digits, half a byte on":  std(bcd("7" + n)),
		"packed from the first half on":  std(append(bcd(n[2:]), 0xff, 0xff)),
		"message id":                     "wamid.HBgLMTU1NTAwMDEyMzQVAgASGBQzQTAwMTEyMjMzNDQ1NTY2QUFCQgA=",
		"group message id":               "wamid.HBgSMTIwMzYzMDAwMDAwMDAwMDAxFQgAEhgWM0VCMDAwMTEyMjMzNDQ1NTY2QUFCQhwYCzE1NTUwMDAxMjM0FQIAAA==",
		"message id without its end":     "wamid.HBgLMTU1NTAwMDEyMzQ",
		"old message id":                 "gBGGFVUAASNPAgkAESIzRFVmqrs",
	}
}

func wrap(text string) string { return text[:64] + "\n" + text[64:] }

func TestANumberIsFoundInEveryNotation(t *testing.T) {
	t.Parallel()
	rows := notations(american)
	if len(rows) < 60 {
		t.Fatalf("only %d notations", len(rows))
	}
	check := leak.New(secrets(american))
	for name, text := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, prefix := range []string{"", "me ", "é 12 ", `\"`, "a=", "order 7: "} {
				got := check.Run(body(prefix+text), nil)
				if len(got) == 0 {
					t.Fatalf("behind %q: not found", prefix)
				}
				if strings.Contains(text, "\",") {
					continue // the body is no valid JSON then
				}
				for _, f := range got {
					if f.Position != bodyPath {
						t.Errorf("behind %q: found in %s", prefix, f.Position)
					}
				}
			}
		})
	}
}

func TestTheNotationIsNamed(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		secrets leak.Secrets
		text    string
		want    string
	}{
		"digits":            {secrets(american), american, leak.Digits},
		"a short national":  {secrets("4512345678"), "12 34 56 78", leak.National},
		"base64":            {secrets(american), std([]byte(american)), leak.Base64},
		"hex":               {secrets(american), hex.EncodeToString([]byte(american)), leak.Hex},
		"packed digits":     {secrets(american), std(bcd("00" + american)), leak.BCD},
		"a user id":         {users("US.13491208655302741918"), "us.13491208655302741918", leak.UserID},
		"a user id encoded": {users("US.13491208655302741918"), std([]byte("US.13491208655302741918")), leak.UserID},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := leak.New(row.secrets).Run(body(row.text), nil)
			want := []leak.Finding{{Position: bodyPath, Notation: row.want}}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestVariantsOfOneNumber(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		number string
		found  []string
		passes []string
	}{
		"Brazil, known with the 9": {
			"5511998765432",
			[]string{"551198765432", "11 98765-432", "011 99876-5432", "0 15 11 99876 5432", "+55 (11) 9 9876-5432"},
			[]string{"5511298765432", "551188765432"},
		},
		"Brazil, known without the 9": {
			"551198765432", []string{"5511998765432", "(11) 99876-5432", "(11) 9876-5432"}, []string{"551198765433"},
		},
		"Mexico, known with the 1": {
			"5215512345678", []string{"525512345678", "55 1234 5678", "044 55 1234 5678"}, []string{"525512345679"},
		},
		"Mexico, known without the 1": {"525512345678", []string{"5215512345678"}, []string{"5215512345679"}},
		"Argentina, area of two digits": {
			"5491123456789", []string{"541123456789", "11 2345-6789", "011 15-2345-6789"}, []string{"15-2345-6788"},
		},
		"Argentina, area of three digits": {"5493511234567", []string{"0351 15-123-4567", "543511234567"}, []string{"0351 15-123-4568"}},
		"Argentina, area of four digits":  {"5492966123456", []string{"02966 15-123456", "542966123456"}, []string{"02965 15-123456"}},
		"Italy":                           {"393331234567", []string{"333 123 4567", "0039 333 1234567"}, []string{"333 123 4568"}},
		"a national part of 9 digits":     {"34612345678", []string{"612 34 56 78", "0034612345678"}, []string{"62 34 56 78", "612345679"}},
		"Denmark, 8 digits": {
			"4512345678",
			[]string{"12345678", "+45 12 34 56 78", "x4512345678901", "[12345678,5]", "012345678"},
			[]string{"912345678", "123456789", "1 12345678 9"[2:5], "112345678"},
		},
		"Niue, 4 digits":        {"6834012", []string{"6834012", "tel 4012.", "00683 4012", std([]byte{0xff, 0xf6, 0x83, 0x40, 0x12, 0xff, 0xff})}, []string{"40123", "14012"}},
		"a number of 6 digits":  {"290123", []string{"290123"}, []string{"2901234", "1290123"}},
		"written with a plus":   {"+1 555 000 1234", []string{"5550001234"}, nil},
		"no number":             {"", nil, []string{"12"}},
		"separators beyond 16":  {american, nil, []string{"155500" + strings.Repeat("-", 17) + "01234"}},
		"letters in between":    {american, nil, []string{"155500a01234"}},
		"letters beyond ASCII":  {american, nil, []string{"155500é01234"}},
		"another number":        {american, nil, []string{"15550001235", "wamid.HBgLMTU1NTAwMDU2NzgVAgASGBQzQTAwMTEyMjMzNDQ1NTY2QUFCQgA="}},
		"numbers side by side":  {american, nil, []string{"155500", "1234"}},
		"too many digits short": {american, nil, []string{"50001234"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check := leak.New(secrets(row.number))
			for _, text := range row.found {
				if len(check.Run(body(text), nil)) == 0 {
					t.Errorf("%q is not found", text)
				}
			}
			for _, text := range row.passes {
				if got := check.Run(body(text), nil); got != nil {
					t.Errorf("%q is found: %v", text, got)
				}
			}
		})
	}
}

func TestUserIDs(t *testing.T) {
	t.Parallel()
	check := leak.New(users("US.13491208655302741918", "DE.ENT.AbCdEfGhIj", "IT.abc12", ""))
	for name, text := range map[string]string{
		"as it is":           "US.13491208655302741918",
		"without country":    "13491208655302741918",
		"of another country": "IT.13491208655302741918",
		"in other case":      "aBcDeFgHiJ",
		"touched by letters": "xxabcdefghijxx",
		"short":              "it.ABC12",
		"short, in base64":   std([]byte("--IT.abc12--")),
		"in base64":          std([]byte("x US.13491208655302741918")),
		"in a message id":    "wamid." + std([]byte("\x1c\x18\x17US.13491208655302741918\x15\x14\x00\x11\x18\x04ABCD\x00")),
		"in hex":             hex.EncodeToString([]byte("DE.ENT.AbCdEfGhIj")),
		"percent-escaped":    percent("US.13491208655302741918"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := check.Run(body(text), nil); len(got) == 0 {
				t.Errorf("%q is not found", text)
			}
		})
	}
	for _, text := range []string{"US.1349120865530274191", "bcdefghij", "US.13491208655302741917", "US.99991208655302741918", "abc12"} {
		if got := check.Run(body(text), nil); got != nil {
			t.Errorf("%q is found: %v", text, got)
		}
	}
}

func TestOpaqueKeysExemptShortNationalPartsOnly(t *testing.T) {
	t.Parallel()
	check := leak.New(secrets("4512345678"))
	for name, row := range map[string]struct {
		body  string
		found bool
	}{
		"a timestamp":                     {`{"timestamp":"12345678"}`, false},
		"a timestamp, indented":           {"{ \"timestamp\" :\n\t\"12345678\" }", false},
		"a timestamp that is a number":    {`{"timestamp": 12345678 }`, false},
		"beside a layer of escapes":       {`{"a":"%41","timestamp":"12345678"}`, false},
		"all digits in a timestamp":       {`{"timestamp":"4512345678"}`, true},
		"another key":                     {`{"note":"12345678"}`, true},
		"more than digits":                {`{"timestamp":"12345678 x"}`, true},
		"separated digits":                {`{"timestamp":"1234 5678"}`, true},
		"escaped digits":                  {`{"timestamp":"\u00312345678"}`, true},
		"the key inside a string":         {`{"note":"{\"timestamp\":\"12345678\"}"}`, true},
		"the key in a string, no spaces":  {`{"note":"\"timestamp\":12345678"}`, true},
		"an array under the key":          {`{"timestamp":["12345678"]}`, true},
		"as the key itself":               {`{"12345678":"timestamp"}`, true},
		"in base64":                       {`{"timestamp":"` + std([]byte("12345678")) + `"}`, true},
		"no key at all":                   {`"12345678"`, true},
		"digits only":                     {`12345678`, true},
		"a broken body":                   {`timestamp":12345678`, true},
		"a body that ends in the value":   {`{"timestamp":"12345678`, true},
		"a colon without a key before it": {`:"12345678"`, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := check.Run([]byte(row.body), nil); (len(got) > 0) != row.found {
				t.Errorf("found %v, want found = %v", got, row.found)
			}
		})
	}
}

func TestExemptSpansAreNotRead(t *testing.T) {
	t.Parallel()
	check := leak.New(secrets(american))
	text := string(body("a " + american + " b"))
	at := strings.Index(text, american)
	for name, row := range map[string]struct {
		exempt []leak.Span
		found  bool
	}{
		"the number itself":           {[]leak.Span{{at, at + 11}}, false},
		"around it":                   {[]leak.Span{{at - 2, at + 13}}, false},
		"its middle parts it":         {[]leak.Span{{at + 5, at + 6}}, false},
		"elsewhere":                   {[]leak.Span{{0, at}}, true},
		"nothing":                     {nil, true},
		"reversed: not exempt":        {[]leak.Span{{at + 11, at}}, true},
		"outside: not exempt":         {[]leak.Span{{at, len(text) + 1}}, true},
		"negative: not exempt":        {[]leak.Span{{-1, at + 11}}, true},
		"out of order: not exempt":    {[]leak.Span{{at + 12, at + 13}, {at, at + 11}}, true},
		"two spans, the second it is": {[]leak.Span{{1, 2}, {at, at + 11}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := check.Run([]byte(text), row.exempt); (len(got) > 0) != row.found {
				t.Errorf("found %v, want found = %v", got, row.found)
			}
		})
	}
}

func TestNothingIsJoinedOverAnExemptSpan(t *testing.T) {
	t.Parallel()
	text := body("155500--01234")
	at := bytes.Index(text, []byte("--"))
	check := leak.New(secrets(american))
	if got := check.Run(text, []leak.Span{{at, at + 2}}); got != nil {
		t.Errorf("found %v", got)
	}
	if got := check.Run(text, nil); len(got) == 0 {
		t.Error("not found without the exempt span")
	}
}

func TestPositionsHoldNoSecret(t *testing.T) {
	t.Parallel()
	check := leak.New(leak.Secrets{
		Numbers: []masking.Number{number(american)},
		UserIDs: []masking.UserID{userID("US.abcdefghijk")},
	})
	for name, row := range map[string]struct{ body, want string }{
		"a key that is the number":   {`{"a":{"15550001234":1}}`, "a.*"},
		"a key that is a user id":    {`{"abcdefghijk":1}`, "*"},
		"below such a key":           {`{"x":{"abcdefghijk":["15550001234"]}}`, "x.*"},
		"not JSON":                   {`{"a" "15550001234"`, "byte 16"},
		"behind an escape, not JSON": {`x \u0041 15550001234`, "byte 19"},
		"a bare value":               {`15550001234`, "byte 10"},
		"deep behind exempt text":    {`{"a":"zzzz","b":["\/","%31 15550001234"]}`, "b[1]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := strings.Index(row.body, "zz")
			got := check.Run([]byte(row.body), []leak.Span{{at, at + 2}})
			if len(got) == 0 || got[0].Position != row.want {
				t.Fatalf("got %v, want position %s", got, row.want)
			}
			for _, f := range got {
				if strings.Contains(f.Position, american) || strings.Contains(f.Position, "abcdefghijk") {
					t.Errorf("the position tells the secret: %s", f.Position)
				}
			}
		})
	}
}

func TestFindingsAreBounded(t *testing.T) {
	t.Parallel()
	many := "[" + strings.TrimSuffix(strings.Repeat(`"15550001234 x",`, 5000), ",") + "]"
	if got := leak.New(secrets(american)).Run([]byte(many), nil); len(got) == 0 || len(got) > 32 {
		t.Errorf("%d findings, want 1 to 32", len(got))
	}
	if got := leak.New(leak.Secrets{}).Run([]byte(many), nil); got != nil {
		t.Errorf("no secrets, and found %v", got)
	}
}

func TestAPoolServesManyAtOnce(t *testing.T) {
	t.Parallel()
	pool := leak.NewPool()
	for i := range 50 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			own := fmt.Sprintf("1555%07d", i*7919)
			check := pool.Check(secrets(own))
			if len(check.Run(body(std([]byte(own))), nil)) == 0 {
				t.Error("its own number is not found")
			}
			if got := check.Run(body(fmt.Sprintf("1555%07d", i*7919+1)), nil); got != nil {
				t.Errorf("another one is found: %v", got)
			}
		})
	}
}

func TestManyPeopleAreAllFound(t *testing.T) {
	t.Parallel()
	var all []string
	for i := range 1000 {
		all = append(all, fmt.Sprintf("55119%08d", 10000000+i*1000))
	}
	s := secrets(all...)
	for i := range 100 {
		s.UserIDs = append(s.UserIDs, userID(fmt.Sprintf("BR.%016d", 1377445254222162+i)))
	}
	check := leak.New(s)
	for _, number := range all {
		if len(check.Run(body(number), nil)) == 0 || len(check.Run(body(std(bcd(number))), nil)) == 0 {
			t.Fatal("one of many is not found")
		}
	}
	if len(check.Run(body("BR.1377445254222211"), nil)) == 0 {
		t.Error("one user id of many is not found")
	}
}
