package lanes_test

import (
	"errors"
	"testing"
	"time"

	"bauta/redis"
	"bauta/redis/lanes"
	"bauta/redis/lanes/lanestest"
	"bauta/redis/redistest"
	"bauta/webhook"
)

func TestScriptsTouchOnlyTheirDeclaredKeys(t *testing.T) {
	t.Parallel()
	sources := lanes.Sources()
	if len(sources) < 4 {
		t.Fatalf("%d scripts: nothing was looked at", len(sources))
	}
	for _, source := range sources {
		redistest.DeclaredKeysOnly(t, source)
	}
}

func TestScriptsThatTheServerForgotAreSentAgain(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		l, who := w.node(long), lanestest.Customer()
		lease := w.append(l, w.ring.Item(t, who, "evt_1", 1, "crm"))[0].Leases[0]
		if err := w.store.Client().ScriptFlush(w.Context()).Err(); err != nil {
			w.Fatal(err)
		}
		items := []webhook.Item{w.ring.Item(t, who, "evt_2", 2, "crm"), w.ring.Item(t, lanestest.Customer(), "evt_3", 3, "crm"), w.ring.Item(t, who, "evt_4", 4, "crm")}
		w.append(l, items...)
		got := w.drain(l, webhook.Leased{Lease: lease, Delivery: webhook.Delivery{ID: "evt_1"}})
		if len(got) != 3 || got[1] != "evt_2" || got[2] != "evt_4" {
			w.Errorf("delivered %q, want evt_1 evt_2 evt_4", got)
		}
	})
}

func TestAScriptThatCannotDoAllDoesNothing(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		l, keys, who, fine := w.node(0), w.store.Keys(), lanestest.Customer(), lanestest.Customer()
		// The lane of the second endpoint is of a wrong type.
		if err := w.store.Client().Set(w.Context(), keys.Lane(lane(who, "bot")), "x", 0).Err(); err != nil {
			w.Fatal(err)
		}
		broken, good := w.ring.Item(t, who, "evt_1", 1, "crm", "bot"), w.ring.Item(t, fine, "evt_2", 1, "crm")
		out, err := l.Append(w.Context(), []webhook.Item{broken, good})
		var partial *lanes.PartialError
		if !errors.As(err, &partial) || len(partial.Failed) != 1 || partial.Failed[0] != 0 || !errors.Is(err, redis.ErrRefused) {
			w.Fatalf("append: %v, want item 0 refused", err)
		}
		if len(out) != 2 || out[1].Duplicate {
			w.Errorf("appended: %+v", out)
		}
		if n := w.length(lane(who, "crm")); n != 0 {
			w.Errorf("the first endpoint has %d events, want none", n)
		}
		if err := w.store.Client().Del(w.Context(), keys.Lane(lane(who, "bot"))).Err(); err != nil {
			w.Fatal(err)
		}
		again := w.append(l, broken, good)
		if again[0].Duplicate || !again[1].Duplicate {
			w.Errorf("sent again: %v %v, want the first stored and the second known", again[0].Duplicate, again[1].Duplicate)
		}
	})
}

// What all lanes of a shard share can be damaged, too. An event that is refused for it is
// neither in a lane nor known.
func TestWhatLanesShareOfAWrongTypeLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		accepted := time.Date(2026, 11, 19, 1, 0, 0, 0, time.UTC)
		l, keys := lanes.New(lanes.Options{Store: w.store, Keys: w.ring, Now: func() time.Time { return accepted }}), w.store.Keys()
		for name, key := range map[string]func(shard int) string{
			"the lanes by when they are due": func(shard int) string { return keys.Due(shard, "acme", "crm") },
			"the lanes by age":               func(shard int) string { return keys.Ages(shard, "acme", "crm") },
			"the endpoints":                  keys.Ends,
			"the depths":                     keys.Depths,
			"the counters":                   func(shard int) string { return keys.Counts(shard, "acme", accepted.Unix()/3600) },
		} {
			who := lanestest.Customer()
			item := w.ring.Item(w.T, who, "evt_1", 1, "crm")
			item.Delivery.Accepted = accepted
			damaged := key(keys.Of(who))
			if err := w.store.Client().Set(w.Context(), damaged, "x", 0).Err(); err != nil {
				w.Fatal(err)
			}
			if _, err := l.Append(w.Context(), []webhook.Item{item}); !errors.Is(err, redis.ErrRefused) {
				w.Errorf("%s: append: %v, want ErrRefused", name, err)
			}
			if n := w.length(lane(who, "crm")); n != 0 {
				w.Errorf("%s: the lane has %d events, want none", name, n)
			}
			if err := w.store.Client().Del(w.Context(), damaged).Err(); err != nil {
				w.Fatal(err)
			}
			if w.append(l, item)[0].Duplicate || w.length(lane(who, "crm")) != 1 {
				w.Errorf("%s: sent again, the event is not stored once", name)
			}
		}
	})
}

func TestAnOutcomeIsTakenAlthoughWhatLanesShareIsOfAWrongType(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		l, keys := w.node(long), w.store.Keys()
		for name, key := range map[string]func(shard int) string{
			"the lanes by when they are due": func(shard int) string { return keys.Due(shard, "acme", "crm") },
			"the lanes by age":               func(shard int) string { return keys.Ages(shard, "acme", "crm") },
			"the depths":                     keys.Depths,
		} {
			who := lanestest.Customer()
			lease := w.append(l, w.ring.Item(w.T, who, "evt_1", 1, "crm"), w.ring.Item(w.T, who, "evt_2", 2, "crm"))[0].Leases[0]
			damaged := key(keys.Of(who))
			for _, err := range []error{w.store.Client().Del(w.Context(), damaged).Err(), w.store.Client().Set(w.Context(), damaged, "x", 0).Err()} {
				if err != nil {
					w.Fatal(err)
				}
			}
			if _, _, err := l.Finish(w.Context(), lease, webhook.Verdict{Outcome: webhook.Delivered}, long); !errors.Is(err, redis.ErrRefused) {
				w.Errorf("%s: finish: %v, want ErrRefused", name, err)
			}
			if n := w.length(lane(who, "crm")); n != 1 {
				w.Errorf("%s: %d events wait, want the second alone: the first was delivered", name, n)
			}
			if err := w.store.Client().Del(w.Context(), damaged).Err(); err != nil {
				w.Fatal(err)
			}
		}
	})
}

func TestWithoutMemoryNothingComesInAndLanesDrain(t *testing.T) {
	t.Parallel()
	server := redistest.Standalone(t)
	w := &world{T: t, store: server.Open(t, redis.Options{}), ring: lanestest.NewRing(t)}
	l, who := w.node(long), lanestest.Customer()
	lease := w.append(l, w.ring.Item(t, who, "evt_1", 1, "crm"), w.ring.Item(t, who, "evt_2", 2, "crm"))[0].Leases[0]
	other := lanestest.Customer()
	w.append(w.node(0), w.ring.Item(t, other, "evt_3", 1, "crm"))
	if err := server.Client.ConfigSet(t.Context(), "maxmemory", "1").Err(); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Append(t.Context(), []webhook.Item{w.ring.Item(t, who, "evt_4", 4, "crm")}); !errors.Is(err, redis.ErrUnavailable) {
		t.Errorf("append: %v, want ErrUnavailable", err)
	}
	if got := w.drain(l, webhook.Leased{Lease: lease, Delivery: webhook.Delivery{ID: "evt_1"}}); len(got) != 2 {
		t.Errorf("drained %q, want two events", got)
	}
	head := w.take(l, lane(other, "crm"), long)
	if head, _ = w.finish(l, head.Lease, webhook.Verdict{Counted: true}, long); head.Delivery.Attempts != 1 {
		t.Errorf("%d attempts, want 1", head.Delivery.Attempts)
	}
	w.finish(l, head.Lease, webhook.Verdict{Outcome: webhook.Dead, Reason: "refused"}, 0)
}
