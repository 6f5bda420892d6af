package webhook

import (
	"slices"
	"strings"
	"time"

	"bauta/masking"
)

// Business is a tenant, as one configuration has it. Read-only.
type Business struct {
	ID    string
	App   string
	WABAs []string
	View  masking.View
	// KnownUntil: until then a history sync makes customers known. Zero: until
	// the first hidden decision.
	KnownUntil time.Time
	// Groups are the declared groups by id. An undeclared group hides.
	Groups    map[string]Group
	Endpoints []Endpoint
	Unknown   UnknownFields
	Retention Retention
	// RawRecipients says whom it may address by a plain number.
	RawRecipients RawRecipients
	// PhoneNumbers are the ids of its phone numbers as configured; empty: the
	// platform is asked for those of its WABAs.
	PhoneNumbers []string
	// Passthrough are further calls of the platform's API that it may make, such as
	// "GET /{phone_number_id}/username".
	Passthrough []string
	// Name is what customers read in questions.
	Name string
	// Sharing is how customers are asked, and answer.
	Sharing SharingPolicy
	// Decider decides on its first contacts; nil: Options.Decider of the pipeline.
	Decider Decider
	// Portfolio are the ids of other businesses that call the platform by the same
	// access token, and so share its contact book (identity.md 2.3). The platform may
	// know of more.
	Portfolio []string
}

// decider is what decides on first contacts.
func (b *Business) decider(otherwise Decider) Decider {
	if b.Decider != nil {
		return b.Decider
	}
	return otherwise
}

// bookUse is what the audit log says a handle was used for where the entry of the
// platform's contact book goes too: it goes for the whole portfolio.
func (b *Business) bookUse(use string) string {
	if len(b.Portfolio) == 0 {
		return use
	}
	return use + "; contact book also of " + strings.Join(b.Portfolio, ", ")
}

// ErrandUse is what the audit log says a handle was used for by an errand.
func (b *Business) ErrandUse(kind ErrandKind) string {
	if kind == ErrandForget {
		return b.bookUse(string(kind))
	}
	return string(kind)
}

// endpoints are the ids of those that take something.
func (b *Business) endpoints(take func(*Endpoint) bool) []string {
	var ids []string
	for i := range b.Endpoints {
		if take(&b.Endpoints[i]) {
			ids = append(ids, b.Endpoints[i].ID)
		}
	}
	return ids
}

// Group is a declared community subgroup.
type Group struct {
	ID, Name string
	Hide     bool
}

// RawRecipients says whom a business may address by a plain number or user id.
type RawRecipients uint8

// The choices of raw_recipients. The zero value allows nobody.
const (
	// DenyRaw allows nobody.
	DenyRaw RawRecipients = iota
	// KnownRaw allows customers who are visible in the direct chat.
	KnownRaw
	// AllowRaw allows everybody: hiding can be undone.
	AllowRaw
)

// UnknownFields says what happens to a field that the catalogue does not have.
type UnknownFields uint8

// The choices of unknown_fields. The zero value holds.
const (
	HoldUnknown UnknownFields = iota
	ScrubUnknown
	DropUnknown
)

// Retention periods; 0 is unlimited.
type Retention struct {
	// Customer since last seen, CustomerAbsolute since first seen: what ends first.
	Customer, CustomerAbsolute                                time.Duration
	Messages, DeadLetter, Held, HiddenMarker, Consents, Audit time.Duration
}

// Endpoint receives a business's events.
type Endpoint struct {
	ID, URL string
	// Secrets: the first signs X-Hub-Signature-256, every whsec_ one
	// webhook-signature.
	Secrets []string
	// Fields to deliver; empty: all.
	Fields      []string
	OwnEvents   bool
	Timeout     time.Duration
	Concurrency int
	Retry       Retry
	// HoldLane is how long one failing event may hold its lane.
	HoldLane time.Duration
	// MaxAge by Delivery.Kind: older events are not sent. A kind that is not there has none.
	MaxAge map[string]time.Duration
	// ForwardOnly: no status of a message that is behind one already sent.
	ForwardOnly bool
	// What its URL may be beside a public https one.
	AllowPrivate, AllowHTTP bool
	// Platform: it is the platform itself (PlatformEndpoint), which gets errands and no
	// events.
	Platform bool
}

// Retry is how a failing delivery is repeated.
type Retry struct {
	// Schedule of waits; the last one repeats.
	Schedule []time.Duration
	// MaxAge of an event, from its acceptance; older ones become dead letters.
	MaxAge time.Duration
	// RefusedAttempts: so many refusals (4xx) make a dead letter.
	RefusedAttempts int
}

// Lease is for how long a lane towards the endpoint is leased.
func (e *Endpoint) Lease() time.Duration { return e.Timeout + LeaseSlack }

// Wants tells whether the endpoint takes events of a field.
func (e *Endpoint) Wants(field string) bool {
	return !e.Platform && (len(e.Fields) == 0 || slices.Contains(e.Fields, field))
}
