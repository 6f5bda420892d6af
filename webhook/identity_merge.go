package webhook

import (
	"slices"
	"strings"
	"time"

	"bauta/masking"
	"bauta/masking/sharing"
)

// sentAgain is for how long the platform sends an event again, and a day for clocks
// that do not agree.
const sentAgain = 8 * 24 * time.Hour

// earlier are the conversations of those who came so lately before the customer that
// their events may come again: these are known there.
func (c *Customer) earlier(now time.Time) []Conversation {
	var out []Conversation
	for _, p := range c.Predecessors {
		if now.Sub(p.At) < sentAgain {
			out = append(out, Conversation(p.ID))
		}
	}
	return out
}

// precedes is the customer as the predecessor of somebody else, who has an identity of
// theirs from now on.
func (c *Customer) precedes(now time.Time) []Predecessor {
	out := []Predecessor{{ID: c.ID, At: now, Other: true}}
	for _, p := range c.Predecessors {
		if now.Sub(p.At) < sentAgain {
			out = append(out, Predecessor{ID: p.ID, At: p.At, Other: true})
		}
	}
	return out
}

// succeed notes who came before the customer. Of somebody else nothing is kept for
// longer than it is needed.
func (c *Customer) succeed(now time.Time, before ...Predecessor) {
	c.Predecessors = slices.DeleteFunc(c.Predecessors, func(p Predecessor) bool { return p.Other && now.Sub(p.At) >= sentAgain })
	for _, b := range before {
		i := slices.IndexFunc(c.Predecessors, func(p Predecessor) bool { return p.ID == b.ID })
		switch {
		case b.ID == c.ID:
		case i < 0:
			c.Predecessors = append(c.Predecessors, b)
		case c.Predecessors[i].Other:
			c.Predecessors[i] = b
		}
	}
}

// absorb takes over a record that proved to be the same person. Every name the
// younger one had stays reachable. A second time it changes nothing.
func (c *Customer) absorb(younger *Customer, s sighting) {
	c.inherit(younger)
	for scope, theirs := range younger.Scopes {
		c.takeOver(scope, theirs, s.before(scope))
	}
	for _, l := range younger.Lines {
		if !slices.ContainsFunc(c.Lines, func(ours sharing.Line) bool { return ours.ID == l.ID }) {
			c.Lines = append(c.Lines, l)
		}
	}
	for _, d := range younger.Due {
		if !slices.ContainsFunc(c.Due, func(ours Due) bool { return ours.ID == d.ID }) {
			c.Due = append(c.Due, d)
		}
	}
	tried := strings.Fields(c.Tried)
	for id := range strings.FieldsSeq(younger.Tried) {
		if !slices.Contains(tried, id) {
			tried = append(tried, id)
		}
	}
	c.Tried = strings.Join(tried, " ")
	younger.Lines, younger.Due = nil, nil
	c.AskedAt = later(c.AskedAt, younger.AskedAt)
	if younger.InboundAt.After(c.InboundAt) {
		c.InboundAt, c.Inbound = younger.InboundAt, younger.Inbound
	}
	c.succeed(s.now, append(slices.Clip(younger.Predecessors), Predecessor{ID: younger.ID, At: s.now})...)
	younger.becomes(c)
}

// becomes leaves a record that was taken over the names that it had, since what was issued
// under them is read by its envelopes. All else is kept once.
func (c *Customer) becomes(older *Customer) {
	c.MergedInto = older.ID
	for scope, s := range c.Scopes {
		if delete(c.Scopes, scope); older.Scopes[scope].called(s.Handle) {
			c.Scopes[scope] = &Standing{Handle: s.Handle, Former: s.Former}
		}
	}
}

// takeOver adds what the younger record is in a scope. Where one of two memberships
// ended nobody can tell whether the other did: nothing joins their names, and whoever
// joins or writes after the time until has another one.
func (c *Customer) takeOver(scope string, theirs *Standing, until time.Time) {
	ours := c.Scopes[scope]
	if ours != nil && (ours.Left.IsZero() && theirs.Left.IsZero() || ours.called(theirs.Handle)) {
		ours.absorb(theirs)
		return
	}
	goesOn := ours
	if ours == nil || theirs.Left.IsZero() {
		copied := *theirs
		copied.Inherited = true
		goesOn = &copied
	}
	if ours != nil {
		left := later(ours.Left, theirs.Left)
		goesOn.Sharing.Heard = later(goesOn.Sharing.Heard, left)
		if goesOn.Left.IsZero() {
			left = later(left, until)
		}
		goesOn.Left = left
	}
	c.Scopes[scope] = goesOn
}

// called tells that a handle is the customer's in this scope, now or from before a merge.
func (s *Standing) called(h masking.Handle) bool {
	return s.Handle == h || slices.Contains(s.Former, h)
}

// inherit takes over the identities of a record. What that one claims is claimed from
// now on, whatever was thought of it before; of each kind the newest stays present. A
// reason to hide is never lost.
func (c *Customer) inherit(younger *Customer) {
	for _, l := range younger.Links {
		i := slices.IndexFunc(c.Links, func(ours Link) bool { return same(ours.Identity, l.Identity) })
		if i < 0 {
			c.Links = append(c.Links, l)
			continue
		}
		ours := &c.Links[i]
		switch {
		case !l.Lost && ours.Lost:
			ours.Since, ours.Ended, ours.Lost = l.Since, l.Ended, false
		case !l.Lost && l.Since.Before(ours.Since):
			ours.Since = l.Since
		}
		if !ours.inDoubt() && (l.inDoubt() || ours.Evidence == evidenceLinked) {
			ours.Evidence = l.Evidence
		}
	}
	for _, kind := range []masking.Identity{{Number: c.Number()}, {UserID: c.UserID()}} {
		if !kind.IsZero() {
			c.newest(kind)
		}
	}
}

// newest ends all but the newest of the present identities of a kind.
func (c *Customer) newest(kind masking.Identity) {
	var newest *Link
	for i := range c.Links {
		if l := &c.Links[i]; !l.Lost && l.Ended.IsZero() && sameKind(l.Identity, kind) && (newest == nil || !l.Since.Before(newest.Since)) {
			newest = l
		}
	}
	for i := range c.Links {
		if l := &c.Links[i]; !l.Lost && l.Ended.IsZero() && sameKind(l.Identity, kind) && l != newest {
			l.Ended = ended(newest.Since)
		}
	}
}

// absorb takes over what a scope of the younger record was called and decided.
func (s *Standing) absorb(theirs *Standing) {
	for _, name := range append([]masking.Handle{theirs.Handle}, theirs.Former...) {
		if name != s.Handle && !slices.Contains(s.Former, name) {
			s.Former = append(s.Former, name)
		}
	}
	if s.Visibility == Undecided && theirs.Visibility != Undecided {
		s.Visibility, s.Rule, s.Reason = theirs.Visibility, theirs.Rule, theirs.Reason
		s.Decided, s.DecidedBy = theirs.Decided, theirs.DecidedBy
	}
	heard := later(s.Sharing.Heard, theirs.Sharing.Heard)
	if s.Sharing.State == sharing.Unasked {
		// Nobody is asked again for having been two.
		s.Sharing = theirs.Sharing
	}
	s.Renewed = s.Renewed || theirs.Renewed
	s.Left = later(s.Left, theirs.Left)
	// What either of them said comes again, and is over.
	s.Sharing.Heard = heard
}

// face is what a business sees of a customer in a scope: a handle, a handle and a
// number, or the number. The more, the larger; nobody is a handle.
func (s *Standing) face() int {
	switch {
	case s == nil:
		return 0
	case s.Visibility == Visible:
		return 2
	case s.Visibility == Shared:
		return 1
	}
	return 0
}

// differ tells that two records show differently in a scope.
func differ(a, b *Customer) bool { return masksMore(a, b) || masksMore(b, a) }

// masksMore tells that a shows less than b in a scope, or would if it came there.
func masksMore(a, b *Customer) bool {
	for scope, theirs := range b.Scopes {
		ours := a.Scopes[scope]
		if ours != nil && ours.face() < theirs.face() || ours == nil && theirs.face() > 0 && a.startsHidden() {
			return true
		}
	}
	return false
}
