package masking

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// minPhoneDigits and maxDigits bound what looks like a phone number when its
// owner is unknown; maxPhoneGap is how many separators may stand in between.
const (
	minPhoneDigits = 7
	maxPhoneGap    = 4
)

// searchNames finds the names in the layer that s.symbols was read from, those
// that overlap too.
func (s *scrubber) searchNames(l layer) {
	s.taken = s.taken[:0]
	for i := range s.symbols.of {
		m, n := s.nameAt(i)
		if n == 0 {
			continue
		}
		f := find{person: m.person, keep: m.keep, start: s.symbols.start[i], end: s.symbols.end[i+n-1]}
		if !m.keep {
			f.start = s.leftOf(l, m, i)
			f.text = s.names.shown[m.person]
		}
		s.add(l, f)
		s.taken = append(s.taken, int32(i), int32(i+n)) //nolint:gosec // bodies are a few MiB
	}
}

// nameAt returns the longest name that begins at symbol i, and its length in
// symbols.
func (s *scrubber) nameAt(i int) (*name, int) {
	list := s.names.at(s.symbols.of[i])
	for k := range list {
		if n := list[k].length(&s.symbols, i); n > 0 {
			return &list[k], n
		}
	}
	return nil, 0
}

// leftOf returns where a name found at symbol i begins, with what belongs to it
// on its left: the country of a user id; a plus sign or dialled zeros of a number.
func (s *scrubber) leftOf(l layer, m *name, i int) int32 {
	y := &s.symbols
	if j := i - countryLetters(y, l, i); j < i {
		return y.start[j]
	}
	start := y.start[i]
	if !m.digits {
		return start
	}
	zeros := 0
	for zeros < 2 && i > 0 && y.of[i-1] == '0' && y.end[i-1]+2 >= y.start[i] {
		i--
		zeros++
	}
	if zeros > 0 && (!y.adjacent(i) || !y.digitAt(i-1)) {
		start = y.start[i]
	}
	return plusBefore(l, start)
}

// countryLetters returns how many symbols before i are "us." or "us.ent.".
func countryLetters(y *symbols, l layer, i int) int {
	dotted := func(k int) bool {
		return k > 0 && k < len(y.of) && y.start[k] == y.end[k-1]+1 && l.text[y.end[k-1]] == '.'
	}
	if !dotted(i) {
		return 0
	}
	n := 0
	if i >= 5 && string(y.of[i-3:i]) == "ent" && dotted(i-3) {
		n = 3
	}
	if i-n < 2 || asciiDigit(y.of[i-n-1]) || asciiDigit(y.of[i-n-2]) {
		return 0
	}
	return n + 2
}

// searchPhones finds whatever looks like a phone number and is not taken yet:
// 7 digits or more with the usual separators, as whole runs. A run of more than
// 15 digits without separators is some id.
func (s *scrubber) searchPhones(l layer) {
	y := &s.symbols
	for k := 0; k < len(s.taken); k += 2 {
		for i := s.taken[k]; i < s.taken[k+1]; i++ {
			y.of[i] = barrier
		}
	}
	s.maskIssued()
	first, count := 0, 0 // of the group that is being read
	flush := func(end int) {
		if count >= minPhoneDigits {
			s.add(l, find{person: -1, start: plusBefore(l, y.start[first]), end: y.end[end-1], text: phoneMarker})
		}
		count = 0
	}
	for i := 0; i < len(y.of); {
		if !asciiDigit(y.of[i]) {
			flush(i)
			i++
			continue
		}
		end := i + 1
		for y.digitAt(end) && y.adjacent(end) {
			end++
		}
		switch {
		case end-i > maxDigits:
			flush(i)
		case count > 0 && usualGap(l.text[y.end[i-1]:y.start[i]]):
			count += end - i
		default:
			flush(i)
			first, count = i, end-i
		}
		i = end
	}
	flush(len(y.of))
}

// maskIssued hides the symbols of message ids from searchPhones: their digits are
// no phone number, and an id that is re-issued already has to stay.
func (s *scrubber) maskIssued() {
	y := &s.symbols
	i := 0
	for k := 0; k < len(s.issued); k += 2 {
		for i < len(y.of) && y.start[i] < s.issued[k] {
			i++
		}
		for ; i < len(y.of) && y.start[i] < s.issued[k+1]; i++ {
			y.of[i] = barrier
		}
	}
}

// usualGap tells that text between two groups of digits is what stands inside
// of phone numbers, a folded line included.
func usualGap(text []byte) bool {
	n := 0
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		if !isSeparator(r) && !bytes.ContainsRune([]byte("[]_\u00b7\u2022\r\n"), r) &&
			!unicode.In(r, unicode.Cf, unicode.Mn, unicode.Me) {
			return false
		}
		text = text[size:]
		n++
	}
	return n <= maxPhoneGap
}

// plusBefore returns where a number begins that may have a plus sign before it.
func plusBefore(l layer, start int32) int32 {
	for _, plus := range []string{"+", "\uff0b"} {
		if bytes.HasSuffix(l.text[:start], []byte(plus)) {
			return start - int32(len(plus)) //nolint:gosec // at most three bytes
		}
	}
	return start
}
