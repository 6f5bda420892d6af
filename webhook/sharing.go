package webhook

import (
	"context"
	"encoding/json"
	"time"

	"bauta/masking"
	"bauta/masking/sharing"
)

// Sharing is what the customer was asked and answered in one scope. The zero value
// was never asked.
type Sharing struct {
	State sharing.State
	// Since is when State was entered.
	Since time.Time
	// ActBy is the id of the event (or call) by which State was entered: its
	// redelivery leads to the same.
	ActBy string
	// Heard is the platform's time of the newest act in this scope: an older one that
	// comes later, or again, changes nothing.
	Heard time.Time
	// Number is the one that was shared; zero unless State is Shared.
	Number masking.Number
	// Question is the latest.
	Question Question
	// Confirmation is the message with the button that withdraws: its own id within
	// message ids, "" if there is none.
	Confirmation string
}

// Question is one that Bauta, or the business, asks a customer.
type Question struct {
	// ID is 12 random bytes in base64url (16 characters), "" if nothing was asked.
	ID string
	// By is bauta or business; WordedBy too.
	By, WordedBy string
	// Native: the platform's own request, answered by a contact card.
	Native bool
	// Requested is the SHA-256 (hex) of what the business worded in a request of its own
	// that it sent while this one was pending: an answer by card is one to that.
	Requested string
	// Held: it waited for another one when its time began, not for the platform's window.
	Held bool
	// Language, Version and TextHash (SHA-256, hex) say what is shown.
	Language, Version, TextHash string
	// Begun is when it was asked for, or when the customer could be written again, Expires
	// when it no longer counts. In the direct chat neither depends on another scope's
	// question, that may keep it from being sent.
	Begun, Sent, Expires time.Time
	// Stanza is the message's own id within message ids, "" until the platform told.
	Stanza string
}

// Due is something that follows from a change of a customer's record and is stored
// with it, until it is in its lane: whoever works on the customer next brings it
// there, once.
type Due struct {
	// ID is stable: it is what makes it happen once.
	ID string
	// Errand tells a message of Bauta's own to the customer from one of Bauta's own
	// events to the business.
	Errand bool
	// Kind is an own event's type, an ErrandKind, or contact_card.
	Kind  string
	Scope string
	At    time.Time
	// Unheard: it takes back what the business most likely has not heard.
	Unheard bool
	// Data is an own event's data, an Errand, or a card's number, as JSON.
	Data json.RawMessage
}

// ErrandKind is what a message of Bauta's own is for: a closed set, a metric label.
type ErrandKind string

// The kinds of errands.
const (
	// ErrandQuestion asks the customer to share.
	ErrandQuestion ErrandKind = "question"
	// ErrandConfirmation says that it is shared, with the button that withdraws.
	ErrandConfirmation ErrandKind = "confirmation"
	// ErrandNotice says something in one line.
	ErrandNotice ErrandKind = "notice"
	// ErrandOverview says what the business knows.
	ErrandOverview ErrandKind = "overview"
	// ErrandErase says that everything is erased, and erases it.
	ErrandErase ErrandKind = "erase"
	// ErrandForget deletes the platform's contact-book entry.
	ErrandForget ErrandKind = "contact_book"
)

// Errand is what has to be done towards the platform for a customer: the body of an
// item in the platform's lane. The recipient is not in it: it is looked up when the
// errand is run.
type Errand struct {
	Kind ErrandKind `json:"kind"`
	// Scope that it is about; it always goes to the direct chat.
	Scope string `json:"scope,omitempty"`
	// Question that it asks or confirms the answer of.
	Question string `json:"question,omitempty"`
	// Text names the text of a notice (sharing.TextName).
	Text string `json:"text,omitempty"`
	// PhoneNumberID is the business's phone number that it is sent from.
	PhoneNumberID string `json:"phone_number_id,omitempty"`

	// beside is a request of the business's own that is sent while the question is
	// pending, nil if this is none.
	beside *Question
	// former is what there was before a request of the business's own, for as long as
	// it can be taken back.
	former *Sharing
}

// PlatformEndpoint is the id of the endpoint that stands for the platform: lanes
// towards it hold errands. No configured endpoint can have it.
const PlatformEndpoint = "_platform"

// SharingPolicy is how a business's customers are asked, and answer.
type SharingPolicy struct {
	// Ask is when Bauta asks.
	Ask AskWhen
	// AskAgainAfter a decline; 0: never. AskPause lies between two questions to one
	// customer. Expires: how long a question counts.
	AskAgainAfter, AskPause, Expires time.Duration
	// OwnCardShares, ShareNewNumber, Native and NewHandleOnWithdraw as configured.
	OwnCardShares, ShareNewNumber, Native, NewHandleOnWithdraw bool
	// BusinessWords: the business may word a request itself.
	BusinessWords bool
	// Rate of questions, a second, on each node.
	Rate float64
	// Words act when they are a whole message.
	Words sharing.Words
	// Texts are what Bauta says.
	Texts *sharing.Texts
}

// AskWhen says when Bauta asks for the number. The zero value never does.
type AskWhen uint8

// The choices of sharing.ask.
const (
	AskNever AskWhen = iota
	AskOnRequest
	AskFirstContact
)

// Ledger keeps the consent ledger of each business. Safe for concurrent use.
type Ledger interface {
	// Append adds those lines that are not in it yet (by ID), in order, and returns
	// the head that holds them. ErrLedger: it is broken, and the same lines will be
	// refused again.
	Append(ctx context.Context, business string, lines []sharing.Line) (sharing.Head, error)
}

// Records reads and writes single customers, beside the events that name them. Safe
// for concurrent use.
type Records interface {
	// Customer returns a customer by their id, or the one that took them over.
	// ErrErased: there is none any more.
	Customer(ctx context.Context, business, id string) (*Customer, error)
	// Rewrite stores a changed customer who was not seen: their retention goes on.
	// Errors as Vault.Update.
	Rewrite(ctx context.Context, c *Customer) error
}

// Windows notes when customers wrote: the platform takes messages to them for 24
// hours.
type Windows interface {
	// Opened stores Inbound and InboundAt of each, where they are news of more than
	// ten minutes.
	Opened(ctx context.Context, customers []*Customer) error
}

// Reversal is one use of what stands behind a handle: a line of the audit log. It
// holds no number, user id or message id.
type Reversal struct {
	At       time.Time
	Business string
	// Handle in its long form.
	Handle string
	// By is a token's id, "operator" or "bauta"; For is what it was used for:
	// message, call, question, export, erasure ...
	By, For string
}

// Audit is the append-only log of reversals. Safe for concurrent use.
type Audit interface {
	// Note stores lines; they are stored when it returns.
	Note(ctx context.Context, reversals []Reversal) error
}
