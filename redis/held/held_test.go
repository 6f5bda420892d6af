package held_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bauta/redis"
	"bauta/redis/held"
	"bauta/redis/lanes"
	"bauta/redis/lanes/lanestest"
	"bauta/redis/redistest"
	"bauta/webhook"
)

// vault is a store with held events in it.
type vault struct {
	*testing.T
	store *redis.Store
	ring  *lanestest.Ring
	held  *held.Held
}

func each(t *testing.T, test func(v *vault)) {
	t.Helper()
	redistest.Each(t, func(t *testing.T, store *redis.Store) {
		t.Helper()
		ring := lanestest.NewRing(t)
		h := held.New(held.Options{Store: store, Keys: ring, Retention: func(string) time.Duration { return 168 * time.Hour }})
		var _ webhook.Holder = h
		test(&vault{T: t, store: store, ring: ring, held: h})
	})
}

// event is one that failed the leak check.
func (v *vault) event(customer, id string, dedupe uint64) webhook.HeldEvent {
	item := v.ring.Item(v, customer, id, dedupe)
	return webhook.HeldEvent{
		ID: id, Business: "acme", Field: "messages", Reason: "leak_check", Positions: []string{"$.entry[0].changes[0].value.messages[0].text.body"},
		At: time.Now().Truncate(time.Millisecond), Raw: item.Delivery.Body, Customer: customer, Key: item.Key, Dedupe: dedupe,
		Conversation: item.Conversation,
	}
}

func (v *vault) hold(ev webhook.HeldEvent) bool {
	v.Helper()
	stored, err := v.held.Hold(v.Context(), ev)
	if err != nil {
		v.Fatalf("hold: %v", err)
	}
	return stored
}

func (v *vault) list(cursor string, limit int) ([]held.Entry, string) {
	v.Helper()
	page, next, err := v.held.List(v.Context(), "acme", cursor, limit)
	if err != nil {
		v.Fatalf("list: %v", err)
	}
	return page, next
}

func TestAHeldEventIsListedByPositionAndComesBackWholeForRelease(t *testing.T) {
	t.Parallel()
	for _, customer := range []string{lanestest.Customer(), ""} {
		each(t, func(v *vault) {
			ev := v.event(customer, "evt_1", 1)
			if !v.hold(ev) {
				v.Fatal("it was not stored")
			}
			page, next := v.list("", 10)
			if len(page) != 1 || next != "" {
				v.Fatalf("%d entries, cursor %q", len(page), next)
			}
			want := held.Entry{ID: page[0].ID, Business: "acme", Field: ev.Field, Reason: ev.Reason, Positions: ev.Positions, At: ev.At, Size: len(ev.Raw)}
			if diff := cmp.Diff(want, page[0]); diff != "" {
				v.Errorf("entry (-want +got):\n%s", diff)
			}
			got, ok, err := v.held.Read(v.Context(), "acme", page[0].ID)
			if !ok || err != nil {
				v.Fatalf("read: %v %v", ok, err)
			}
			got.Key, ev.Key = nil, nil
			if diff := cmp.Diff(ev, got); diff != "" {
				v.Errorf("event (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAnEventIsHeldOnceHoweverOftenItComes(t *testing.T) {
	t.Parallel()
	each(t, func(v *vault) {
		who := lanestest.Customer()
		first, second := v.hold(v.event(who, "evt_1", 1)), v.hold(v.event(who, "evt_1", 1))
		if !first || second {
			v.Errorf("stored %v, then %v; want true, then false", first, second)
		}
		merged := v.event(lanestest.Customer(), "evt_1", 1)
		merged.Earlier = []webhook.Conversation{webhook.Conversation(who)}
		if v.hold(merged) {
			v.Error("after the customer was taken over it is held again")
		}
		if n, err := v.held.Count(v.Context(), "acme"); n != 1 || err != nil {
			v.Errorf("counted %d %v, want 1", n, err)
		}
	})
}

func TestLanesAndHeldEventsKnowOneAnother(t *testing.T) {
	t.Parallel()
	for _, conversation := range []webhook.Conversation{"", "g:Y2FwaV9ncm91cDox"} {
		each(t, func(v *vault) {
			l := lanes.New(lanes.Options{Store: v.store, Keys: v.ring})
			who := lanestest.Customer()
			item, other := v.ring.Item(t, who, "evt_1", 1, "crm"), v.event(who, "evt_2", 2)
			if conversation != "" {
				item.Conversation, other.Conversation = conversation, conversation
			}
			v.hold(other)
			again := item
			again.Dedupe = 2
			out, err := l.Append(v.Context(), []webhook.Item{item, again})
			if err != nil || out[0].Duplicate || !out[1].Duplicate {
				v.Fatalf("appended %+v %v, want a new event and one that is held", out, err)
			}
			other.Dedupe = 1
			if v.hold(other) {
				v.Error("an event that was appended is held as well")
			}
			again.Delivery.Held = true
			if out, err = l.Append(v.Context(), []webhook.Item{again}); err != nil || out[0].Duplicate {
				v.Errorf("its release: %+v %v", out, err)
			}
		})
	}
}

func TestPagesOfHeldEventsFollowOneAnother(t *testing.T) {
	t.Parallel()
	each(t, func(v *vault) {
		var want, got []string
		start := time.Now()
		for i := range 8 {
			ev := v.event(lanestest.Customer(), fmt.Sprintf("evt_%d", i), 1)
			ev.At = start.Add(time.Duration(i) * time.Second)
			v.hold(ev)
			want = append(want, ev.ID)
		}
		cursor := ""
		for range 8 {
			page, next := v.list(cursor, 3)
			for _, e := range page {
				got = append(got, strings.Split(e.ID, "-")[1])
			}
			if cursor = next; cursor == "" {
				break
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			v.Errorf("order (-want +got):\n%s", diff)
		}
	})
}

func TestAHeldEventWhoseKeyIsGoneIsDropped(t *testing.T) {
	t.Parallel()
	each(t, func(v *vault) {
		who := lanestest.Customer()
		v.hold(v.event(who, "evt_1", 1))
		v.ring.Erase("acme", who)
		page, _ := v.list("", 10)
		if _, ok, err := v.held.Read(v.Context(), "acme", page[0].ID); ok || !errors.Is(err, webhook.ErrErased) {
			v.Errorf("read: %v %v, want ErrErased", ok, err)
		}
		if left, _ := v.list("", 10); len(left) != 0 {
			v.Errorf("%d entries left", len(left))
		}
	})
}

func TestAHeldEventGoesWhenItsTimeIsOver(t *testing.T) {
	t.Parallel()
	each(t, func(v *vault) {
		who := lanestest.Customer()
		v.hold(v.event(who, "evt_1", 1))
		page, _ := v.list("", 10)
		names := v.store.Keys()
		key := names.Held(names.Of(who), "acme", page[0].ID)
		ttl, err := v.store.Client().PTTL(v.Context(), key).Result()
		if err != nil || ttl < 167*time.Hour || ttl > 168*time.Hour {
			v.Errorf("it lives for %v (%v), want 168 h", ttl, err)
		}
		if err := v.store.Client().Del(v.Context(), key).Err(); err != nil {
			v.Fatal(err)
		}
		if left, _ := v.list("", 10); len(left) != 0 {
			v.Errorf("%d entries left", len(left))
		}
		if n, err := v.held.Count(v.Context(), "acme"); n != 0 || err != nil {
			v.Errorf("counted %d %v", n, err)
		}
		if _, ok, err := v.held.Read(v.Context(), "acme", page[0].ID); ok || err != nil {
			v.Errorf("read: %v %v", ok, err)
		}
	})
}

func TestADroppedEventIsGone(t *testing.T) {
	t.Parallel()
	each(t, func(v *vault) {
		v.hold(v.event(lanestest.Customer(), "evt_1", 1))
		page, _ := v.list("", 10)
		for _, want := range []bool{true, false} {
			if ok, err := v.held.Drop(v.Context(), "acme", page[0].ID); ok != want || err != nil {
				v.Errorf("drop: %v %v, want %v", ok, err, want)
			}
		}
	})
}

func TestOfAHeldEventNothingIsReadableInRedis(t *testing.T) {
	t.Parallel()
	each(t, func(v *vault) {
		v.hold(v.event(lanestest.Customer(), "evt_1", 1))
		names, err := v.store.Client().Keys(v.Context(), "bauta:{*}:held:*").Result()
		if err != nil || len(names) != 1 {
			v.Fatalf("%d keys %v, want 1", len(names), err)
		}
		if text := v.store.Client().Get(v.Context(), names[0]).Val(); len(text) < 100 || strings.Contains(text, lanestest.Secret) {
			v.Error("the event is readable")
		}
	})
}

func TestLongListsOfPositionsAreCut(t *testing.T) {
	t.Parallel()
	each(t, func(v *vault) {
		ev := v.event(lanestest.Customer(), "evt_1", 1)
		ev.Positions = make([]string, 1000)
		for i := range ev.Positions {
			ev.Positions[i] = strings.Repeat("\x01", 1000)
		}
		v.hold(ev)
		if page, _ := v.list("", 10); len(page) != 1 || len(page[0].Positions) != 64 || len(page[0].Positions[0]) != 128 {
			v.Errorf("entries: %d", len(page))
		}
	})
}

func TestWhatCannotBeHeldIsRefusedWithoutItsContent(t *testing.T) {
	t.Parallel()
	v := &vault{T: t, ring: lanestest.NewRing(t)}
	v.store = redistest.Embedded(t, redis.Options{})
	v.held = held.New(held.Options{Store: v.store, Keys: v.ring})
	rows := map[string]func(*webhook.HeldEvent){
		"no id": func(e *webhook.HeldEvent) { e.ID = "" }, "a colon in its id": func(e *webhook.HeldEvent) { e.ID = "a:b" },
		"no time": func(e *webhook.HeldEvent) { e.At = time.Time{} }, "no key": func(e *webhook.HeldEvent) { e.Key = nil },
		"no business": func(e *webhook.HeldEvent) { e.Business = "" },
	}
	for name, spoil := range rows {
		ev := v.event(lanestest.Customer(), "evt_1", 1)
		spoil(&ev)
		if stored, err := v.held.Hold(t.Context(), ev); stored || err == nil || strings.Contains(err.Error(), lanestest.Secret) {
			t.Errorf("%s: stored %v, error %v", name, stored, err)
		}
	}
	for _, id := range []string{"", "evt_1", "1795368183123-evt_1", "1795368183123-evt_1-256", "1795368183123-evt_1--1x"} {
		if _, _, err := v.held.Read(t.Context(), "acme", id); !errors.Is(err, held.ErrID) {
			t.Errorf("read took %q for an id: %v", id, err)
		}
	}
}

func TestScriptTouchesOnlyItsDeclaredKeys(t *testing.T) {
	t.Parallel()
	for _, source := range held.Sources() {
		redistest.DeclaredKeysOnly(t, source)
	}
}
