package webhook

import (
	"testing"
	"time"

	"bauta/masking"
	"bauta/masking/sharing"
	"bauta/webhook/meta"
)

// glimpse is somebody under a user id and some number, at some second of the platform's.
type glimpse struct {
	number string
	at     int64
	status bool
}

// The present number follows what the platform saw last, whatever comes first.
func TestTheNewestEvidenceSaysWhichNumberIsThePresentOne(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		events []glimpse
		want   string
	}{
		"another number":                         {[]glimpse{{adaNumber, 1, false}, {beaNumber, 2, false}}, beaNumber},
		"back to the first":                      {[]glimpse{{adaNumber, 1, false}, {beaNumber, 2, false}, {adaNumber, 3, false}}, adaNumber},
		"and again":                              {[]glimpse{{adaNumber, 1, false}, {beaNumber, 2, false}, {adaNumber, 3, false}, {beaNumber, 4, false}}, beaNumber},
		"a message from before comes late":       {[]glimpse{{adaNumber, 1, false}, {beaNumber, 3, false}, {adaNumber, 2, false}}, beaNumber},
		"a number from before comes late":        {[]glimpse{{adaNumber, 3, false}, {beaNumber, 2, false}}, adaNumber},
		"the first message comes again":          {[]glimpse{{adaNumber, 1, false}, {beaNumber, 2, false}, {adaNumber, 1, false}}, beaNumber},
		"within a second the first stays":        {[]glimpse{{adaNumber, 1, false}, {beaNumber, 2, false}, {adaNumber, 2, false}}, beaNumber},
		"a status of a message to the first":     {[]glimpse{{adaNumber, 1, false}, {beaNumber, 2, false}, {adaNumber, 3, true}}, beaNumber},
		"without a time nothing is known":        {[]glimpse{{adaNumber, 1, false}, {beaNumber, 2, false}, {adaNumber, 0, false}}, beaNumber},
		"late after a return":                    {[]glimpse{{adaNumber, 1, false}, {beaNumber, 2, false}, {adaNumber, 4, false}, {beaNumber, 3, false}}, adaNumber},
		"an unknown number of an unknown time":   {[]glimpse{{adaNumber, 1, false}, {beaNumber, 0, false}}, beaNumber},
		"known since an unknown time, then left": {[]glimpse{{adaNumber, 0, false}, {beaNumber, 2, false}, {adaNumber, 1, false}}, beaNumber},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newIdentityCase(t).customer("c", time.Hour, Hidden, adaUser)
			for _, e := range row.events {
				s := sighting{party: meta.Party{Number: number(t, e.number), UserID: userID(t, adaUser)}, evidence: evidenceMessage, wrote: !e.status}
				if e.at > 0 {
					s.at = time.Unix(e.at, 0)
				}
				byNumber := Found{}
				if c.claims(masking.Identity{Number: s.party.Number}) {
					byNumber.Customer = c
				}
				if got := identify(s, byNumber, Found{Customer: c}); got.subject != c {
					t.Fatalf("it is somebody else: %+v", got)
				}
			}
			if c.Number() != number(t, row.want) {
				t.Error("the present number is the other one")
			}
			present := 0
			for _, l := range c.Links {
				if l.Ended.IsZero() && !l.Identity.Number.IsZero() {
					present++
				}
				if l.Lost {
					t.Error("a number is not theirs any more")
				}
			}
			if present != 1 {
				t.Errorf("%d numbers are present, want 1", present)
			}
		})
	}
}

// A number went from one person to another. What the first one wrote with it before,
// and comes late or again, takes it from nobody.
func TestAnEventFromBeforeTakesNoNumberBack(t *testing.T) {
	t.Parallel()
	c := newIdentityCase(t)
	first, next := c.customer("first", 2*time.Hour, Hidden, beaUser), c.customer("next", time.Hour, Hidden, adaNumber, adaUser)
	late := sighting{party: meta.Party{Number: number(t, adaNumber), UserID: userID(t, beaUser)}, evidence: evidenceMessage, at: next.Links[0].Since.Add(-time.Minute), wrote: true}
	for range 2 {
		got := identify(late, Found{Customer: next}, Found{Customer: first})
		if got.subject != first || got.conflict || next.Number().IsZero() || !first.Number().IsZero() {
			t.Fatalf("claim: %+v", got)
		}
		if !first.knows(masking.Identity{Number: number(t, adaNumber)}) {
			t.Error("the number is not masked in the event")
		}
	}
	// Of a first owner whom nobody knows yet a customer is made, who starts hidden.
	late.party.UserID = userID(t, "US.7430000000000003")
	got := identify(late, Found{Customer: next}, Found{})
	unknown := &Customer{Links: got.links}
	if got.subject != nil || !unknown.startsHidden() || !unknown.Number().IsZero() || next.Number().IsZero() {
		t.Errorf("claim: %+v", got)
	}
	// Who does not hide there could show it.
	next.Scopes[Direct].Visibility = Undecided
	if identify(late, Found{Customer: next}, Found{}); !next.Number().IsZero() {
		t.Error("the number stays with somebody who may become visible")
	}
}

// What was masked as another record's is theirs once that record is.
func TestWhatWasLinkedInsideIsClaimedAfterAMerge(t *testing.T) {
	t.Parallel()
	c := newIdentityCase(t)
	a, b := c.customer("a", 2*time.Hour, Undecided, adaNumber), c.customer("b", time.Hour, Hidden, adaUser)
	a.linkInside(b, c.now)
	got := identify(sighting{party: c.both(), evidence: evidenceMessage, at: c.now, now: c.now}, Found{Customer: a}, Found{Customer: b})
	if got.merged != b || !a.claims(masking.Identity{UserID: userID(t, adaUser)}) || !a.claims(masking.Identity{Number: number(t, adaNumber)}) {
		t.Errorf("claim: %+v, links %+v", got, a.Links)
	}
}

// A reason to hide outlives every way in which a link can change hands.
func TestAReasonToHideIsInherited(t *testing.T) {
	t.Parallel()
	c := newIdentityCase(t)
	for _, evidence := range []string{evidenceReturning, evidenceReassigned, evidenceDoubted} {
		a, b := c.customer("a", 2*time.Hour, Hidden, adaNumber), c.customer("b", time.Hour, Hidden, adaNumber, adaUser)
		b.Links[0].Evidence = evidence
		a.absorb(b, sighting{now: c.now})
		if !a.startsHidden() {
			t.Errorf("%s: who took over a record does not start hidden", evidence)
		}
		a, b = c.customer("a", 2*time.Hour, Hidden, adaNumber, beaUser), c.customer("b", time.Hour, Hidden, adaUser)
		a.Links[0].Evidence = evidence
		got := identify(sighting{party: c.both(), evidence: evidenceMessage, at: c.now, now: c.now}, Found{Customer: a}, Found{Customer: b})
		if got.subject != b || !b.startsHidden() {
			t.Errorf("%s: who got the number does not start hidden: %+v", evidence, got)
		}
		open := c.customer("open", time.Hour, Visible, beaNumber)
		open.Scopes["open"], open.Scopes = open.Scopes[Direct], map[string]*Standing{"open": open.Scopes[Direct]}
		if !differ(b, open) {
			t.Errorf("%s: who starts hidden everywhere is like one who shows somewhere", evidence)
		}
	}
}

// The event's subject is seen in one way, and somebody whom an identity of theirs
// leads to in another.
func TestAnIdentityOfSomebodyWhoIsSeenOtherwiseIsNotSaid(t *testing.T) {
	t.Parallel()
	c := newIdentityCase(t)
	byNumber, byUser := masking.Identity{Number: number(t, beaNumber)}, masking.Identity{UserID: userID(t, beaUser)}
	for name, row := range map[string]struct {
		subject, other     Visibility
		number, user, told bool
	}{
		"both are visible":                 {Visible, Visible, false, false, true},
		"a visible one and a hidden one":   {Visible, Hidden, true, true, false},
		"a visible one and one who shared": {Visible, Shared, false, true, false},
		"a visible one and nobody yet":     {Visible, Undecided, true, true, false},
		// A handle stands for every identity of theirs, but for the number.
		"one who shared and a hidden one":  {Shared, Hidden, false, false, false},
		"one who shared and a visible one": {Shared, Visible, false, false, false},
		"both shared":                      {Shared, Shared, false, false, true},
		"both hide":                        {Hidden, Withdrawn, false, false, true},
		"a hidden one and a visible one":   {Hidden, Visible, false, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, b := c.customer("a", time.Hour, row.subject, adaNumber, adaUser), c.customer("b", time.Hour, row.other, beaNumber, beaUser)
			if row.other == Shared {
				b.Scopes[Direct].Sharing = Sharing{State: sharing.Shared, Number: number(t, beaNumber)}
			}
			w := &work{event: &meta.Event{Envelopes: []meta.Envelope{{Person: byNumber}}}, subject: a}
			found := Found{Customer: b}
			if got := w.unsayable(byNumber, found); got != row.number {
				t.Errorf("the number must not be said: %v, want %v", got, row.number)
			}
			if got := w.unsayable(byUser, found); got != row.user {
				t.Errorf("the user id must not be said: %v, want %v", got, row.user)
			}
			if got := w.untold(byNumber, found); got == row.told {
				t.Errorf("a message id does not tell of them: %v, want %v", got, !row.told)
			}
		})
	}
}
