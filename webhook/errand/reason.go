package errand

// Reason is why an errand is where it is. The set is closed: it is kept with dead
// letters, and is the metric's outcome.
type Reason string

// Of errands that are over.
const (
	// Sent: the platform took the message.
	Sent Reason = "sent"
	// Unrecorded: it took the message, which could not be noted; an answer to it does
	// not count.
	Unrecorded Reason = "sent_unrecorded"
	// Done: what needs no message was done.
	Done Reason = "done"
	// Unknown: it was begun, and nobody knows whether it was sent; never again.
	Unknown Reason = "unknown"
	// Outdated: what it says is not so any more, or it says nothing.
	Outdated Reason = "outdated"
	// Gone: the customer was erased.
	Gone Reason = "customer_erased"
	// WindowClosed: the platform takes messages only after the customer wrote again.
	WindowClosed Reason = "window_closed"
	// Undeliverable: the platform cannot reach the customer, or may not.
	Undeliverable Reason = "undeliverable"
	// OptedOut: the customer, or the platform for them, wants no more messages.
	OptedOut Reason = "opted_out"
	// Refused: the platform refused it for another reason, for good.
	Refused Reason = "refused"
	// NoUserID: there is no contact-book entry without a user id.
	NoUserID Reason = "no_user_id"
	// Unreadable: not an errand, or nobody's.
	Unreadable Reason = "unreadable"
)

// Of errands that wait. Nothing of them was sent.
const (
	// Yields: the business writes to the customer itself, and goes first.
	Yields Reason = "pace"
	// Rate: the business asks as many as it may.
	Rate Reason = "rate"
	// PairLimit: the platform takes no more messages to the customer for now.
	PairLimit Reason = "pair_limit"
	// Throttled: the platform takes no more messages of the business for now.
	Throttled Reason = "throttled"
	// TokenRefused: there is no access token, or the platform refuses it.
	TokenRefused Reason = "token_refused"
	// Forbidden: the access token lacks a permission.
	Forbidden Reason = "forbidden"
	// Account: the business's account is restricted, unpaid or not registered.
	Account Reason = "account"
	// Unreachable: there is no connection to the platform.
	Unreachable Reason = "unreachable"
	// Down: the platform failed, and what it was asked for can be repeated.
	Down Reason = "down"
	// Store: a record could not be read or written.
	Store Reason = "store"
	// Audit: the use of an identity could not be noted.
	Audit Reason = "audit"
)
