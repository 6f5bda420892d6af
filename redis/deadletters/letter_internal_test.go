package deadletters

import (
	"errors"
	"testing"

	"bauta/redis/lanes/element"
)

// What is read of a list in Redis is a dead letter or malformed, whatever stands there.
func FuzzLetters(f *testing.F) {
	for _, text := range []string{
		"1789000000000 3 1788999999000\n{\"conversation\":\"a\",\"reason\":\"refused\",\"status\":422}\n1 x", "", "\n\n", "1 2 3\n{}\n", "1 2\n{}\n", "a b c\n{}\n",
		"1 2 3\n[]\nx", "9223372036854775808 1 1\n{}\nx", "-1 -1 -1\nnull\n\x00",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		at := location{shard: 1, business: "acme", endpoint: "crm", member: "1789000000000-a"}
		letter, err := parseLetter(text, at)
		switch {
		case err != nil && !errors.Is(err, element.ErrMalformed):
			t.Errorf("%q: %v", text, err)
		case err == nil && (letter.Lane.Business != "acme" || letter.Lane.Endpoint != "crm" || letter.ID != at.id()):
			t.Errorf("%q: %v", text, letter.Lane)
		}
	})
}
