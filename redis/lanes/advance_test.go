package lanes_test

import (
	"testing"
	"time"

	"bauta/redis"
	"bauta/redis/lanes"
	"bauta/redis/lanes/lanestest"
	"bauta/redis/lanes/place"
	"bauta/redis/redistest"
	"bauta/webhook"
	"bauta/webhook/meta"
)

// status is a head that is about to be sent, of the message n.
func status(n uint64, stage meta.Stage) *webhook.Delivery {
	return &webhook.Delivery{ID: "evt_s", Stage: stage, Message: n}
}

func (w *world) advance(l *lanes.Lanes, to webhook.Lane, d *webhook.Delivery) (overtaken bool, wait time.Duration) {
	w.Helper()
	overtaken, wait, err := l.Advance(w.Context(), webhook.Lease{Lane: to, Deadline: time.Now().Add(long)}, d)
	if err != nil {
		w.Fatalf("advance: %v", err)
	}
	return overtaken, wait
}

// Each step is noted by another node: what was sent is the cluster's knowledge.
func TestAStatusBehindOneThatWasSentIsOvertaken(t *testing.T) {
	t.Parallel()
	type step struct {
		message   uint64
		stage     meta.Stage
		overtaken bool
	}
	for name, steps := range map[string][]step{
		"in order":                       {{1, meta.Sent, false}, {1, meta.Delivered, false}, {1, meta.Read, false}, {1, meta.Played, false}},
		"a delivered after its read":     {{1, meta.Read, false}, {1, meta.Delivered, true}, {1, meta.Sent, true}},
		"a sent after its delivered":     {{1, meta.Delivered, false}, {1, meta.Sent, true}, {1, meta.Read, false}},
		"the same once more is a retry":  {{1, meta.Delivered, false}, {1, meta.Delivered, false}},
		"another message is another's":   {{1, meta.Read, false}, {2, meta.Sent, false}, {2, meta.Delivered, false}},
		"a failure always comes":         {{1, meta.Read, false}, {1, meta.Failed, false}, {1, meta.Delivered, true}},
		"after a failure a sent is late": {{1, meta.Sent, false}, {1, meta.Failed, false}, {1, meta.Sent, true}, {1, meta.Delivered, false}},
		"what says nothing always comes": {{1, meta.Read, false}, {1, meta.NoStage, false}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(w *world) {
				for _, conversation := range []string{lanestest.Customer(), "g:Y2FwaV9ncm91cDox", "w:102290129340398:messages"} {
					for i, s := range steps {
						overtaken, wait := w.advance(w.node(long), lane(conversation, "crm"), status(s.message, s.stage))
						if overtaken != s.overtaken || wait != 0 {
							w.Errorf("%.2s, step %d: overtaken %v, wait %v; want %v", conversation, i, overtaken, wait, s.overtaken)
						}
					}
				}
			})
		})
	}
}

func TestWhatOneEndpointWasSentIsNoneOfAnothers(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		l, who := w.node(long), lanestest.Customer()
		w.advance(l, lane(who, "crm"), status(1, meta.Read))
		if overtaken, _ := w.advance(l, lane(who, "bot"), status(1, meta.Delivered)); overtaken {
			w.Error("the bot does not get what the CRM would not")
		}
	})
}

// An event that stepped aside is delivered beside its lane: while it may be under way
// the statuses of its message wait, so that they cannot arrive before it.
func TestNothingOfAMessageIsSentBesideAStatusThatSteppedAside(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		l, who := w.node(long), lanestest.Customer()
		aside := lane(string(place.Aside(webhook.Conversation(who), "evt_s")), "crm")
		lease := webhook.Lease{Lane: aside, Deadline: time.Now().Add(300 * time.Millisecond)}
		if overtaken, wait, err := l.Advance(w.Context(), lease, status(1, meta.Delivered)); overtaken || wait != 0 || err != nil {
			w.Fatalf("aside: %v %v %v", overtaken, wait, err)
		}
		if _, wait := w.advance(l, lane(who, "crm"), status(2, meta.Read)); wait != 0 {
			w.Errorf("another message waits for %v", wait)
		}
		overtaken, wait := w.advance(l, lane(who, "crm"), status(1, meta.Read))
		if overtaken || wait <= 0 || wait > 300*time.Millisecond {
			w.Errorf("its read: overtaken %v, wait %v; want to wait for as long as the lease lasts", overtaken, wait)
		}
		w.poll("the lease is over", func() bool {
			_, wait := w.advance(l, lane(who, "crm"), status(1, meta.Read))
			return wait == 0
		})
		if overtaken, _ := w.advance(l, aside, status(1, meta.Delivered)); !overtaken {
			w.Error("what stepped aside is sent after the read")
		}
	})
}

// Now and then an epoch ends between two statuses of a message; two epochs later what
// was noted is gone, and its keys with it.
func TestWhatWasSentIsRememberedForAWeekAtLeast(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		now, who := time.Now(), lanestest.Customer()
		l := lanes.New(lanes.Options{Store: w.store, Keys: w.ring, Now: func() time.Time { return now }})
		w.advance(l, lane(who, "crm"), status(1, meta.Read))
		now = now.Add(7 * 24 * time.Hour)
		if overtaken, _ := w.advance(l, lane(who, "crm"), status(1, meta.Delivered)); !overtaken {
			w.Error("a week later it is forgotten")
		}
		keys, err := w.store.Client().Keys(w.Context(), "*:st:*").Result()
		if err != nil || len(keys) != 1 {
			w.Fatalf("%d keys, %v; want one", len(keys), err)
		}
		left, err := w.store.Client().PTTL(w.Context(), keys[0]).Result()
		if err != nil || left <= 0 || left > lanes.SeenLife() {
			w.Errorf("it is kept for %v, %v", left, err)
		}
	})
}

func TestWithoutMemoryStatusesAreNotedAllTheSame(t *testing.T) {
	t.Parallel()
	server := redistest.Standalone(t)
	w := &world{T: t, store: server.Open(t, redis.Options{}), ring: lanestest.NewRing(t)}
	if err := server.Client.ConfigSet(t.Context(), "maxmemory", "1").Err(); err != nil {
		t.Fatal(err)
	}
	l, who := w.node(long), lanestest.Customer()
	w.advance(l, lane(who, "crm"), status(1, meta.Read))
	if overtaken, _ := w.advance(l, lane(who, "crm"), status(1, meta.Delivered)); !overtaken {
		w.Error("what was sent was not noted")
	}
}
