package errand_test

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"bauta/webhook"
	"bauta/webhook/errand"
)

func TestAnErrandWaitsUntilTheBusinessesMessagesArePaidBack(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		spoken int
		since  time.Duration
		want   time.Duration
	}{
		{"nothing was sent", 0, 0, 0},
		{"five just now", 5, 0, 0},
		{"six just now", 6, 0, 6 * time.Second},
		{"six, 4 s ago", 6, 4 * time.Second, 2 * time.Second},
		{"six, 6 s ago", 6, 6 * time.Second, 0},
		{"a burst of fifteen, 20 s ago", 15, 20 * time.Second, 40 * time.Second},
		{"more than the platform takes", 1000, 0, 240 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := errand.NewPace(time.Now)
				for range c.spoken {
					p.Spoke("acme", "ada")
				}
				<-time.After(c.since)
				if got := p.Wait("acme", "ada"); got != c.want {
					t.Errorf("wait %v, want %v", got, c.want)
				}
				if p.Wait("acme", "bob") != 0 || p.Wait("other", "ada") != 0 {
					t.Error("somebody else waits")
				}
			})
		})
	}
}

// The platform's own count (webhooks.md 6.6): each message is paid back in 6 s, and
// 45 may be owed. Whatever the business sends that the platform would take without
// Bauta, its next message is taken with errands between, too.
func TestErrandsNeverBringTheBusinessToThePairLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := errand.NewPace(time.Now)
		var owed time.Time
		take := func() bool {
			if owed.Before(time.Now()) {
				owed = time.Now()
			}
			if time.Until(owed) > 44*6*time.Second {
				return false
			}
			owed = owed.Add(6 * time.Second)
			return true
		}
		errands := 0
		for second := range 3600 {
			if p.Wait("acme", "ada") == 0 {
				p.Spoke("acme", "ada")
				if !take() {
					t.Fatal("an errand met the limit")
				}
				errands++
			}
			// Bursts of 39 every five minutes: all that the limit gives, but for the six.
			if second%300 == 0 {
				for n := range 39 {
					p.Spoke("acme", "ada")
					if !take() {
						t.Fatalf("message %d of the business met the limit at second %d", n, second)
					}
				}
			}
			<-time.After(time.Second)
		}
		if errands == 0 {
			t.Error("no errand ever went")
		}
	})
}

func TestPaceForgetsTheLongestUnused(t *testing.T) {
	t.Parallel()
	now := time.Unix(1, 0)
	p := errand.NewPace(func() time.Time { return now })
	for range 6 {
		p.Spoke("acme", "0")
	}
	for i := range 1<<16 - 1 {
		p.Spoke("acme", fmt.Sprint(i+1))
	}
	if p.Wait("acme", "0") == 0 {
		t.Fatal("forgotten too early")
	}
	for range 6 {
		p.Spoke("acme", "another")
	}
	if p.Wait("acme", "0") != 0 || p.Wait("acme", "another") == 0 {
		t.Error("want the first forgotten and the last known")
	}
}

func TestPaceIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	p := errand.NewPace(time.Now)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 5 {
				p.Spoke("acme", "ada")
				p.Wait("acme", "ada")
			}
		})
	}
	all.Wait()
	if got := p.Wait("acme", "ada"); got < 200*time.Second {
		t.Errorf("wait %v, want that of 35 messages", got)
	}
}

// Questions beyond the rate come one after another, each at a time of its own.
func TestQuestionsKeepToTheBusinessesRate(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(b *webhook.Business) { b.Sharing.Rate = 2 })
	// The pace is not what is tested: ten seconds pass between its looks at the clock.
	clock := r.Now()
	r.pace = errand.NewPace(func() time.Time {
		clock = clock.Add(10 * time.Second)
		return clock
	})
	r.build(r.client)
	sent := func(id string) {
		t.Helper()
		r.store.change(func(c *webhook.Customer) { c.Scopes[webhook.Direct].Sharing.Question.Sent = time.Time{} })
		r.want(id, r.carry(id, ask()), webhook.Delivered, "sent")
		r.store.change(func(c *webhook.Customer) { c.Scopes[webhook.Direct].Sharing.Question.Sent = time.Time{} })
	}
	waits := func(id string, want time.Duration) {
		t.Helper()
		got := r.carry(id, ask())
		r.want(id, got, webhook.Again, "rate")
		if got.Verdict.After != want || got.Verdict.Counted || !got.Untried {
			t.Errorf("%s: %+v, want it in %v, not counted", id, got.Verdict, want)
		}
	}
	sent("d0")
	sent("d1")
	waits("d2", 500*time.Millisecond)
	waits("d3", time.Second)
	waits("d4", 1500*time.Millisecond)
	waits("d2", 500*time.Millisecond)
	r.pass(500 * time.Millisecond)
	sent("d2")
	waits("d3", 500*time.Millisecond)
	r.pass(time.Second)
	sent("d4")
	sent("d3")
}

func TestARateOfZeroIsNoLimit(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(b *webhook.Business) { b.Sharing.Rate = 0 })
	r.want("question", r.carry("d1", ask()), webhook.Delivered, "sent")
}

// A long wait does not hold up what else is to be done for the customer.
func TestWhoWaitsLongStepsAside(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for range 15 {
		r.pace.Spoke("acme", adaID)
	}
	got := r.carry("d1", ask())
	r.want("question", got, webhook.Aside, "pace")
	if got.Verdict.After != time.Minute {
		t.Errorf("wait %v, want a minute", got.Verdict.After)
	}
}
