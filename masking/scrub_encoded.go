package masking

import (
	"bytes"
	"strings"
)

// searchEncoded finds message ids, and runs of base64 letters whose decoding
// names somebody.
func (s *scrubber) searchEncoded(l layer) {
	s.issued = s.issued[:0]
	for i := 0; i < len(l.text); {
		if s.class[l.text[i]]&classBase64 == 0 {
			i++
			continue
		}
		start := i
		var likely bool
		i, likely = s.readRun(l.text, i)
		f := find{start: int32(start), end: int32(i), person: -1, text: hiddenMarker} //nolint:gosec // bodies are a few MiB
		if len(s.sextets[0]) >= s.names.minEncoded && s.reissued(l.text, &f) {
			s.add(l, f)
			continue
		}
		if !likely {
			continue
		}
		if f.person = s.decodedPerson(0); f.person >= 0 {
			s.add(l, f)
		}
	}
}

// readRun reads base64 letters from i on, over folded lines, into s.sextets and
// returns where they and their padding end, and whether they are worth decoding.
func (s *scrubber) readRun(text []byte, i int) (int, bool) {
	run := s.sextets[0][:0]
	strong, capitals := 0, 0
	for i < len(text) {
		k := s.class[text[i]]
		if k&classBase64 == 0 {
			next := unfold(text, i)
			if next == i || next == len(text) || s.class[text[next]]&classBase64 == 0 {
				break
			}
			i = next
			continue
		}
		if k&classUpper != 0 {
			capitals++
		}
		if k&(classUpper|classDigit) != 0 {
			strong++
		}
		run = append(run, sextet(text[i]))
		i++
	}
	for pad := 0; pad < 2 && i < len(text) && text[i] == '='; pad++ {
		i++
	}
	s.sextets[0] = run
	return i, len(run) >= s.names.minEncoded && strong >= 2 && capitals >= 1
}

// unfold returns where the text goes on behind a line break and the blank that
// folding puts after it.
func unfold(text []byte, i int) int {
	end := i
	for end < len(text) && (text[end] == '\r' || text[end] == '\n') {
		end++
	}
	for end > i && end < len(text) && (text[end] == ' ' || text[end] == '\t') {
		end++
	}
	return end
}

// sextet is the value of a base64 letter of either alphabet.
func sextet(c byte) byte {
	switch {
	case isUpper(c):
		return c - 'A'
	case asciiDigit(c):
		return c - '0' + 52
	case c == '+' || c == '-':
		return 62
	case c == '/' || c == '_':
		return 63
	}
	return c - 'a' + 26
}

// reissued tells that the run is a message or call id which has to change, and
// then makes f say so.
func (s *scrubber) reissued(text []byte, f *find) bool {
	const prefix = int32(len("wamid."))
	if f.start < prefix || s.ids == nil {
		return false
	}
	before := text[f.start-prefix : f.start]
	if !bytes.EqualFold(before, []byte("wamid.")) && !bytes.EqualFold(before, []byte("wacid.")) {
		return false
	}
	s.issued = append(s.issued, f.start, f.end)
	raw := strings.ToLower(string(before)) + unfolded(text[f.start:f.end])
	masked := s.ids.Mask(raw, s.people)
	if masked == raw {
		return false
	}
	f.start -= prefix
	f.text = masked
	return true
}

func unfolded(text []byte) string {
	return strings.Map(func(r rune) rune {
		if r == '\r' || r == '\n' || r == ' ' || r == '\t' {
			return -1
		}
		return r
	}, string(text))
}

// decodedPerson decodes s.sextets of a depth at the four places where base64 can
// begin in them, and returns the hidden person whom the result names, or -1.
func (s *scrubber) decodedPerson(depth int) int32 {
	run := s.sextets[depth]
	for shift := range min(4, len(run)) {
		digits := s.decode(run[shift:], depth)
		decoded := s.decoded[depth]
		if p := s.packedPerson(decoded); p >= 0 {
			return p
		}
		if digits >= s.names.minDigits || s.names.letters {
			s.symbols.read(decoded)
			if p := s.symbolsPerson(); p >= 0 {
				return p
			}
		}
		if p := s.twiceEncoded(decoded, depth+1); p >= 0 {
			return p
		}
	}
	return -1
}

// decode joins base64 values into s.decoded of a depth and counts what may be
// digits there.
func (s *scrubber) decode(run []byte, depth int) int {
	out := s.decoded[depth][:0]
	digits := 0
	bits, have := uint32(0), 0
	for _, v := range run {
		bits = bits<<6 | uint32(v)
		if have += 6; have < 8 {
			continue
		}
		have -= 8
		c := byte(bits >> have & 0xff)
		out = append(out, c)
		if asciiDigit(c) || c >= 0xc0 {
			digits++
		}
	}
	s.decoded[depth] = out
	return digits
}

// symbolsPerson returns the first hidden person named in s.symbols, -1 if there
// is none.
func (s *scrubber) symbolsPerson() int32 {
	kept := 0
	for i := range s.symbols.of {
		m, n := s.nameAt(i)
		switch {
		case n == 0:
		case m.keep:
			kept = max(kept, i+n)
		case i+n > kept:
			return m.person
		}
	}
	return -1
}

// packedPerson looks for numbers in the packed digits of legacy message ids: two
// digits a byte, the last half byte a filler. A short number counts only behind
// its length.
func (s *scrubber) packedPerson(packed []byte) int32 {
	for i, c := range packed {
		if c>>4 > 9 {
			continue
		}
		for _, m := range s.names.at('0' + c>>4) {
			if m.keep || m.trunk == 0 || !packedAt(packed[i:], m.text) {
				continue
			}
			length := (len(m.text) + 1) / 2
			if len(m.text) >= minPhoneDigits || i > 0 && int(packed[i-1]&0x7f) == length {
				return m.person
			}
		}
	}
	return -1
}

func packedAt(packed []byte, digits string) bool {
	if len(packed) < (len(digits)+1)/2 {
		return false
	}
	for k := range len(digits) {
		half := packed[k/2] >> 4
		if k%2 == 1 {
			half = packed[k/2] & 0xf
		}
		if half != digits[k]-'0' {
			return false
		}
	}
	return true
}

// twiceEncoded decodes what was decoded once more if it is base64 again.
func (s *scrubber) twiceEncoded(text []byte, depth int) int32 {
	if depth >= len(s.sextets) {
		return -1
	}
	run := s.sextets[depth][:0]
	for _, c := range text {
		if s.class[c]&classBase64 == 0 {
			if c == '=' || c == '\r' || c == '\n' {
				continue
			}
			break
		}
		run = append(run, sextet(c))
	}
	s.sextets[depth] = run
	if len(run) < s.names.minEncoded {
		return -1
	}
	return s.decodedPerson(depth)
}
