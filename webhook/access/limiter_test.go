package access_test

import (
	"net/netip"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bauta/webhook"
	"bauta/webhook/access"
)

// watch is a clock that only tests move.
type watch struct{ time.Time }

func newWatch() *watch { return &watch{time.Date(2026, 9, 10, 8, 0, 0, 0, time.UTC)} }

func (w *watch) now() time.Time { return w.Time }

func (w *watch) pass(d time.Duration) { w.Time = w.Add(d) }

// calls counts how many of many calls a grant may make now.
func calls(l *access.Limiter, id string, many int) (passed int) {
	for range many {
		if l.Token(webhook.Grant{ID: id}) {
			passed++
		}
	}
	return passed
}

func TestATokenHasItsOwnRate(t *testing.T) {
	t.Parallel()
	clock := newWatch()
	l := access.NewLimiter(access.Limits{Now: clock.now})
	if n := calls(l, "one", 1000); n != 400 {
		t.Errorf("%d calls at once, want 400", n)
	}
	if n := calls(l, "two", 1); n != 1 {
		t.Error("another token waits for the first")
	}
	clock.pass(time.Second)
	if n := calls(l, "one", 1000); n != 200 {
		t.Errorf("%d calls a second later, want 200", n)
	}
	clock.pass(time.Hour)
	if n := calls(l, "one", 1000); n != 400 {
		t.Errorf("%d calls after a pause, want 400", n)
	}
}

func TestLimitsAreConfigured(t *testing.T) {
	t.Parallel()
	clock := newWatch()
	l := access.NewLimiter(access.Limits{TokenRate: 2, TokenBurst: 3, SourceRate: 4, SourceBurst: 5, Now: clock.now})
	if n := calls(l, "one", 10); n != 3 {
		t.Errorf("%d calls at once, want 3", n)
	}
	if n := tries(l, "192.0.2.1", 10); n != 5 {
		t.Errorf("%d tries at once, want 5", n)
	}
	clock.pass(time.Second)
	if n, m := calls(l, "one", 10), tries(l, "192.0.2.1", 10); n != 2 || m != 4 {
		t.Errorf("a second later %d calls and %d tries, want 2 and 4", n, m)
	}
}

// tries counts how many of many wrong tokens an address may try now.
func tries(l *access.Limiter, address string, many int) (passed int) {
	from := netip.Addr{}
	if address != "" {
		from = netip.MustParseAddr(address)
	}
	for range many {
		if l.Source(from) {
			passed++
			l.Failed(from)
		}
	}
	return passed
}

func TestOnlyWrongTokensCountAgainstAnAddress(t *testing.T) {
	t.Parallel()
	clock := newWatch()
	l := access.NewLimiter(access.Limits{Now: clock.now})
	from := netip.MustParseAddr("192.0.2.1")
	for range 10_000 {
		if !l.Source(from) {
			t.Fatal("an address that gave no wrong token is refused")
		}
	}
	if n := tries(l, "192.0.2.1", 100); n != 10 {
		t.Errorf("%d wrong tokens at once, want 10", n)
	}
	for range 100 {
		l.Failed(from) // concurrent tries that were let in together make no debt
	}
	clock.pass(999 * time.Millisecond)
	if l.Source(from) {
		t.Error("it may try again in less than a second")
	}
	clock.pass(time.Millisecond)
	if n := tries(l, "192.0.2.1", 100); n != 1 {
		t.Errorf("%d tries a second later, want 1", n)
	}
}

func TestWhatCountsAsOneAddress(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name, one, two string
		same           bool
	}{
		{"two addresses", "192.0.2.1", "192.0.2.2", false},
		{"one address written as IPv6", "192.0.2.1", "::ffff:192.0.2.1", true},
		{"two addresses written as IPv6", "::ffff:192.0.2.1", "::ffff:192.0.2.2", false},
		{"one /64", "2001:db8:0:1::1", "2001:db8:0:1:ffff:ffff:ffff:ffff", true},
		{"two /64", "2001:db8:0:1::1", "2001:db8:0:2::1", false},
		{"one link with and without its zone", "fe80::1", "fe80::1%eth0", true},
		{"none at all, twice", "", "", true},
		{"none at all and the first of all", "", "::", false},
	}
	for _, row := range rows {
		l := access.NewLimiter(access.Limits{Now: newWatch().now})
		if n := tries(l, row.one, 11); n != 10 {
			t.Errorf("%s: %d tries of the one, want 10", row.name, n)
		}
		if n := tries(l, row.two, 1); (n == 0) != row.same {
			t.Errorf("%s: %d tries of the other", row.name, n)
		}
	}
}

// No more are counted at a time than Remembered: a flood forgives whom nobody saw
// for longest, and grows no memory. An address that only asks is not counted.
func TestAFloodOfAddressesNeedsNoMemory(t *testing.T) {
	t.Parallel()
	l := access.NewLimiter(access.Limits{Remembered: 100, Now: newWatch().now})
	tries(l, "192.0.2.1", 10)
	calls(l, "one", 400)
	flood := func(from, to int) {
		for n := from; n < to; n++ {
			raw := [16]byte{0: 0x20, 7: byte(n)}
			l.Failed(netip.AddrFrom16(raw))
			l.Source(netip.AddrFrom16([16]byte{0: 0x30, 7: byte(n)}))
			l.Token(webhook.Grant{ID: string(raw[:])})
		}
	}
	flood(0, 99)
	if tries(l, "192.0.2.1", 1) != 0 || calls(l, "one", 1) != 0 {
		t.Error("forgiven while there was room")
	}
	flood(99, 199)
	if tries(l, "192.0.2.1", 1) != 1 || calls(l, "one", 1) != 1 {
		t.Error("still counted beside a hundred others")
	}
}

func TestCallsAtTheSameTimeShareOneRate(t *testing.T) {
	t.Parallel()
	const ids, callers = 5000, 8
	l := access.NewLimiter(access.Limits{TokenBurst: 1, Now: newWatch().now})
	var passed atomic.Int64
	var all sync.WaitGroup
	begin := make(chan struct{})
	for range callers {
		all.Go(func() {
			<-begin
			for n := range ids {
				passed.Add(int64(calls(l, strconv.Itoa(n), 1)))
			}
			tries(l, "192.0.2.1", 200)
		})
	}
	close(begin)
	all.Wait()
	if passed.Load() != ids {
		t.Errorf("%d calls, want one for each of %d tokens", passed.Load(), ids)
	}
}
