package webhook

import "context"

// Roll is a list of ids that is only ever asked whether an id is on it.
type Roll string

// The rolls, a closed set: they are part of key names.
const (
	// ReceivedMedia are media ids that events brought; the platform keeps those
	// media 7 days.
	ReceivedMedia Roll = "received"
	// UploadedMedia are media ids that the business got for uploads: 30 days.
	UploadedMedia Roll = "uploaded"
	// RawAddressed are the stanzas of messages that the business sent to a plain
	// number (raw_recipients: allow): 10 years, however long other messages are kept,
	// since a quote of one would join number and handle.
	RawAddressed Roll = "raw"
	// OwnMessages are the stanzas of Bauta's own messages to customers: 10 years. No
	// business knows of them, and what refers to one would tell of another scope.
	OwnMessages Roll = "own"
	// SentRenewed are the messages that were sent under a handle that is not the
	// customer's first in the direct chat (SentUnder): 30 days.
	SentRenewed Roll = "renewed"
)

// SentUnder is a message on the roll SentRenewed: by the stanza of its id and the key of
// the handle that it was addressed to.
func SentUnder(handle, stanza string) string { return handle + "." + stanza }

// Rolls keeps rolls by business. Ids are kept as keyed PRFs. Safe for concurrent
// use.
type Rolls interface {
	// Enter puts ids on a roll; it is stored when it returns.
	Enter(ctx context.Context, business string, roll Roll, ids []string) error
	// On tells for every id, in order, whether it is on the roll.
	On(ctx context.Context, business string, roll Roll, ids []string) ([]bool, error)
}
