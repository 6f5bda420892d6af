package meta

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"

	"bauta/masking"
)

// The prefixes of message and call ids; legacy ids also come without one.
const (
	messagePrefix = "wamid."
	callPrefix    = "wacid."
)

// The domains that say what the user of an id is (webhooks.md section 4).
const (
	domainNumber = 1
	domainGroup  = 4
	domainLID    = 9
	domainUserID = 10
)

// maxIDBytes bounds an id's decoded bytes. The longest id that the known parts
// can make (two user ids of 135 bytes, a long stanza id) has under 400.
const maxIDBytes = 512

// ErrID is every reason why a text is not an id that can be read whole: not
// base64, another structure, an unknown field or domain, trailing bytes, or an
// encoding that would not come back byte for byte. Such a text may hold anything
// and is treated as a secret.
var ErrID = errors.New("meta: not a message or call id of a known form")

// ID is a message or call id of the platform, taken apart. It holds a person's
// identity and cannot print itself. The zero value says nothing.
type ID struct {
	// box is a pointer to a pointer: under a verb that does not fit (%s), fmt follows
	// one pointer to a struct, however deep it stands.
	box **idParts
}

// idBox is a box and what it leads to, in one allocation.
type idBox struct {
	to    *idParts
	parts idParts
}

// idParts are the fields of the Thrift struct, and how it was written.
type idParts struct {
	prefix string
	// legacy: the packed form of On-Premises times, its stanza id raw bytes.
	legacy bool
	// url and unpadded say which base64; both false where it cannot be told.
	url, unpadded bool

	user         idParty
	fromBusiness bool
	stanza       string
	// second is the group's participant or, in call ids, the business.
	second   *idParty
	extra    int32
	hasExtra bool
}

// idParty is a name with the domain that says what it is.
type idParty struct {
	name   string
	domain int32
}

// ParseID reads an id in the Thrift compact form or the legacy BCD form, with
// the prefix wamid., wacid. or none, in either base64 alphabet, padded or not
// (webhooks.md section 4). It takes only what Reveal gives back byte for byte.
// The error is ErrID.
func ParseID(text string) (ID, error) {
	prefix, body := cutIDPrefix(text)
	p := idParts{prefix: prefix, url: strings.ContainsAny(body, "-_")}
	p.unpadded = len(body)%4 != 0
	if body == "" || base64.RawStdEncoding.DecodedLen(len(body)) > maxIDBytes+3 {
		return ID{}, ErrID
	}
	var space [maxIDBytes + 3]byte
	n, err := p.base64().Decode(space[:], []byte(body))
	if err != nil || n == 0 || n > maxIDBytes {
		return ID{}, ErrID
	}
	raw := string(space[:n])
	switch raw[0] {
	case legacyFromUser, legacyFromBusiness:
		p.legacy = true
		err = p.readLegacy(raw)
	default:
		err = p.readCompact(raw)
	}
	if err != nil {
		return ID{}, err
	}
	var again [2 * maxIDBytes]byte
	if string(p.append(again[:0])) != text {
		return ID{}, ErrID // overlong varints, loose base64 bits: more than one text for an id
	}
	b := &idBox{parts: p}
	b.to = &b.parts
	return ID{&b.to}, nil
}

// parts are nil for the zero value.
func (id ID) parts() *idParts {
	if id.box == nil {
		return nil
	}
	return *id.box
}

// Reveal returns the id in clear, byte for byte as it was parsed. Like a number's
// Reveal it is the only way to it.
func (id ID) Reveal() string {
	p := id.parts()
	if p == nil {
		return ""
	}
	return p.text()
}

// Person returns the customer in the id: its user, or in a group id the
// participant. It is zero for a LID, for a group id without a participant, and for
// a name that is not of its domain's shape: nobody that Bauta could know.
func (id ID) Person() masking.Identity {
	p := id.parts()
	switch {
	case p == nil:
		return masking.Identity{}
	case p.user.domain != domainGroup:
		return p.user.identity()
	case p.second == nil:
		return masking.Identity{}
	}
	return p.second.identity()
}

// Stanza returns the message's own id, which is equal under every envelope that
// the platform wraps it in. Legacy ids hold it as bytes: it is their upper-case
// hex, which the other form holds as text.
func (id ID) Stanza() string {
	p := id.parts()
	switch {
	case p == nil:
		return ""
	case p.legacy:
		return strings.ToUpper(hex.EncodeToString([]byte(p.stanza)))
	}
	return p.stanza
}

// FromBusiness tells who sent the message that the id names.
func (id ID) FromBusiness() bool {
	p := id.parts()
	return p != nil && p.fromBusiness
}

// Group returns the group's jid, "" for an id of the direct chat.
func (id ID) Group() string {
	p := id.parts()
	if p == nil || p.user.domain != domainGroup {
		return ""
	}
	return p.user.name
}

// identity reads a name by its domain. A number with anything but digits is none:
// the way back could not give these bytes again.
func (p *idParty) identity() masking.Identity {
	switch p.domain {
	case domainNumber:
		if n, ok := masking.ParseNumber(p.name); ok && n.Reveal() == p.name {
			return masking.Identity{Number: n}
		}
	case domainUserID:
		if u, ok := masking.ParseUserID(p.name); ok {
			return masking.Identity{UserID: u}
		}
	}
	return masking.Identity{}
}

func cutIDPrefix(text string) (prefix, body string) {
	for _, prefix := range []string{messagePrefix, callPrefix} {
		if body, ok := strings.CutPrefix(text, prefix); ok {
			return prefix, body
		}
	}
	return "", text
}

func (p *idParts) base64() *base64.Encoding {
	switch {
	case p.url && p.unpadded:
		return base64.RawURLEncoding
	case p.url:
		return base64.URLEncoding
	case p.unpadded:
		return base64.RawStdEncoding
	}
	return base64.StdEncoding
}

// text returns the id as it is written.
func (p *idParts) text() string {
	var space [2 * maxIDBytes]byte
	return string(p.append(space[:0]))
}

// append writes the id's text.
func (p *idParts) append(dst []byte) []byte {
	var space [maxIDBytes]byte
	return p.base64().AppendEncode(append(dst, p.prefix...), p.appendBytes(space[:0]))
}

func (p *idParts) appendBytes(dst []byte) []byte {
	if p.legacy {
		return p.appendLegacy(dst)
	}
	return p.appendCompact(dst)
}
