package balance_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"bauta/redis"
	"bauta/redis/balance"
	"bauta/redis/counts"
	"bauta/redis/lanes/lanestest"
	"bauta/redis/redistest"
	"bauta/webhook"
)

// each runs a test on every kind of store.
func each(t *testing.T, test func(r *rig)) {
	t.Helper()
	for name, open := range map[string]func(t *testing.T) *redis.Store{
		"embedded":     func(t *testing.T) *redis.Store { return redistest.Embedded(t, options()) },
		"cluster mode": func(t *testing.T) *redis.Store { return redistest.Cluster(t).Open(t, options()) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(newRig(t, open(t)))
		})
	}
}

// What somebody does to the store by hand is found, counted and mended: what is missing
// is counted as lost, what nobody counted as accepted, and whatever still lies in a lane
// is delivered.
func TestADifferenceMadeByHandIsFoundAndMended(t *testing.T) {
	t.Parallel()
	const ago = 5 * time.Hour
	for _, row := range []struct {
		name string
		do   func(r *rig, who, heldID string)
		want balance.Difference
		// left waits afterwards: 3 for crm, 1 for bot before.
		left int64
		sums counts.Minute
	}{
		{
			"an event is taken from the front of a lane",
			func(r *rig, who, _ string) { r.behind("LPOP", r.lane(who, "crm").List) },
			balance.Difference{Missing: 1, Miscounted: 1},
			3,
			counts.Minute{In: 5, Held: 1, Lost: 1},
		},
		{
			"an event is taken from the end of a lane",
			func(r *rig, who, _ string) { r.behind("LTRIM", r.lane(who, "crm").List, 0, 1) },
			balance.Difference{Missing: 1, Miscounted: 1},
			3,
			counts.Minute{In: 5, Held: 1, Lost: 1},
		},
		{
			"a whole lane is gone",
			func(r *rig, who, _ string) { r.behind("DEL", r.lane(who, "crm").List) },
			balance.Difference{Missing: 3, Miscounted: 3, Ages: 1},
			1,
			counts.Minute{In: 5, Held: 1, Lost: 3},
		},
		{
			"the number of those that wait is wrong",
			func(r *rig, who, _ string) { r.behind("HINCRBY", r.lane(who, "crm").Depths, "acme:crm", 40) },
			balance.Difference{Miscounted: 40},
			4,
			counts.Minute{In: 5, Held: 1},
		},
		{
			"the number of those that wait is gone",
			func(r *rig, who, _ string) { r.behind("HDEL", r.lane(who, "crm").Depths, "acme:crm") },
			balance.Difference{Miscounted: 3},
			4,
			counts.Minute{In: 5, Held: 1},
		},
		{
			"the counters of an hour are gone",
			func(r *rig, who, _ string) {
				key, _ := r.hour(who, "in", ago)
				r.behind("DEL", key)
			},
			balance.Difference{Surplus: 5, Miscounted: 1},
			4,
			counts.Minute{In: 5, Held: 1},
		},
		{
			"a counter is wrong",
			func(r *rig, who, _ string) {
				key, field := r.hour(who, "out", ago)
				r.behind("HINCRBY", key, field, 2)
			},
			balance.Difference{Surplus: 2},
			4,
			counts.Minute{In: 7, Out: 2, Held: 1},
		},
		{
			"no node would look at a lane",
			func(r *rig, who, _ string) { r.behind("ZREM", r.lane(who, "crm").Due, who) },
			balance.Difference{Stalled: 3},
			4,
			counts.Minute{In: 5, Held: 1},
		},
		{
			"no list has a lane",
			func(r *rig, who, _ string) {
				r.behind("ZREM", r.lane(who, "crm").Due, who)
				r.behind("ZREM", r.lane(who, "crm").Ages, who)
			},
			balance.Difference{Stalled: 3, Ages: 1},
			4,
			counts.Minute{In: 5, Held: 1},
		},
		{
			"of an endpoint no lane is listed, and nothing says that it has any",
			func(r *rig, who, _ string) {
				p := r.lane(who, "crm")
				r.behind("DEL", p.Due)
				r.behind("DEL", p.Ages)
				r.behind("HDEL", p.Depths, "acme:crm")
				r.behind("SREM", p.Ends, "acme:crm")
			},
			balance.Difference{Stalled: 3, Miscounted: 3, Ages: 1},
			4,
			counts.Minute{In: 5, Held: 1},
		},
		{
			"the endpoint is not in the shard's list",
			func(r *rig, who, _ string) { r.behind("SREM", r.lane(who, "crm").Ends, "acme:crm") },
			balance.Difference{Stalled: 3},
			4,
			counts.Minute{In: 5, Held: 1},
		},
		{
			"a lane's age is wrong, by which the platform would be asked to wait",
			func(r *rig, who, _ string) { r.behind("ZINCRBY", r.lane(who, "crm").Ages, -9e8, who) },
			balance.Difference{Ages: 1},
			4,
			counts.Minute{In: 5, Held: 1},
		},
		{
			"an event in a lane was overwritten",
			func(r *rig, who, _ string) { r.behind("LSET", r.lane(who, "crm").List, 1, "nonsense") },
			balance.Difference{Missing: 1},
			4,
			counts.Minute{In: 5, Held: 1, Lost: 1},
		},
		{
			"a held event is not listed any more",
			func(r *rig, who, id string) {
				r.behind("ZREM", r.store.Keys().Helds(r.store.Keys().Of(who), "acme"), id)
			},
			balance.Difference{Missing: 1, Miscounted: 1},
			4,
			counts.Minute{In: 5, Lost: 1},
		},
		{
			"a held event is listed that was not counted",
			func(r *rig, who, _ string) {
				at := text(r.now.Add(-ago).UnixMilli())
				r.behind("ZADD", r.store.Keys().Helds(r.store.Keys().Of(who), "acme"), 0, at+"-evt_x-0")
			},
			balance.Difference{Surplus: 1, Miscounted: 1},
			4,
			counts.Minute{In: 6, Held: 2},
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			each(t, func(r *rig) {
				who := lanestest.Customer()
				for range 2 {
					r.accept(who, ago, "crm")
				}
				r.accept(who, ago, "crm", "bot")
				id := r.hold(who, ago)
				if d := r.differences(false); !d.None() {
					r.Fatalf("before: %+v", d)
				}
				row.do(r, who, id)
				for _, mend := range []bool{false, true} { // a look that mends nothing changes nothing
					if diff := cmp.Diff(row.want, r.differences(mend)); diff != "" {
						r.Fatalf("mend %v (-want +got):\n%s", mend, diff)
					}
				}
				if d := r.differences(false); !d.None() {
					r.Errorf("afterwards: %+v", d)
				}
				if diff := cmp.Diff(row.sums, r.total()); diff != "" {
					r.Errorf("counted (-want +got):\n%s", diff)
				}
				if n := r.waiting(); n != row.left {
					r.Errorf("%d wait, want %d", n, row.left)
				}
				r.delivered(who, row.left)
			})
		})
	}
}

// delivered delivers what waits of a customer, as a node would that finds it by itself
// when the leases have ended.
func (r *rig) delivered(who string, want int64) {
	r.Helper()
	var got int64
	for _, end := range []string{"crm", "bot"} {
		p := r.lane(who, end)
		_ = r.store.Do(r.Context(), redis.Command("ZADD", p.Due, "XX", 0, who))
	}
	for _, lane := range r.due() {
		for head, ok, err := r.lanes.Take(r.Context(), lane, time.Minute); ok; head, ok, err = r.lanes.Take(r.Context(), lane, time.Minute) {
			r.must(err)
			r.finish(head.Lease, webhook.Delivered)
			got++
		}
	}
	if got != want || r.waiting() != 0 {
		r.Errorf("delivered %d, want %d; %d wait", got, want, r.waiting())
	}
}

// The reconciler goes over everything by itself, says what it found once, and shows it
// until it has looked again.
func TestThePassesFindDifferencesOfEveryAge(t *testing.T) {
	t.Parallel()
	for _, ago := range []time.Duration{time.Minute, 30 * time.Hour, 100 * time.Hour, 187 * time.Hour} {
		r := newRig(t, redistest.Embedded(t, options()))
		who := lanestest.Customer()
		r.accept(who, ago, "crm")
		r.accept(who, ago, "crm")
		key, field := r.hour(who, "out", ago)
		r.ticks(1)
		if n := r.unaccounted(); n != 0 || r.logged.Len() > 0 {
			t.Fatalf("%d are unaccounted for in a store that nobody touched: %s", n, r.logged.String())
		}
		r.behind("HSET", key, field, 1)
		seen := false
		for range 9 {
			r.ticks(1)
			seen = seen || r.unaccounted() == 1
		}
		if !seen {
			t.Errorf("a difference of %s ago was not shown in 9 passes", ago)
		}
		r.ticks(2)
		if n := r.unaccounted(); n != 0 {
			t.Errorf("%d are shown long after it was mended", n)
		}
		if n := strings.Count(r.logged.String(), "was found and mended"); n != 1 || !strings.Contains(r.logged.String(), "surplus=1") {
			t.Errorf("said %d times, want once with what it was: %s", n, r.logged.String())
		}
		want := `
# HELP bauta_events_mended_total Events by which the balance did not hold, by what was wrong: missing, surplus, miscounted, stalled; ages: of lanes.
# TYPE bauta_events_mended_total counter
`
		for _, business := range []string{"_main", "acme"} {
			for _, what := range []string{"ages", "miscounted", "missing", "stalled", "surplus"} {
				n := "0"
				if business == "acme" && what == "surplus" {
					n = "1"
				}
				want += `bauta_events_mended_total{business="` + business + `",what="` + what + `"} ` + n + "\n"
			}
		}
		if err := testutil.GatherAndCompare(r.registry, strings.NewReader(want), "bauta_events_mended_total"); err != nil {
			t.Error(err)
		}
	}
}
