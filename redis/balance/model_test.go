package balance_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"bauta/redis"
	"bauta/redis/balance"
	"bauta/redis/counts"
	"bauta/redis/deadletters"
	"bauta/redis/lanes/lanestest"
	"bauta/redis/lanes/place"
	"bauta/redis/lanes/tally"
	"bauta/redis/redistest"
	"bauta/webhook"
)

// model is what must have been counted, whatever was done.
type model struct {
	*rig
	// hand is the same store for a user who may do more than Bauta.
	hand   *redis.Store
	people []string
	items  []webhook.Item
	holds  []string
	want   counts.Minute
}

// ends are drawn for an event: one, two or none.
func ends(n int) []string { return [][]string{{"crm"}, {"crm", "bot"}, {}}[n] }

func (m *model) append(t *rapid.T) {
	n := rapid.IntRange(0, 2).Draw(t, "endpoints")
	ago := time.Duration(rapid.IntRange(0, 100).Draw(t, "hours")) * time.Hour
	m.keep(m.item(m.who(t), ago, ends(n)...), false)
}

// keep appends one item; of one that is known only that is counted.
func (m *model) keep(item webhook.Item, known bool) {
	out, err := m.lanes.Append(m.Context(), []webhook.Item{item})
	m.must(err)
	if out[0].Duplicate != known {
		m.Fatalf("known %v, want %v", out[0].Duplicate, known)
	}
	if known {
		m.want.Dup++
		return
	}
	m.items = append(m.items, item)
	m.want.In += int64(len(item.Endpoints))
}

func (m *model) who(t *rapid.T) string {
	return m.people[rapid.IntRange(0, len(m.people)-1).Draw(t, "customer")]
}

// again brings an event that was stored before.
func (m *model) again(t *rapid.T) {
	if len(m.items) > 0 {
		m.keep(m.items[rapid.IntRange(0, len(m.items)-1).Draw(t, "event")], true)
	}
}

// deliver ends the head of a lane, or not yet.
func (m *model) deliver(t *rapid.T) {
	for _, who := range m.people {
		for _, end := range []string{"crm", "bot"} {
			_ = m.store.Do(m.Context(), redis.Command("ZADD", m.lane(who, end).Due, "XX", 0, who))
		}
	}
	due := m.due()
	if len(due) == 0 {
		return
	}
	head, ok, err := m.lanes.Take(m.Context(), due[rapid.IntRange(0, len(due)-1).Draw(t, "lane")], time.Minute)
	m.must(err)
	if !ok {
		return // somebody emptied it
	}
	o := rapid.SampledFrom([]webhook.Outcome{webhook.Delivered, webhook.Again, webhook.Dropped, webhook.Expired, webhook.Dead, webhook.Aside}).Draw(t, "outcome")
	m.finish(head.Lease, o)
	switch o {
	case webhook.Delivered:
		m.want.Out++
	case webhook.Dropped:
		m.want.Dropped++
	case webhook.Expired:
		m.want.Expired++
	case webhook.Dead:
		m.want.Dead++
	case webhook.Aside:
		if !head.Delivery.Aside {
			m.want.Aside++
		}
	case webhook.Again:
	}
}

// revive replays or drops a dead letter.
func (m *model) revive(t *rapid.T) {
	letters, _, err := m.dead.List(m.Context(), deadletters.Filter{Business: "acme"}, "", 100)
	m.must(err)
	if len(letters) == 0 {
		return
	}
	id := letters[rapid.IntRange(0, len(letters)-1).Draw(t, "letter")].ID
	if rapid.Bool().Draw(t, "replay") {
		_, err = m.dead.Replay(m.Context(), id)
		m.want.Dead--
	} else {
		_, err = m.dead.Drop(m.Context(), id)
	}
	m.must(err)
}

func (m *model) holdOne(t *rapid.T) {
	m.holds = append(m.holds, m.hold(m.who(t), 0))
	m.want.In++
	m.want.Held++
}

// unhold releases or drops what is held, or is late with either.
func (m *model) unhold(t *rapid.T) {
	if len(m.holds) == 0 {
		return
	}
	i := rapid.IntRange(0, len(m.holds)-1).Draw(t, "held")
	id := m.holds[i]
	ev, ok, err := m.held.Read(m.Context(), "acme", id)
	m.must(err)
	if !ok {
		return
	}
	if rapid.Bool().Draw(t, "release") {
		item := m.item(ev.Customer, 0, "crm")
		item.Dedupe, item.Delivery.Held = ev.Dedupe, true
		m.keep(item, false)
		if rapid.Bool().Draw(t, "crash between") { // then it is released again
			m.keep(item, true)
		}
		_, err = m.held.Release(m.Context(), "acme", id)
		m.want.In--
	} else {
		_, err = m.held.Drop(m.Context(), "acme", id)
		m.want.Dropped++
	}
	m.must(err)
	m.want.Held--
	m.holds = append(m.holds[:i], m.holds[i+1:]...)
}

// erase forgets what waits and is held of a customer.
func (m *model) erase(t *rapid.T) {
	who := m.who(t)
	trace := &webhook.Trace{Business: "acme", Customers: []string{who}, Conversations: []webhook.Conversation{webhook.Conversation(who)}}
	n, err := m.lanes.Forget(m.Context(), trace)
	m.must(err)
	held, err := m.held.Forget(m.Context(), trace)
	m.must(err)
	m.want.Erased += int64(n + held)
	m.want.Held -= int64(held)
}

// look compares: nothing is unaccounted for, and what was counted is what was done.
func (m *model) look(t *rapid.T) {
	if d := m.differences(rapid.Bool().Draw(t, "mend")); !d.None() {
		t.Fatalf("a difference where there is none: %+v", d)
	}
	got := m.total()
	if diff := cmp.Diff(m.want, got); diff != "" {
		t.Fatalf("counted (-want +got):\n%s", diff)
	}
	if n := m.waiting(); n != got.Waiting() {
		t.Fatalf("%d wait, and %d were counted as waiting", n, got.Waiting())
	}
}

// strike does to the store what Bauta never does. Afterwards the balance is mended and
// what was counted is whatever is there.
func (m *model) strike(t *rapid.T) {
	p := m.lane(m.who(t), rapid.SampledFrom([]string{"crm", "bot"}).Draw(t, "endpoint"))
	hour, minute := place.Minute(m.store.Keys(), p.Shard, "acme", m.now)
	n := rapid.IntRange(1, 3).Draw(t, "by")
	calls := []redis.Call{
		redis.Command("LPOP", p.List), redis.Command("RPOP", p.List), redis.Command("DEL", p.List), redis.Command("DEL", p.Head),
		redis.Command("ZREM", p.Due, string(p.Lane.Conversation)), redis.Command("DEL", p.Due), redis.Command("DEL", p.Ages),
		redis.Command("DEL", p.Ends), redis.Command("DEL", p.Depths), redis.Command("HINCRBY", p.Depths, p.End(), n),
		redis.Command("HINCRBY", hour, minute+tally.Out, -n), redis.Command("HINCRBY", hour, minute+tally.Held, n), redis.Command("DEL", hour),
		redis.Command("DEL", m.store.Keys().Helds(p.Shard, "acme")),
	}
	for range n {
		m.must(m.hand.Do(m.Context(), rapid.SampledFrom(calls).Draw(t, "strike")).Err)
	}
	before := m.differences(false)
	if again := m.differences(false); again != before {
		t.Fatalf("a look changed something: %+v, then %+v", before, again)
	}
	if mended := m.differences(true); mended != before {
		t.Fatalf("%+v was mended, %+v was found", mended, before)
	}
	if d := m.differences(false); !d.None() {
		t.Fatalf("after %+v was mended: %+v", before, d)
	}
	m.want, m.holds = m.total(), nil
	if n := m.waiting(); n != m.want.Waiting() {
		t.Fatalf("%d wait, and %d were counted as waiting", n, m.want.Waiting())
	}
}

// Whatever is done to events, as often as it is repeated, nothing is unaccounted for;
// and whatever is done to the store by hand, it is mended.
func TestTheBalanceHoldsWhateverIsDoneToEvents(t *testing.T) {
	t.Parallel()
	for name, struck := range map[string]bool{"nobody touches the store": false, "somebody does": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := redistest.Standalone(t)
			store, err := redis.Open(t.Context(), redis.Options{URL: server.As(t, strings.Fields(redis.Rights())...), Shards: 1})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = store.Close() })
			hand := server.Open(t, redis.Options{})
			rapid.Check(t, func(rt *rapid.T) {
				if err := server.Client.FlushAll(t.Context()).Err(); err != nil {
					t.Fatal(err)
				}
				m := &model{rig: newRig(t, store), hand: hand, people: []string{lanestest.Customer(), lanestest.Customer()}}
				actions := map[string]func(*rapid.T){
					"append": m.append, "again": m.again, "deliver": m.deliver, "revive": m.revive, "hold": m.holdOne,
					"unhold": m.unhold, "erase": m.erase, "look": m.look,
				}
				if struck {
					actions["strike"] = m.strike
				}
				rt.Repeat(actions)
				m.look(rt)
			})
		})
	}
}

// While events come and go, a reconciler that is at work all the time finds nothing: a
// snapshot of several moments is none.
func TestNothingIsMendedWhileEventsMove(t *testing.T) {
	t.Parallel()
	each(t, func(r *rig) {
		var moving sync.WaitGroup
		for i := range 4 {
			work := newRig(r, r.store)
			work.events = (i + 1) * 1e6
			moving.Go(func() {
				for range 50 {
					work.move()
				}
			})
		}
		over := make(chan struct{})
		go func() {
			moving.Wait()
			close(over)
		}()
		for going := true; going; {
			select {
			case <-over:
				going = false
			default:
			}
			// Parts that never stand still are looked at another time.
			_ = r.balance.Check(r.Context(), []string{"acme"}, true, func(d balance.Difference) {
				r.Errorf("it mended what was not wrong: %+v", d)
			}, nil)
		}
		if d := r.differences(false); !d.None() {
			r.Errorf("afterwards: %+v", d)
		}
		if n := r.total().In; n != 400 {
			r.Errorf("%d were accepted, want 400", n)
		}
	})
}

// move brings an event of a new customer to each of two endpoints, and ends one.
func (r *rig) move() {
	who := lanestest.Customer()
	leases := r.accept(who, 0, "crm", "bot")
	r.finish(leases[0], webhook.Delivered)
	if r.events%2 == 0 {
		r.finish(leases[1], webhook.Aside)
	}
}
