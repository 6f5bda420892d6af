package lanes_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bauta/redis/lanes/lanestest"
	"bauta/webhook"
)

func TestAnAttemptThatCountsIsRememberedAndOneThatDoesNotIsNot(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		l, who := w.node(long), lanestest.Customer()
		lease := w.append(l, w.ring.Item(t, who, "evt_1", 1, "crm"))[0].Leases[0]
		before := time.Now().Add(-time.Second)
		w.finish(l, lease, webhook.Verdict{Counted: true, After: 10 * time.Millisecond}, long)
		head := w.take(l, lane(who, "crm"), long)
		if head.Delivery.Attempts != 1 || head.Delivery.FirstTry.Before(before) || head.Delivery.FirstTry.After(time.Now().Add(time.Second)) {
			w.Errorf("after one attempt: %d attempts, first try %v", head.Delivery.Attempts, head.Delivery.FirstTry)
		}
		w.finish(l, head.Lease, webhook.Verdict{After: 10 * time.Millisecond}, long)
		again := w.take(l, lane(who, "crm"), long)
		if again.Delivery.Attempts != 1 || !again.Delivery.FirstTry.Equal(head.Delivery.FirstTry) {
			w.Errorf("after a pause: %d attempts, first try %v", again.Delivery.Attempts, again.Delivery.FirstTry)
		}
	})
}

func TestRefusalsAreCountedApartAndGoWithTheEvent(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		l, who := w.node(long), lanestest.Customer()
		lease := w.append(l, w.ring.Item(t, who, "evt_1", 1, "crm"))[0].Leases[0]
		w.finish(l, lease, webhook.Verdict{Counted: true}, 0)
		head := w.take(l, lane(who, "crm"), long)
		w.finish(l, head.Lease, webhook.Verdict{Counted: true, Refused: true}, 0)
		head = w.take(l, lane(who, "crm"), long)
		if head.Delivery.Attempts != 2 || head.Delivery.Refusals != 1 {
			w.Errorf("%d attempts and %d refusals, want 2 and 1", head.Delivery.Attempts, head.Delivery.Refusals)
		}
		more, ok := w.finish(l, head.Lease, webhook.Verdict{}, long)
		if !ok || more.Delivery.Refusals != 1 {
			w.Errorf("after a renewal: %d refusals, want 1", more.Delivery.Refusals)
		}
	})
}

func TestAgainAtOnceRenewsTheLeaseOfTheSameHead(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		l, who := w.node(long), lanestest.Customer()
		lease := w.append(l, w.ring.Item(t, who, "evt_1", 1, "crm"))[0].Leases[0]
		before := time.Now()
		more, ok := w.finish(l, lease, webhook.Verdict{}, long)
		if !ok || more.Delivery.ID != "evt_1" || more.Lease.Token == lease.Token {
			w.Errorf("renewed %v, head %q, a new token: %v", ok, more.Delivery.ID, more.Lease.Token != lease.Token)
		}
		if d := more.Lease.Deadline.Sub(before); d < long || d > long+5*time.Second {
			w.Errorf("the lease ends in %v, want %v", d, long)
		}
	})
}

func TestAWaitingLaneIsNotDueBeforeItsTime(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		l, who := w.node(long), lanestest.Customer()
		lease := w.append(l, w.ring.Item(t, who, "evt_1", 1, "crm"))[0].Leases[0]
		if _, ok := w.finish(l, lease, webhook.Verdict{After: time.Hour, Counted: true}, long); ok {
			w.Error("a lane that waits an hour was leased")
		}
		if _, ok, err := l.Take(w.Context(), lane(who, "crm"), long); ok || err != nil {
			w.Errorf("it was taken: %v %v", ok, err)
		}
		if due, err := l.Due(w.Context(), 10); len(due) != 0 || err != nil {
			w.Errorf("due: %v %v", due, err)
		}
	})
}

func TestTheNextHeadBeginsWithoutTheAttemptsOfTheLast(t *testing.T) {
	t.Parallel()
	for _, outcome := range []webhook.Outcome{webhook.Delivered, webhook.Dropped, webhook.Dead, webhook.Aside} {
		each(t, func(w *world) {
			l, who := w.node(long), lanestest.Customer()
			lease := w.append(l, w.ring.Item(t, who, "evt_1", 1, "crm"), w.ring.Item(t, who, "evt_2", 2, "crm"))[0].Leases[0]
			head, _ := w.finish(l, lease, webhook.Verdict{Counted: true}, long)
			next, ok := w.finish(l, head.Lease, webhook.Verdict{Outcome: outcome, After: time.Hour}, long)
			if !ok || next.Delivery.ID != "evt_2" || next.Delivery.Attempts != 0 || !next.Delivery.FirstTry.IsZero() {
				w.Errorf("outcome %d: next %v is %+v", outcome, ok, next.Delivery)
			}
			w.finish(l, next.Lease, webhook.Verdict{}, 0)
			if again := w.take(l, lane(who, "crm"), long); again.Delivery.Attempts != 0 || !again.Delivery.FirstTry.IsZero() {
				w.Errorf("outcome %d: taken again it is %+v", outcome, again.Delivery)
			}
		})
	}
}

func TestAnEventThatStepsAsideLetsItsLaneGoOn(t *testing.T) {
	t.Parallel()
	rows := []struct{ name, conversation string }{
		{"of a customer", ""},
		{"of a group whose id holds tildes", "g:Y2Fw~a~~V9ncm91cDox~"},
		{"of an account", "w:102290129340398:account_update"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			each(t, func(w *world) { w.stepAside(row.conversation) })
		})
	}
}

func (w *world) stepAside(conversation string) {
	l, who := w.node(long), lanestest.Customer()
	if conversation == "" {
		conversation = who
	}
	one, two := w.ring.Item(w, who, "evt_1", 1, "crm"), w.ring.Item(w, who, "evt_2", 2, "crm")
	one.Conversation, two.Conversation = webhook.Conversation(conversation), webhook.Conversation(conversation)
	lease := w.append(l, one, two)[0].Leases[0]
	head, _ := w.finish(l, lease, webhook.Verdict{Counted: true}, long)
	next, ok := w.finish(l, head.Lease, webhook.Verdict{Outcome: webhook.Aside, Counted: true}, long)
	if !ok || next.Delivery.ID != "evt_2" || next.Delivery.Aside {
		w.Fatalf("the lane did not go on: %v %+v", ok, next.Delivery)
	}
	w.finish(l, next.Lease, webhook.Verdict{Outcome: webhook.Delivered}, long)
	due, err := l.Due(w.Context(), 10)
	if err != nil || len(due) != 1 {
		w.Fatalf("due: %v %v, want the lane of the event that stepped aside", due, err)
	}
	aside := w.take(l, due[0], long)
	if d := aside.Delivery; d.ID != "evt_1" || !d.Aside || d.Attempts != 2 || d.FirstTry.IsZero() || string(d.Body) != string(one.Delivery.Body) {
		w.Errorf("aside: %+v", d)
	}
	// It cannot step aside further: it waits.
	if _, ok := w.finish(l, aside.Lease, webhook.Verdict{Outcome: webhook.Aside, After: time.Millisecond}, long); ok {
		w.Error("it stepped aside again")
	}
	aside = w.take(l, due[0], long)
	w.finish(l, aside.Lease, webhook.Verdict{Outcome: webhook.Dead, Reason: "too_old"}, long)
	ids, err := w.store.Client().ZRange(w.Context(), w.store.Keys().Deads(w.store.Keys().Shard(one.Conversation), "acme", "crm"), 0, -1).Result()
	if err != nil || len(ids) != 1 || !strings.HasSuffix(ids[0], "-evt_1") {
		w.Errorf("dead letters %q %v", ids, err)
	}
}

func TestEveryOutcomeIsCountedInTheMinuteOfAcceptance(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		l, who := w.node(long), lanestest.Customer()
		accepted := time.Date(2026, 11, 22, 17, 42, 59, 0, time.UTC)
		var items []webhook.Item
		for i, id := range []string{"evt_1", "evt_2", "evt_3", "evt_4"} {
			item := w.ring.Item(t, who, id, uint64(i), "crm")
			item.Delivery.Accepted = accepted
			items = append(items, item)
		}
		items = append(items, items[0])
		lease := w.append(l, items...)[0].Leases[0]
		for _, o := range []webhook.Outcome{webhook.Delivered, webhook.Dropped, webhook.Dead, webhook.Aside} {
			head, _ := w.finish(l, lease, webhook.Verdict{Outcome: o, After: time.Hour}, long)
			lease = head.Lease
		}
		keys := w.store.Keys()
		key := keys.Counts(keys.Of(who), "acme", accepted.Unix()/3600)
		got, err := w.store.Client().HGetAll(w.Context(), key).Result()
		if err != nil {
			w.Fatal(err)
		}
		want := map[string]string{"42:in": "4", "42:dup": "1", "42:out": "1", "42:dropped": "1", "42:dead": "1", "42:aside": "1"}
		if diff := cmp.Diff(want, got); diff != "" {
			w.Errorf("counters (-want +got):\n%s", diff)
		}
		if ttl, err := w.store.Client().PTTL(w.Context(), key).Result(); err != nil || ttl < 191*time.Hour || ttl > 192*time.Hour {
			w.Errorf("they live for %v (%v), want 8 days", ttl, err)
		}
	})
}

func TestNoBodyIsReadableInRedis(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		l, who := w.node(long), lanestest.Customer()
		lease := w.append(l, w.ring.Item(t, who, "evt_1", 1, "crm", "bot"), w.ring.Item(t, who, "evt_2", 2, "crm"))[0].Leases[0]
		w.finish(l, lease, webhook.Verdict{Outcome: webhook.Dead, Reason: "refused", Status: 422}, 0)
		all := w.dump()
		if len(all) < 5 {
			w.Fatalf("the dump has %d values: nothing was looked at", len(all))
		}
		for key, value := range all {
			if strings.Contains(value, lanestest.Secret) || strings.Contains(value, `"text"`) {
				w.Errorf("a body is readable under a key of %d bytes", len(key))
			}
		}
	})
}

// dump reads every list, string and hash.
func (w *world) dump() map[string]string {
	w.Helper()
	c, ctx, out := w.store.Client(), w.Context(), map[string]string{}
	names, err := c.Keys(ctx, "*").Result()
	if err != nil {
		w.Fatal(err)
	}
	for _, name := range names {
		switch kind := c.Type(ctx, name).Val(); kind {
		case "list":
			out[name] = strings.Join(c.LRange(ctx, name, 0, -1).Val(), "\n")
		case "string":
			out[name] = c.Get(ctx, name).Val()
		case "hash":
			fields := c.HGetAll(ctx, name).Val()
			for _, f := range slices.Sorted(maps.Keys(fields)) {
				out[name] += f + fields[f] + "\n"
			}
		case "zset":
			out[name] = strings.Join(c.ZRange(ctx, name, 0, -1).Val(), "\n")
		case "set":
			out[name] = strings.Join(c.SMembers(ctx, name).Val(), "\n")
		default:
			w.Fatalf("a key of type %s", kind)
		}
	}
	return out
}
