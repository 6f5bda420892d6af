package outbound

import "errors"

// Why a call is not made, beside webhook.ErrUnknownHandle: a handle of nobody, of
// another business's customer, or of one who was erased; which, is not told. Every
// other error is the store's: it was not made either, and can be repeated.
var (
	// ErrRawRecipient: a plain number or user id of somebody whom the business may
	// not address so; whether Bauta knows them is not told.
	ErrRawRecipient = errors.New("customers are addressed by their handle")
	// ErrGroupHandle: a group's handle where a direct chat would be opened, or the
	// reverse.
	ErrGroupHandle = errors.New("the handle belongs to another scope")
	// ErrUnknownMessage: a message id that leads nowhere, or that the business cannot
	// have.
	ErrUnknownMessage = errors.New("no message of this business has that id")
	// ErrUnknownMedium: a medium that the business was not sent and did not upload.
	ErrUnknownMedium = errors.New("no medium of this business has that id")
	// ErrNeedsNumber: an authentication template to a customer of whom only a user id
	// is known (the platform's 131062).
	ErrNeedsNumber = errors.New("the message needs a phone number, and this customer has none")
	// ErrNeedsUserID: a call that the platform takes for user ids only, about a
	// customer of whom only a number is known.
	ErrNeedsUserID = errors.New("the call needs a user id, and this customer has none")
	// ErrNoRecipient: neither to nor recipient says anything.
	ErrNoRecipient = errors.New("the call names no recipient")
	// ErrTwoRecipients: to and recipient name different people.
	ErrTwoRecipients = errors.New("to and recipient name different people")
)

// BodyError says what is wrong with a body or a parameter, and where. It quotes
// nothing.
type BodyError struct {
	// Position is a path such as context.message_id, or "byte 17 (line 2,
	// column 5)".
	Position string
	// Reason is what is wrong and what is wanted, in words.
	Reason string
}

// Error implements error.
func (e *BodyError) Error() string { return e.Position + ": " + e.Reason }
