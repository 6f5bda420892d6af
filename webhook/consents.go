package webhook

import (
	"errors"
	"time"

	"bauta/masking/sharing"
)

// ErrNotHidden: a customer who is not hidden has nothing to share or withdraw.
var ErrNotHidden = errors.New("the customer is not hidden here")

// Seen is how a customer stands in one scope, as their business may know it.
type Seen struct {
	// Handle as the business sees it.
	Handle string
	// Scope is "direct", or "group:" and the group's id.
	Scope      string
	Visibility Visibility
	Reason     string
	State      sharing.State
	// Since is when State was entered, zero if nothing was asked or answered.
	Since time.Time
	// Question is the latest; its ID is "" if there was none.
	Question Question
	// Askable: the platform's window is open, a question would be sent at once.
	Askable bool
}

// Failure is why a question did not reach the customer.
type Failure uint8

// The failures.
const (
	// WindowClosed: the platform takes messages only after the customer wrote again.
	WindowClosed Failure = iota
	// Unreachable: the platform refused it for good.
	Unreachable
	// Uncounted: nothing was sent, and nobody knows of it: as if it was never asked.
	Uncounted
)

// Receipt says what became of an erasure.
type Receipt struct {
	Business string    `json:"business"`
	ErasedAt time.Time `json:"erased_at"`
	// Handles that the customer had, in their long form.
	Handles []string `json:"handles"`
	// Ledger is the head that holds the line of the erasure.
	Ledger string `json:"ledger"`
	// ContactBook is what became of the platform's contact-book entry: deleted,
	// none, unknown_user_id or failed.
	ContactBook string `json:"contact_book"`
	// Dumps says when dumps of the store from before become unreadable.
	Dumps string `json:"dumps"`
}
