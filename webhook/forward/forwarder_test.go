package forward_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"bauta/webhook"
	"bauta/webhook/forward"
)

func TestALaneKeepsItsOrderAcrossRetries(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rc := newReceiver(func(id string, n int) (*http.Response, error) {
			if id == "b" && n < 4 {
				return says(503), nil
			}
			return says(200), nil
		})
		n := run(t, newStore(), rc, nil)
		n.accept(toCRM("ada"), "a", "b", "c", "d")
		n.accept(toCRM("bob"), "x")
		pass(time.Minute)
		want := []arrival{
			{"b", 0}, {"b", time.Second}, {"b", 6 * time.Second}, {"b", 36 * time.Second}, {"c", 36 * time.Second}, {"d", 36 * time.Second},
		}
		var got []arrival
		for _, a := range rc.arrivals() {
			if a.ID != "a" && a.ID != "x" {
				got = append(got, a)
			}
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("arrivals (-want +got):\n%s", d)
		}
		if first := rc.arrivals()[0]; first.At != 0 || n.store.waiting() != 0 {
			t.Fatalf("first at %v, %d left; want at once and none", first.At, n.store.waiting())
		}
	})
}

func TestAHangingEndpointDelaysNoOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		slow, fast := crm(), crm()
		slow.ID, fast.ID = "slow", "fast"
		hang := wire(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		rc := newReceiver(always(200))
		s := newStore()
		n := run(t, s, nil, func(o *forward.Options) {
			o.Businesses = acme(slow, fast)
			o.Transport = func(e webhook.Endpoint) http.RoundTripper {
				if e.ID == "slow" {
					return hang
				}
				return rc
			}
		})
		for i := range 200 {
			for _, e := range []string{"slow", "fast"} {
				n.accept(webhook.Lane{Business: "acme", Endpoint: e, Conversation: webhook.Conversation(fmt.Sprint(i))}, fmt.Sprint(e, i))
			}
		}
		pass(6 * time.Second) // one sweep for what the short queue did not take
		if got := len(rc.arrivals()); got != 200 {
			t.Fatalf("the fast endpoint got %d of 200", got)
		}
		if s.waiting() != 200 {
			t.Fatalf("%d events wait, want the slow endpoint's 200", s.waiting())
		}
	})
}

func TestRetryAfterIsHonoured(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		header func() string
		want   time.Duration
	}{
		"in seconds":                            {func() string { return "120" }, 2 * time.Minute},
		"as a date":                             {func() string { return time.Now().Add(90 * time.Second).UTC().Format(http.TimeFormat) }, 90 * time.Second},
		"never less than the schedule":          {func() string { return "0" }, time.Second},
		"a date that has passed":                {func() string { return "Sun, 06 Nov 1994 08:49:37 GMT" }, time.Second},
		"words are no time":                     {func() string { return "soon" }, time.Second},
		"at most a day":                         {func() string { return "999999999999999999999" }, 24 * time.Hour},
		"a sign is not a number (RFC 9110)":     {func() string { return "-5" }, time.Second},
		"white space around it does not matter": {func() string { return " 7 " }, 7 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				rc := newReceiver(func(_ string, n int) (*http.Response, error) {
					if n == 1 {
						return says(429, "Retry-After", c.header()), nil
					}
					return says(204), nil
				})
				e := crm()
				e.Retry.MaxAge = 48 * time.Hour
				n := run(t, newStore(), rc, func(o *forward.Options) { o.Businesses, o.Sweep = acme(e), time.Hour })
				n.accept(toCRM("ada"), "a")
				pass(25 * time.Hour)
				if d := cmp.Diff([]arrival{{"a", 0}, {"a", c.want}}, rc.arrivals()); d != "" {
					t.Fatalf("arrivals (-want +got):\n%s", d)
				}
			})
		})
	}
}

func TestJitterOnlyAdds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rc := newReceiver(func(_ string, n int) (*http.Response, error) {
			if n < 5 {
				return says(500), nil
			}
			return says(200), nil
		})
		n := run(t, newStore(), rc, func(o *forward.Options) { o.Jitter = func() float64 { return 1 } })
		n.accept(toCRM("ada"), "a")
		pass(10 * time.Minute)
		// 1 s, 5 s, 30 s and the last one again, each with a fifth more.
		want := []arrival{{"a", 0}, {"a", 1200 * time.Millisecond}, {"a", 7200 * time.Millisecond}, {"a", 43200 * time.Millisecond}, {"a", 79200 * time.Millisecond}}
		if d := cmp.Diff(want, rc.arrivals()); d != "" {
			t.Fatalf("arrivals (-want +got):\n%s", d)
		}
	})
}

func TestRefusalsMakeADeadLetterAndTheLaneGoesOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rc := newReceiver(func(id string, n int) (*http.Response, error) {
			switch {
			case id == "bad" && n <= 2:
				return says(500), nil // faults are no refusals
			case id == "bad":
				return says(422), nil
			}
			return says(200), nil
		})
		n := run(t, newStore(), rc, nil)
		n.accept(toCRM("ada"), "bad", "good")
		pass(5 * time.Minute)
		if d := cmp.Diff([]string{"bad", "bad", "bad", "bad", "bad", "good"}, rc.ids()); d != "" {
			t.Fatalf("arrivals (-want +got):\n%s", d)
		}
		want := []webhook.DeadLetter{{ID: "bad", Reason: "refused", Status: 422}}
		if d := cmp.Diff(want, n.store.letters()); d != "" {
			t.Fatalf("dead letters (-want +got):\n%s", d)
		}
	})
}

func TestAnEventOlderThanMaxAgeBecomesADeadLetter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rc := newReceiver(always(500))
		e := crm()
		e.Retry.MaxAge = 30 * time.Second
		n := run(t, newStore(), rc, func(o *forward.Options) { o.Businesses = acme(e) })
		n.accept(toCRM("ada"), "a")
		pass(5 * time.Minute)
		want := []webhook.DeadLetter{{ID: "a", Reason: "expired", Status: 500}}
		if d := cmp.Diff(want, n.store.letters()); d != "" {
			t.Fatalf("dead letters (-want +got):\n%s", d)
		}
	})
}

func TestAFailingEventStepsAsideAfterHoldLane(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rc := newReceiver(func(id string, n int) (*http.Response, error) {
			if id == "bad" && n < 5 {
				return says(500), nil
			}
			return says(200), nil
		})
		e := crm()
		e.HoldLane = 20 * time.Second
		n := run(t, newStore(), rc, func(o *forward.Options) { o.Businesses = acme(e) })
		n.accept(toCRM("ada"), "bad", "b", "c")
		pass(5 * time.Minute)
		// The fourth failure, at 36 s, is the first one after the 20 s.
		if d := cmp.Diff([]string{"bad", "bad", "bad", "bad", "b", "c", "bad"}, rc.ids()); d != "" {
			t.Fatalf("arrivals (-want +got):\n%s", d)
		}
		if at := rc.arrivals()[4].At; at != 36*time.Second {
			t.Fatalf("the lane went on at %v, want 36s", at)
		}
		if n.store.waiting() != 0 {
			t.Fatal("the event that stepped aside was not delivered")
		}
	})
}

func TestOtherNodesWorkIsFoundByWakeAndBySweep(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rc := newReceiver(always(200))
		n := run(t, newStore(), rc, nil)
		n.store.append(toCRM("ada"), 0, event("woken"))
		n.store.append(toCRM("bob"), 0, event("swept"))
		n.store.mu.Lock()
		n.store.wake(toCRM("ada"))
		n.store.mu.Unlock()
		pass(time.Minute)
		if d := cmp.Diff([]arrival{{"woken", 0}, {"swept", 5 * time.Second}}, rc.arrivals()); d != "" {
			t.Fatalf("arrivals (-want +got):\n%s", d)
		}
	})
}

func TestFirstTriesGoBeforeRepetitions(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rc := newReceiver(func(id string, n int) (*http.Response, error) {
			<-time.After(time.Second)
			if id == "bad" && n == 1 {
				return says(500), nil
			}
			return says(200), nil
		})
		e := crm()
		e.Concurrency = 1
		n := run(t, newStore(), rc, func(o *forward.Options) { o.Businesses = acme(e) })
		n.accept(toCRM("ada"), "bad")
		synctest.Wait()
		for _, id := range names("e", 4) {
			n.accept(toCRM(id), id)
		}
		pass(time.Minute)
		if d := cmp.Diff([]string{"bad", "e00", "e01", "e02", "e03", "bad"}, rc.ids()); d != "" {
			t.Fatalf("arrivals (-want +got):\n%s", d)
		}
	})
}

func TestEveryEndOfAnAttemptHasItsReason(t *testing.T) {
	t.Parallel()
	dns := func(notFound bool) error {
		return &net.OpError{Op: "dial", Err: &net.DNSError{Err: "x", Name: "crm.example", IsNotFound: notFound}}
	}
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"the endpoint's name does not exist": {dns(true), "dns"},
		"the resolver does not answer":       {dns(false), "dns"},
		"the time is over":                   {context.DeadlineExceeded, "timeout"},
		"this node breaks off":               {context.Canceled, "cancelled"},
		"the connection is refused":          {errors.New("connection refused"), "connection"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				n := run(t, newStore(), wire(func(*http.Request) (*http.Response, error) { return nil, c.err }), nil)
				n.accept(toCRM("ada"), "a")
				synctest.Wait()
				if d := cmp.Diff([]string{fmt.Sprintf("a %d %s", webhook.Again, c.want)}, n.store.verdicts()); d != "" {
					t.Fatalf("verdicts (-want +got):\n%s", d)
				}
			})
		})
	}
}
