package masking

import (
	"unicode"
	"unicode/utf8"
)

// maxGap is how many characters that are neither letter nor digit may stand
// between two digits of one number. People, address books and line folding
// need fewer; more of them separate two things.
const maxGap = 16

// barrier is the symbol that no name contains.
const barrier = 0xff

// layer is a text in one reading: as it stands, or with escapes undone.
type layer struct {
	text []byte
	// from[i] is the offset in the original text of what became text[i], with
	// one entry more for the end. Nil: the text is the original.
	from []int32
}

// origin maps a span of the layer to the original text.
func (l layer) origin(start, end int32) (from, to int32) {
	if l.from == nil {
		return start, end
	}
	return l.from[start], l.from[end]
}

// symbols is a layer reduced to what names are made of: ASCII digits (of any
// script), ASCII letters in lower case, and barriers. Everything between two
// symbols is a separator.
type symbols struct {
	of         []byte
	start, end []int32 // where each stands in the layer
}

func (s *symbols) reset() { s.of, s.start, s.end = s.of[:0], s.start[:0], s.end[:0] }

func (s *symbols) push(symbol byte, start, end int) {
	s.of = append(s.of, symbol)
	s.start = append(s.start, int32(start)) //nolint:gosec // bodies are a few MiB
	s.end = append(s.end, int32(end))       //nolint:gosec // bodies are a few MiB
}

// read fills s from a text, which need not be valid UTF-8.
func (s *symbols) read(text []byte) {
	s.reset()
	gap := 0
	for i := 0; i < len(text); {
		symbol, size := symbolAt(text[i:])
		if symbol == 0 {
			if gap++; gap == maxGap+1 {
				s.push(barrier, i, i)
			}
		} else {
			gap = 0
			s.push(symbol, i, i+size)
		}
		i += size
	}
}

// adjacent tells that nothing stands between symbol i and the one before it.
func (s *symbols) adjacent(i int) bool { return i > 0 && s.end[i-1] == s.start[i] }

// digitAt tells that symbol i exists and is a digit.
func (s *symbols) digitAt(i int) bool { return i >= 0 && i < len(s.of) && asciiDigit(s.of[i]) }

// symbolAt reads the first character: its symbol, 0 for a separator, and its
// size in bytes.
func symbolAt(text []byte) (byte, int) {
	c := text[0]
	if c < utf8.RuneSelf {
		switch {
		case asciiDigit(c), 'a' <= c && c <= 'z':
			return c, 1
		case isUpper(c):
			return c + 'a' - 'A', 1
		}
		return 0, 1
	}
	r, size := utf8.DecodeRune(text)
	if d, ok := digitOf(r); ok {
		return d, size
	}
	if unicode.IsLetter(r) {
		return barrier, size
	}
	return 0, size
}

// digitOf is foldDigit behind a look at the large scripts without digits of
// their own, and with the digits that Unicode does not call decimal:
// superscripts, subscripts, circled and parenthesised ones.
func digitOf(r rune) (byte, bool) {
	switch {
	case r == '\u00b2' || r == '\u00b3':
		return '0' + byte(r&3), true // the code points end in the digit
	case r == '\u00b9':
		return '1', true
	case r < 0x660, 0x3000 <= r && r < 0xa620, 0xac00 <= r && r < 0xff10:
		return 0, false
	case 0x2070 <= r && r <= 0x2089:
		return superscript(r)
	case 0x2460 <= r && r <= 0x2490:
		return enclosed(r)
	case r == '\u24ea' || r == '\u24ff' || r == '\U0001f10b' || r == '\U0001f10c':
		return '0', true
	case 0x24f5 <= r && r <= 0x24fd:
		return byte(r - 0x24f5 + '1'), true
	case 0x2776 <= r && r <= 0x2792:
		if i := (r - 0x2776) % 10; i < 9 {
			return byte(i + '1'), true
		}
		return 0, false
	case !unicode.IsDigit(r):
		return 0, false
	}
	return foldDigit(r)
}

func superscript(r rune) (byte, bool) {
	if i := (r - 0x2070) % 16; i < 10 && r != 0x2071 {
		return byte(i + '0'), true
	}
	return 0, false
}

// enclosed reads circled, parenthesised and dotted digits: three blocks of 20,
// of which the first nine are digits.
func enclosed(r rune) (byte, bool) {
	if i := (r - 0x2460) % 20; i < 9 {
		return byte(i + '1'), true
	}
	return 0, false
}

func asciiDigit(c byte) bool { return '0' <= c && c <= '9' }
