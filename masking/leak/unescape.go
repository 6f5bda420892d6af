package leak

import (
	"bytes"
	"slices"
	"unicode/utf16"
	"unicode/utf8"
)

// unescapeBody copies the body with its JSON escapes decoded and every exempt
// span replaced by a byte that nothing is joined over.
func (s *scratch) unescapeBody(body []byte, exempt []Span) []byte {
	out, at := slices.Grow(s.levels[0].text[0][:0], len(body)), 0
	s.begin(0)
	for _, e := range exempt {
		if e.Start < at || e.End < e.Start || e.End > len(body) {
			continue
		}
		out = s.appendJSON(out, body[at:e.Start], at)
		out = append(out, breakByte)
		at = e.End
		s.mark(len(out), at)
	}
	out = s.appendJSON(out, body[at:], at)
	s.levels[0].text[0] = out
	return out
}

func (s *scratch) appendJSON(out, part []byte, base int) []byte {
	for i := 0; ; {
		next := bytes.IndexByte(part[i:], '\\')
		if next < 0 {
			return append(out, part[i:]...)
		}
		out = append(out, part[i:i+next]...)
		i += next
		var n int
		if out, n = s.appendEscape(out, part[i:]); n == 0 {
			out, n = append(out, '\\'), 1
		}
		i += n
		s.mark(len(out), base+i)
	}
}

// around is how much text on both sides of the escapes is looked at again: no
// number, with its separators and encoded twice, is longer.
const around = 512

// unescape decodes one more layer: backslashes, percent signs, HTML entities.
// It tells whether there was any, and returns the text around them: what is
// farther away reads as it did before.
func (s *scratch) unescape(out, text []byte) ([]byte, bool) {
	if bytes.IndexByte(text, '\\') < 0 && bytes.IndexByte(text, '%') < 0 && bytes.IndexByte(text, '&') < 0 {
		return nil, false
	}
	copied, began := 0, false
	for i := 0; i < len(text); {
		c := text[i]
		if c != '\\' && c != '%' && c != '&' {
			i++
			continue
		}
		piece, n := s.appendEscape(s.piece[:0], text[i:])
		if n == 0 {
			i++
			continue
		}
		if !began {
			began, copied = true, max(0, i-around)
			s.begin(copied)
		}
		out = append(append(out, text[copied:i]...), piece...)
		i += n
		copied = i
		s.mark(len(out), i)
	}
	if !began {
		return nil, false
	}
	return append(out, text[copied:min(len(text), copied+around)]...), true
}

// appendEscape appends what the escape at the start of text stands for, and
// returns its length, 0 if it is none.
func (s *scratch) appendEscape(out, text []byte) ([]byte, int) {
	if len(text) < 2 {
		return out, 0
	}
	switch text[0] {
	case '\\':
		return s.backslash(out, text)
	case '%':
		return s.percent(out, text)
	default:
		return s.entity(out, text)
	}
}

func (s *scratch) backslash(out, text []byte) ([]byte, int) {
	switch text[1] {
	case 'u':
		r, n := s.utf16(text[2:], `\u`)
		if n == 0 {
			return out, 0
		}
		return utf8.AppendRune(out, r), n + 2
	case 'x':
		if b, ok := s.hexDigits(text[2:], 2); ok {
			return append(out, byte(b)), 4 //nolint:gosec // two hex digits
		}
		return out, 0
	case 'n', 'r':
		return append(out, '\n'), 2
	case 't', 'b', 'f':
		return append(out, ' '), 2
	case '"', '/', '\\':
		return append(out, text[1]), 2
	}
	return out, 0
}

func (s *scratch) percent(out, text []byte) ([]byte, int) {
	if text[1] == 'u' {
		r, n := s.utf16(text[2:], "%u")
		if n == 0 {
			return out, 0
		}
		return utf8.AppendRune(out, r), n + 2
	}
	if b, ok := s.hexDigits(text[1:], 2); ok {
		return append(out, byte(b)), 3 //nolint:gosec // two hex digits
	}
	return out, 0
}

// utf16 reads the 4 hex digits of a code unit, and its other half if it is the
// first of a pair, which begins with prefix again.
func (s *scratch) utf16(text []byte, prefix string) (r rune, n int) {
	unit, ok := s.hexDigits(text, 4)
	if !ok {
		return 0, 0
	}
	r = rune(unit) //nolint:gosec // four hex digits
	if !utf16.IsSurrogate(r) || len(text) < 10 || string(text[4:6]) != prefix {
		return r, 4
	}
	low, ok := s.hexDigits(text[6:], 4)
	if pair := utf16.DecodeRune(r, rune(low)); ok && pair != utf8.RuneError { //nolint:gosec // four hex digits
		return pair, 10
	}
	return r, 4
}

func (s *scratch) hexDigits(text []byte, n int) (value uint32, ok bool) {
	if len(text) < n {
		return 0, false
	}
	for _, b := range text[:n] {
		h := s.class.hex[b]
		if h == none {
			return 0, false
		}
		value = value<<4 | uint32(h)
	}
	return value, true
}
