package ledger_test

import (
	"fmt"
	"sync"
	"testing"

	"bauta/redis"
	"bauta/redis/redistest"
)

// sizes is what the parts of a ledger take in memory, keys included.
func (r *room) sizes() (list, head, ids float64, parts, packed int) {
	r.Helper()
	names, client := r.store.Keys(), r.store.Client()
	size := func(key string) float64 {
		n, err := client.MemoryUsage(r.Context(), key, 0).Result()
		check(r, err)
		return float64(n)
	}
	found, err := client.Keys(r.Context(), "bauta:{*}:ledgerids:acme:*").Result()
	check(r, err)
	for _, key := range found {
		ids += size(key)
		parts++
		if client.ObjectEncoding(r.Context(), key).Val() == "intset" {
			packed++
		}
	}
	return size(names.Ledger(acme)), size(names.LedgerHead(acme)), ids, parts, packed
}

// The bounds are those of the key table in redis/KEYS.md.
func TestALineIsSmall(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		lines     int
		line, ids float64 // bytes a line, at most
	}{
		{10, 700, 30},
		{300, 600, 16},
		{1000, 600, 32},
		{10_000, 600, 16},
		{40_000, 600, 40},
	} {
		t.Run(fmt.Sprintf("of %d", row.lines), func(t *testing.T) {
			t.Parallel()
			r := newRoom(t, redistest.Standalone(t).Open(t, redis.Options{}))
			for n := 0; n < row.lines; n += 1000 {
				r.add(lines(n, min(n+1000, row.lines))...)
			}
			list, head, ids, parts, packed := r.sizes()
			entries := float64(row.lines)
			t.Logf("a line %.0f B, its id %.1f B in %d parts, the head %.0f B", list/entries, ids/entries, parts, head)
			if list/entries > row.line || ids/entries > row.ids || head > 1200 || packed != parts {
				t.Errorf("a line %.0f B, its id %.1f B in %d parts, %d of them packed, the head %.0f B", list/entries, ids/entries, parts, packed, head)
			}
		})
	}
}

// What is dropped takes its id along, in whatever level it was entered.
func TestPruningFreesTheMemory(t *testing.T) {
	t.Parallel()
	r := newRoom(t, redistest.Standalone(t).Open(t, redis.Options{}))
	r.add(lines(0, 2000)...)
	if n, err := r.Prune(t.Context(), acme, line(1995).At); n != 1995 || err != nil {
		t.Fatalf("dropped %d, %v", n, err)
	}
	if list, _, ids, parts, _ := r.sizes(); list > 5*700 || parts > 5 {
		t.Errorf("five lines take %.0f B, their ids %.0f B in %d parts", list, ids, parts)
	}
}

func BenchmarkAppend(b *testing.B) {
	for _, callers := range []int{1, 64} {
		b.Run(fmt.Sprintf("%d callers", callers), func(b *testing.B) {
			store, set := redistest.Standalone(b).Open(b, redis.Options{}), ring(b)
			l := nodeOf(store, set)
			next := make(chan int)
			var all sync.WaitGroup
			for range callers {
				all.Go(func() {
					for n := range next {
						if _, err := l.Append(b.Context(), acme, lines(n, n+1)); err != nil {
							b.Error(err)
						}
					}
				})
			}
			n := 0
			for b.Loop() {
				next <- n
				n++
			}
			close(next)
			all.Wait()
		})
	}
}

func BenchmarkVerify(b *testing.B) {
	const count = 10_000
	l := nodeOf(redistest.Standalone(b).Open(b, redis.Options{}), ring(b))
	for n := 0; n < count; n += 1000 {
		_, err := l.Append(b.Context(), acme, lines(n, n+1000))
		check(b, err)
	}
	for b.Loop() {
		if report, err := l.Verify(b.Context(), acme, nil); err != nil || report.Fault != nil {
			b.Fatal(report.Fault, err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/count, "ns/line")
}
