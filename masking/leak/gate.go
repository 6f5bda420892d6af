package leak

// The gate keeps most decoded texts, which are noise, from being searched. A text
// passes when it holds 8 characters in a row that may be a user id or another
// base64 text, as many bytes of digits as the shortest secret has, or a few
// packed digits in a row.
const (
	gateText   = 0x0008
	gatePacked = 0x0400
	gateDigit  = 1 << 16
	// mixedDigits is enough for a user id of letters, some of them escaped.
	mixedDigits = 4
)

// gateOptions are the gate of one set of secrets.
type gateOptions struct {
	// step is what a byte adds to the two streaks, of 8 bits each.
	step uint32
	// digits is how many bytes that count as digits let a text pass.
	digits uint32
}

// gateFor: every digit of a secret, in whatever notation, has a byte that counts
// (see startsDigit), so what has fewer of them than the shortest secret has digits
// cannot hold one.
func (c *Check) gateFor() gateOptions {
	o := gateOptions{step: 0x0101, digits: 1 << 16}
	for _, p := range c.digits.patterns {
		o.digits = min(o.digits, uint32(p.digits)) //nolint:gosec // 16 at most
		if p.digits < suffixDigits {
			o.step = 0x0201 // fewer packed bytes in a row are suspect already
		}
	}
	for _, p := range c.whole.patterns {
		o.digits = min(o.digits, uint32(p.digits)) //nolint:gosec // 16 at most
	}
	for _, u := range c.users.users {
		if isDigits(u.tail) {
			o.digits = min(o.digits, uint32(len(u.tail))) //nolint:gosec // 128 at most
		} else {
			o.digits = min(o.digits, mixedDigits)
		}
	}
	if len(c.users.short) > 0 {
		o.digits = 0 // a few characters of any kind
	}
	return o
}

func isDigits(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return true
}

// gate is what a text holds.
type gate struct{ streaks, digits uint32 }

func (s *scratch) gateOf(text []byte) gate {
	var state, streaks, digits uint32
	table, step := &s.class.gate, s.check.gate.step
	for _, b := range text {
		t := table[b]
		state = (state + step) & t
		streaks |= state
		digits += t / gateDigit
	}
	return gate{streaks: streaks, digits: digits}
}

// decoded looks into a decoded text, if its gate says that there may be
// anything.
func (s *scratch) decoded(text []byte, g gate) {
	if g.streaks&^(gatePacked-1) >= gatePacked {
		s.packed(text)
	}
	if g.streaks&gateText != 0 || g.digits >= s.check.gate.digits {
		s.escapes(s.depth+1, text)
	}
}

// gateEntry is what a byte lets the streaks keep, and whether it counts as a digit.
func (c *classes) gateEntry(b byte) uint32 {
	var g uint32
	if c.sextet[b] != none {
		g |= 0x000F
	}
	if b>>4 <= 9 && b&15 <= 9 {
		g |= 0x0F00
	}
	if c.kind[b] == digit || startsDigit(b) {
		g |= gateDigit
	}
	return g
}

// startsDigit tells the first bytes of what can read as a digit beyond ASCII: of
// the characters that digitValue knows, and of escapes.
func startsDigit(b byte) bool {
	switch b {
	case '\\', '%', '&', '=',
		0xC2, 0xD9, 0xDB, 0xDF, 0xE0, 0xE1, 0xE2, 0xEA, 0xEF, 0xF0:
		return true
	}
	return false
}
