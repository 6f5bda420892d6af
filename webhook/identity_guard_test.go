package webhook

import (
	"testing"
	"time"

	"bauta/masking"
	"bauta/webhook/meta"
)

func TestAConflictLeavesAHiddenNumberWhereItIs(t *testing.T) {
	t.Parallel()
	c := newIdentityCase(t)
	for name, row := range map[string]struct {
		holder, other Visibility
		stays         bool
	}{
		"the other shows":          {Hidden, Visible, true},
		"the other shared":         {Hidden, Shared, true},
		"the other is undecided":   {Hidden, Undecided, true},
		"the other hides as well":  {Hidden, Hidden, false},
		"the holder shows":         {Visible, Hidden, false},
		"the holder withdrew":      {Withdrawn, Visible, true},
		"nobody is decided yet":    {Undecided, Undecided, false},
		"an undecided one is held": {Undecided, Visible, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := c.customer("a", 2*time.Hour, row.holder, adaNumber, beaUser)
			b := c.customer("b", time.Hour, row.other, adaUser)
			got := identify(sighting{party: c.both(), evidence: evidenceMessage, at: c.now, now: c.now}, Found{Customer: a}, Found{Customer: b})
			if !got.conflict || got.merged != nil {
				t.Fatalf("conflict: %+v", got)
			}
			want := b
			if row.stays {
				want = a
			}
			if got.subject != want || want.Number() != number(t, adaNumber) {
				t.Errorf("the event goes to %s, the number is with it: %t", got.subject.ID, want.Number() == number(t, adaNumber))
			}
			for _, identity := range []masking.Identity{{Number: number(t, adaNumber)}, {UserID: userID(t, adaUser)}} {
				if !got.subject.knows(identity) {
					t.Error("an identity of the event is not masked in it")
				}
			}
			again := identify(sighting{party: c.both(), evidence: evidenceMessage, at: c.now, now: c.now}, Found{Customer: want}, Found{Customer: b})
			if again.subject != want || row.stays && len(again.changed) > 0 {
				t.Errorf("the same event once more: %s, %d records to write", again.subject.ID, len(again.changed))
			}
		})
	}
}

func TestAScopeThatIsNotOpenYetMayShow(t *testing.T) {
	t.Parallel()
	c := newIdentityCase(t)
	a := c.customer("a", 2*time.Hour, Hidden, adaNumber, beaUser)
	b := c.customer("b", time.Hour, Hidden, adaUser)
	b.Scopes["group"], b.Scopes = b.Scopes[Direct], map[string]*Standing{"group": b.Scopes[Direct]}
	got := identify(sighting{party: c.both(), evidence: evidenceMessage, at: c.now, now: c.now}, Found{Customer: a}, Found{Customer: b})
	if got.subject != a || a.Number().IsZero() {
		t.Error("a number hidden in the chat went to somebody who may show there")
	}
}

// Whoever was forgotten comes back hidden, also when one of the identities is a
// visible customer's.
func TestAMarkerIsNotLiftedByAVisibleCustomer(t *testing.T) {
	t.Parallel()
	c := newIdentityCase(t)
	marked := Found{Marked: true}
	visible := c.customer("visible", time.Hour, Visible, beaNumber, beaUser)
	hidden := c.customer("hidden", time.Hour, Hidden, beaNumber, beaUser)
	for name, row := range map[string]struct {
		party          meta.Party
		number, user   Found
		known          *Customer
		first, carried masking.Identity
	}{
		"the number was forgotten": {
			meta.Party{Number: number(t, adaNumber), UserID: userID(t, beaUser)},
			marked,
			Found{Customer: visible},
			nil,
			masking.Identity{Number: number(t, adaNumber)},
			masking.Identity{UserID: userID(t, beaUser)},
		},
		"the user id was forgotten": {
			meta.Party{Number: number(t, beaNumber), UserID: userID(t, adaUser)},
			Found{Customer: visible},
			marked, nil,
			masking.Identity{UserID: userID(t, adaUser)},
			masking.Identity{Number: number(t, beaNumber)},
		},
		"the other hides: they belong together": {
			meta.Party{Number: number(t, adaNumber), UserID: userID(t, beaUser)},
			marked,
			Found{Customer: hidden},
			hidden,
			masking.Identity{},
			masking.Identity{},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := identify(sighting{party: row.party, evidence: evidenceMessage, at: c.now, now: c.now}, row.number, row.user)
			if !got.returning || got.subject != row.known {
				t.Fatalf("claim: %+v", got)
			}
			if row.known != nil {
				return
			}
			returned := &Customer{Links: got.links}
			if returned.Links[0].Identity != row.first || returned.Links[0].Lost || !returned.came(evidenceReturning) {
				t.Errorf("links %+v", returned.Links[0])
			}
			if !returned.knows(row.carried) {
				t.Error("the visible customer's identity is not masked in the event")
			}
			if len(got.changed) > 0 || visible.knows(masking.Identity{Number: number(t, adaNumber)}) {
				t.Error("the visible customer took something over")
			}
		})
	}
}
