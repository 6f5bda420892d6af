package sharing_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"bauta/masking/sharing"
)

// keyed is a key set's PRF as tests need it: HMAC-SHA256 over label and parts.
type keyed string

func (k keyed) PRF(label string, parts ...string) (sum [32]byte) {
	mac := hmac.New(sha256.New, []byte(k))
	fmt.Fprintf(mac, "%q %q", label, parts)
	mac.Sum(sum[:0])
	return sum
}

func claims() sharing.Claims {
	return sharing.Claims{
		Business: "acme", Handle: "9041174520", Scope: "Y2FwaV9ncm91cDox", Action: sharing.ActShare,
		Question: "AAECAwQFBgcICQoL", Expires: time.Date(2026, 11, 29, 10, 0, 0, 0, time.UTC),
	}
}

// signed makes a JWS by hand: HMAC-SHA256 over header.payload (RFC 7515 appendix A.1).
func signed(key []byte, header, payload string) string {
	encode := base64.RawURLEncoding.EncodeToString
	text := encode([]byte(header)) + "." + encode([]byte(payload))
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return text + "." + encode(mac.Sum(nil))
}

func tokenKey() []byte {
	sum := keyed("one").PRF("button token", "HS256")
	return sum[:]
}

const hs256 = `{"alg":"HS256","typ":"JWT"}`

func TestATokenSaysWhatItWasIssuedFor(t *testing.T) {
	t.Parallel()
	tokens := sharing.NewTokens(keyed("one"))
	for _, action := range []sharing.Action{sharing.ActShare, sharing.ActDecline, sharing.ActWithdraw} {
		for _, scope := range []string{"", "Y2FwaV9ncm91cDox"} {
			c := claims()
			c.Action, c.Scope = action, scope
			b, ok := tokens.Read(tokens.Issue(c))
			if !ok || b.Action != action || b.Question != c.Question || !b.Expires.Equal(c.Expires) || !b.Of("acme", "9041174520", scope) {
				t.Errorf("%s in %q: %+v, %v", action, scope, b, ok)
			}
		}
	}
}

func TestAButtonIsOfOneHandleOfOneBusinessInOneScope(t *testing.T) {
	t.Parallel()
	tokens := sharing.NewTokens(keyed("one"))
	b, _ := tokens.Read(tokens.Issue(claims()))
	others := map[string][3]string{
		"another business":       {"other", "9041174520", "Y2FwaV9ncm91cDox"},
		"another handle":         {"acme", "9041174521", "Y2FwaV9ncm91cDox"},
		"another group":          {"acme", "9041174520", "Y2FwaV9ncm91cDoy"},
		"the direct chat":        {"acme", "9041174520", ""},
		"no business":            {"", "9041174520", "Y2FwaV9ncm91cDox"},
		"no handle":              {"acme", "", "Y2FwaV9ncm91cDox"},
		"names that are shifted": {"acme9041174520", "", "Y2FwaV9ncm91cDox"},
	}
	for name, o := range others {
		if b.Of(o[0], o[1], o[2]) {
			t.Errorf("the button is that of %s, too", name)
		}
	}
	if !b.Of("acme", "9041174520", "Y2FwaV9ncm91cDox") {
		t.Error("the button is not of whom it was issued for")
	}
	if (sharing.Button{}).Of("", "", "") {
		t.Error("no button at all is somebody's")
	}
}

// A token holds nothing that names anybody: the platform and the customer's phone see
// it, and what two businesses issue cannot be joined.
func TestATokenNamesNobody(t *testing.T) {
	t.Parallel()
	tokens := sharing.NewTokens(keyed("one"))
	c := claims()
	token := tokens.Issue(c)
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	var members map[string]any
	if err := json.Unmarshal(payload, &members); err != nil {
		t.Fatal(err)
	}
	if len(members) != 6 || members["q"] != c.Question || members["a"] != "s" || members["exp"] != float64(c.Expires.Unix()) {
		t.Errorf("the claims are %v", members)
	}
	for _, name := range []string{c.Business, c.Handle, c.Scope} {
		if strings.Contains(string(payload), name) {
			t.Errorf("%s holds %s", payload, name)
		}
	}
	c.Business = "other"
	for _, claim := range []string{"b", "h", "s"} {
		other, _ := base64.RawURLEncoding.DecodeString(strings.Split(tokens.Issue(c), ".")[1])
		if short, _ := members[claim].(string); len(short) != 16 || strings.Contains(string(other), short) {
			t.Errorf("claim %s is %q at two businesses", claim, short)
		}
	}
}

// The platform takes ids of buttons of at most 256 characters.
func TestTheLongestTokenFitsTheButton(t *testing.T) {
	t.Parallel()
	tokens := sharing.NewTokens(keyed("one"))
	c := sharing.Claims{
		Business: strings.Repeat("b", 200), Handle: strings.Repeat("9", 200), Scope: strings.Repeat("g", 400),
		Action: sharing.ActWithdraw, Question: strings.Repeat("_", 16), Expires: time.Date(9999, 12, 31, 23, 59, 59, 999, time.UTC),
	}
	token := tokens.Issue(c)
	b, ok := tokens.Read(token)
	if len(token) > 256 || !ok || !b.Of(c.Business, c.Handle, c.Scope) || b.Expires.Year() != 9999 {
		t.Errorf("%d characters, read: %v %+v", len(token), ok, b)
	}
	t.Logf("the longest token has %d characters", len(token))
}

func TestAnExpiredTokenIsReadAndSaysSo(t *testing.T) {
	t.Parallel()
	tokens := sharing.NewTokens(keyed("one"))
	for _, at := range []time.Time{time.Unix(0, 0), time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC), {}} {
		c := claims()
		c.Expires = at
		if b, ok := tokens.Read(tokens.Issue(c)); !ok || !b.Expires.Equal(at) {
			t.Errorf("expired at %v: %v %v", at, b.Expires, ok)
		}
	}
}

func TestWhatBautaDidNotSignIsNoToken(t *testing.T) {
	t.Parallel()
	tokens := sharing.NewTokens(keyed("one"))
	token := tokens.Issue(claims())
	parts := strings.Split(token, ".")
	payload := `{"b":"AAAAAAAAAAAAAAAA","h":"AAAAAAAAAAAAAAAA","s":"AAAAAAAAAAAAAAAA","a":"s","q":"AAAAAAAAAAAAAAAA","exp":1789000000}`
	if _, ok := tokens.Read(signed(tokenKey(), hs256, payload)); !ok {
		t.Fatal("the pattern of the forgeries is no token itself")
	}
	last := strings.IndexByte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", token[len(token)-1])
	other := sharing.NewTokens(keyed("two")).Issue(claims())
	rows := map[string]string{
		"nothing":                    "",
		"a word":                     "bauta:share",
		"one part":                   parts[0],
		"two parts":                  parts[0] + "." + parts[1],
		"four parts":                 token + "." + parts[2],
		"dots":                       "..",
		"no signature":               parts[0] + "." + parts[1] + ".",
		"a shorter signature":        token[:len(token)-4],
		"a letter before":            "a" + token,
		"a space behind":             token + " ",
		"a line break inside":        parts[0] + "." + parts[1] + ".\n" + parts[2],
		"padding":                    token + "=",
		"other trailing bits":        token[:len(token)-1] + string("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"[last+1]),
		"full-width letters":         strings.ReplaceAll(token, "e", "ｅ"),
		"bytes that are no text":     token + "\xff",
		"another deployment's":       other,
		"changed claims":             parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(payload)) + "." + parts[2],
		"no algorithm":               signed(tokenKey(), `{"alg":"none"}`, payload),
		"another spelling of a head": signed(tokenKey(), `{"typ":"JWT","alg":"HS256"}`, payload),
		"no key":                     signed(nil, hs256, payload),
		"without expiry":             signed(tokenKey(), hs256, strings.Replace(payload, `,"exp":1789000000`, "", 1)),
		"an expiry of null":          signed(tokenKey(), hs256, strings.Replace(payload, "1789000000", "null", 1)),
		"claims that are no object":  signed(tokenKey(), hs256, `[]`),
		"claims of another type":     signed(tokenKey(), hs256, strings.Replace(payload, `"s"`, `7`, 1)),
		"too long":                   signed(tokenKey(), hs256, strings.Replace(payload, `"exp"`, `"x":"`+strings.Repeat("x", 100)+`","exp"`, 1)),
	}
	for name, forged := range rows {
		if b, ok := tokens.Read(forged); ok || b != (sharing.Button{}) {
			t.Errorf("%s is taken for a token: %+v", name, b)
		}
		if name != "nothing" && strings.Contains(token, forged) && tokens.In([]byte(forged)) {
			t.Errorf("%s: a token is found in it", name)
		}
	}
}

// hidings are the ways in which a token may stand in what a business sends.
func hidings(token string) map[string]string {
	escaped := func(format string, each func(int) bool) string {
		var b strings.Builder
		for i := range len(token) {
			if each(i) {
				fmt.Fprintf(&b, format, token[i])
			} else {
				b.WriteByte(token[i])
			}
		}
		return b.String()
	}
	every := func(int) bool { return true }
	inJSON := func(text string) string {
		quoted, _ := json.Marshal(text)
		return `{"interactive":` + string(quoted) + `}`
	}
	u := `{"id":"` + escaped(`\u%04x`, every) + `"}`
	return map[string]string{
		"as it is":                           token,
		"in text":                            "please tap " + token + " now",
		"glued to letters":                   "aaa" + token + "zzz",
		"behind a line break":                `{"text":"\n` + token + `\n"}`,
		"behind the beginning of another":    token[:60] + token,
		"behind a whole header":              token[:37] + token,
		"all of it escaped":                  u,
		"in capital hex":                     `{"id":"` + escaped(`\u%04X`, every) + `"}`,
		"its first letter escaped":           `{"id":"` + escaped(`\u%04x`, func(i int) bool { return i == 0 }) + `"}`,
		"its last letter escaped":            `{"id":"` + escaped(`\u%04x`, func(i int) bool { return i == len(token)-1 }) + `"}`,
		"its dots escaped":                   `{"id":"` + strings.ReplaceAll(token, ".", `\u002e`) + `"}`,
		"a letter here and there":            `{"id":"` + escaped(`\u%04x`, func(i int) bool { return i%7 == 3 }) + `"}`,
		"percent-encoded":                    "id=" + escaped("%%%02X", every) + "&to=1",
		"its dots percent-encoded":           "id=" + strings.ReplaceAll(token, ".", "%2e"),
		"percent-encoded twice":              "id=" + url.QueryEscape(escaped("%%%02x", every)),
		"JSON in a string of JSON":           inJSON(u),
		"JSON in a string in a string":       inJSON(inJSON(u)),
		"JSON in a form":                     "interactive=" + url.QueryEscape(u),
		"JSON in a string in a form":         "interactive=" + url.QueryEscape(inJSON(u)),
		"percent-encoded in escaped JSON":    `{"url":"` + strings.ReplaceAll(escaped("%%%02x", every), "%", `\u0025`) + `"}`,
		"behind what looks like a half code": `{"id":"%5` + strings.Replace(token, "J", `\u004a`, 1) + `"}`,
		"behind a broken escape":             `\&\u00zz%zz` + `\x` + u,
		"behind bytes that are no text":      "\xff\xfe\x00" + u,
	}
}

func TestATokenIsFoundWhereverItStands(t *testing.T) {
	t.Parallel()
	tokens := sharing.NewTokens(keyed("one"))
	ours, theirs := tokens.Issue(claims()), sharing.NewTokens(keyed("two")).Issue(claims())
	for name, body := range hidings(ours) {
		if !tokens.In([]byte(body)) {
			t.Errorf("%s it is not found: %s", name, body)
		}
	}
	for name, body := range hidings(theirs) {
		if tokens.In([]byte(body)) {
			t.Errorf("%s somebody else's is taken for ours", name)
		}
	}
	for name, body := range hidings(ours[:len(ours)-1] + "?") {
		if tokens.In([]byte(body)) {
			t.Errorf("%s a cut one is taken for ours", name)
		}
	}
}

func TestABodyOfLookalikesIsTakenToHoldAToken(t *testing.T) {
	t.Parallel()
	tokens := sharing.NewTokens(keyed("one"))
	theirs := sharing.NewTokens(keyed("two")).Issue(claims())
	if tokens.In([]byte(strings.Repeat(theirs+" ", 256))) {
		t.Error("256 tokens of somebody else are taken for ours")
	}
	if !tokens.In([]byte(strings.Repeat(theirs+" ", 257))) {
		t.Error("a body of 257 was read to its end")
	}
}

func TestBodiesAreSearchedInLinearTime(t *testing.T) {
	t.Parallel()
	tokens := sharing.NewTokens(keyed("one"))
	token := tokens.Issue(claims())
	const size = 1 << 20
	for name, unit := range map[string]string{
		"nothing but headers":     token[:37],
		"nothing but beginnings":  token[:60] + " ",
		"nothing but backslashes": `\`,
		"nothing but percents":    "%25",
		"both, over and over":     `\u0025` + `%5c`,
	} {
		begun := time.Now()
		if tokens.In([]byte(strings.Repeat(unit, size/len(unit)))) {
			t.Errorf("%s: a token is found", name)
		}
		if took := time.Since(begun); took > 10*time.Second {
			t.Errorf("%s: a megabyte takes %v", name, took)
		}
	}
}

func FuzzATokenIsReadOnlyIfItWasIssued(f *testing.F) {
	tokens := sharing.NewTokens(keyed("one"))
	token := tokens.Issue(claims())
	f.Add(token, token)
	f.Add(token, `{"id":"`+strings.ReplaceAll(token, ".", `\u002e`)+`"}`)
	for _, body := range hidings(token) {
		f.Add("", body)
	}
	c := claims()
	c.Question = "BBBBBBBBBBBBBBBB"
	f.Add(tokens.Issue(c), "%65%79")
	f.Fuzz(func(t *testing.T, text, body string) {
		if b, ok := tokens.Read(text); ok {
			again := tokens.Issue(claims())
			if b.Question == claims().Question && text != again {
				t.Errorf("%q is read, and was never issued", text)
			}
			if !tokens.In([]byte(text)) {
				t.Errorf("%q is read, and not found", text)
			}
		}
		tokens.In([]byte(body))
		if !tokens.In([]byte(body + token)) {
			t.Errorf("behind %q a token is not found", body)
		}
		quoted, _ := json.Marshal(map[string]string{"id": body + " " + token})
		if !tokens.In(quoted) || !tokens.In([]byte(url.QueryEscape(string(quoted)))) {
			t.Errorf("in %s a token is not found", quoted)
		}
	})
}

func BenchmarkIn(b *testing.B) {
	tokens := sharing.NewTokens(keyed("one"))
	body := []byte(`{"messaging_product":"whatsapp","to":"IT.9041174520836617350284","type":"text","text":{"body":"` + strings.Repeat(`Gr\u00fc\u00dfe, 100 % `, 20) + `"}}`)
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		if tokens.In(body) {
			b.Fatal("found")
		}
	}
}
