package manage

import (
	"context"
	"encoding/json"
	"errors"

	"bauta/masking"
	"bauta/masking/sharing"
	"bauta/webhook"
)

// Decisions tells and changes how a customer stands, whom a handle names by its key
// (masking.Handle.Key): *webhook.Consents. Errors: webhook.ErrUnknownHandle,
// webhook.ErrErased, webhook.ErrNotHidden, webhook.ErrAskNever, *webhook.LatelyError; any other is the
// store's. Safe for concurrent use.
type Decisions interface {
	View(ctx context.Context, b *webhook.Business, key string) (webhook.Seen, error)
	// Request asks the customer for their number, if that is to be done; id names the
	// request.
	Request(ctx context.Context, b *webhook.Business, key, id string) (webhook.Seen, error)
	// Withdraw takes back what the customer shared, on their behalf; by is who acts.
	Withdraw(ctx context.Context, b *webhook.Business, key, by, id string) (webhook.Seen, error)
}

// Eraser forgets customers: *webhook.Consents. Errors as those of Decisions.
type Eraser interface {
	EraseHandle(ctx context.Context, b *webhook.Business, key, by, action string) (webhook.Receipt, error)
}

// Line is one of the consent ledger.
type Line struct {
	// Seq counts from 1.
	Seq int64
	// Raw is the line as it is chained: JSON, to the byte.
	Raw json.RawMessage
}

// Consents reads the consent ledger. Safe for concurrent use.
type Consents interface {
	// Head of a business's ledger, the zero Seq for an empty one.
	Head(ctx context.Context, business string) (sharing.Head, error)
	// Page returns at most limit lines that follow a place, in order.
	Page(ctx context.Context, business string, after int64, limit int) ([]Line, error)
}

// ErrCursor is a place that no page of the audit log ended at.
var ErrCursor = errors.New("there is no such place in the audit log")

// Reversal is one of the audit log.
type Reversal struct {
	webhook.Reversal

	// Cursor leads to what follows: at most 64 digits, letters, points, - and _.
	Cursor string
}

// Audit reads the audit log. Safe for concurrent use.
type Audit interface {
	// Page returns at most limit reversals that follow a place, in order; "" is the
	// beginning. ErrCursor: there is no such place.
	Page(ctx context.Context, business, after string, limit int) ([]Reversal, error)
}

// Handles recognises handles: *masking.Handles.
type Handles interface {
	Parse(text string) (masking.Reference, bool)
}

// Once keeps the outcome of writes that have an Idempotency-Key, for 24 hours:
// redis/idempotency. Safe for concurrent use.
type Once interface {
	// Begin claims a key for one write. A claim that is not "" makes the write the
	// caller's, who ends it with Finish or Release. Otherwise saved is its outcome, nil
	// while nobody knows it. webhook.ErrOtherCall: the key was used for another
	// fingerprint. Any other error: nothing may be done.
	Begin(ctx context.Context, business, key string, fingerprint [32]byte) (claim string, saved []byte, err error)
	// Finish keeps the outcome. What this API answers names nobody beyond a handle, so
	// that it is kept under the business's key: a receipt outlives the customer.
	Finish(ctx context.Context, business, key, claim string, kept webhook.Kept) error
	// Release forgets a claim.
	Release(ctx context.Context, business, key, claim string) error
}
