package lanes_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bauta/masking"
	"bauta/redis"
	"bauta/redis/counts"
	"bauta/redis/lanes"
	"bauta/redis/lanes/lanestest"
	"bauta/redis/redistest"
	"bauta/webhook"
	"bauta/webhook/meta"

	goredis "github.com/redis/go-redis/v9"
)

// shapes are a handle as the lanestest ring writes it, and another.
func shapes() (ended, later masking.Handle) {
	return masking.Handle{Country: "IT", Long: "9041174520836617350284", Phone: "999904117452083"},
		masking.Handle{Country: "IT", Long: "5550001112223334445556", Phone: "999555000111222"}
}

// What was prepared before a handle ended, by whichever clock, does not come in after it
// was forgotten; nobody else is kept out.
func TestNothingComesInUnderAHandleThatEnded(t *testing.T) {
	t.Parallel()
	ended, later := shapes()
	for _, c := range []webhook.Conversation{"", "g:Y2FwaV9ncm91cDox"} {
		for shape, handle := range map[string]string{"long": ended.In(masking.View{ShowCountry: true}), "phone": ended.Phone} {
			each(t, func(w *world) {
				l, who, other := w.node(long), lanestest.Customer(), lanestest.Customer()
				conversation := c
				if c == "" {
					conversation = webhook.Conversation(who)
				}
				now := time.Now().Truncate(time.Millisecond)
				item := func(id string, n uint64, who, handle string, accepted time.Time) webhook.Item {
					i := w.ring.Item(t, who, id, n, "crm", "bot")
					i.Conversation, i.Delivery.Handle, i.Delivery.Accepted = conversation, handle, accepted
					return i
				}
				theirs := later.In(masking.View{})
				w.append(l, item("evt_before", 1, who, handle, now), item("evt_ahead", 2, who, handle, now.Add(time.Minute)),
					item("evt_back", 3, who, theirs, now.Add(time.Minute)))
				gone := trace(who, conversation)
				gone.Until, gone.Handles, gone.Errands = now, []masking.Handle{ended}, false
				if n, err := l.Forget(t.Context(), gone); n != 4 || err != nil {
					w.Errorf("%s: forgot %d, %v, want 4", shape, n, err)
				}
				late := item("evt_late", 4, who, handle, now)
				told := w.ownEvent(who, 5, "crm")
				told.Conversation, told.Delivery.Handle = conversation, ""
				out := w.append(l, late, item("evt_again", 6, who, theirs, now), item("evt_other", 7, other, theirs, now), told, late)
				if out[0].Duplicate || len(out[0].Leases) != 0 || !out[4].Duplicate {
					w.Errorf("%s: the late one: %+v, again: %+v", shape, out[0], out[4])
				}
				sum, left := w.sums()
				if diff := cmp.Diff(map[string]int64{"crm": 4, "bot": 3}, left); diff != "" {
					w.Errorf("%s: waiting (-want +got):\n%s", shape, diff)
				}
				if diff := cmp.Diff(counts.Minute{In: 13, Erased: 6}, sum); diff != "" {
					w.Errorf("%s: counters (-want +got):\n%s", shape, diff)
				}
				keys, err := w.store.Client().Keys(w.Context(), "bauta:{*}:over:*").Result()
				if err != nil || len(keys) != 1 {
					t.Fatalf("%q, %v", keys, err)
				}
				if life, err := w.store.Client().PTTL(w.Context(), keys[0]).Result(); err != nil || life <= 0 || life > time.Hour {
					w.Errorf("%s: it holds for %v, %v", shape, life, err)
				}
			})
		}
	}
}

// first runs once, before the first of a command.
type first struct {
	goredis.Hook

	command string
	do      func()
	done    atomic.Bool
}

func (f *first) ProcessHook(next goredis.ProcessHook) goredis.ProcessHook {
	return func(ctx context.Context, cmd goredis.Cmder) error {
		f.before(cmd)
		return next(ctx, cmd)
	}
}

func (f *first) ProcessPipelineHook(next goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []goredis.Cmder) error {
		f.before(cmds[0])
		return next(ctx, cmds)
	}
}

func (f *first) before(cmd goredis.Cmder) {
	if f.do != nil && strings.EqualFold(cmd.Name(), f.command) && f.done.CompareAndSwap(false, true) {
		f.do()
	}
}

// Whatever steps aside while a customer is forgotten is forgotten too.
func TestWhatStepsAsideMeanwhileIsForgotten(t *testing.T) {
	t.Parallel()
	hook := &first{Hook: &redistest.Fault{}, command: "lrange"}
	w := &world{T: t, store: redistest.Embedded(t, redis.Options{Hooks: []goredis.Hook{hook}}), ring: lanestest.NewRing(t)}
	l, who := w.node(0), lanestest.Customer()
	w.append(l, w.ring.Item(t, who, "evt_1", 1, "crm"), w.ring.Item(t, who, "evt_2", 2, "crm"))
	head := w.take(l, lane(who, "crm"), long)
	hook.do = func() { w.finish(l, head.Lease, webhook.Verdict{Outcome: webhook.Aside, After: time.Hour}, 0) }
	if n, err := l.Forget(t.Context(), direct(who)); n != 2 || err != nil || !hook.done.Load() {
		t.Errorf("forgot %d, %v, want 2", n, err)
	}
	w.empty()
}

// How far the messages of a direct chat have come is forgotten with it, for every
// endpoint, whether anything waits there or not.
func TestStagesAreForgottenWithTheDirectChat(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		l, who, other := w.node(long), lanestest.Customer(), lanestest.Customer()
		for _, c := range []string{who, other, "g:Y2FwaV9ncm91cDox"} {
			for _, end := range []string{"crm", "bot"} {
				w.advance(l, lane(c, end), status(1, meta.Read))
			}
		}
		gone := trace(who, webhook.Conversation(who), "g:Y2FwaV9ncm91cDox")
		gone.Endpoints = []string{"crm", "bot"}
		if _, err := l.Forget(t.Context(), gone); err != nil {
			t.Fatal(err)
		}
		left, err := w.store.Client().Keys(w.Context(), "bauta:{*}:st:*").Result()
		if err != nil || len(left) != 4 {
			w.Errorf("left are %q, %v, want the other's and the group's", left, err)
		}
		for _, key := range left {
			if strings.Contains(key, who) {
				w.Errorf("left is %s", key)
			}
		}
	})
}

// Which endpoints got a shared number, when and how often, is kept beside the customer,
// and goes with them.
func TestWhoGotANumberIsCounted(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		l := lanes.New(lanes.Options{
			Store: w.store, Keys: w.ring, Lease: func(webhook.EndpointKey) time.Duration { return long },
			Shown: func(string) time.Duration { return 8760 * time.Hour },
		})
		who, other := lanestest.Customer(), lanestest.Customer()
		begun := time.Now().Add(-time.Second)
		const lisbon = webhook.Conversation("g:Y2FwaV9ncm91cDox")
		for i, d := range []struct {
			c       webhook.Conversation
			end     string
			shows   bool
			outcome webhook.Outcome
		}{
			{"", "crm", true, webhook.Delivered},
			{"", "crm", true, webhook.Delivered},
			{"", "crm", false, webhook.Delivered},
			{"", "crm", true, webhook.Dropped},
			{"", "bot", true, webhook.Delivered},
			{lisbon, "crm", true, webhook.Delivered},
			{"", "old", false, webhook.Delivered},
		} {
			item := w.ring.Item(t, who, "evt_"+string(rune('a'+i)), uint64(i+1), d.end)
			if d.c != "" {
				item.Conversation = d.c
			}
			if d.shows {
				item.Delivery.Shows = who
			}
			lease := w.append(l, item)[0].Leases[0]
			head, _ := w.finish(l, lease, webhook.Verdict{}, long)
			if (head.Delivery.Shows == who) != d.shows {
				w.Errorf("event %d shows %q", i, head.Delivery.Shows)
			}
			w.finish(l, head.Lease, webhook.Verdict{Outcome: d.outcome, Shows: head.Delivery.Shows}, 0)
		}
		want := func(t *webhook.Trace, want map[string]int64) {
			w.Helper()
			got, err := l.Shown(w.Context(), t)
			counted := map[string]int64{}
			for _, r := range got {
				counted[r.Endpoint] = r.Count
				if r.First.Before(begun) || r.Last.Before(r.First) || r.Last.After(time.Now().Add(time.Second)) {
					w.Errorf("%s from %v to %v", r.Endpoint, r.First, r.Last)
				}
			}
			if diff := cmp.Diff(want, counted); diff != "" || err != nil {
				w.Errorf("%v (-want +got):\n%s", err, diff)
			}
		}
		want(direct(who), map[string]int64{"crm": 2, "bot": 1})
		want(trace(who, lisbon), map[string]int64{"crm": 1})
		want(trace(who, webhook.Conversation(who), lisbon), map[string]int64{"crm": 3, "bot": 1})
		want(direct(other), map[string]int64{})
		keys, err := w.store.Client().Keys(w.Context(), "bauta:{*}:shown:*").Result()
		if err != nil || len(keys) != 2 {
			t.Fatalf("%q, %v", keys, err)
		}
		for _, key := range keys {
			if life, err := w.store.Client().PTTL(w.Context(), key).Result(); err != nil || life <= 8759*time.Hour || life > 8760*time.Hour {
				w.Errorf("it is kept for %v, %v", life, err)
			}
		}
		for _, gone := range []*webhook.Trace{trace(who, lisbon), direct(who)} {
			if _, err := l.Forget(w.Context(), gone); err != nil {
				t.Fatal(err)
			}
			want(gone, map[string]int64{})
		}
		w.empty()
	})
}
