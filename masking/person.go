package masking

import "slices"

// Person is somebody an event names, as one business sees them in one scope.
// The zero value is hidden.
type Person struct {
	// Numbers and UserIDs are every identity known to be theirs, old and new,
	// parents included.
	Numbers []Number
	UserIDs []UserID
	Handle  Handle
	// Visible people pass unchanged.
	Visible bool
	// Shown is the one of Numbers that this person chose to share: it passes, also in
	// its other notations, and stands beside the handle; everything else of the person
	// is hidden. Zero: none. It means nothing for Visible people.
	Shown Number
	// RawIDs: their message ids pass unchanged. Fixed at minting, so it can be
	// false for somebody who is visible by now.
	RawIDs bool
}

// Shares tells that this person chose to share a number, in any notation that the
// platform has for it, and hides otherwise.
func (p *Person) Shares(n Number) bool {
	return !p.Visible && !p.Shown.IsZero() && n.Canonical() == p.Shown.Canonical()
}

// sharing tells that there is a number that this person shares.
func (p *Person) sharing() bool {
	return !p.Visible && !p.Shown.IsZero() && slices.ContainsFunc(p.Numbers, p.Shares)
}

// Secret returns what must not be found in anything that the business gets: nothing
// of a visible person, and of others everything but the number that they share. The
// lists may be the person's own: do not change them.
func (p *Person) Secret() (numbers []Number, userIDs []UserID) {
	switch {
	case p.Visible:
		return nil, nil
	case p.Shown.IsZero():
		return p.Numbers, p.UserIDs
	}
	for _, n := range p.Numbers {
		if !p.Shares(n) {
			numbers = append(numbers, n)
		}
	}
	return numbers, p.UserIDs
}

// Shape is the form in which a business gets handles.
type Shape uint8

// The shapes, as deploy/reference/endpoints.md describes them.
const (
	// ShapeUserID puts the handle where the platform puts a user id, and
	// leaves the number's keys out.
	ShapeUserID Shape = iota
	// ShapePhone puts a 15-digit handle where the number stands, and leaves the
	// user id's keys out.
	ShapePhone
)

// View is how one business gets hidden people. The zero value shows least.
type View struct {
	Shape Shape
	// ShowCountry writes the handle's real country; otherwise ZZ.
	ShowCountry bool
	// KeepUsername and KeepInviteLink leave those members in.
	KeepUsername   bool
	KeepInviteLink bool
	// ForeignPass lets numbers in content pass that belong to nobody the event
	// names; otherwise every phone-like number in a hidden person's content goes.
	ForeignPass bool
	// Own are the business's numbers, never masked.
	Own []Number
}

// IDs re-issues message and call ids. meta implements it.
type IDs interface {
	// Mask returns the id to show instead of raw. People are those the event
	// names. It returns raw itself where nothing has to be hidden; an id that
	// cannot be understood, or names nobody of people, comes back sealed whole.
	Mask(raw string, people []Person) string
}
