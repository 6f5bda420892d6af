package meta

import (
	"encoding/base64"
	"errors"

	"bauta/masking"
)

// Why an id that a business sends is not turned back.
var (
	// ErrNotMasked: it is no id that Bauta re-issued; it may be the platform's own.
	ErrNotMasked = errors.New("meta: not an id that was issued here")
	// ErrForeignID: it has the looks of one, but was issued to another business or
	// under other keys, or was changed.
	ErrForeignID = errors.New("meta: an id issued to somebody else, or changed")
)

// Sealed is what a re-issued id holds. It cannot print what may name a person.
type Sealed struct {
	// HandleKey is the key of the handle in it, "" for an id that was sealed whole:
	// that one needs no envelope.
	HandleKey string
	// Stanza is the message's own id (ID.Stanza).
	Stanza       string
	FromBusiness bool
	// Group is the group's jid, "" in the direct chat.
	Group string

	whole *string
	box   **idParts
}

// Unmask reads an id that Mask issued to this business. Errors are ErrNotMasked
// and ErrForeignID; an id of the second kind must go nowhere.
func (m *IDMasker) Unmask(business, masked string) (Sealed, error) {
	id, err := ParseID(masked)
	if err == nil {
		return m.open(business, id, id.Person().UserID)
	}
	whole, err := m.openWhole(business, masked)
	if err != nil {
		return Sealed{}, err
	}
	return Sealed{whole: &whole}, nil
}

// Raw returns the platform's id of the message: what was sealed whole as it was,
// anything else in the envelope of an identity and the form (ID.Form) in which the
// platform gave it for this message. The error wraps ErrID: the identity is zero,
// or the form has no place for what the id holds.
func (s Sealed) Raw(envelope masking.Identity, form string) (string, error) {
	if s.whole != nil {
		return *s.whole, nil
	}
	if s.box == nil {
		return "", ErrID
	}
	party, err := partyOf(envelope)
	if err != nil {
		return "", err
	}
	out := **s.box
	out.stanza = s.Stanza
	if s.Group != "" {
		out.second = &party
	} else {
		out.user = party
	}
	if err := out.applyForm(form); err != nil {
		return "", err
	}
	return out.text(), nil
}

// open reads a re-issued id, whose person is given: the handle's check digits hold
// and the stanza id opens.
func (m *IDMasker) open(business string, id ID, who masking.UserID) (Sealed, error) {
	if who.IsZero() {
		return Sealed{}, ErrNotMasked
	}
	ref, ok := m.handles.Parse(who.Reveal())
	if !ok {
		return Sealed{}, ErrNotMasked
	}
	sealed, err := base64.RawURLEncoding.DecodeString(id.parts().stanza)
	if err != nil {
		return Sealed{}, ErrForeignID
	}
	stanza, err := m.sealer.Open(sealed, id.parts().associated(business))
	if err != nil {
		return Sealed{}, ErrForeignID
	}
	copied := *id.parts()
	if copied.prefix == "" {
		copied.prefix = messagePrefix
	}
	parts := &copied
	return Sealed{
		HandleKey: ref.Key, Stanza: string(stanza), FromBusiness: parts.fromBusiness, Group: id.Group(), box: &parts,
	}, nil
}

// openWhole reads an id that was sealed whole.
func (m *IDMasker) openWhole(business, masked string) (string, error) {
	_, body := cutIDPrefix(masked)
	sealed, err := base64.RawURLEncoding.DecodeString(body)
	if err != nil || len(sealed) == 0 || sealed[0] != wholeMarker {
		return "", ErrNotMasked
	}
	raw, err := m.sealer.Open(sealed[1:], wholeAssociated(business))
	if err != nil {
		return "", ErrForeignID
	}
	return string(raw), nil
}
