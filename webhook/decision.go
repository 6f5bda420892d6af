package webhook

import (
	"context"
	"time"
)

// Visibility of a customer in a scope. The zero value is masked.
type Visibility uint8

// The visibilities. Only Visible and Shared show anything.
const (
	Undecided Visibility = iota
	Hidden
	Visible
	Shared
	Withdrawn
)

// String names the visibility as headers and metrics do.
func (v Visibility) String() string {
	switch v {
	case Undecided:
		return "undecided"
	case Hidden:
		return "hidden"
	case Visible:
		return "visible"
	case Shared:
		return "shared"
	case Withdrawn:
		return "withdrawn"
	}
	return "hidden"
}

// Masked tells that the number stays behind the handle.
func (v Visibility) Masked() bool { return v != Visible && v != Shared }

// Decision is whether to hide, with what decided. The zero value hides.
type Decision struct {
	Visible bool
	// Rule is the configured rule that decided, "" for a built-in.
	Rule string
	// Reason in words for people, from a closed set where a built-in decided.
	Reason string
	// Reports are report-mode rules that matched before, with what they would
	// have done. They are for the operator, never for the business.
	Reports []Report
	// AdUnknown: a rule asked for details of the ad that could not be had.
	AdUnknown bool
}

// Report is what a rule in report mode would have decided.
type Report struct {
	Rule string
	Hide bool
}

// Referral is what a message that came from an ad or post says of it. All
// fields are the platform's words and may be empty.
type Referral struct {
	Present                                    bool
	Type, ID, URL, Headline, Body, Media, CLID string
}

// FirstContact is what a decision is made of.
type FirstContact struct {
	Business string
	Referral Referral
	// Country is the customer's ISO alpha-2 code, "" if unknown.
	Country string
	// First: the business had nothing from this customer before.
	First bool
	// HasNumber: the platform gave a number.
	HasNumber bool
	// Bucket is 0 to 99, stable for a customer of a business, and keyed.
	Bucket int
	At     time.Time
}

// Decider answers for a first contact in the direct chat. It never fails: what
// goes wrong on the way hides, and the reason says so. Safe for concurrent use.
type Decider interface {
	Decide(ctx context.Context, c FirstContact) Decision
}
