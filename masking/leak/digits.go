package leak

import (
	"unicode"
	"unicode/utf8"
)

// maxSeparators: so many characters that are neither letter nor digit can stand
// between two digits of one number. It spans the punctuation between adjacent
// strings of an indented JSON array.
const maxSeparators = 16

// stream is the digits read last, over separators.
type stream struct {
	// window holds a digit a nibble, the last one lowest, 15 where there is none.
	window uint64
	// starts has a bit a digit: set if no digit touches it from the left.
	starts     uint32
	separators int
	end        int // where the last digit ended
}

func (d *stream) stop() { d.window = ^uint64(0) }

// digitStream folds the text into digits and finds the numbers in them.
func (s *scratch) digitStream(text []byte) {
	d := stream{end: -1}
	d.stop()
	kind := &s.class.kind
	for i := 0; i < len(text); {
		switch kind[text[i]] {
		case digit:
			s.push(&d, text, i, 1, uint64(text[i]-'0'))
			i++
		case separator:
			if d.separators++; d.separators > maxSeparators {
				d.stop()
			}
			i++
		case letter:
			d.stop()
			for i++; i < len(text) && kind[text[i]] == letter; i++ {
			}
		default:
			i += s.beyond(&d, text, i)
		}
	}
}

// push takes one more digit, size bytes long, and looks whether a number ends.
func (s *scratch) push(d *stream, text []byte, at, size int, value uint64) {
	d.window = d.window<<4 | value
	d.starts <<= 1
	if at != d.end {
		d.starts |= 1
	}
	d.end, d.separators = at+size, 0
	c := s.check
	if c.digits.may(d.window) && c.digits.find(d.window, func(pattern) bool { return true }) {
		s.hit(at, Digits)
	}
	if len(c.whole.patterns) == 0 || d.end < len(text) && s.class.kind[text[d.end]] == digit || !c.whole.may(d.window) {
		return
	}
	alone := func(p pattern) bool {
		return d.starts>>(p.digits-1)&1 == 1 && !s.opaque(at, p.digits)
	}
	if c.whole.find(d.window, alone) {
		s.hit(at, National)
	}
}

// beyond reads a character beyond ASCII: a digit of some script, a letter, or
// a separator (spaces, dashes, marks of direction, keycaps). It returns its length.
func (s *scratch) beyond(d *stream, text []byte, at int) int {
	if at+1 >= len(text) || text[at+1]&0xC0 != 0x80 {
		d.stop() // no character at all
		return 1
	}
	r, size := utf8.DecodeRune(text[at:])
	if v, ok := digitValue(r); ok {
		s.push(d, text, at, size, v)
		return size
	}
	if d.separators++; d.separators > maxSeparators || unicode.IsLetter(r) {
		d.stop()
	}
	return size
}

// digitValue returns the value of a decimal digit of any script (Unicode Nd),
// and of raised, lowered and circled ones.
func digitValue(r rune) (uint64, bool) {
	if unicode.IsDigit(r) {
		return uint64(ndValue(r)), true //nolint:gosec // 0 to 9
	}
	switch {
	case r == 0xB2 || r == 0xB3:
		return uint64(r - 0xB0), true
	case r == 0xB9:
		return 1, true
	case r == 0x24EA:
		return 0, true
	case r >= 0x2070 && r <= 0x2089 && r&15 <= 9:
		return uint64(r & 15), true
	case r >= 0x2460 && r <= 0x2468:
		return uint64(r - 0x245F), true
	case r >= 0x2776 && r <= 0x277E:
		return uint64(r - 0x2775), true
	case r >= 0x2780 && r <= 0x2788:
		return uint64(r - 0x277F), true
	case r >= 0x278A && r <= 0x2792:
		return uint64(r - 0x2789), true
	}
	return 0, false
}

// ndValue: the digits of a script stand in order from zero, and every range of
// the table begins with a zero.
func ndValue(r rune) rune {
	for _, span := range unicode.Nd.R16 {
		if r >= rune(span.Lo) && r <= rune(span.Hi) {
			return (r - rune(span.Lo)) % 10
		}
	}
	for _, span := range unicode.Nd.R32 {
		if r >= rune(span.Lo) && r <= rune(span.Hi) { //nolint:gosec // code points fit
			return (r - rune(span.Lo)) % 10 //nolint:gosec // code points fit
		}
	}
	return 0
}
