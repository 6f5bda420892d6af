package sharing

import "time"

// Line is one entry of a business's consent ledger. It names the customer by the
// handle and holds no number, user id or message id. PRIVACY.md documents the form
// in which lines are chained and exported.
type Line struct {
	// ID is the same however often the act is recorded: it enters the ledger once.
	ID string
	At time.Time
	// Type is what happened.
	Type LineType
	// Handle in its long form, with the country.
	Handle string
	// Scope is "direct", or "group:" and the group's id.
	Scope string
	// By is who acted: customer, business, operator or bauta. Action is by what:
	// bauta_button, platform_answer, keyword, own_card, management_api, command,
	// reply_api, setting, number_change, group_left.
	By, Action string
	// Question is the id of the question, "" if there was none. WordedBy is bauta or
	// business; Language, Version and TextHash (SHA-256, hex) say what was shown.
	Question, WordedBy, Language, Version, TextHash string
	// Reason of a refusal, from a closed set.
	Reason string
	// Text is what is shown under TextHash, in a line of type TextShown alone.
	Text string
}

// LineType is what a line of the ledger records.
type LineType string

// The types.
const (
	LineText      LineType = "text"
	LineAsked     LineType = "asked"
	LineUnasked   LineType = "undeliverable"
	LineShared    LineType = "shared"
	LineDeclined  LineType = "declined"
	LineExpired   LineType = "expired"
	LineWithdrawn LineType = "withdrawn"
	LineHidden    LineType = "hidden_again"
	LineRenewed   LineType = "number_renewed"
	LineRefused   LineType = "refused"
	LineErased    LineType = "erased"
	LineImported  LineType = "imported"
)

// Head is the end of a business's ledger.
type Head struct {
	// Seq is the number of lines, 0 for an empty ledger; Hash is the last line's
	// SHA-256 in hex.
	Seq  int64
	Hash string
	// Signed is a JWT (EdDSA) that vouches for business, Seq and Hash.
	Signed string
}
