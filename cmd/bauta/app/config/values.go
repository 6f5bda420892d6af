package config

import (
	"errors"
	"fmt"
	"math"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// value is a scalar with a notation of its own. Its errors say what a right one
// looks like and never hold the text.
type value interface{ parse(text string) error }

// amount is a scalar that has bounds.
type amount interface{ amount() float64 }

// Day is what the unit d stands for: 24 hours.
const Day = 24 * time.Hour

// Duration is a span of time in Go's notation, with whole days in front if need be:
// 1h30m, 250ms, 90d, 7d12h, or 0.
type Duration time.Duration

// Std returns it as the standard library's.
func (d Duration) Std() time.Duration { return time.Duration(d) }

// ParseDuration reads that notation. The error says what a right one looks like.
func ParseDuration(text string) (time.Duration, error) {
	fault := errors.New("not a duration: write it with its unit, such as 30s, 10m, 72h or 90d")
	whole, rest, hasDays := strings.Cut(text, "d")
	if !hasDays {
		parsed, err := time.ParseDuration(text)
		if err != nil {
			return 0, fault
		}
		return parsed, nil
	}
	const most = uint64(math.MaxInt64 / Day)
	days, err := strconv.ParseUint(whole, 10, 64)
	if err != nil || days > most {
		return 0, fault
	}
	sum := time.Duration(days) * Day
	if rest == "" {
		return sum, nil
	}
	parsed, err := time.ParseDuration(rest)
	if err != nil || parsed < 0 || rest[0] == '+' || sum > math.MaxInt64-parsed {
		return 0, fault
	}
	return sum + parsed, nil
}

func (d *Duration) parse(text string) error {
	parsed, err := ParseDuration(text)
	*d = Duration(parsed)
	return err
}

func (d Duration) amount() float64 { return float64(d) }

// Rate is so many in a second, minute or hour: 20/s, 100/m, 5/h.
type Rate struct {
	Count int
	Per   time.Duration
}

// PerSecond returns the rate as a number per second.
func (r Rate) PerSecond() float64 {
	if r.Per <= 0 {
		return 0
	}
	return float64(r.Count) / r.Per.Seconds()
}

// String is the notation that was read.
func (r Rate) String() string {
	unit := "s"
	switch r.Per {
	case time.Minute:
		unit = "m"
	case time.Hour:
		unit = "h"
	}
	return strconv.Itoa(r.Count) + "/" + unit
}

func (r *Rate) parse(text string) error {
	count, unit, ok := strings.Cut(text, "/")
	n, err := strconv.Atoi(count)
	if !ok && err == nil {
		return errors.New("not a rate, it does not say per what: write it such as 200/s, 100/m or 5/h")
	}
	per, known := map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour}[unit]
	if !ok || err != nil || !known {
		return errors.New("not a rate: write it such as 20/s, 100/m or 5/h")
	}
	*r = Rate{Count: n, Per: per}
	return nil
}

func (r Rate) amount() float64 { return r.PerSecond() }

// Size is a number of bytes: 1048576, or 512MiB.
type Size int64

func (s *Size) parse(text string) error {
	digits, factor := text, int64(1)
	for i, unit := range []string{"KiB", "MiB", "GiB", "TiB"} {
		if rest, ok := strings.CutSuffix(text, unit); ok {
			digits, factor = strings.TrimSpace(rest), 1<<(10*(i+1))
		}
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n > math.MaxInt64/factor {
		return errors.New("not a size: write bytes, or such as 512MiB or 4GiB")
	}
	*s = Size(n * factor)
	return nil
}

func (s Size) amount() float64 { return float64(s) }

// Moment is a point in time; the zero value is none.
type Moment time.Time

// Time returns it as the standard library's.
func (m Moment) Time() time.Time { return time.Time(m) }

func (m *Moment) parse(text string) error {
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			*m = Moment(t.UTC())
			return nil
		}
	}
	return errors.New("not a time: write it such as 2026-11-30 or 2026-11-30T18:00:00Z")
}

// Prefix is an address range, or a single address.
type Prefix struct{ netip.Prefix }

func (p *Prefix) parse(text string) error {
	if addr, err := netip.ParseAddr(text); err == nil {
		p.Prefix = netip.PrefixFrom(addr.Unmap(), addr.Unmap().BitLen())
		return nil
	}
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		return errors.New("not an address or range: write it such as 10.0.0.7 or 10.0.0.0/8")
	}
	p.Prefix = prefix.Masked()
	return nil
}

func (s *Secret) parse(text string) error { //nolint:unparam // the signature is that of value
	*s = NewSecret(text)
	return nil
}

// whole is a plain integer.
func whole(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, errors.New("not a whole number")
	}
	return n, nil
}

// truth is a plain boolean; YAML 1.1's yes and on are strings in YAML 1.2.
func truth(text string) (bool, error) {
	switch text {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, fmt.Errorf("neither %s nor %s", "true", "false")
}
