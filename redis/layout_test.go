package redis_test

import (
	"testing"

	"bauta/redis"
	"bauta/redis/redistest"
)

// Whoever walks over all keys of a cluster is told that some may have been missed: while
// a slot is on its way, when it has moved, and when another server took over.
func TestALayoutTellsWhatMoved(t *testing.T) {
	t.Parallel()
	set := redistest.Masters(t)
	store, err := redis.Open(t.Context(), redis.Options{URL: set.URL})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	layout := func() (string, bool) {
		t.Helper()
		text, settled, err := store.Layout(t.Context())
		if err != nil || text == "" {
			t.Fatalf("%q, %v", text, err)
		}
		return text, settled
	}
	before, settled := layout()
	if again, still := layout(); again != before || !settled || !still {
		t.Errorf("nothing happened: %q, before %q, settled %t", again, before, still)
	}
	slot := set.Slot(t, "bauta:ad:acme:1")
	halves := 0
	set.Move(t, slot, set.Others(t, slot)[0], func() {
		if _, settled := layout(); settled {
			t.Error("settled while a slot is on its way")
		}
		halves++
	})
	moved, settled := layout()
	if moved == before || !settled || halves != 3 {
		t.Errorf("after a slot was moved: the same %t, settled %t, looked at %d times meanwhile", moved == before, settled, halves)
	}
	set.Failover(t)
	if after, _ := layout(); after == moved {
		t.Error("another master, the same layout")
	}
}
