package lanes_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bauta/redis/lanes"
	"bauta/redis/lanes/lanestest"
	"bauta/webhook"
)

// Two records of one customer became one: what was stored for the one that ended is
// known for the other, and counted as it.
func TestAnEventOfAConversationThatEndedIsNotStoredAgain(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		l, before, other, now := w.node(long), lanestest.Customer(), lanestest.Customer(), lanestest.Customer()
		w.append(l, w.ring.Item(t, before, "evt_1", 1, "crm"))
		w.append(l, w.ring.Item(t, other, "evt_2", 2, "crm"))
		released := w.ring.Item(t, before, "evt_5", 5, "crm")
		released.Delivery.Held = true
		w.append(l, released)
		var items []webhook.Item
		for n, id := range []string{"evt_1", "evt_3", "evt_2", "evt_4", "evt_5"} {
			item := w.ring.Item(t, now, id, []uint64{1, 3, 2, 4, 5}[n], "crm")
			item.Earlier = []webhook.Conversation{webhook.Conversation(before), webhook.Conversation(other)}
			item.Delivery.Held = id == "evt_5"
			items = append(items, item)
		}
		want := []bool{true, false, true, false, true}
		for range 2 {
			var got []bool
			for _, a := range w.append(l, items...) {
				got = append(got, a.Duplicate)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				w.Fatalf("duplicates (-want +got):\n%s", diff)
			}
			want = []bool{true, true, true, true, true}
		}
		if n := w.length(lane(now, "crm")); n != 2 {
			w.Errorf("%d events wait, want 2", n)
		}
	})
}

// Of a conversation that ended in another epoch too.
func TestAConversationThatEndedIsRememberedAsLongAsOthers(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		start := time.Date(2026, 11, 19, 1, 0, 0, 0, time.UTC)
		at := func(after time.Duration) *lanes.Lanes {
			return lanes.New(lanes.Options{Store: w.store, Keys: w.ring, Now: func() time.Time { return start.Add(after) }})
		}
		before := lanestest.Customer()
		w.append(at(3*24*time.Hour), w.ring.Item(t, before, "evt_1", 1, "crm"))
		again := w.ring.Item(t, lanestest.Customer(), "evt_1", 1, "crm")
		again.Earlier = []webhook.Conversation{webhook.Conversation(before)}
		if !w.append(at(9*24*time.Hour), again)[0].Duplicate {
			w.Error("an event of six days ago is stored again")
		}
	})
}
