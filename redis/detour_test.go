package redis_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"bauta/redis"
	"bauta/redis/redistest"
)

// The cluster specification (redis.io, "Redirection and resharding"): a node that has a
// slot no more says MOVED, one whose key left already says ASK, and of keys that are
// partly here and partly there TRYAGAIN. None of these was done.
func TestCallsFollowASlotThatMoves(t *testing.T) {
	t.Parallel()
	count := redis.NewScript(`return redis.call('INCR', KEYS[1])`)
	both := redis.NewScript(`redis.call('INCR', KEYS[2]); return redis.call('INCR', KEYS[1])`)
	for _, level := range []redis.Acknowledge{redis.Memory, redis.Replica} {
		t.Run(fmt.Sprintf("acknowledge %d", level), func(t *testing.T) {
			t.Parallel()
			set := redistest.Masters(t)
			store, err := redis.Open(t.Context(), redis.Options{URL: set.URL, Acknowledge: level, WaitOnStart: 10 * time.Second, AcknowledgeTimeout: 10 * time.Second})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = store.Close() }()
			const tag = "bauta:{007}:"
			slot, done := set.Slot(t, tag), int64(0)
			// Enough keys that about half of those which one migration takes stay.
			var old []string
			for i := range 20 {
				old = append(old, fmt.Sprintf("%sold:%d", tag, i))
			}
			stages := []string{"before", "announced", "half moved", "moved and not said"}
			step := func() {
				stage := stages[0]
				stages = stages[1:]
				done++
				calls := []redis.Call{redis.Command("INCR", "bauta:ad:acme:1"), count.Call([]string{tag + "new:" + stage})}
				for i, k := range old {
					if i%2 == 0 {
						calls = append(calls, redis.Command("INCR", k))
					} else {
						calls = append(calls, count.Call([]string{k}))
					}
				}
				for name, r := range map[string][]redis.Result{"all": store.Commit(t.Context(), calls), "one": {store.Do(t.Context(), count.Call([]string{tag + "one"}))}} {
					for i, r := range r {
						want := done
						if name == "all" && i == 1 {
							want = 1
						}
						if n, err := r.Int(); err != nil || n != want {
							t.Errorf("%s, call %d of %s: %d, %v, want %d", stage, i, name, n, err, want)
						}
					}
				}
				// A script on keys of which some are on either side, or nowhere yet.
				pair := []string{tag + "a:" + stage, tag + "b:" + stage}
				n, err := store.Do(t.Context(), both.Call(pair)).Int()
				if (err != nil || n != 1) && !errors.Is(err, redis.ErrUnavailable) {
					t.Errorf("%s, two keys: %d, %v, want 1 or ErrUnavailable", stage, n, err)
				}
				if err != nil && store.Pipeline(t.Context(), []redis.Call{redis.Command("EXISTS", pair[0])})[0].Value != int64(0) {
					t.Errorf("%s: what was refused was done", stage)
				}
			}
			step()
			set.Move(t, slot, set.Others(t, slot)[0], step)
			if stages = []string{"after"}; !t.Failed() {
				step()
			}
		})
	}
}

// A cluster that does not know itself where a slot is leads in circles.
func TestACallIsNotSentInCircles(t *testing.T) {
	t.Parallel()
	server := redistest.Cluster(t)
	asked := 0
	b := server.Between(t)
	b.Says(func(command []string) string {
		switch strings.ToUpper(command[0]) {
		case "INCR":
			asked++
			return "-MOVED 1 " + b.Address + "\r\n"
		case "CLUSTER":
			return fmt.Sprintf("*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n$9\r\n127.0.0.1\r\n:%s\r\n", b.Address[strings.LastIndex(b.Address, ":")+1:])
		}
		return ""
	})
	store, err := redis.Open(t.Context(), redis.Options{URL: b.URL})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	r := store.Do(t.Context(), redis.Command("INCR", "bauta:ad:acme:1"))
	if !errors.Is(r.Err, redis.ErrUnavailable) || !strings.HasSuffix(r.Err.Error(), "MOVED") || asked > 4 || asked < 2 {
		t.Errorf("asked %d times: %v", asked, r.Err)
	}
}
