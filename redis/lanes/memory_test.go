package lanes_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"bauta/redis"
	"bauta/redis/lanes/lanestest"
	"bauta/redis/redistest"
	"bauta/webhook"
)

// The bounds are those of the key table in redis/KEYS.md, for sets of what a
// conversation has in a week.
func TestADedupeEntryIsSmall(t *testing.T) {
	t.Parallel()
	w := &world{T: t, store: redistest.Standalone(t).Open(t, redis.Options{}), ring: lanestest.NewRing(t)}
	rows := []struct {
		name         string
		conversation webhook.Conversation
		events       int
		most         float64 // bytes an entry
	}{
		{"a chat of one event", "", 1, 160},
		{"a chat of 10 events", "", 10, 32},
		{"a chat of 50 events", "", 50, 16},
		{"a chat of 500 events", "", 500, 16},
		{"a group of 6000 events", "g:Y2FwaV9ncm91cDox", 6000, 16},
		{"a group of 20000 events", "g:Y2FwaV9ncm91cDoy", 20000, 96},
	}
	for _, row := range rows {
		who := lanestest.Customer()
		items := make([]webhook.Item, row.events)
		for i := range items {
			items[i] = w.ring.Item(t, who, fmt.Sprintf("evt_%d", i), rand.Uint64()>>1) // no endpoint: dedupe only
			if row.conversation != "" {
				items[i].Conversation = row.conversation
			}
		}
		w.append(w.node(0), items...)
		if got := w.bytesSeen(items[0].Conversation) / float64(row.events); got > row.most {
			t.Errorf("%s: %.1f bytes an entry, want at most %.0f", row.name, got, row.most)
		} else {
			t.Logf("%s: %.1f bytes an entry", row.name, got)
		}
	}
}

// bytesSeen is what all dedupe sets of a conversation take, keys included.
func (w *world) bytesSeen(c webhook.Conversation) float64 {
	w.Helper()
	names, err := w.store.Client().Keys(w.Context(), "bauta:{*}:s:acme:"+string(c)+":*").Result()
	if err != nil || len(names) == 0 {
		w.Fatalf("%d dedupe sets, %v", len(names), err)
	}
	var sum int64
	for _, name := range names {
		n, err := w.store.Client().MemoryUsage(w.Context(), name, 0).Result()
		if err != nil {
			w.Fatal(err)
		}
		sum += n
	}
	return float64(sum)
}
