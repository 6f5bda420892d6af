package lanes_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bauta/redis/lanes"
	"bauta/redis/lanes/lanestest"
	"bauta/webhook"
)

func TestEventsOfALaneAreDeliveredInTheirOrder(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		l, who := w.node(long), lanestest.Customer()
		first := w.append(l, w.ring.Item(t, who, "evt_1", 1, "crm"), w.ring.Item(t, who, "evt_2", 2, "crm"))
		w.append(l, w.ring.Item(t, who, "evt_3", 3, "crm"))
		if n := len(first[0].Leases); n != 1 || len(first[1].Leases) != 0 {
			w.Fatalf("the first event has %d leases, the second %d; want 1 and 0", n, len(first[1].Leases))
		}
		got := w.drain(l, webhook.Leased{Lease: first[0].Leases[0], Delivery: webhook.Delivery{ID: "evt_1"}})
		if diff := cmp.Diff([]string{"evt_1", "evt_2", "evt_3"}, got); diff != "" {
			w.Errorf("order (-want +got):\n%s", diff)
		}
		w.empty()
	})
}

func TestAnEventComesOutAsItWentIn(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		l, who := w.node(0), lanestest.Customer()
		item := w.ring.Item(t, who, "evt_1", 1, "crm")
		item.Delivery.Held = true
		w.append(l, item)
		head := w.take(l, lane(who, "crm"), long)
		if diff := cmp.Diff(item.Delivery, head.Delivery); diff != "" {
			w.Errorf("delivery (-want +got):\n%s", diff)
		}
	})
}

func TestARedeliveredEventIsNotStoredAgain(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		l, who := w.node(long), lanestest.Customer()
		item := w.ring.Item(t, who, "evt_1", 1<<63-1, "crm", "bot")
		if got := w.append(l, item)[0]; got.Duplicate || len(got.Leases) != 2 {
			w.Fatalf("first time: %+v, want two leases", got)
		}
		again := w.append(l, item, w.ring.Item(t, who, "evt_2", 2, "crm"), item)
		if !again[0].Duplicate || again[1].Duplicate || !again[2].Duplicate {
			w.Errorf("duplicates: %v %v %v, want true false true", again[0].Duplicate, again[1].Duplicate, again[2].Duplicate)
		}
		for e, want := range map[string]int64{"crm": 2, "bot": 1} {
			if n := w.length(lane(who, e)); n != want {
				w.Errorf("the lane to %s has %d events, want %d", e, n, want)
			}
		}
	})
}

// length is how many events a lane holds, read beside the code under test.
func (w *world) length(l webhook.Lane) int64 {
	w.Helper()
	n, err := w.store.Client().LLen(w.Context(), w.store.Keys().Lane(l)).Result()
	if err != nil {
		w.Fatal(err)
	}
	return n
}

func TestDuplicatesAreRecognisedOverTheChangeOfEpochs(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name          string
		first, second time.Duration
		duplicate     bool
	}{
		{"six days later, in the next epoch", 3 * 24 * time.Hour, 9 * 24 * time.Hour, true},
		{"at once, by a node whose clock is two days behind", 0, -2 * 24 * time.Hour, true},
		{"three weeks later it is a new event", 0, 21 * 24 * time.Hour, false},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			each(t, func(w *world) {
				// An epoch begins every 7 days since 1970, a Thursday.
				start := time.Date(2026, 11, 19, 1, 0, 0, 0, time.UTC)
				item := w.ring.Item(t, lanestest.Customer(), "evt_1", 7, "crm")
				var got bool
				for _, at := range []time.Duration{row.first, row.second} {
					l := lanes.New(lanes.Options{Store: w.store, Keys: w.ring, Now: func() time.Time { return start.Add(at) }})
					got = w.append(l, item)[0].Duplicate
				}
				if got != row.duplicate {
					w.Errorf("duplicate %v, want %v", got, row.duplicate)
				}
			})
		})
	}
}

func TestAReleaseIsAppendedOnceAlthoughItsEventIsKnown(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		l, who := w.node(long), lanestest.Customer()
		item := w.ring.Item(t, who, "evt_1", 1, "crm")
		w.append(l, item)
		item.Delivery.Held = true
		if w.append(l, item)[0].Duplicate {
			w.Error("the release was taken for a duplicate")
		}
		if !w.append(l, item)[0].Duplicate {
			w.Error("the second release was not recognised")
		}
	})
}

func TestAThousandEventsGoInOnePost(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		l := w.node(long)
		items := make([]webhook.Item, 1000)
		who := make([]string, 100)
		for i := range who {
			who[i] = lanestest.Customer()
		}
		for i := range items {
			items[i] = w.ring.Item(t, who[i%100], fmt.Sprintf("evt_%d", i), uint64(i), "crm")
		}
		leases := 0
		for _, a := range w.append(l, items...) {
			leases += len(a.Leases)
		}
		if leases != 100 {
			w.Errorf("%d leases, want one for each of 100 lanes", leases)
		}
		for _, c := range who {
			if n := w.length(lane(c, "crm")); n != 10 {
				w.Errorf("a lane has %d events, want 10", n)
			}
		}
	})
}

func TestAConversationOfAnEndlessNameIsDelivered(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		l := w.node(long)
		item := w.ring.Item(t, "", "evt_1", 1, "crm")
		item.Conversation = webhook.Conversation("w:1:" + strings.Repeat("f~", 1<<16))
		lease := w.append(l, item)[0].Leases[0]
		if more, ok := w.finish(l, lease, webhook.Verdict{}, long); !ok || more.Delivery.Erased || len(more.Delivery.Body) == 0 {
			w.Errorf("its head: %v, erased %v", ok, more.Delivery.Erased)
		}
		if len(item.Conversation) < 1<<16 {
			w.Error("the caller's item was changed")
		}
	})
}

func TestAnEventForNobodyIsRememberedAndLeavesNoLane(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		l := w.node(long)
		item := w.ring.Item(t, "", "evt_1", 1)
		if got := w.append(l, item)[0]; got.Duplicate || len(got.Leases) != 0 {
			w.Errorf("first time: %+v", got)
		}
		if !w.append(l, item)[0].Duplicate {
			w.Error("it was not recognised")
		}
		w.empty()
	})
}

// Who is seen is the pipeline's to say: an own event or an errand is no sign of life.
func TestAppendingLeavesTheLifeOfTheCustomersRecord(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		l, who := w.node(long), lanestest.Customer()
		record, client := w.store.Keys().Customer("acme", who), w.store.Client()
		if err := client.HSet(w.Context(), record, "v", 1).Err(); err != nil {
			w.Fatal(err)
		}
		if err := client.PExpire(w.Context(), record, time.Hour).Err(); err != nil {
			w.Fatal(err)
		}
		w.append(l, w.ring.Item(t, who, "evt_1", 1, "crm"))
		ttl, err := client.PTTL(w.Context(), record).Result()
		if err != nil || ttl <= 0 || ttl > time.Hour {
			w.Errorf("the record lives for %v (%v), want what was left of an hour", ttl, err)
		}
	})
}
