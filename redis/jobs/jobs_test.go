package jobs_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bauta/redis"
	"bauta/redis/jobs"
	"bauta/redis/redistest"
	"bauta/webhook"
	"bauta/webhook/operate"
)

func crm() webhook.EndpointKey { return webhook.EndpointKey{Business: "acme", Endpoint: "crm"} }

// begun is when the jobs of the tests begin, to the millisecond, as operate has it.
func begun() time.Time { return time.Date(2026, 9, 10, 8, 0, 0, 123e6, time.UTC) }

func job(id string, of webhook.EndpointKey) operate.Job {
	return operate.Job{
		ID: id, Work: operate.Replay, By: "mUY0Pz3bF5bq2n1X", Rate: 7, Total: 42, State: operate.Running, Begun: begun(),
		Filter: operate.LetterFilter{Business: of.Business, Endpoint: of.Endpoint, Until: begun()},
	}
}

// office is a store with jobs in it.
type office struct {
	*testing.T
	store *redis.Store
	*jobs.Jobs
}

func newOffice(t *testing.T, store *redis.Store) *office {
	t.Helper()
	o := &office{T: t, store: store, Jobs: jobs.New(store)}
	var _ operate.Jobs = o.Jobs
	var _ operate.Shifts = o.Jobs
	return o
}

func each(t *testing.T, test func(o *office)) {
	t.Helper()
	redistest.Each(t, func(t *testing.T, store *redis.Store) {
		t.Helper()
		test(newOffice(t, store))
	})
}

func (o *office) begin(j operate.Job) {
	o.Helper()
	if err := o.Begin(o.Context(), j); err != nil {
		o.Fatalf("begin: %v", err)
	}
}

func (o *office) claim(node string, ends ...webhook.EndpointKey) (operate.Job, bool) {
	o.Helper()
	j, ok, err := o.Claim(o.Context(), node, ends)
	if err != nil {
		o.Fatalf("claim: %v", err)
	}
	return j, ok
}

func (o *office) advance(node string, j operate.Job) bool {
	o.Helper()
	ok, err := o.Advance(o.Context(), node, j)
	if err != nil {
		o.Fatalf("advance: %v", err)
	}
	return ok
}

func (o *office) cancel(id string) bool {
	o.Helper()
	ok, err := o.Cancel(o.Context(), crm(), id)
	if err != nil {
		o.Fatalf("cancel: %v", err)
	}
	return ok
}

// one is the endpoint's job; when it ended, which is Redis's time, is left out.
func (o *office) one() operate.Job {
	o.Helper()
	all, err := o.List(o.Context(), []webhook.EndpointKey{crm()})
	if err != nil || len(all) != 1 {
		o.Fatalf("%d jobs, %v", len(all), err)
	}
	all[0].Ended = time.Time{}
	return all[0]
}

func (o *office) want(want operate.Job) {
	o.Helper()
	if diff := cmp.Diff(want, o.one()); diff != "" {
		o.Errorf("the job (-want +got):\n%s", diff)
	}
}

func TestAJobIsReadAsItWasBegun(t *testing.T) {
	t.Parallel()
	full := job("J1", crm())
	full.Work = operate.Drop
	full.Filter.Since, full.Filter.Reason, full.Filter.Status = begun().Add(-time.Hour), "refused", 422
	for name, wanted := range map[string]operate.Job{"with every part of its filter": full, "with an endpoint alone": job("J1", crm())} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(o *office) {
				o.begin(wanted)
				o.want(wanted)
				got, ok := o.claim("a", crm())
				if diff := cmp.Diff(wanted, got); !ok || diff != "" {
					o.Errorf("claimed: %t (-want +got):\n%s", ok, diff)
				}
			})
		})
	}
}

func TestAnEndpointHasOneJobAtATime(t *testing.T) {
	t.Parallel()
	each(t, func(o *office) {
		o.begin(job("J1", crm()))
		for range 2 {
			if err := o.Begin(o.Context(), job("J2", crm())); !errors.Is(err, operate.ErrUnderWay) {
				o.Fatalf("a second one: %v", err)
			}
			o.want(job("J1", crm()))
			// Also while a node has it in hand.
			o.claim("a", crm())
		}
		other := webhook.EndpointKey{Business: "acme", Endpoint: "bot"}
		o.begin(job("J3", other))
		ended := job("J1", crm())
		ended.State, ended.Done = operate.Ended, 42
		if !o.advance("a", ended) {
			o.Error("the end was not noted")
		}
		o.want(ended)
		o.begin(job("J4", crm()))
		o.want(job("J4", crm()))
	})
}

func TestOfManyWhoBeginAndClaimAtOnceOneDoes(t *testing.T) {
	t.Parallel()
	each(t, func(o *office) {
		var began, claimed atomic.Int32
		var all sync.WaitGroup
		for n := range 16 {
			all.Go(func() {
				switch err := o.Begin(o.Context(), job(fmt.Sprint("J", n), crm())); {
				case err == nil:
					began.Add(1)
				case !errors.Is(err, operate.ErrUnderWay):
					o.Error(err)
				}
				if _, ok, err := o.Claim(o.Context(), fmt.Sprint("node", n), []webhook.EndpointKey{crm()}); err != nil {
					o.Error(err)
				} else if ok {
					claimed.Add(1)
				}
			})
		}
		all.Wait()
		if began.Load() != 1 || claimed.Load() != 1 {
			o.Errorf("%d began, %d claimed, want one each", began.Load(), claimed.Load())
		}
	})
}

func TestANodeHasAJobUntilItEnds(t *testing.T) {
	t.Parallel()
	each(t, func(o *office) {
		if _, ok := o.claim("a", crm()); ok {
			o.Error("a job was claimed where there is none")
		}
		if _, ok := o.claim("a"); ok {
			o.Error("a job was claimed at no endpoint")
		}
		o.begin(job("J1", crm()))
		// Whoever has it may claim it again, as after an answer that was lost.
		for range 2 {
			if _, ok := o.claim("a", crm()); !ok {
				o.Fatal("it was not claimed")
			}
		}
		if _, ok := o.claim("b", crm()); ok {
			o.Error("two nodes have it")
		}
		on := job("J1", crm())
		on.Done, on.Gone, on.Failed = 3, 2, 1
		if o.advance("b", on) {
			o.Error("a node that has it not goes on")
		}
		o.want(job("J1", crm()))
		if !o.advance("a", on) {
			o.Error("its node does not go on")
		}
		o.want(on)
		on.State = operate.Ended
		if !o.advance("a", on) {
			o.Error("the end was not noted")
		}
		o.want(on)
		if o.advance("a", on) {
			o.Error("it goes on after its end")
		}
		for _, node := range []string{"a", "b"} {
			if _, ok := o.claim(node, crm()); ok {
				o.Error("an ended job was claimed")
			}
		}
	})
}

func TestTheFirstJobThatNobodyHasIsClaimed(t *testing.T) {
	t.Parallel()
	each(t, func(o *office) {
		var ends []webhook.EndpointKey
		for n := range 40 { // spread over the slots of a cluster
			ends = append(ends, webhook.EndpointKey{Business: fmt.Sprint("business", n), Endpoint: "crm"})
		}
		for n := 10; n < 40; n += 10 {
			o.begin(job(fmt.Sprint("J", n), ends[n]))
		}
		for _, want := range []string{"J10", "J20", "J30"} {
			if got, ok := o.claim("node of "+want, ends...); !ok || got.ID != want || got.Endpoint().Business != "business"+want[1:] {
				o.Errorf("claimed %s of %s, want %s", got.ID, got.Endpoint().Business, want)
			}
		}
		if got, ok := o.claim("a fourth", ends...); ok {
			o.Errorf("%s was claimed twice", got.ID)
		}
		// Of an endpoint that is configured no longer nobody asks: its job stays where it is.
		all, err := o.List(o.Context(), ends[11:])
		if err != nil || len(all) != 2 || all[0].ID != "J20" || all[1].ID != "J30" {
			o.Errorf("the others are %v, %v", all, err)
		}
		if none, err := o.List(o.Context(), nil); len(none) != 0 || err != nil {
			o.Errorf("of no endpoint: %v, %v", none, err)
		}
	})
}

func TestACancelledJobIsWorkedOnNoMore(t *testing.T) {
	t.Parallel()
	each(t, func(o *office) {
		if o.cancel("J1") {
			o.Error("a job was cancelled where there is none")
		}
		o.begin(job("J1", crm()))
		o.claim("a", crm())
		if o.cancel("J0") {
			o.Error("a job was cancelled by the name of another")
		}
		if !o.cancel("J1") {
			o.Error("it was not cancelled")
		}
		if o.cancel("J1") {
			o.Error("it was cancelled twice")
		}
		on := job("J1", crm())
		on.Done = 5
		if o.advance("a", on) {
			o.Error("its node goes on")
		}
		// What the node had done until then is told; it does not run again.
		on.State = operate.Cancelled
		o.want(on)
		on.State, on.Done = operate.Ended, 6
		if o.advance("a", on) {
			o.Error("its node goes on")
		}
		if got := o.one(); got.State != operate.Cancelled || got.Done != 6 {
			o.Errorf("it is %s with %d done", got.State, got.Done)
		}
		if _, ok := o.claim("b", crm()); ok {
			o.Error("a cancelled job was claimed")
		}
		o.begin(job("J2", crm()))
		o.claim("a", crm())
		if o.advance("a", on) || o.one().ID != "J2" || o.one().Done != 0 {
			o.Error("who worked on the old job changes the new one")
		}
	})
}

// At the lease's end, which is 15 seconds, and not before, another node takes it over;
// whoever comes back late changes nothing.
func TestAJobOfANodeThatDiedGoesOn(t *testing.T) {
	t.Parallel()
	server, clock := redistest.Timed(t)
	o := newOffice(t, server.Open(t, redis.Options{}))
	o.begin(job("J1", crm()))
	o.claim("a", crm())
	clock.Set(t, 10*time.Second)
	on := job("J1", crm())
	on.Done, on.Gone = 3, 1
	if !o.advance("a", on) {
		t.Error("its node does not go on")
	}
	clock.Set(t, 23*time.Second) // 13 seconds after the node's last word
	if _, ok := o.claim("b", crm()); ok {
		t.Error("it was taken over before the lease was over")
	}
	clock.Set(t, 27*time.Second)
	got, ok := o.claim("b", crm())
	if diff := cmp.Diff(on, got); !ok || diff != "" {
		t.Errorf("taken over: %t, with what was done (-want +got):\n%s", ok, diff)
	}
	late := on
	late.Done = 40
	if o.advance("a", late) {
		t.Error("who comes back late goes on")
	}
	o.want(on)
	if _, ok := o.claim("a", crm()); ok {
		t.Error("who comes back late has it again")
	}
}

func TestAJobIsRememberedForAWeek(t *testing.T) {
	t.Parallel()
	server, clock := redistest.Timed(t)
	o := newOffice(t, server.Open(t, redis.Options{}))
	o.begin(job("J1", crm()))
	count := func() int {
		all, err := o.List(t.Context(), []webhook.EndpointKey{crm()})
		if err != nil {
			t.Fatal(err)
		}
		return len(all)
	}
	const day = 24 * time.Hour
	clock.Set(t, 6*day)
	// Every word of it counts: a claim, a step, its end.
	o.claim("a", crm())
	clock.Set(t, 12*day)
	o.claim("b", crm())
	clock.Set(t, 18*day)
	o.advance("b", job("J1", crm()))
	clock.Set(t, 24*day)
	o.cancel("J1")
	ended, err := o.List(t.Context(), []webhook.EndpointKey{crm()})
	if err != nil || len(ended) != 1 || ended[0].Ended.Sub(time.Now().Add(24*day)).Abs() > time.Minute {
		t.Fatalf("its end is %v by Redis's clock, %v", ended, err)
	}
	clock.Set(t, 31*day-time.Hour)
	if count() != 1 {
		t.Error("it is forgotten too early")
	}
	clock.Set(t, 31*day+time.Hour)
	if count() != 0 {
		t.Error("it is remembered for more than a week after its end")
	}
}

func TestWhatCannotBeReadIsSaid(t *testing.T) {
	t.Parallel()
	each(t, func(o *office) {
		o.begin(job("J1", crm()))
		if err := o.store.Client().HSet(o.Context(), o.store.Keys().Job("acme", "crm"), "order", "no JSON 393331234567").Err(); err != nil {
			o.Fatal(err)
		}
		_, err := o.List(o.Context(), []webhook.EndpointKey{crm()})
		if !errors.Is(err, redis.ErrRefused) || err.Error() == "" || containsDigits(err.Error()) {
			o.Errorf("%v", err)
		}
	})
}

func containsDigits(text string) bool {
	n := 0
	for _, c := range text {
		if '0' <= c && c <= '9' {
			n++
		}
	}
	return n > 4
}

func TestAStoreThatIsAwayIsSaid(t *testing.T) {
	t.Parallel()
	o := newOffice(t, redistest.Embedded(t, redis.Options{}))
	o.begin(job("J1", crm()))
	if err := o.store.Close(); err != nil {
		t.Fatal(err)
	}
	_, _, claimed := o.Claim(t.Context(), "a", []webhook.EndpointKey{crm()})
	_, advanced := o.Advance(t.Context(), "a", job("J1", crm()))
	_, listed := o.List(t.Context(), []webhook.EndpointKey{crm()})
	_, cancelled := o.Cancel(t.Context(), crm(), "J1")
	for name, err := range map[string]error{
		"begin": o.Begin(t.Context(), job("J2", crm())), "claim": claimed, "advance": advanced, "list": listed, "cancel": cancelled,
	} {
		if !errors.Is(err, redis.ErrUnavailable) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestScriptsTouchDeclaredKeysOnly(t *testing.T) {
	t.Parallel()
	for _, source := range jobs.Sources() {
		redistest.DeclaredKeysOnly(t, source)
	}
}
