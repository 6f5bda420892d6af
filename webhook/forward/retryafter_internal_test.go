package forward

import (
	"testing"
	"time"
)

// Whatever an endpoint asks for, it is neither in the past nor longer than a day.
func FuzzRetryAfter(f *testing.F) {
	for _, value := range []string{
		"", "0", "120", "99999999999999999999", "-1", "1.5", " 5 ", "+5", "0x10", "Fri, 31 Dec 1999 23:59:59 GMT", "Mon, 23 Nov 2026 05:00:10 GMT",
		"Fri, 31 Dec 9999 23:59:59 GMT", "Monday, 23-Nov-26 05:00:10 GMT", "١٢٠",
	} {
		f.Add(value)
	}
	now := time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, value string) {
		if got := retryAfter(value, now); got < 0 || got > maxRetryAfter {
			t.Errorf("%q: %v", value, got)
		}
	})
}
