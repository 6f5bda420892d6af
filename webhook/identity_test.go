package webhook

import (
	"testing"
	"time"

	"bauta/masking"
	"bauta/webhook/meta"
)

// The rules of identify, worked out on records without a store.

func number(t *testing.T, digits string) masking.Number {
	t.Helper()
	n, ok := masking.ParseNumber(digits)
	if !ok {
		t.Fatalf("%s is not a number", digits)
	}
	return n
}

func userID(t *testing.T, text string) masking.UserID {
	t.Helper()
	u, ok := masking.ParseUserID(text)
	if !ok {
		t.Fatalf("%s is not a user id", text)
	}
	return u
}

const (
	adaNumber = "16505550142"
	beaNumber = "16505550199"
	adaUser   = "US.7430000000000001"
	beaUser   = "US.7430000000000002"
)

type identityCase struct {
	t   *testing.T
	now time.Time
}

func newIdentityCase(t *testing.T) identityCase {
	t.Helper()
	return identityCase{t: t, now: time.Date(2026, 9, 10, 0, 0, 0, 0, time.UTC)}
}

func (c identityCase) customer(id string, age time.Duration, visibility Visibility, identities ...string) *Customer {
	c.t.Helper()
	customer := &Customer{
		ID: id, Version: 1, Created: c.now.Add(-age),
		Scopes: map[string]*Standing{Direct: {Visibility: visibility, Handle: masking.Handle{Long: id}}},
	}
	for _, text := range identities {
		identity, ok := masking.IdentityOf(text)
		if !ok {
			c.t.Fatalf("%s is no identity", text)
		}
		customer.Links = append(customer.Links, Link{Identity: identity, Since: c.now.Add(-age)})
	}
	return customer
}

func (c identityCase) both() meta.Party {
	return meta.Party{Number: number(c.t, adaNumber), UserID: userID(c.t, adaUser)}
}

func TestSeenTogetherTheyBelongTogether(t *testing.T) {
	t.Parallel()
	c := newIdentityCase(t)
	a := c.customer("a", time.Hour, Hidden, adaNumber)
	got := identify(sighting{party: c.both(), evidence: evidenceMessage, at: c.now, now: c.now}, Found{Customer: a}, Found{})
	if got.subject != a || a.UserID() != userID(t, adaUser) || len(got.changed) != 1 {
		t.Errorf("a number's first user id was not linked to it: %+v", got)
	}
	b := c.customer("b", time.Hour, Hidden, adaUser)
	got = identify(sighting{party: c.both(), evidence: evidenceMessage, at: c.now, now: c.now}, Found{}, Found{Customer: b})
	if got.subject != b || b.Number() != number(t, adaNumber) {
		t.Errorf("a user id's first number was not linked to it: %+v", got)
	}
}

func TestANumberWithAnotherUserIDIsAnotherPerson(t *testing.T) {
	t.Parallel()
	c := newIdentityCase(t)
	a := c.customer("a", time.Hour, Shared, adaNumber, beaUser)
	got := identify(sighting{party: c.both(), evidence: evidenceMessage, at: c.now, now: c.now}, Found{Customer: a}, Found{})
	if got.subject != nil || !got.reassigned || len(got.links) != 2 {
		t.Fatalf("the newer pair is not a new customer: %+v", got)
	}
	if !a.Number().IsZero() {
		t.Error("the old customer keeps the number")
	}
	if !a.knows(masking.Identity{Number: number(t, adaNumber)}) {
		t.Error("the old customer's number is no longer masked in its events")
	}
}

func TestTwoHiddenRecordsOfOnePersonMerge(t *testing.T) {
	t.Parallel()
	c := newIdentityCase(t)
	a := c.customer("older", 2*time.Hour, Hidden, adaNumber)
	b := c.customer("younger", time.Hour, Undecided, adaUser)
	got := identify(sighting{party: c.both(), evidence: evidenceMessage, at: c.now, now: c.now}, Found{Customer: a}, Found{Customer: b})
	if got.subject != a || got.merged != b || b.MergedInto != a.ID {
		t.Fatalf("merge: %+v", got)
	}
	standing := a.Scopes[Direct]
	if standing.Handle.Long != "older" || len(standing.Former) != 1 || standing.Former[0].Long != "younger" {
		t.Errorf("the older handle does not stay with the younger one behind it: %+v", standing)
	}
	if standing.Visibility != Hidden {
		t.Errorf("visibility %v, want hidden", standing.Visibility)
	}
}

// A merge is two writes. After a crash between them the event comes again, and
// finds the older record changed and the younger one as it was.
func TestAMergeThatBrokeOffIsCompleted(t *testing.T) {
	t.Parallel()
	c := newIdentityCase(t)
	for name, ages := range map[string][2]time.Duration{
		"the number's record is older":  {2 * time.Hour, time.Hour},
		"the user id's record is older": {time.Hour, 2 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := c.customer("number", ages[0], Hidden, adaNumber)
			b := c.customer("user", ages[1], Undecided, adaUser)
			b.Scopes["group"] = &Standing{Visibility: Hidden, Handle: masking.Handle{Long: "in the group"}}
			a.Scopes["club"] = &Standing{Visibility: Hidden, Handle: masking.Handle{Long: "in the club"}}
			first := identify(sighting{party: c.both(), evidence: evidenceMessage, at: c.now, now: c.now}, Found{Customer: a}, Found{Customer: b})
			older, younger := first.subject, first.merged
			if older == nil || younger == nil {
				t.Fatalf("they did not merge: %+v", first)
			}
			younger.MergedInto = ""
			links := len(older.Links)
			again := identify(sighting{party: c.both(), evidence: evidenceMessage, at: c.now.Add(time.Minute), now: c.now.Add(time.Minute)}, Found{Customer: a}, Found{Customer: b})
			if again.subject != older || again.merged != younger || younger.MergedInto != older.ID || again.conflict {
				t.Fatalf("the merge is not completed: %+v", again)
			}
			if former := older.Scopes[Direct].Former; len(former) != 1 || former[0] != younger.Scopes[Direct].Handle {
				t.Errorf("former handles %v, want the younger one once", former)
			}
			for _, scope := range []string{"group", "club"} {
				if s := older.Scopes[scope]; s == nil || len(s.Former) != 0 {
					t.Errorf("the standing in the %s is %+v", scope, s)
				}
			}
			if len(older.Links) != links {
				t.Errorf("%d links, want %d", len(older.Links), links)
			}
		})
	}
}

func TestANumberThatComesBackIsTheOnlyCurrentOne(t *testing.T) {
	t.Parallel()
	c := newIdentityCase(t)
	a := c.customer("a", time.Hour, Hidden, adaNumber, adaUser)
	a.take(Link{Identity: masking.Identity{Number: number(t, beaNumber)}, Evidence: evidenceMessage, Since: c.now})
	a.take(Link{Identity: masking.Identity{Number: number(t, adaNumber)}, Evidence: evidenceMessage, Since: c.now})
	if a.Number() != number(t, adaNumber) {
		t.Error("the number that came back is not the current one")
	}
	if len(a.Links) != 3 || a.Links[2].Ended.IsZero() {
		t.Errorf("links: %+v", a.Links)
	}
}

func TestDifferentVisibilityIsLinkedInsideOnly(t *testing.T) {
	t.Parallel()
	c := newIdentityCase(t)
	for name, order := range map[string][2]Visibility{
		"the number shows": {Visible, Hidden}, "the user id shows": {Hidden, Visible},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := c.customer("a", 2*time.Hour, order[0], adaNumber)
			b := c.customer("b", time.Hour, order[1], adaUser)
			got := identify(sighting{party: c.both(), evidence: evidenceMessage, at: c.now, now: c.now}, Found{Customer: a}, Found{Customer: b})
			if got.merged != nil || a.MergedInto != "" || b.MergedInto != "" {
				t.Fatalf("records of different visibility were merged: %+v", got)
			}
			if !got.subject.Scopes[Direct].Visibility.Masked() {
				t.Error("the event shows a hidden customer")
			}
			for _, text := range []string{adaNumber, adaUser} {
				identity, _ := masking.IdentityOf(text)
				if !got.subject.knows(identity) {
					t.Error("an identity of the hidden customer is not masked in its events")
				}
			}
		})
	}
}

func TestConflictingEvidenceMergesNothing(t *testing.T) {
	t.Parallel()
	c := newIdentityCase(t)
	a := c.customer("a", 2*time.Hour, Hidden, adaNumber, beaUser)
	b := c.customer("b", time.Hour, Hidden, adaUser)
	got := identify(sighting{party: c.both(), evidence: evidenceMessage, at: c.now, now: c.now}, Found{Customer: a}, Found{Customer: b})
	if got.merged != nil || !got.conflict || got.subject != b {
		t.Errorf("conflict: %+v", got)
	}
	if !a.Number().IsZero() || b.Number().IsZero() {
		t.Error("the number did not move to the newer pair")
	}
}

func TestAUserIDKeepsItsPersonOverANewNumber(t *testing.T) {
	t.Parallel()
	c := newIdentityCase(t)
	a := c.customer("a", time.Hour, Hidden, beaNumber, adaUser)
	got := identify(sighting{party: c.both(), evidence: evidenceMessage, at: c.now, now: c.now}, Found{}, Found{Customer: a})
	if got.subject != a || a.Number() != number(t, adaNumber) {
		t.Errorf("the number the user id came with is not the current one: %+v", got)
	}
	if !a.knows(masking.Identity{Number: number(t, beaNumber)}) {
		t.Error("the old number is no longer masked")
	}
}

func TestNotationsOfOnePersonAreOnePerson(t *testing.T) {
	t.Parallel()
	for name, pair := range map[string][2]string{
		"Brazil's ninth digit": {"5511987654321", "551187654321"},
		"Mexico's 1":           {"5215512345678", "525512345678"},
		"Argentina's 9":        {"5491123456789", "541123456789"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := masking.Identity{Number: number(t, pair[0])}
			b := masking.Identity{Number: number(t, pair[1])}
			if !same(a, b) || a.Canonical() != b.Canonical() {
				t.Error("two notations of one person's number are two people")
			}
		})
	}
}

func TestAMarkerMakesAReturningCustomer(t *testing.T) {
	t.Parallel()
	c := newIdentityCase(t)
	got := identify(sighting{party: c.both(), evidence: evidenceMessage, at: c.now, now: c.now}, Found{Marked: true}, Found{})
	if !got.returning || got.subject != nil {
		t.Errorf("an erased customer who returns: %+v", got)
	}
}
