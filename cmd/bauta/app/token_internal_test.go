package app

import (
	"testing"
	"time"
)

func TestALifetimeIsDaysOrADuration(t *testing.T) {
	t.Parallel()
	rows := []struct {
		text string
		want time.Duration
		ok   bool
	}{
		{"90d", 2160 * time.Hour, true},
		{"1d", 24 * time.Hour, true},
		{"0d", 0, true},
		{"65535d", 1572840 * time.Hour, true},
		{"65536d", 0, false},
		{"99999999999999999999d", 0, false},
		{"-1d", 0, false},
		{"+1d", 0, false},
		{"1.5d", 0, false},
		{" 1d", 0, false},
		{"d", 0, false},
		{"1d12h", 0, false},
		{"12h", 12 * time.Hour, true},
		{"1h30m", 90 * time.Minute, true},
		{"90", 0, false},
		{"", 0, false},
		{"soon", 0, false},
	}
	for _, row := range rows {
		got, err := lifetime(row.text)
		if got != row.want || (err == nil) != row.ok {
			t.Errorf("%q: %s, %v, want %s", row.text, got, err, row.want)
		}
	}
}
