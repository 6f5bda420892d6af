package leak_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode"

	"bauta/masking"
	"bauta/masking/leak"
)

// What is decoded from base64 is searched only if enough of its bytes can be
// digits: these are the notations with the fewest such bytes.

func TestDigitsOfEveryScriptAreFoundInBase64(t *testing.T) {
	t.Parallel()
	check := leak.New(secrets(american))
	scripts := 0
	for _, table := range unicode.Nd.R16 {
		for zero := rune(table.Lo); zero <= rune(table.Hi); zero += 10 {
			scripts++
			expectInBase64(t, check, fmt.Sprintf("digits from U+%04X", zero), script(zero, american))
			expectInBase64(t, check, fmt.Sprintf("entities from U+%04X", zero), entities(script(zero, american)))
		}
	}
	for _, table := range unicode.Nd.R32 {
		for zero := rune(table.Lo); zero <= rune(table.Hi); zero += 10 {
			scripts++
			expectInBase64(t, check, fmt.Sprintf("digits from U+%04X", zero), script(zero, american))
		}
	}
	if scripts < 60 {
		t.Errorf("only %d scripts were looked at", scripts)
	}
}

func TestEscapedDigitsAreFoundInBase64(t *testing.T) {
	t.Parallel()
	check := leak.New(secrets(american))
	for name, text := range notations(american) {
		if !strings.ContainsAny(text, `\%&=`) || strings.HasPrefix(name, "base64") {
			continue // two encodings are opened, not three
		}
		// The body's own layer of escapes is not inside the base64.
		expectInBase64(t, check, name, strings.ReplaceAll(text, `\\`, `\`))
	}
}

func TestUserIDsOfLettersAreFoundInBase64(t *testing.T) {
	t.Parallel()
	s := secrets(american)
	s.UserIDs = []masking.UserID{userID("US.abcdefgh")}
	check := leak.New(s)
	for name, text := range map[string]string{
		"as it is":           "US.abcdefgh",
		"in capitals":        "US.ABCDEFGH",
		"two letters behind": "US.abcdef%67%68",
		"two letters amid":   "US.abc%64%65fgh",
	} {
		expectInBase64(t, check, name, text)
	}
}

func expectInBase64(t *testing.T, check *leak.Check, name, text string) {
	t.Helper()
	for _, before := range []string{"", "x", "xy"} {
		if len(check.Run(body(std([]byte(before+text))), nil)) == 0 {
			t.Errorf("%s: not found in base64, %d bytes in", name, len(before))
		}
	}
}

// entities writes every character as an HTML entity in hex, as short as can be.
func entities(text string) string {
	var out strings.Builder
	for _, r := range text {
		fmt.Fprintf(&out, "&#x%x;", r)
	}
	return out.String()
}
