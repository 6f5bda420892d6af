package e2e

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode"

	goredis "github.com/redis/go-redis/v9"
)

// sweep fails when a number can be read from a text, in the notations of
// promise 1. It is written apart from the product's own check.
func sweep(t testing.TB, what, text string, secrets ...string) {
	t.Helper()
	l := legibleIn(text)
	for _, secret := range secrets {
		if notation := l.notation(secret); notation != "" {
			t.Errorf("%s: a hidden identity can be read (%s)\n%s", what, notation, excerpt(text))
		}
	}
}

func excerpt(text string) string {
	if len(text) > 2000 {
		return text[:2000] + " ..."
	}
	return text
}

// readable names the notation in which secret stands in text, "" if it does not.
func readable(text, secret string) string { return legibleIn(text).notation(secret) }

// legible is a text as it can be read.
type legible struct {
	// plain is unescaped and in lower case, digits what digitsOf keeps of it.
	plain, digits string
	// decoded is what base64 holds, and its hexadecimal form for digits.
	decoded []string
}

func legibleIn(text string) legible {
	unescaped := unescape(text)
	return legible{plain: strings.ToLower(unescaped), digits: digitsOf(unescaped), decoded: inBase64(text)}
}

func (l legible) notation(secret string) string {
	if strings.Contains(l.plain, strings.ToLower(secret)) {
		return "plain"
	}
	hidden := secret
	if isDigits(secret) {
		// Digits of any script, with whatever stands between them.
		if strings.Contains(l.digits, secret[len(secret)-9:]) {
			return "digits with separators"
		}
		hidden = secret[1:] // national
	}
	for _, b := range l.decoded {
		if strings.Contains(b, hidden) || hidden != secret && strings.Contains(hex.EncodeToString([]byte(b)), hidden) {
			return "base64"
		}
	}
	return ""
}

func isDigits(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' }) < 0
}

// digitsOf keeps digits, and a mark where letters end a run.
func digitsOf(text string) string {
	var out strings.Builder
	for _, r := range text {
		switch {
		case unicode.IsDigit(r):
			zero := r
			for unicode.IsDigit(zero-1) && r-zero < 9 {
				zero--
			}
			out.WriteByte(byte('0' + (r-zero)%10))
		case unicode.IsLetter(r):
			out.WriteByte('|')
		}
	}
	return out.String()
}

func unescape(text string) string {
	unicodeEscape := regexp.MustCompile(`\\+u([0-9a-fA-F]{4})`)
	percent := regexp.MustCompile(`%(?:25)*([0-9a-fA-F]{2})`)
	text = unicodeEscape.ReplaceAllStringFunc(text, func(m string) string {
		var r rune
		_, _ = fmt.Sscanf(m[len(m)-4:], "%04x", &r)
		return string(r)
	})
	return percent.ReplaceAllStringFunc(text, func(m string) string {
		b, _ := hex.DecodeString(m[len(m)-2:])
		return string(b)
	})
}

// inBase64 decodes every run of the alphabets at each of the four alignments.
func inBase64(text string) []string {
	var found []string
	for _, run := range regexp.MustCompile(`[A-Za-z0-9+/_-]{8,}`).FindAllString(text, -1) {
		run = strings.NewReplacer("-", "+", "_", "/").Replace(run)
		for start := range 4 {
			if start >= len(run) {
				break
			}
			part := run[start:]
			part = part[:len(part)/4*4]
			if decoded, err := base64.StdEncoding.DecodeString(part); err == nil {
				found = append(found, string(decoded))
			}
		}
	}
	return found
}

// dump is everything a Redis holds, as text.
func dump(t testing.TB, address string) string {
	t.Helper()
	client := goredis.NewClient(&goredis.Options{Addr: address})
	defer func() { _ = client.Close() }()
	var all strings.Builder
	keys := client.Scan(t.Context(), 0, "*", 1000).Iterator()
	for keys.Next(t.Context()) {
		key := keys.Val()
		value, err := client.Do(t.Context(), "DUMP", key).Text()
		if err != nil {
			t.Fatalf("dump: %v", err)
		}
		all.WriteString(key + "\n" + value + "\n")
		all.WriteString(contents(t, client, key) + "\n")
	}
	if err := keys.Err(); err != nil {
		t.Fatalf("scan: %v", err)
	}
	if all.Len() == 0 {
		t.Fatal("the store is empty: the sweep would see nothing")
	}
	return all.String()
}

// contents is a key's value in clear: DUMP compresses.
func contents(t testing.TB, client *goredis.Client, key string) string {
	t.Helper()
	ctx := t.Context()
	switch client.Type(ctx, key).Val() {
	case "string":
		return client.Get(ctx, key).Val()
	case "hash":
		return fmt.Sprint(client.HGetAll(ctx, key).Val())
	case "list":
		return fmt.Sprint(client.LRange(ctx, key, 0, -1).Val())
	case "set":
		return fmt.Sprint(client.SMembers(ctx, key).Val())
	case "zset":
		return fmt.Sprint(client.ZRange(ctx, key, 0, -1).Val())
	}
	t.Fatalf("a key of a kind that the sweep does not know")
	return ""
}

// The sweep itself must find what it is there for.
func TestTheSweepSeesEveryNotation(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"plain":            `"from":"16505550142"`,
		"with separators":  `call +1 (650) 555-0142 now`,
		"JSON-escaped":     `\u0031\u0036\u0035\u0030\u0035\u0035\u0035\u0030\u0031\u0034\u0032`,
		"percent-escaped":  `%31%36%35%30%35%35%35%30%31%34%32`,
		"Arabic digits":    "١٦٥٠٥٥٥٠١٤٢",
		"in a message id":  `wamid.HBgLMTY1MDU1NTAxNDIVAgASGBQzQTRBNjU5OUFFRTAzODEwMTQ0RgA=`,
		"legacy BCD":       base64.RawURLEncoding.EncodeToString([]byte{0x80, 0x11, 0x86, 0x16, 0x50, 0x55, 0x50, 0x14, 0x2f, 2, 1, 7}),
		"national":         `tel:6505550142`,
		"without a 1 or +": `(650)555.0142`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if readable(text, "16505550142") == "" {
				t.Error("not found")
			}
			if readable(text, "16505550143") != "" {
				t.Error("found a number that is not there")
			}
		})
	}
	if readable(`wamid.HBgTVVMuNzQzMDAwMDAwMDAwMDAwMRUUABIYFDNBNEE2NTk5QUVFMDM4MTAxNDRGAA==`, "US.7430000000000001") == "" {
		t.Error("a user id in a message id was not found")
	}
}
