package webhook

import (
	"context"
	"errors"
	"io"
	"time"

	"bauta/masking"
)

// The errors by which a store tells what the pipeline acts on.
var (
	// ErrStale: somebody else wrote the record since it was read. Read again.
	ErrStale = errors.New("the record was changed by another writer")
	// ErrHandleTaken: a handle's digits are in use. Draw another.
	ErrHandleTaken = errors.New("the handle is taken")
	// ErrLedger: the consent ledger takes no lines, and waiting does not change that: it
	// is not as it was written.
	ErrLedger = errors.New("the consent ledger does not hold")
	// ErrUnreadable: what is stored of a customer cannot be read, with the newest key file
	// either. It stays as it is, for whoever can mend it.
	ErrUnreadable = errors.New("what is stored of a customer cannot be read")
	// ErrErased: the data key is gone, and with it what it encrypted.
	ErrErased = errors.New("the data was erased")
	// ErrOtherCall: an Idempotency-Key was used before for another call.
	ErrOtherCall = errors.New("the idempotency key belongs to another call")
)

// Lookup asks for the customer whom an identity names to a business.
type Lookup struct {
	Business string
	Identity masking.Identity
}

// Found answers a Lookup. Customer is nil when the identity leads to nobody;
// Marked then tells that it once led to somebody who was erased or expired; Unreadable,
// beside it, that it leads to a record that cannot be read (ErrUnreadable): nothing that
// names it can be decided.
type Found struct {
	Customer   *Customer
	Marked     bool
	Unreadable bool
}

// Vault keeps customers. Safe for concurrent use.
type Vault interface {
	// Recall answers every lookup, in order, in two round trips. A customer found under
	// several is one pointer.
	Recall(ctx context.Context, lookups []Lookup) ([]Found, error)
	// Mint stores a new customer together with its standing. If another node
	// stored one of its identities first, that customer comes back, and false.
	// ErrHandleTaken: nothing was stored.
	Mint(ctx context.Context, c *Customer) (*Customer, bool, error)
	// Update stores a changed customer. ErrStale and ErrHandleTaken: nothing
	// was stored.
	Update(ctx context.Context, c *Customer) error
}

// Forms keeps which of a person's identities the platform wrapped a message id
// in, where that is not the customer's usual one; or makes it the usual one of the
// business's messages, where a Form says that none is yet: then c changes.
type Forms interface {
	Remember(ctx context.Context, c *Customer, forms []Form) error
}

// Form is the envelope of one message.
type Form struct {
	// Stanza is the message's own id; it is stored under a keyed PRF.
	Stanza string
	// Tag names the identity by its place among the customer's links, and the id's
	// notation.
	Tag string
	// Usual, unless zero, can be kept as the record's Sent instead: that leads this
	// message back, and all later ones of its kind.
	Usual masking.Identity
}

// Presence notes that customers were seen: their retention begins anew. It writes
// once a day for each at most.
type Presence interface {
	Touch(ctx context.Context, customers []*Customer) error
}

// Watershed tells when a business first hid somebody: from then on a history
// sync makes nobody known.
type Watershed interface {
	FirstHidden(ctx context.Context, business string) (time.Time, error)
	MarkHidden(ctx context.Context, business string, at time.Time) error
}

// BusinessKeys gives the data key for events without a customer.
type BusinessKeys interface {
	BusinessKey(ctx context.Context, business string) (DataKey, error)
}

// Queue stores proven events.
type Queue interface {
	// Append stores every item once; the answer has one Appended per item, also
	// beside an error, when some may have been stored: append them all again.
	Append(ctx context.Context, items []Item) ([]Appended, error)
}

// Gate tells whether a business's events can be taken in now; "": whether anybody's can.
// It answers at once; the error tells when to come again.
type Gate interface {
	Admit(business string) error
}

// Holder keeps what could not be proven clean.
type Holder interface {
	// Hold stores the event unless it was before; stored tells which.
	Hold(ctx context.Context, h HeldEvent) (stored bool, err error)
}

// Courier delivers. Offer never blocks.
type Courier interface {
	Offer(leased Leased)
}

// PRF is the keyed function that ids are made with.
type PRF interface {
	PRF(label string, parts ...string) [32]byte
}

// Minter draws handles.
type Minter interface {
	Mint(random io.Reader, country string) (masking.Handle, error)
}

// IDMasks re-issues the message ids of one business.
type IDMasks interface {
	For(business string) masking.IDs
}
