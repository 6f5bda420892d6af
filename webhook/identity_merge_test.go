package webhook

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Whoever left a group under one of two names could have left under both: nothing joins
// these, and whoever is there next has another. A merge that broke off after its first
// step comes to the same.
func TestTheNameOfAMembershipThatEndedIsJoinedWithNone(t *testing.T) {
	t.Parallel()
	c := newIdentityCase(t)
	const group = "group"
	member := func(id string, age, left time.Duration, identity string) *Customer {
		customer := c.customer(id, age, Hidden, identity)
		s := &Standing{Visibility: Hidden}
		s.Handle.Long = id + " in the group"
		if left > 0 {
			s.Left = c.now.Add(-left)
		}
		customer.Scopes[group] = s
		return customer
	}
	for name, row := range map[string]struct {
		older, younger *Customer
		name           string
		left           bool
		former         int
	}{
		"the older left":   {member("a", 3*time.Hour, 2*time.Hour, adaNumber), member("b", time.Hour, 0, adaUser), "b in the group", true, 0},
		"the younger left": {member("a", 3*time.Hour, 0, adaNumber), member("b", 2*time.Hour, time.Hour, adaUser), "a in the group", true, 0},
		"both left":        {member("a", 3*time.Hour, 2*time.Hour, adaNumber), member("b", 2*time.Hour, time.Hour, adaUser), "a in the group", true, 0},
		"both are there":   {member("a", 3*time.Hour, 0, adaNumber), member("b", 2*time.Hour, 0, adaUser), "a in the group", false, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range 2 {
				row.older.absorb(row.younger, sighting{at: c.now, now: c.now})
			}
			s := row.older.Scopes[group]
			if s.Handle.Long != row.name || s.Left.IsZero() == row.left || len(s.Former) != row.former {
				t.Errorf("they are %q, left %v, with %d former names; want %q, %v, %d", s.Handle.Long, s.Left, len(s.Former), row.name, row.left, row.former)
			}
		})
	}
}

// What followed from either record follows once, and what either said is over.
func TestWhatFollowsFromTwoRecordsFollowsOnce(t *testing.T) {
	t.Parallel()
	c := newIdentityCase(t)
	a, b := c.customer("a", 2*time.Hour, Hidden, adaNumber), c.customer("b", time.Hour, Hidden, adaUser)
	a.Scopes[Direct].Sharing.Heard, b.Scopes[Direct].Sharing.Heard = c.now.Add(-time.Hour), c.now
	a.Due, b.Due = []Due{{ID: "1"}}, []Due{{ID: "1"}, {ID: "2"}}
	a.Tried, b.Tried = "x y", "y z"
	b.Predecessors = []Predecessor{{ID: "before b"}, {ID: "a"}, {ID: "lost", At: c.now.Add(-sentAgain), Other: true}}
	a.absorb(b, sighting{now: c.now})
	a.absorb(c.customer("b", time.Hour, Hidden, adaUser), sighting{now: c.now})
	if got := a.Scopes[Direct].Sharing.Heard; !got.Equal(c.now) {
		t.Errorf("they were heard at %s, want the later time", got)
	}
	if len(a.Due) != 2 || a.Tried != "x y z" {
		t.Errorf("%d things are due, tried are %q", len(a.Due), a.Tried)
	}
	want := []Predecessor{{ID: "before b"}, {ID: "b", At: c.now}}
	a.succeed(c.now)
	if diff := cmp.Diff(want, a.Predecessors); diff != "" {
		t.Errorf("predecessors (-want +got):\n%s", diff)
	}
	if got := len(a.earlier(c.now.Add(sentAgain - 1))); got != 1 {
		t.Errorf("%d conversations are looked into, want that of b", got)
	}
}
