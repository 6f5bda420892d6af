package leak

import (
	"bytes"
	"unicode/utf8"
)

// maxEntity is the length of the longest HTML entity read.
const maxEntity = 12

// entity decodes &#49; and &#x31;, with or without the semicolon, and &amp;.
// Every other named entity reads as a space: it is no digit, and what it
// stands for in practice between digits (nbsp, ensp, plus) separates.
func (s *scratch) entity(out, text []byte) ([]byte, int) {
	text = text[:min(len(text), maxEntity)]
	if text[1] == '#' {
		return s.numericEntity(out, text)
	}
	end := bytes.IndexByte(text, ';')
	if end < 3 {
		return out, 0
	}
	for _, b := range text[1:end] {
		if k := s.class.kind[b]; k != letter && k != digit {
			return out, 0
		}
	}
	if string(text[1:end]) == "amp" {
		return append(out, '&'), end + 1
	}
	return append(out, ' '), end + 1
}

func (s *scratch) numericEntity(out, text []byte) ([]byte, int) {
	i, base := 2, rune(10)
	if len(text) > 2 && s.class.lower[text[2]] == 'x' {
		i, base = 3, 16
	}
	first, r := i, rune(0)
	for i < len(text) {
		h := rune(s.class.hex[text[i]])
		if h >= base || r > utf8.MaxRune {
			break
		}
		r = r*base + h
		i++
	}
	if i == first || r > utf8.MaxRune {
		return out, 0
	}
	if i < len(text) && text[i] == ';' {
		i++
	}
	return utf8.AppendRune(out, r), i
}

// quotedPrintable reads the text once more with =3X as a byte. It is no layer
// among the others, because phone=16... is not one: decoding that would destroy
// the number. Runs are looked into again only where a soft line break joins them.
func (s *scratch) quotedPrintable(text []byte) {
	at := bytes.IndexByte(text, '=')
	if at < 0 || s.full() {
		return
	}
	out, copied, soft := s.levels[s.depth].quoted[:0], 0, false
	layers := s.layers
	for i := at; i < len(text); i++ {
		if text[i] != '=' {
			continue
		}
		b, n := s.quoted(text[i+1:])
		if n == 0 {
			continue
		}
		if copied == 0 {
			s.begin(0)
		}
		out = append(out, text[copied:i]...)
		if b == softBreak {
			soft = true
		} else {
			out = append(out, byte(b)) //nolint:gosec // two hex digits
		}
		i += n
		copied = i + 1
		s.mark(len(out), copied)
	}
	if copied > 0 {
		out = append(out, text[copied:]...)
		s.digitStream(out)
	}
	if soft {
		s.runs(out)
	}
	s.levels[s.depth].quoted, s.layers = out, layers
}

// softBreak is the value of a line break that quoted-printable put in.
const softBreak = 1 << 8

// quoted reads what follows an equals sign, and returns its length, 0 if it is
// no escape: a soft line break, or two hex digits for a byte.
func (s *scratch) quoted(text []byte) (value uint32, n int) {
	for n < len(text) && n < 2 && (text[n] == '\r' || text[n] == '\n') {
		n++
	}
	if n > 0 {
		return softBreak, n
	}
	if v, ok := s.hexDigits(text, 2); ok {
		return v, 2
	}
	return 0, 0
}
