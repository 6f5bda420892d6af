package held

import (
	"errors"
	"testing"

	"bauta/redis/lanes/element"
)

// What is read of a record in Redis is one or malformed, whatever stands there.
func FuzzRecords(f *testing.F) {
	for _, text := range []string{
		"{}\nsealed", "{\"e\":\"a\",\"f\":\"messages\"}\n", "", "\n", "null\n\n\n", "[]\nx", "{\"at\":1e400}\nx", "\xff\n",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		_, sealed, err := parse(text)
		if err != nil && !errors.Is(err, element.ErrMalformed) || err == nil && len(sealed) >= len(text) {
			t.Errorf("%q: %q, %v", text, sealed, err)
		}
	})
}
