package lanes_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"bauta/redis"
	"bauta/redis/lanes/lanestest"
	"bauta/redis/redistest"
	"bauta/webhook"
)

func TestDueListsTheLongestDueAndNoMoreThanTheLimitOfEachEndpoint(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		l := w.node(0)
		var who []string
		for i := range 12 {
			who = append(who, lanestest.Customer())
			w.append(l, w.ring.Item(t, who[i], fmt.Sprintf("evt_%d", i), 1, "crm"))
			w.clockMoves()
		}
		w.append(l, w.ring.Item(t, who[0], "evt_x", 2, "bot"))
		due, err := l.Due(w.Context(), 5)
		if err != nil {
			w.Fatal(err)
		}
		want := []webhook.Lane{lane(who[0], "crm"), lane(who[1], "crm"), lane(who[2], "crm"), lane(who[3], "crm"), lane(who[4], "crm"), lane(who[0], "bot")}
		if fmt.Sprint(due) != fmt.Sprint(want) {
			w.Errorf("due %v\nwant %v", due, want)
		}
	})
}

// clockMoves waits until the server's clock shows another ms.
func (w *world) clockMoves() {
	w.Helper()
	start := w.store.Client().Time(w.Context()).Val().UnixMilli()
	w.poll("the clock moved", func() bool { return w.store.Client().Time(w.Context()).Val().UnixMilli() > start+1 })
}

func TestAnEndpointWithoutLanesIsForgotten(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		// Ends is a hint: a script that empties a lane clears it, and Due what remained.
		if err := w.store.Client().SAdd(w.Context(), w.store.Keys().Ends(3), "acme:gone", "not an endpoint").Err(); err != nil {
			w.Fatal(err)
		}
		if due, err := w.node(0).Due(w.Context(), 10); len(due) != 0 || err != nil {
			w.Errorf("due: %v %v", due, err)
		}
		if there := w.store.Client().SIsMember(w.Context(), w.store.Keys().Ends(3), "acme:gone").Val(); there {
			w.Error("the endpoint is still there")
		}
	})
}

func TestANameInDueWithoutEventsIsCleared(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		l, who := w.node(0), lanestest.Customer()
		w.append(l, w.ring.Item(t, who, "evt_1", 1, "crm"))
		if err := w.store.Client().Del(w.Context(), w.store.Keys().Lane(lane(who, "crm"))).Err(); err != nil {
			w.Fatal(err)
		}
		if _, ok, err := l.Take(w.Context(), lane(who, "crm"), long); ok || err != nil {
			w.Errorf("take: %v %v", ok, err)
		}
		if due, err := l.Due(w.Context(), 10); len(due) != 0 || err != nil {
			w.Errorf("due: %v %v", due, err)
		}
	})
}

func TestManyEndpointsAreSeenInSomeCalls(t *testing.T) {
	t.Parallel()
	w := &world{T: t, store: redistest.Standalone(t).Open(t, redis.Options{}), ring: lanestest.NewRing(t)}
	// More endpoints of shards than one call asks for: 12 in each of 256.
	const ends = 12
	keys := w.store.Keys()
	pipe := w.store.Client().Pipeline()
	for shard := range keys.Shards() {
		for e := range ends {
			end := fmt.Sprintf("e%d", e)
			pipe.SAdd(w.Context(), keys.Ends(shard), "acme:"+end)
			pipe.Do(w.Context(), "ZADD", keys.Due(shard, "acme", end), 1, fmt.Sprintf("c%d", shard))
		}
	}
	if _, err := pipe.Exec(w.Context()); err != nil {
		t.Fatal(err)
	}
	l, seen := w.node(0), map[webhook.Lane]bool{}
	for range 2 {
		due, err := l.Due(w.Context(), 1000)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range due {
			seen[d] = true
		}
	}
	if len(seen) != ends*keys.Shards() {
		t.Errorf("two calls saw %d lanes, want %d", len(seen), ends*keys.Shards())
	}
}

// However many lanes wait, about as much is read as is returned; where those that are due
// lie in few shards, it is all the same as much as was asked for.
func TestWhatIsDueIsFoundWhereverItLies(t *testing.T) {
	t.Parallel()
	const limit, each, later = 40, 60, 1 << 50
	for name, row := range map[string]struct {
		due  func(shard int) bool
		most int64 // bytes of Redis's answers; a name takes some 30
	}{
		"in every shard":              {func(int) bool { return true }, 40_000},
		"in one, and later in others": {func(shard int) bool { return shard == 7 }, 40_000},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := redistest.Standalone(t)
			w := &world{T: t, store: server.Open(t, redis.Options{}), ring: lanestest.NewRing(t)}
			keys, pipe := w.store.Keys(), w.store.Client().Pipeline()
			for shard := range keys.Shards() {
				pipe.SAdd(w.Context(), keys.Ends(shard), "acme:crm")
				for i := range each {
					at := later
					if row.due(shard) {
						at = 1000 + (i*keys.Shards()+shard)%9973
					}
					pipe.Do(w.Context(), "ZADD", keys.Due(shard, "acme", "crm"), at, fmt.Sprintf("c%d_%d", shard, i))
				}
			}
			pipe.Do(w.Context(), "ZADD", keys.Due(7, "acme", "crm"), 1, "longest")
			if _, err := pipe.Exec(w.Context()); err != nil {
				t.Fatal(err)
			}
			l, before := w.node(0), sentBy(t, server)
			due, err := l.Due(w.Context(), limit)
			if err != nil || len(due) != limit {
				t.Fatalf("%d lanes are due (%v), want %d", len(due), err, limit)
			}
			if due[0].Conversation != "longest" {
				t.Errorf("first comes %s, want the one that is due longest", due[0].Conversation)
			}
			if n := sentBy(t, server) - before; n > row.most {
				t.Errorf("Redis answered %d bytes, want at most %d", n, row.most)
			}
		})
	}
}

// sentBy is how much the server has sent over the network.
func sentBy(t *testing.T, server *redistest.Server) int64 {
	t.Helper()
	info, err := server.Client.InfoMap(t.Context(), "stats").Result()
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.ParseInt(info["Stats"]["total_net_output_bytes"], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestOtherNodesAreTold(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		who, wakes := lanestest.Customer(), w.node(0).Wake(w.Context())
		w.poll("the subscription is there", func() bool {
			n, err := w.store.Client().PubSubNumSub(w.Context(), redis.WakeChannel).Result()
			return err == nil && n[redis.WakeChannel] == 1
		})
		idle := w.node(0)
		w.append(idle, w.ring.Item(t, who, "evt_1", 1, "crm"))
		w.told(wakes, lane(who, "crm"), "an append without a lease")
		head := w.take(idle, lane(who, "crm"), long)
		w.finish(idle, head.Lease, webhook.Verdict{}, 0)
		w.told(wakes, lane(who, "crm"), "a lease that was given back")
		if err := w.store.Client().Publish(w.Context(), redis.WakeChannel, "no lane").Err(); err != nil {
			w.Fatal(err)
		}
		if err := w.store.Client().Publish(w.Context(), redis.WakeChannel, "acme:crm:").Err(); err != nil {
			w.Fatal(err)
		}
		w.told(wakes, lane("", "crm"), "an endpoint, after a message that is no lane")
	})
}

func (w *world) told(wakes <-chan webhook.Lane, want webhook.Lane, why string) {
	w.Helper()
	select {
	case got := <-wakes:
		if got != want {
			w.Errorf("%s told of %v, want %v", why, got, want)
		}
	case <-time.After(10 * time.Second):
		w.Fatalf("%s told nobody", why)
	}
}
