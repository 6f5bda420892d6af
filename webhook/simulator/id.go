package simulator

import "encoding/base64"

// MessageID wraps a stanza id as the platform does: "wamid." and the base64 of a
// Thrift compact struct {1: {1: person, 2: domain}, 2: from business, 3: stanza}.
// The layout is observed, not documented. It is written here apart from the
// product's own reader, so that tests do not read what they wrote themselves.
func MessageID(p Person, fromBusiness bool, stanza string) string {
	name, domain := p.Number, byte(0x02) // zig-zag of 1: a phone number
	if p.Hides {
		name, domain = p.UserID, 0x14 // zig-zag of 10: a user id
	}
	raw := []byte{0x1c, 0x18, byte(len(name) & 0x7f)}
	raw = append(raw, name...)
	raw = append(raw, 0x15, domain, 0x00)
	sender := byte(0x12)
	if fromBusiness {
		sender = 0x11
	}
	raw = append(raw, sender, 0x18, byte(len(stanza)&0x7f))
	raw = append(raw, stanza...)
	raw = append(raw, 0x00)
	return "wamid." + base64.StdEncoding.EncodeToString(raw)
}
