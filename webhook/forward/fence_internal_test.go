package forward

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"time"
)

// While a machine is suspended its monotonic clock stands still and the wall clock does
// not; when somebody sets the wall clock it is the other way round.
func TestEitherClockClosesTheFence(t *testing.T) {
	t.Parallel()
	now := time.Now()
	soon, past := now.Add(time.Hour), now.Add(-time.Hour)
	rows := []struct {
		name             string
		monotonic, clock time.Time
		closed           bool
	}{
		{"both have time left", soon, soon, false},
		{"the machine was suspended", soon, past, true},
		{"the wall clock was set back", past, soon, true},
		{"both are over", past, past, true},
	}
	for _, row := range rows {
		f := &fenced{body: *bytes.NewReader([]byte("x")), now: func() time.Time { return now }, until: row.monotonic, wall: row.clock.Round(0)}
		if _, err := io.ReadAll(f); errors.Is(err, errStalled) != row.closed {
			t.Errorf("%s: %v, want it closed: %t", row.name, err, row.closed)
		}
	}
}
