package audit_test

import (
	"fmt"
	"sync"
	"testing"

	"bauta/redis"
	"bauta/redis/audit"
	"bauta/redis/lanes/lanestest"
	"bauta/redis/redistest"
	"bauta/webhook"
)

// The bounds are those of the key table in redis/KEYS.md.
func TestALineIsSmall(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name  string
		batch int     // lines that are written at once
		most  float64 // bytes a line
	}{
		{"alone", 1, 96}, {"in sixteens", 16, 32}, {"in sixty-fours", 64, 28},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			const count = 3200
			r := newRoom(t, redistest.Standalone(t).Open(t, redis.Options{}), lanestest.NewRing(t))
			for n := 0; n < count; n += row.batch {
				r.note(reversals(n, n+row.batch)...)
			}
			size, err := r.store.Client().MemoryUsage(t.Context(), r.store.Keys().Audit(acme, noon().Unix()/86400), 0).Result()
			if err != nil {
				t.Fatal(err)
			}
			got := float64(size) / count
			t.Logf("%.1f bytes a line", got)
			if got > row.most {
				t.Errorf("%.1f bytes a line, want at most %.0f", got, row.most)
			}
		})
	}
}

// BenchmarkNote: one caller after the other, and many at a time.
func BenchmarkNote(b *testing.B) {
	for _, callers := range []int{1, 64} {
		b.Run(fmt.Sprintf("%d callers", callers), func(b *testing.B) {
			store := redistest.Standalone(b).Open(b, redis.Options{})
			log := audit.New(audit.Options{Store: store, Keys: lanestest.NewRing(b)})
			next := make(chan int)
			var all sync.WaitGroup
			for range callers {
				all.Go(func() {
					for n := range next {
						if err := log.Note(b.Context(), []webhook.Reversal{reversal(n)}); err != nil {
							b.Error(err)
						}
					}
				})
			}
			n := 0
			b.ReportAllocs()
			for b.Loop() {
				next <- n
				n++
			}
			close(next)
			all.Wait()
		})
	}
}
