// Package meta is Meta's wire format, pure: envelopes and the events in them,
// the catalogue of fields, message and call ids, signatures.
package meta

import (
	"time"

	"bauta/masking"
	"bauta/masking/jsontree"
)

// Kind is what an event is about; it is part of the dedupe id and a metric
// label, so the set is closed.
type Kind string

// The kinds.
const (
	Message     Kind = "message"
	Status      Kind = "status"
	Call        Kind = "call"
	CallStatus  Kind = "call_status"
	Echo        Kind = "echo"
	Thread      Kind = "thread"
	Participant Kind = "participant"
	GroupEvent  Kind = "group"
	Preference  Kind = "preference"
	UserAction  Kind = "user_action"
	IDUpdate    Kind = "user_id_update"
	StateSync   Kind = "state_sync"
	Handover    Kind = "handover"
	AutoEvent   Kind = "automatic_event"
	Problem     Kind = "error"
	Account     Kind = "account"
	Unknown     Kind = "unknown"
)

// Party is a person as one event names them: a number, user ids, or both.
type Party struct {
	Number masking.Number
	UserID masking.UserID
	Parent masking.UserID
}

// IsZero tells that nobody is named.
func (p Party) IsZero() bool { return p == Party{} }

// Change is an identity change that the platform itself announces.
type Change struct {
	From, To Party
}

// Referral is a message's referral object; all values are the platform's words.
type Referral struct {
	Present                                    bool
	Type, ID, URL, Headline, Body, Media, CLID string
}

// Event is the smallest thing the platform reports, as a view on the document
// it came in. It is read-only and keeps the whole body alive.
type Event struct {
	Doc    *jsontree.Doc
	Only   []jsontree.Only // what stays of each array of the envelope
	Drop   []int32         // members (by their value's node) left out: other event arrays
	Schema *masking.Schema // of the whole envelope
	Node   int32           // the event's own object, or the change's value
	Field  string          // canonical spelling; as written for an unknown field
	Kind   Kind
	Type   string // message type, status, call event ...; "" if none
	WABA   string
	// PhoneNumberID and Own are the business's, from metadata.
	PhoneNumberID string
	Own           masking.Number
	// Group is the scope: a group id, "" for the direct chat.
	Group   string
	At      time.Time // the event's timestamp; zero if it has none
	Subject Party
	// Inbound: the customer wrote it (only such an event decides).
	Inbound bool
	// CanRefer: of a type that can carry a referral.
	CanRefer bool
	Referral Referral
	// Named are all identities at identity positions and inside message ids,
	// the subject's included, the business's left out; no duplicates.
	Named []masking.Identity
	// Change is set for number and id changes.
	Change *Change
	// Attested is the subject's own number given by contact_request.
	Attested masking.Number
	// Envelopes are the ids of this event with a person in them, for the way
	// back: which identity the platform used for which stanza.
	Envelopes []Envelope
	// Media are the ids of media that the event brings.
	Media []string
	// Stanza is the message's own id, "" if it cannot be read from it.
	Stanza string
	// Act is what of a customer's message can be a decision about their number.
	Act Act
	// Callback is a status's biz_opaque_callback_data, "" if it has none.
	Callback string
	// Move tells that the subject joined or left the group.
	Move Move
	// Dedupe parts; the caller adds the business and keys them.
	Dedupe []string
}

// OwnNumbers are what names the business at identity positions of this event: its
// number, and its phone number id, which the platform puts there at times
// (webhooks.md 3, "context"). The rewriter must not take them for a person.
func (e *Event) OwnNumbers() []masking.Number {
	own := make([]masking.Number, 0, 2)
	if !e.Own.IsZero() {
		own = append(own, e.Own)
	}
	if id, ok := masking.ParseNumber(e.PhoneNumberID); ok {
		own = append(own, id)
	}
	return own
}

// Envelope says which identity a message id was wrapped in.
type Envelope struct {
	Person masking.Identity
	// Stanza is the message's own id inside, equal under every envelope.
	Stanza string
	// Form is what of the id's notation cannot be derived (ID.Form).
	Form string
	// FromBusiness tells who sent the message.
	FromBusiness bool
}

// Reject is a part of a body that cannot be read as an event: it is held.
type Reject struct {
	// Reason is from a closed set; Position is a JSON path or byte offset.
	Reason, Position string
	WABA, Field      string
	// Raw is an envelope with just that part, or the body itself.
	Raw []byte
}

// Batch is what one body holds.
type Batch struct {
	Events  []Event
	Rejects []Reject
}

// Act is what of a customer's message can be a decision of theirs about their number.
// The zero value is none. Nothing of it was proven.
type Act struct {
	// Reply is the id or payload of the button or list row that was tapped, "" if none
	// was, and ReplyNode its value's node.
	Reply     string
	ReplyNode int32
	// Quoted is the message that context names: its own id within message ids.
	Quoted string
	// Forwarded: context says that the message was forwarded.
	Forwarded bool
	// Text is the body of a text message of at most 256 bytes, "" for all others.
	Text string
	// Cards are all numbers on the contact cards of a message whose every card was
	// sent by hand: a card with origin contact_request is none of them.
	Cards []masking.Number
}

// Move is a participant's.
type Move uint8

// The moves.
const (
	NoMove Move = iota
	Joined
	Left
)
