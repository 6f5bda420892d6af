package endpoints_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bauta/redis"
	"bauta/redis/endpoints"
	"bauta/redis/redistest"
	"bauta/webhook"
	"bauta/webhook/forward"
)

func crm() webhook.EndpointKey { return webhook.EndpointKey{Business: "acme", Endpoint: "crm"} }

// cluster is a store with one node's endpoints on it.
type cluster struct {
	*testing.T
	store *redis.Store
	node  *endpoints.Endpoints
}

func each(t *testing.T, test func(c *cluster)) {
	t.Helper()
	redistest.Each(t, func(t *testing.T, store *redis.Store) {
		t.Helper()
		node := endpoints.New(store)
		var _ forward.Pauses = node
		test(&cluster{T: t, store: store, node: node})
	})
}

func (c *cluster) pause(p webhook.Pause) {
	c.Helper()
	if err := c.node.Pause(c.Context(), crm(), p); err != nil {
		c.Fatalf("pause: %v", err)
	}
}

func (c *cluster) probe(lease time.Duration) webhook.Standstill {
	c.Helper()
	s, err := c.node.Probe(c.Context(), crm(), lease)
	if err != nil {
		c.Fatalf("probe: %v", err)
	}
	return s
}

// probed polls until this node gets the probe.
func (c *cluster) probed(lease time.Duration) {
	c.Helper()
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	deadline := time.After(10 * time.Second)
	for !c.probe(lease).Probe {
		select {
		case <-deadline:
			c.Fatal("no probe within 10 s")
		case <-ticker.C:
		}
	}
}

func TestAnEndpointNobodyPausedIsAtWork(t *testing.T) {
	t.Parallel()
	each(t, func(c *cluster) {
		if diff := cmp.Diff(webhook.Standstill{}, c.probe(time.Minute)); diff != "" {
			c.Errorf("standing (-want +got):\n%s", diff)
		}
	})
}

func TestAPauseSaysWhyAndHowLong(t *testing.T) {
	t.Parallel()
	each(t, func(c *cluster) {
		c.pause(webhook.Pause{Left: time.Minute, Reason: "failing", Count: 3})
		s := c.probe(time.Minute)
		if s.Pause.Left > time.Minute || s.Pause.Left < 50*time.Second {
			c.Errorf("%v left, want a minute", s.Pause.Left)
		}
		s.Pause.Left = 0
		want := webhook.Standstill{Paused: true, Pause: webhook.Pause{Reason: "failing", Count: 3}}
		if diff := cmp.Diff(want, s); diff != "" {
			c.Errorf("standing (-want +got):\n%s", diff)
		}
	})
}

func TestALongerPauseInForceStays(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name        string
		first, then webhook.Pause
		reason      string
		endless     bool
	}{
		{"a shorter one changes nothing", webhook.Pause{Left: time.Hour, Reason: "first"}, webhook.Pause{Left: time.Minute, Reason: "then"}, "first", false},
		{"a longer one takes over", webhook.Pause{Left: time.Minute, Reason: "first"}, webhook.Pause{Left: time.Hour, Reason: "then"}, "then", false},
		{"an endless one takes over", webhook.Pause{Left: time.Hour, Reason: "first"}, webhook.Pause{Endless: true, Reason: "then"}, "then", true},
		{"an endless one stays", webhook.Pause{Endless: true, Reason: "first"}, webhook.Pause{Left: time.Hour, Reason: "then"}, "first", true},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			each(t, func(c *cluster) {
				c.pause(row.first)
				c.pause(row.then)
				if s := c.probe(time.Minute); !s.Paused || s.Probe || s.Pause.Reason != row.reason || s.Pause.Endless != row.endless {
					c.Errorf("standing %+v, want reason %q, endless %v", s, row.reason, row.endless)
				}
			})
		})
	}
}

func TestOfAllNodesOneProbesAnEndpointWhosePauseIsOver(t *testing.T) {
	t.Parallel()
	each(t, func(c *cluster) {
		c.pause(webhook.Pause{Reason: "failing", Count: 1})
		var probes, paused atomic.Int64
		var all sync.WaitGroup
		for range 16 {
			node := endpoints.New(c.store)
			all.Go(func() {
				s, err := node.Probe(c.Context(), crm(), time.Minute)
				if err != nil {
					c.Errorf("probe: %v", err)
				}
				if s.Probe {
					probes.Add(1)
				} else if s.Paused && s.Pause.Left > 0 {
					paused.Add(1)
				}
			})
		}
		all.Wait()
		if probes.Load() != 1 || paused.Load() != 15 {
			c.Errorf("%d nodes probe and %d wait, want 1 and 15", probes.Load(), paused.Load())
		}
	})
}

func TestAProbeThatNeverReportsIsGivenToAnother(t *testing.T) {
	t.Parallel()
	each(t, func(c *cluster) {
		c.pause(webhook.Pause{Reason: "failing"})
		c.probed(30 * time.Millisecond)
		c.probed(time.Minute)
	})
}

func TestAFailedProbePausesAgainAndOneThatWorkedResumes(t *testing.T) {
	t.Parallel()
	each(t, func(c *cluster) {
		c.pause(webhook.Pause{Reason: "failing", Count: 1})
		c.probed(time.Hour)
		c.pause(webhook.Pause{Left: 20 * time.Millisecond, Reason: "failing", Count: 2})
		c.probed(time.Hour)
		if err := c.node.Resume(c.Context(), crm()); err != nil {
			c.Fatal(err)
		}
		if s := c.probe(time.Hour); s.Paused {
			c.Errorf("still paused: %+v", s)
		}
	})
}

func TestOnlyTheOperatorLiftsAnEndlessPause(t *testing.T) {
	t.Parallel()
	each(t, func(c *cluster) {
		c.pause(webhook.Pause{Endless: true, Reason: "gone"})
		if err := c.node.Resume(c.Context(), crm()); err != nil {
			c.Fatal(err)
		}
		if s := c.probe(time.Minute); !s.Paused || !s.Pause.Endless || s.Probe {
			c.Errorf("after Resume: %+v, want an endless pause", s)
		}
		if err := c.node.Lift(c.Context(), crm()); err != nil {
			c.Fatal(err)
		}
		if s := c.probe(time.Minute); s.Paused {
			c.Errorf("after Lift: %+v, want work", s)
		}
	})
}

func TestLookingAtTheStateTakesNoProbe(t *testing.T) {
	t.Parallel()
	each(t, func(c *cluster) {
		c.pause(webhook.Pause{Reason: "failing", Count: 4})
		got, err := c.node.State(c.Context(), []webhook.EndpointKey{{Business: "acme", Endpoint: "bot"}, crm()})
		if err != nil {
			c.Fatal(err)
		}
		want := []webhook.Standstill{{}, {Paused: true, Pause: webhook.Pause{Reason: "failing", Count: 4}}}
		if diff := cmp.Diff(want, got); diff != "" {
			c.Errorf("state (-want +got):\n%s", diff)
		}
		if !c.probe(time.Minute).Probe {
			c.Error("the probe was gone")
		}
	})
}

func TestNodesAreToldOfPausesAndResumptions(t *testing.T) {
	t.Parallel()
	each(t, func(c *cluster) {
		told := c.store.Client().Subscribe(c.Context(), redis.WakeChannel)
		defer func() { _ = told.Close() }()
		if _, err := told.Receive(c.Context()); err != nil {
			c.Fatal(err)
		}
		if err := c.node.Resume(c.Context(), crm()); err != nil {
			c.Fatal(err)
		}
		c.pause(webhook.Pause{Left: time.Hour})
		if err := c.node.Resume(c.Context(), crm()); err != nil {
			c.Fatal(err)
		}
		for _, why := range []string{"the pause", "the resumption"} {
			select {
			case m := <-told.Channel():
				if m.Payload != "acme:crm:" {
					c.Errorf("%s told %q", why, m.Payload)
				}
			case <-time.After(10 * time.Second):
				c.Fatalf("%s told nobody", why)
			}
		}
		if n := len(told.Channel()); n != 0 {
			c.Errorf("%d more messages: resuming an endpoint at work told something", n)
		}
	})
}

func TestScriptsTouchOnlyTheirDeclaredKeys(t *testing.T) {
	t.Parallel()
	for _, source := range endpoints.Sources() {
		redistest.DeclaredKeysOnly(t, source)
	}
	if len(endpoints.Sources()) < 3 {
		t.Error("some script was not looked at")
	}
}

// The operator's word takes the place of every pause, also of one that lasts longer.
func TestAPauseByHandTakesThePlaceOfAnyOther(t *testing.T) {
	t.Parallel()
	each(t, func(c *cluster) {
		for _, before := range []webhook.Pause{{Endless: true, Reason: "gone", Count: 4}, {Left: time.Hour, Reason: "failing", Count: 4}} {
			if err := c.node.Lift(c.Context(), crm()); err != nil {
				c.Fatal(err)
			}
			c.pause(before)
			c.pause(webhook.Pause{Left: time.Minute, Reason: "failing", Count: 5})
			if s := c.probe(time.Minute); s.Pause.Count != 4 {
				c.Errorf("a shorter pause took the place of %+v", before)
			}
			c.pause(webhook.Pause{Left: time.Minute, Reason: "operator", Count: 1, Instead: true})
			if s := c.probe(time.Minute); s.Pause.Endless || s.Pause.Left > time.Minute || s.Pause.Reason != "operator" || s.Pause.Count != 1 {
				c.Errorf("instead of %+v stands %+v", before, s.Pause)
			}
			c.pause(webhook.Pause{Endless: true, Reason: "operator", Count: 1, Instead: true})
			if s := c.probe(time.Minute); !s.Pause.Endless {
				c.Errorf("instead of a minute stands %+v", s.Pause)
			}
		}
	})
}
