package masking

// Role says what a JSON value is, and with that what masking does to it. The
// zero role scrubs: a position that nobody described is treated as free text.
type Role uint8

// The roles. "Person" below is anybody but the business itself.
const (
	// RoleText is free text (and every unknown position): names of hidden
	// people are replaced wherever they stand in it, in any notation.
	RoleText Role = iota
	// RoleNumber is the phone number of a person or of the business. Its Pair
	// names the sibling key under which the same person's user id stands.
	RoleNumber
	// RoleUserID is a person's user id; Pair names the sibling key of the number.
	RoleUserID
	// RoleEither is a number or a user id under one key (participants' input,
	// history thread ids): it is replaced in place.
	RoleEither
	// RoleRemove is an identifier that has no masked form (parent_user_id,
	// from_logical_id, identity_key_hash, credential_id, signup_id): the member
	// goes when it belongs to a hidden person.
	RoleRemove
	// RoleUsername is removed like RoleRemove unless the view keeps usernames.
	RoleUsername
	// RoleInviteLink is removed in declared groups unless the view keeps it.
	RoleInviteLink
	// RoleMessageID is a message or call id, re-issued by IDs.
	RoleMessageID
	// RoleEcho is what the business wrote and the platform echoes: untouched,
	// and outside the leak check, which would make Bauta an oracle otherwise.
	RoleEcho
	// RoleOpaque is a timestamp, hash, code or id of the platform's that names
	// no person: untouched, but still under the leak check.
	RoleOpaque
	// RoleJSON is a string that holds JSON: text inside, but for the members that
	// the schema describes there.
	RoleJSON
	// RoleCard is a phone number inside content (a contact card, an address):
	// text, and wholly replaced where numbers must not pass.
	RoleCard
	// RoleProfileName is a name the customer chose: scrubbed like text.
	RoleProfileName
	// RoleError is a text with which the platform explains an error (title,
	// message, details): for a hidden person every phone-like run in it goes,
	// whatever the view says about foreign numbers; for anybody where numbers must
	// not pass in content.
	RoleError
	// RoleMedia is the id of a medium at the platform: untouched like RoleOpaque. A
	// business may name only media that it was sent or uploaded.
	RoleMedia
)

// Schema describes one JSON value. Schemas are built once, never changed, and
// shared by goroutines; they may refer to themselves (an edited message holds
// a message).
type Schema struct {
	Role Role
	// Pair: for RoleNumber the sibling key of the user id, and the reverse.
	Pair string
	// Members describes an object's members by name; Any every other member.
	// A member in neither is RoleText.
	Members map[string]*Schema
	Any     *Schema
	// Each describes the elements of an array.
	Each *Schema
}

// Member returns the schema of an object's member, nil for an undescribed one.
// It is safe on a nil Schema.
func (s *Schema) Member(name string) *Schema {
	if s == nil {
		return nil
	}
	if m, ok := s.Members[name]; ok {
		return m
	}
	return s.Any
}

// Elem returns the schema of an array's elements. It is safe on a nil Schema.
func (s *Schema) Elem() *Schema {
	if s == nil {
		return nil
	}
	return s.Each
}

// RoleOf returns the role, RoleText for a nil Schema.
func (s *Schema) RoleOf() Role {
	if s == nil {
		return RoleText
	}
	return s.Role
}
