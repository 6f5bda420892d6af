package webhook

import (
	"slices"
	"time"

	"bauta/masking"
	"bauta/masking/sharing"
)

// Direct is the scope of the direct chat; every other scope is a group id.
const Direct = ""

// Customer is what is kept of a person as one business knows them. It is
// changed by one writer at a time: storing it compares Version.
type Customer struct {
	// ID is 16 random bytes in base64url (22 characters); it never leaves Bauta.
	ID       string
	Business string
	// Version counts writes; 0 was never stored.
	Version int64
	Created time.Time
	// Links are the customer's identities, oldest first. Current ones have no
	// Ended time.
	Links []Link
	// Scopes by Direct or group id.
	Scopes map[string]*Standing
	// MergedInto is the customer that took this one over, "" if none did.
	MergedInto string
	// Predecessors are the customers that this one took over, with theirs, and those who
	// had an identity of theirs until of late, oldest first.
	Predecessors []Predecessor
	// Envelope is the identity inside the message ids of this customer, as seen
	// first; what differs is remembered per message.
	Envelope masking.Identity
	// Sent is the same for messages from the business, fixed by the first of them.
	// It is zero while SentOpen, and where it is Envelope too.
	Sent masking.Identity
	// SentOpen: no message from the business was seen yet.
	SentOpen bool
	// DataKey encrypts what is kept of the customer. Nil until loaded or stored.
	DataKey DataKey
	// Lines are those of the consent ledger that follow from the record and are not
	// known to be in it. While a scope's are not, nothing of the scope is shown.
	Lines []sharing.Line
	// Due follows from the record, and is not known to be in its lanes.
	Due []Due
	// Tried are the errands that were begun of late, by their deliveries' ids, the
	// newest last, with spaces between: none is begun twice.
	Tried string
	// AskedAt is when the platform last took a question to the customer, in whichever
	// scope.
	AskedAt time.Time
	// InboundAt is when the customer last wrote, at most ten minutes too early, and
	// Inbound the business's phone number (its id) that they wrote to. They are kept
	// beside the record.
	InboundAt time.Time
	Inbound   string
	// Freed are handles that the customer has no more. They lead nowhere once the record
	// is stored, and are not kept.
	Freed []masking.Handle
}

// DataKey encrypts one customer's (or business's) data. Destroying it erases
// what it encrypted. Associated data binds a ciphertext to its place.
type DataKey interface {
	Encrypt(plaintext, associated []byte) ([]byte, error)
	Decrypt(ciphertext, associated []byte) ([]byte, error)
}

// Link says that an identity belongs to a customer, and why.
type Link struct {
	Identity masking.Identity
	// Evidence: "message", "status", "contact_request", "number_change" ...
	Evidence string
	// Since is the earliest event that showed it, by the platform's clock; zero where
	// that is not known.
	Since time.Time
	// Ended is since when another is theirs instead, by the platform's clock; zero while
	// this one is.
	Ended time.Time
	// Lost: it is somebody else's by now. A lost identity is still masked in
	// this customer's events, and no longer leads to this customer.
	Lost bool
}

// Predecessor is a customer whose events another one's may be: they come again.
type Predecessor struct {
	ID string
	// At is since when.
	At time.Time
	// Other: they are somebody else, and lost an identity.
	Other bool
}

// ids are those of the customer and of everybody whom they took over.
func (c *Customer) ids() []string {
	out := []string{c.ID}
	for _, p := range c.Predecessors {
		if !p.Other {
			out = append(out, p.ID)
		}
	}
	return out
}

// Standing is a customer's standing in one scope.
type Standing struct {
	Handle     masking.Handle
	Visibility Visibility
	// Rule is the configured rule that decided, "" for a built-in; Reason is why.
	Rule    string
	Reason  string
	Decided time.Time
	// DecidedBy is the dedupe id of the event that decided: its redelivery
	// reports the same decision.
	DecidedBy string
	// RawIDs: message ids pass unchanged; fixed when the scope was opened.
	RawIDs bool
	// Inherited: the handle was drawn for a record that this one took over.
	Inherited bool
	// Renewed: the customer had another handle here before, or may have had, and nothing
	// joins it with this one.
	Renewed bool
	// Former are the handles that the customer had before a merge: they go on
	// leading here.
	Former []masking.Handle
	// Sharing is what was asked and answered.
	Sharing Sharing
	// Left is when the customer left the group; zero while they are a member. Whoever
	// joins again gets another standing.
	Left time.Time
	// Opened is when whoever had ended here, or left, was here again; zero for others. It
	// tells this standing from the one before, which a handle does not.
	Opened time.Time
}

// Number returns the customer's current number; zero if Bauta knows none.
func (c *Customer) Number() masking.Number {
	for _, l := range slices.Backward(c.Links) {
		if l.Ended.IsZero() && !l.Lost && !l.Identity.Number.IsZero() {
			return l.Identity.Number
		}
	}
	return masking.Number{}
}

// UserID returns the customer's current user id; zero if Bauta knows none.
func (c *Customer) UserID() masking.UserID {
	for _, l := range slices.Backward(c.Links) {
		if l.Ended.IsZero() && !l.Lost && !l.Identity.UserID.IsZero() {
			return l.Identity.UserID
		}
	}
	return masking.UserID{}
}

// PersonIn is the customer as the rewriter has to know them in a scope; ok false
// without a standing there.
func (c *Customer) PersonIn(scope string) (_ masking.Person, ok bool) {
	s := c.Scopes[scope]
	if s == nil {
		return masking.Person{}, false
	}
	person := masking.Person{Handle: s.Handle, Visible: s.Visibility == Visible, RawIDs: s.RawIDs, Shown: c.shownIn(scope)}
	for _, l := range c.Links {
		if !l.Identity.Number.IsZero() {
			person.Numbers = append(person.Numbers, l.Identity.Number)
		}
		if !l.Identity.UserID.IsZero() {
			person.UserIDs = append(person.UserIDs, l.Identity.UserID)
		}
	}
	return person, true
}

// ScopeOf tells in which scope a handle, by its key (masking.Handle.Key), names
// the customer; former handles count.
func (c *Customer) ScopeOf(key string) (scope string, ok bool) {
	for scope, s := range c.Scopes {
		if s.Handle.Key() == key {
			return scope, true
		}
		for _, former := range s.Former {
			if former.Key() == key {
				return scope, true
			}
		}
	}
	return "", false
}

// shownIn is the number that the business sees beside the handle in a scope: the
// one that the customer shared there, once the ledger has it. Zero: none.
func (c *Customer) shownIn(scope string) masking.Number {
	s := c.Scopes[scope]
	if s == nil || s.Visibility != Shared || s.Sharing.State != sharing.Shared {
		return masking.Number{}
	}
	if c.unproven(scope) || s.Sharing.Number.Canonical() != c.Number().Canonical() {
		return masking.Number{}
	}
	return s.Sharing.Number
}

// unproven tells that the ledger is not known to have all lines of a scope.
func (c *Customer) unproven(scope string) bool {
	return slices.ContainsFunc(c.Lines, func(l sharing.Line) bool { return l.Scope == LineScope(scope) })
}

// LineScope is a scope as the consent ledger writes it.
func LineScope(scope string) string {
	if scope == Direct {
		return "direct"
	}
	return "group:" + scope
}

// free lets go of the handles of a standing, which lead nowhere from now on.
func (c *Customer) free(s *Standing) {
	c.Freed = append(append(c.Freed, s.Handle), s.Former...)
}
