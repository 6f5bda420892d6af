package meta

import (
	"encoding/base64"
	"encoding/binary"
	"slices"
	"strings"

	"bauta/masking"
)

// wholeMarker begins an id that was sealed whole; no form of the platform's ids
// begins with it.
const wholeMarker = 0xba

// The longest stanza id and jid that are re-issued; ids with longer ones are sealed
// whole. The platform's have up to 32 and 18 characters.
const (
	maxStanza = 256
	maxJID    = 32
)

// The country in a re-issued id, always: an id must not change with the view.
const idCountry = "ZZ."

// Sealer encrypts deterministically: equal input gives equal output. keys.Set is
// one. Safe for concurrent use.
type Sealer interface {
	Seal(plain, associated []byte) ([]byte, error)
	// Open fails for what Seal did not make of the same associated data.
	Open(sealed, associated []byte) ([]byte, error)
}

// HandleParser recognises Bauta's handles without a look-up; masking.Handles is
// one. Safe for concurrent use.
type HandleParser interface {
	Parse(text string) (masking.Reference, bool)
}

// IDMasker re-issues message and call ids and turns them back. Safe
// for concurrent use.
type IDMasker struct {
	sealer  Sealer
	handles HandleParser
}

// NewIDMasker returns the masker of one key set.
func NewIDMasker(sealer Sealer, handles HandleParser) *IDMasker {
	return &IDMasker{sealer: sealer, handles: handles}
}

// For returns the ids of one business. What it issues says nothing to another.
func (m *IDMasker) For(business string) masking.IDs {
	return businessIDs{masker: m, business: business}
}

type businessIDs struct {
	masker   *IDMasker
	business string
}

// Mask re-issues an id: same prefix (wamid. where there was none), compact form,
// the customer's place taken by the handle as ZZ. and 22 digits, the stanza id
// sealed. It does not depend on the envelope (number, user id, legacy). An id that
// is Bauta's already, or that names people whose ids pass, comes back as it is.
func (b businessIDs) Mask(raw string, people []masking.Person) string {
	if raw == "" {
		return ""
	}
	id, err := ParseID(raw)
	if err != nil {
		if _, err := b.masker.openWhole(b.business, raw); err == nil {
			return raw
		}
		return b.masker.sealWhole(b.business, raw)
	}
	who := id.Person()
	if _, err := b.masker.open(b.business, id, who.UserID); err == nil {
		return raw
	}
	owner, found := ownerOf(who, people)
	if found && owner.RawIDs {
		return raw
	}
	if !found || owner.Handle.IsZero() || !reissuable(id, people) {
		return b.masker.sealWhole(b.business, raw)
	}
	return b.masker.reissue(b.business, id, owner.Handle)
}

// ownerOf finds whom an identity belongs to. Where several own it (a number that
// went from one to the other) the first whose ids are masked is meant: doubt hides.
func ownerOf(who masking.Identity, people []masking.Person) (masking.Person, bool) {
	var owner masking.Person
	if who.IsZero() {
		return owner, false
	}
	found := false
	who = who.Canonical()
	for i := range people {
		if !owns(&people[i], who) {
			continue
		}
		owner, found = people[i], true
		if !owner.RawIDs {
			break
		}
	}
	return owner, found
}

func owns(p *masking.Person, canonical masking.Identity) bool {
	if !canonical.Number.IsZero() {
		for _, n := range p.Numbers {
			if n.Canonical() == canonical.Number {
				return true
			}
		}
		return false
	}
	return slices.Contains(p.UserIDs, canonical.UserID)
}

// reissuable tells that every part which a re-issued id keeps is of a kind that is
// known to name no customer: a group's jid (old ones begin with the number of who
// made them), a call's business, the small number of calls. The bounds on stanza id
// and jid keep what is issued within what ParseID reads.
func reissuable(id ID, people []masking.Person) bool {
	p := id.parts()
	if p.extra < 0 || p.extra > 255 || len(id.Stanza()) > maxStanza {
		return false
	}
	switch {
	case p.user.domain == domainGroup:
		jid := p.user.name
		return p.prefix != callPrefix && len(jid) > 15 && len(jid) <= maxJID &&
			strings.Trim(jid, "0123456789") == "" && !holdsNumber(jid, people)
	case p.second == nil:
		return true
	}
	other := p.second.identity()
	_, customer := ownerOf(other, people)
	return p.prefix == callPrefix && !other.Number.IsZero() && !customer && !holdsNumber(p.second.name, people)
}

// holdsNumber tells that a name that would stay has somebody's number in it.
func holdsNumber(name string, people []masking.Person) bool {
	for i := range people {
		for _, n := range people[i].Numbers {
			if strings.Contains(name, n.Reveal()) {
				return true
			}
		}
	}
	return false
}

// reissue writes the id under a handle.
func (m *IDMasker) reissue(business string, id ID, h masking.Handle) string {
	out := *id.parts()
	out.legacy, out.url, out.unpadded = false, false, false
	if out.prefix == "" {
		out.prefix = messagePrefix
	}
	handle := idParty{idCountry + h.Long, domainUserID}
	if out.user.domain == domainGroup {
		out.second = &handle
	} else {
		out.user = handle
	}
	sealed, err := m.sealer.Seal([]byte(id.Stanza()), out.associated(business))
	if err != nil {
		return out.prefix + nothing()
	}
	var space [maxIDBytes]byte
	out.stanza = string(base64.RawURLEncoding.AppendEncode(space[:0], sealed))
	return out.text()
}

// sealWhole encrypts an id that says nothing to us, with all that it may hold.
func (m *IDMasker) sealWhole(business, raw string) string {
	prefix, _ := cutIDPrefix(raw)
	if prefix == "" {
		prefix = messagePrefix
	}
	sealed, err := m.sealer.Seal([]byte(raw), wholeAssociated(business))
	if err != nil {
		return prefix + nothing()
	}
	return prefix + base64.RawURLEncoding.EncodeToString(append([]byte{wholeMarker}, sealed...))
}

// nothing is the body of an id that could not be sealed: it names no message, and
// hides.
func nothing() string { return base64.RawURLEncoding.EncodeToString([]byte{wholeMarker}) }

// associated binds a stanza id to the business and to everything else in the
// re-issued id: whoever changes one part of it changes it beyond opening.
func (p *idParts) associated(business string) []byte {
	bound := *p
	bound.stanza = ""
	if bound.prefix == "" {
		bound.prefix = messagePrefix
	}
	out := make([]byte, 0, 128+len(business))
	out = binary.AppendUvarint(append(out, 's'), uint64(len(business)))
	out = append(out, business...)
	return bound.appendCompact(append(out, bound.prefix...))
}

func wholeAssociated(business string) []byte {
	return append([]byte{'w'}, business...)
}
