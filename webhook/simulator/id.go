package simulator

import (
	"encoding/base64"
	"strings"
)

// What a message id says that its person is (zig-zag of 1, 4 and 10).
const (
	phoneDomain = 0x02
	groupDomain = 0x08
	userDomain  = 0x14
)

// MessageID wraps a stanza id as the platform does: "wamid." and the base64 of a
// Thrift compact struct {1: {1: person, 2: domain}, 2: from business, 3: stanza}.
// The layout is observed, not documented. It is written here apart from the
// product's own reader, so that tests do not read what they wrote themselves.
func MessageID(p Person, fromBusiness bool, stanza string) string {
	name, domain := p.Number, byte(phoneDomain)
	if p.Hides {
		name, domain = p.UserID, userDomain
	}
	return "wamid." + base64.StdEncoding.EncodeToString(withSecond(envelope(name, domain, fromBusiness, stanza), "", 0))
}

// groupMessageID is the id of a message in a group; participant is nobody for the
// business's own. Whoever hides is named by user id: nothing is known of such ids.
func groupMessageID(group string, participant Person, stanza string) string {
	name, domain := participant.Number, byte(phoneDomain)
	if participant.Hides {
		name, domain = participant.UserID, userDomain
	}
	raw := withSecond(envelope(groupJID(group), groupDomain, name == "", stanza), name, domain)
	return "wamid." + base64.StdEncoding.EncodeToString(raw)
}

// callID is the id of a call: it names the business too.
func callID(p Person, business string, fromBusiness bool, stanza string) string {
	name, domain := p.Number, byte(phoneDomain)
	if p.Hides {
		name, domain = p.UserID, userDomain
	}
	raw := withSecond(envelope(name, domain, fromBusiness, stanza), business, phoneDomain)
	return "wacid." + base64.StdEncoding.EncodeToString(raw)
}

// groupJID is the group's own name inside its id (webhooks.md 5, row 9), or the
// id itself where it has another form.
func groupJID(id string) string {
	raw, err := base64.StdEncoding.DecodeString(id)
	if err != nil {
		return id
	}
	parts := strings.Split(strings.TrimRight(string(raw), "d\n"), ":")
	return parts[len(parts)-1]
}

// envelope is the struct without its end.
func envelope(name string, domain byte, fromBusiness bool, stanza string) []byte {
	raw := append(counted([]byte{0x1c, 0x18}, name), 0x15, domain, 0x00)
	sender := byte(0x12)
	if fromBusiness {
		sender = 0x11
	}
	return counted(append(raw, sender, 0x18), stanza)
}

// withSecond adds a second party, "" for none, and ends the struct.
func withSecond(raw []byte, second string, domain byte) []byte {
	if second != "" {
		raw = append(counted(append(raw, 0x1c, 0x18), second), 0x15, domain, 0x00)
	}
	return append(raw, 0x00)
}

// counted appends a text after its length, a varint.
func counted(raw []byte, text string) []byte {
	n := len(text)
	for ; n > 0x7f; n >>= 7 {
		raw = append(raw, byte(n&0x7f)|0x80)
	}
	return append(append(raw, byte(n&0x7f)), text...)
}
