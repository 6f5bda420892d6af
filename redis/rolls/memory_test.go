package rolls_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	goredis "github.com/redis/go-redis/v9"

	"bauta/redis"
	"bauta/redis/redistest"
	"bauta/redis/rolls"
	"bauta/webhook"
)

func flush(ctx context.Context, client *goredis.Client) error { return client.FlushAll(ctx).Err() }

func TestTheScriptDeclaresItsKeys(t *testing.T) {
	t.Parallel()
	redistest.DeclaredKeysOnly(t, rolls.AddSource)
}

// fill enters ids as events bring them: few at a time.
func fill(t testing.TB, r *rolls.Rolls, from, to, step int) {
	t.Helper()
	for ; from < to; from += step {
		ids := make([]string, 0, step)
		for i := from; i < min(from+step, to); i++ {
			ids = append(ids, fmt.Sprintf("%016d", i))
		}
		enter(t, r, webhook.ReceivedMedia, ids...)
	}
}

// measure is what all parts take in memory, names and expiries included, how many
// they are, and how many Redis keeps packed.
func measure(t testing.TB, server *redistest.Server) (size, parts, packed int64) {
	t.Helper()
	names := server.Client.Scan(t.Context(), 0, "bauta:{*}:r:*", 10000).Iterator()
	pipe := server.Client.Pipeline()
	var sizes []*goredis.IntCmd
	var encodings []*goredis.StringCmd
	for names.Next(t.Context()) {
		sizes = append(sizes, pipe.MemoryUsage(t.Context(), names.Val(), 0))
		encodings = append(encodings, pipe.ObjectEncoding(t.Context(), names.Val()))
	}
	if _, err := pipe.Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i := range sizes {
		size += sizes[i].Val()
		if encodings[i].Val() == "intset" {
			packed++
		}
	}
	return size, int64(len(sizes)), packed
}

func TestAnEntryIsSmall(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name          string
		entries, step int
		most          float64 // bytes an entry
	}{
		{"one entry is one key", 1, 1, 200},
		{"ten entries", 10, 1, 30},
		{"a small business", 100, 1, 16},
		{"a roll that just went on in 64 parts", 500, 1, 40},
		{"a middle one", 10_000, 10, 16},
		{"a roll that just went on in 4096 parts", 30_000, 100, 32},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			server := redistest.Standalone(t)
			r := rolls.New(server.Open(t, redis.Options{}), ring(t), rolls.Options{})
			fill(t, r, 0, row.entries, row.step)
			size, parts, packed := measure(t, server)
			got := float64(size) / float64(row.entries)
			t.Logf("%d entries in %d parts: %.1f bytes an entry", row.entries, parts, got)
			if got > row.most || packed != parts {
				t.Errorf("%.1f bytes an entry in %d parts, %d packed; want at most %.0f", got, parts, packed, row.most)
			}
			ids := []string{"0000000000000000", fmt.Sprintf("%016d", row.entries-1), fmt.Sprintf("%016d", row.entries)}
			if got := on(t, r, "acme", webhook.ReceivedMedia, ids...); !got[0] || !got[1] || got[2] {
				t.Errorf("the first, the last and one more are on the roll: %v", got)
			}
		})
	}
}

// A node that starts anew, and one that stores a thousand media at once, leave the
// parts of the levels below packed.
func TestPartsStayPacked(t *testing.T) {
	t.Parallel()
	server := redistest.Standalone(t)
	store, set := server.Open(t, redis.Options{}), ring(t)
	next := 0
	for range 60 {
		r := rolls.New(store, set, rolls.Options{})
		step := []int{1, 20, 1000}[rand.IntN(3)]
		fill(t, r, next, next+1000, step)
		next += 1000
	}
	if _, parts, packed := measure(t, server); packed != parts {
		t.Errorf("%d of %d parts are packed", packed, parts)
	}
	r, missing := rolls.New(store, set, rolls.Options{}), 0
	ids := make([]string, 0, next)
	for i := range next {
		ids = append(ids, fmt.Sprintf("%016d", i))
	}
	for _, found := range on(t, r, "acme", webhook.ReceivedMedia, ids...) {
		if !found {
			missing++
		}
	}
	if missing > 0 {
		t.Errorf("%d of %d ids are not found", missing, next)
	}
}

// A roll lies in many shards, so that it loads all nodes of a cluster: the first
// part in one, the next 64 in those that follow.
func TestALargeRollLiesInManyShards(t *testing.T) {
	t.Parallel()
	server := redistest.Standalone(t)
	fill(t, rolls.New(server.Open(t, redis.Options{}), ring(t), rolls.Options{}), 0, 10_000, 100)
	tags := map[string]bool{}
	for key := range server.Dump(t) {
		if tag, _, ok := strings.Cut(key, "}"); ok {
			tags[tag] = true
		}
	}
	if len(tags) != 65 {
		t.Errorf("the roll lies in %d shards, want 65", len(tags))
	}
}

// BenchmarkMemory reports bytes an entry of rolls of several sizes.
func BenchmarkMemory(b *testing.B) {
	for _, entries := range []int{100, 10_000, 1_000_000} {
		b.Run(fmt.Sprint(entries), func(b *testing.B) {
			server := redistest.Standalone(b)
			r := rolls.New(server.Open(b, redis.Options{}), ring(b), rolls.Options{})
			for b.Loop() {
				fill(b, r, 0, entries, min(entries/10, 5000))
			}
			size, parts, packed := measure(b, server)
			b.ReportMetric(float64(size)/float64(entries), "B/entry")
			b.ReportMetric(float64(parts), "parts")
			b.ReportMetric(float64(parts-packed), "unpacked")
		})
	}
}

func BenchmarkEnterOne(b *testing.B) {
	r := rolls.New(redistest.Standalone(b).Open(b, redis.Options{}), ring(b), rolls.Options{})
	b.ReportAllocs()
	for b.Loop() {
		enter(b, r, webhook.UploadedMedia, photo)
	}
}

func BenchmarkOnOne(b *testing.B) {
	r := rolls.New(redistest.Standalone(b).Open(b, redis.Options{}), ring(b), rolls.Options{})
	enter(b, r, webhook.UploadedMedia, photo)
	b.ReportAllocs()
	for b.Loop() {
		on(b, r, "acme", webhook.UploadedMedia, photo)
	}
}
