package masking_test

import (
	"strings"
	"testing"

	"bauta/masking"
)

// Digits that Unicode does not call decimal, as Ada's number (1 650 555 0142).
func TestDigitsThatAreNotDecimal(t *testing.T) {
	t.Parallel()
	spell := func(zero string, one rune) string {
		var b strings.Builder
		for _, d := range adaNumber {
			if d == '0' {
				b.WriteString(zero)
			} else {
				b.WriteRune(one + d - '1')
			}
		}
		return b.String()
	}
	superscript := strings.NewReplacer("\u2071", "\u00b9", "\u2072", "\u00b2", "\u2073", "\u00b3").Replace(spell("\u2070", '\u2071'))
	for name, text := range map[string]string{
		"superscripts":           superscript,
		"subscripts":             spell("\u2080", '\u2081'),
		"circled":                spell("\u24ea", '\u2460'),
		"parenthesised":          spell("0", '\u2474'),
		"with a full stop":       spell("0", '\u2488'),
		"in double circles":      spell("\u24ff", '\u24f5'),
		"in black circles":       spell("\u24ff", '\u2776'),
		"in sans-serif circles":  spell("\U0001f10b", '\u2780'),
		"in black circles, sans": spell("\U0001f10c", '\u278a'),
		"of five scripts":        "\uff11\U0001d7d4\u0665\u06f0" + "555" + "\u0966\u0be7" + "42",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := `{"x":` + quote(t, "a "+text+" b") + `}`
			want := `{"x":"a ` + adaLong + ` b"}`
			if got := string(rewriteOf(t, jobOf(t, in, masking.ShapeUserID, ada(t))).Body); got != want {
				t.Errorf("\n got %s\nwant %s", got, want)
			}
		})
	}
}

func TestWhatIsNoDigitSeparatesOrStops(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		text   string
		masked bool
	}{
		"a letter of another script stops": {"1650\u0436" + "5550142", false},
		"a han character stops":            {"1650\u96fb" + "5550142", false},
		"a superscript letter stops":       {"1650\u2071" + "5550142", false},
		"a circled ten separates":          {"1650\u277f" + "5550142", true},
		"a circled eleven separates":       {"1650\u246a" + "5550142", true},
		"an emoji separates":               {"1650\U0001f4de" + "5550142", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := rewriteOf(t, jobOf(t, `{"x":`+quote(t, row.text)+`}`, masking.ShapeUserID, ada(t)))
			if want := `{"x":"` + adaLong + `"}`; row.masked != (string(got.Body) == want) || got.Changed != row.masked {
				t.Errorf("masked = %v: %s", got.Changed, got.Body)
			}
		})
	}
}

func TestBrokenEscapesAreText(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"100% of 1234567890", "%", "%4", "%zz12345", "%u12", "%u123g5", `\`, `\u`, `\u12`, `\u12g4 12345`, `\u{`, `\u{}`, `\u{110000}12345`,
		`\u{123456789}`, `\x`, `\xg0`, `\U1234`, `\UFFFFFFFF`, `\ud83d`, `\ud83d\u`, `\ud83d\u0041`, `\ude00`, `\q12345`, "&", "&#", "&#;", "&#x;", "&#49",
		"&#xg;", "&#99999999;", "&amp;12345", "=", "=4", "=zz", "=\r\n", "wamid.", "wamid.A", "A\n", "AAAAAAA1\r\n ", "AAAAAAA1==",
	} {
		in := `{"x":` + quote(t, "98765"+text) + `}`
		got := rewriteOf(t, jobOf(t, in, masking.ShapeUserID, ada(t)))
		if string(got.Body) != in || got.Changed {
			t.Errorf("a text without names changed\n in  %s\n got %s", in, got.Body)
		}
	}
}

func TestEscapesOfJSONItself(t *testing.T) {
	t.Parallel()
	in := `{"x":"\b\f\n\r\t\"\\\/ 1\u20026\n5\t0\r5\f5\b5\/0\u00a01\u002d42 \ud83d\ude00"}`
	want := `{"x":"\b\f\n\r\t\"\\\/ ` + adaLong + ` \ud83d\ude00"}`
	if got := string(rewriteOf(t, jobOf(t, in, masking.ShapeUserID, ada(t))).Body); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}
