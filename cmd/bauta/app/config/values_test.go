package config_test

import (
	"testing"
	"time"

	"bauta/cmd/bauta/app/config"
)

func TestADurationCanBeginWithDays(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for text, want := range map[string]time.Duration{
		"0": 0, "0d": 0, "1d": day, "90d": 90 * day, "7d12h": 7*day + 12*time.Hour, "1d1h30m": day + 90*time.Minute, "1d0s": day,
		"12h": 12 * time.Hour, "1h30m": 90 * time.Minute, "250ms": 250 * time.Millisecond, "-1h": -time.Hour, "106751d": 106751 * day,
		"106751d23h47m16s": 106751*day + 23*time.Hour + 47*time.Minute + 16*time.Second,
	} {
		if got, err := config.ParseDuration(text); err != nil || got != want {
			t.Errorf("%q is %s (%v), want %s", text, got, err, want)
		}
	}
	for _, text := range []string{
		"", "d", "90", "-1d", "+1d", "1.5d", " 1d", "1d ", "1d-1h", "1d+1h", "1d12", "1d1d", "12h1d", "1D", "soon", "106752d", "106751d24h", "99999999999999999999d",
	} {
		if got, err := config.ParseDuration(text); err == nil {
			t.Errorf("%q is %s, want a refusal", text, got)
		}
	}
}
