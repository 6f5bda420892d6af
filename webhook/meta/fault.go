package meta

import (
	"slices"
	"strconv"
	"unicode/utf8"
)

// FaultName says what went wrong with a call of the business; it is also the value of
// the header Bauta-Error and a metric label: the set is closed.
type FaultName string

// The faults.
const (
	FaultUnauthorized     FaultName = "unauthorized"
	FaultWrongScope       FaultName = "wrong_scope"
	FaultNotFound         FaultName = "not_found"
	FaultUnknownPath      FaultName = "unknown_path"
	FaultRefusedPath      FaultName = "refused_path"
	FaultBadParameter     FaultName = "bad_parameter"
	FaultBadBody          FaultName = "bad_body"
	FaultTooLarge         FaultName = "too_large"
	FaultBadMediaType     FaultName = "bad_media_type"
	FaultMethodNotAllowed FaultName = "method_not_allowed"
	FaultUnknownHandle    FaultName = "unknown_handle"
	FaultRawRecipient     FaultName = "raw_recipient"
	FaultGroupHandle      FaultName = "group_handle"
	FaultUnknownMessage   FaultName = "unknown_message"
	FaultUnknownMedium    FaultName = "unknown_medium"
	FaultNeedsNumber      FaultName = "needs_number"
	FaultNeedsUserID      FaultName = "needs_user_id"
	FaultNoRecipient      FaultName = "no_recipient"
	FaultTwoRecipients    FaultName = "two_recipients"
	FaultRateLimited      FaultName = "rate_limited"
	FaultUnavailable      FaultName = "unavailable"
	FaultPlatformToken    FaultName = "platform_token"
	FaultOutcomeUnknown   FaultName = "outcome_unknown"
	FaultBadAnswer        FaultName = "bad_answer"
	FaultKeyReused        FaultName = "key_reused"
	FaultKeyPending       FaultName = "key_pending"
	FaultMediaTooLarge    FaultName = "media_too_large"
	FaultInternal         FaultName = "internal"
)

// Fault is an error that Bauta itself answers, in the platform's words: its codes
// are those of webhooks.md 6.6, so that a client treats it as it treats the
// platform's.
type Fault struct {
	Name FaultName
	// Status is the HTTP status. Subcode is 0 where there is none.
	Status, Code, Subcode int
	// Type is the platform's class of errors, Message its constant text.
	Type, Message string
	// Details say what is wrong, where, and what to do. They quote nothing of the
	// call.
	Details string
}

// NewFault returns a fault with the given details, or with its usual ones for "".
// A name outside the closed set is FaultInternal.
func NewFault(name FaultName, details string) Fault {
	var found Fault
	for _, f := range Faults() {
		if f.Name == name || f.Name == FaultInternal && found.Name == "" {
			found = f
		}
	}
	if details != "" {
		found.Details = details
	}
	return found
}

// Faults returns every fault with its usual details.
func Faults() []Fault { return slices.Concat(callFaults(), personFaults(), outcomeFaults()) }

// Body returns the platform's error body (webhooks.md 6.6); trace becomes its
// fbtrace_id.
func (f Fault) Body(trace string) []byte {
	const frame = 192 // keys, braces and numbers
	out := make([]byte, 0, frame+len(f.Message)+len(f.Details)+len(trace))
	out = appendJSON(append(out, `{"error":{"message":`...), f.Message)
	out = appendJSON(append(out, `,"type":`...), f.Type)
	out = strconv.AppendInt(append(out, `,"code":`...), int64(f.Code), 10)
	if f.Subcode != 0 {
		out = strconv.AppendInt(append(out, `,"error_subcode":`...), int64(f.Subcode), 10)
	}
	out = appendJSON(append(out, `,"error_data":{"messaging_product":"whatsapp","details":`...), f.Details)
	out = appendJSON(append(out, `},"fbtrace_id":`...), trace)
	return append(out, `}}`...)
}

// appendJSON appends a text as a JSON string in ASCII, as the platform writes its
// own: a client that compares or signs it sees one form only.
func appendJSON(out []byte, s string) []byte {
	out = append(out, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			out = append(out, '\\', byte(r))
		case r >= ' ' && r < utf8.RuneSelf-1:
			out = append(out, byte(r))
		case r > 0xffff:
			r -= 0x10000
			out = appendUnit(appendUnit(out, 0xd800+r>>10), 0xdc00+r&0x3ff)
		default:
			out = appendUnit(out, r)
		}
	}
	return append(out, '"')
}

// appendUnit appends one UTF-16 unit as an escape.
func appendUnit(out []byte, unit rune) []byte {
	const hex = "0123456789abcdef"
	return append(out, '\\', 'u', hex[unit>>12&15], hex[unit>>8&15], hex[unit>>4&15], hex[unit&15])
}
