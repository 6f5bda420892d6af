package meta

// The packed form of On-Premises times (webhooks.md section 4): who sent it, 11,
// the count of BCD bytes with the high bit for an odd count of digits, the digits,
// 02, the stanza id's length and its raw bytes.
const (
	legacyFromUser     = 0x00
	legacyFromBusiness = 0x80
	legacyNumber       = 0x11
	legacyStanza       = 0x02
	legacyOdd          = 0x80
	legacyFiller       = 0x0f
	maxLegacyBCD       = 8 // 15 digits and a filler
)

func (p *idParts) readLegacy(raw string) error {
	r := idReader{rest: raw}
	p.fromBusiness = r.byte() == legacyFromBusiness
	r.expect(legacyNumber)
	count := r.byte()
	odd := count&legacyOdd != 0
	n := int(count &^ legacyOdd)
	if n == 0 || n > maxLegacyBCD {
		return ErrID
	}
	digits := make([]byte, 0, 2*maxLegacyBCD)
	for range n {
		b := r.byte()
		digits = append(digits, b>>4, b&0x0f)
	}
	if odd {
		if digits[len(digits)-1] != legacyFiller {
			return ErrID
		}
		digits = digits[:len(digits)-1]
	}
	for i, d := range digits {
		if d > 9 {
			return ErrID
		}
		digits[i] = '0' + d
	}
	p.user = idParty{string(digits), domainNumber}
	r.expect(legacyStanza)
	length := int(r.byte())
	if r.bad || length == 0 || length != len(r.rest) {
		return ErrID
	}
	p.stanza = r.rest
	return nil
}

func (p *idParts) appendLegacy(dst []byte) []byte {
	first := byte(legacyFromUser)
	if p.fromBusiness {
		first = legacyFromBusiness
	}
	digits := p.user.name
	count := byte((len(digits) + 1) / 2) //nolint:gosec // 15 digits at most
	if len(digits)%2 == 1 {
		count |= legacyOdd
	}
	dst = append(dst, first, legacyNumber, count)
	for i := 0; i < len(digits); i += 2 {
		low := byte(legacyFiller)
		if i+1 < len(digits) {
			low = digits[i+1] - '0'
		}
		dst = append(dst, (digits[i]-'0')<<4|low)
	}
	dst = append(dst, legacyStanza, byte(len(p.stanza))) //nolint:gosec // read from a byte, or checked by makeLegacy
	return append(dst, p.stanza...)
}
