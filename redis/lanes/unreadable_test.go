package lanes_test

import (
	"testing"
	"time"

	"bauta/redis/deadletters"
	"bauta/redis/lanes/element"
	"bauta/redis/lanes/lanestest"
	"bauta/webhook"
)

// spoil replaces the n-th event of a lane.
func (w *world) spoil(l webhook.Lane, n int64, text string) {
	w.Helper()
	if err := w.store.Client().LSet(w.Context(), w.store.Keys().Lane(l), n, text).Err(); err != nil {
		w.Fatal(err)
	}
}

// Bytes that are no event, or that of a newer version, hold their lane until somebody
// gives them up, as a dead letter; what is behind them is delivered then.
func TestAnEventThatCannotBeReadHoldsItsLaneUntilItIsGivenUp(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"a newer version":         element.Stamp(time.Now()) + "9of the future",
		"garbage":                 "garbage \x00 with no stamp",
		"a stamp only":            element.Stamp(time.Now()),
		"nothing":                 "",
		"what reads as no number": "0x12345678901nan",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(w *world) {
				l, who := w.node(0), lanestest.Customer()
				to := lane(who, "crm")
				w.append(l, w.ring.Item(t, who, "evt_1", 1, "crm"), w.ring.Item(t, who, "evt_2", 2, "crm"), w.ring.Item(t, who, "evt_3", 3, "crm"))
				w.spoil(to, 1, text)
				head := w.take(l, to, long)
				head, ok := w.finish(l, head.Lease, webhook.Verdict{Outcome: webhook.Delivered}, long)
				if !ok || !head.Delivery.Unreadable || head.Delivery.ID == "" || head.Delivery.Body != nil {
					w.Fatalf("more %v: %+v", ok, head.Delivery)
				}
				id := head.Delivery.ID
				w.finish(l, head.Lease, webhook.Verdict{Counted: true}, 0)
				head = w.take(l, to, long)
				if head.Delivery.ID != id || head.Delivery.Attempts != 1 || head.Delivery.FirstTry.IsZero() {
					w.Errorf("taken again it is %q with %d attempts", head.Delivery.ID, head.Delivery.Attempts)
				}
				head, ok = w.finish(l, head.Lease, webhook.Verdict{Outcome: webhook.Dead, Reason: "unreadable"}, long)
				if !ok || head.Delivery.ID != "evt_3" {
					w.Errorf("behind it there is %q", head.Delivery.ID)
				}
				if got := w.drain(l, head); len(got) != 1 {
					w.Errorf("drained %q", got)
				}
				w.buried(id)
				w.empty()
			})
		})
	}
}

// buried wants one dead letter that cannot be read, replayed no more, and dropped.
func (w *world) buried(id string) {
	w.Helper()
	letters := deadletters.New(deadletters.Options{Store: w.store})
	got, _, err := letters.List(w.Context(), deadletters.Filter{Business: "acme", Endpoint: "crm"}, "", 10)
	if err != nil || len(got) != 1 || got[0].Reason != "unreadable" || got[0].Delivery.ID != id || !got[0].Delivery.Unreadable {
		w.Fatalf("dead letters %+v, %v", got, err)
	}
	if ok, err := letters.Replay(w.Context(), got[0].ID); ok || err == nil {
		w.Error("it was replayed")
	}
	if ok, err := letters.Drop(w.Context(), got[0].ID); !ok || err != nil {
		w.Errorf("it was not dropped: %v", err)
	}
}

// After a repair nothing waits for its time; what is leased stays leased.
func TestRousingMakesDueWhatWaitsForItsTime(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		l := w.node(0)
		put := func(end string, v webhook.Verdict, next time.Duration) webhook.Lane {
			who := lanestest.Customer()
			w.append(l, w.ring.Item(t, who, "evt_1", 1, end))
			w.finish(l, w.take(l, lane(who, end), long).Lease, v, next)
			return lane(who, end)
		}
		waiting := map[webhook.Lane]bool{}
		for range 30 {
			waiting[put("crm", webhook.Verdict{After: time.Hour, Counted: true}, 0)] = true
		}
		put("bot", webhook.Verdict{After: time.Hour}, 0)
		put("crm", webhook.Verdict{}, long) // leased again
		wakes := l.Wake(w.Context())
		w.poll("the node listens", func() bool {
			n, err := w.store.Client().PubSubNumSub(w.Context(), "bauta:wake").Result()
			return err == nil && n["bauta:wake"] > 0
		})
		n, err := l.Rouse(w.Context(), webhook.EndpointKey{Business: "acme", Endpoint: "crm"})
		if err != nil || n != len(waiting) {
			w.Fatalf("%d roused, %v; want %d", n, err, len(waiting))
		}
		w.told(wakes, webhook.Lane{Business: "acme", Endpoint: "crm"}, "the rousing")
		due, err := l.Due(w.Context(), 100)
		if err != nil {
			w.Fatal(err)
		}
		for _, got := range due {
			if !waiting[got] {
				w.Errorf("%v is due", got.Target())
			}
		}
		if len(due) != len(waiting) {
			w.Errorf("%d lanes are due, want %d", len(due), len(waiting))
		}
		if n, err := l.Rouse(w.Context(), webhook.EndpointKey{Business: "acme", Endpoint: "crm"}); n != 0 || err != nil {
			w.Errorf("the second time %d were roused, %v", n, err)
		}
	})
}
