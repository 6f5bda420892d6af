package masking

import (
	"bytes"
	"slices"
	"unicode"
)

// What stands in place of what has no handle.
const (
	hiddenMarker = hidden
	phoneMarker  = "[number hidden]"
)

// find is a span of the original text and what to do with it.
type find struct {
	start, end int32
	// keep: the business's own number, a shared one or a handle; what lies inside stays.
	keep bool
	// person is whose name it is, -1 for none.
	person int32
	text   string // what to write instead
}

// scrubber finds, in one text at a time, what names the hidden people. Its
// buffers are reused: it serves one goroutine.
type scrubber struct {
	names  names
	ids    IDs
	people []Person
	class  *[256]class

	plain   layer // the text without the escapes of JSON
	symbols symbols
	taken   []int32 // pairs of first and last symbol of a name in symbols
	issued  []int32 // pairs of start and end of a message id in the layer
	finds   []find
	stays   []find // those of finds that stay
	sextets [2][]byte
	decoded [2][]byte
	cleaned [2][]byte
}

// class says what a byte can be part of.
type class uint8

const (
	classDigit class = 1 << iota
	classUpper
	classBase64
	classEscape
)

func newClasses() *[256]class {
	var table [256]class
	for c := range 256 {
		b := byte(c)
		if asciiDigit(b) {
			table[c] |= classDigit
		}
		if isUpper(b) {
			table[c] |= classUpper
		}
		if isAlphanumeric(b) || bytes.IndexByte([]byte("+/-_"), b) >= 0 {
			table[c] |= classBase64
		}
		if bytes.IndexByte([]byte(`%\=&`), b) >= 0 {
			table[c] |= classEscape
		}
	}
	return &table
}

// glance is what one look over a text tells.
type glance struct {
	digits  int  // digits, and characters that may be some
	escapes bool // something that may be an escape
	encoded bool // a run that may be base64
}

// look passes over a text once. Base64 of digits and separators holds capital
// letters, since bytes from 0x20 to 0x3f begin with the bits 001; so does a
// legacy message id. Words that have none are not decoded.
func (s *scrubber) look(text []byte) glance {
	var g glance
	run, strong, capitals := 0, 0, 0
	folded := false
	for _, c := range text {
		k := s.class[c]
		if k&classDigit != 0 || c >= 0xc0 {
			g.digits++
		}
		g.escapes = g.escapes || k&classEscape != 0
		if k&classBase64 == 0 {
			folded = c == '\n' || c == '\r' || folded && (c == ' ' || c == '\t')
			if !folded {
				run, strong, capitals = 0, 0, 0
			}
			continue
		}
		folded = false
		run++
		if k&classUpper != 0 {
			capitals++
		}
		if k&(classUpper|classDigit) != 0 {
			strong++
		}
		g.encoded = g.encoded || run >= s.names.minEncoded && strong >= 2 && capitals >= 1
	}
	return g
}

// mode says what is taken out of a text besides the names of hidden people.
type mode uint8

const (
	namesOnly mode = iota
	everyNumber
)

// scrub finds what has to go from the inside of a JSON string. The finds are
// sorted, do not overlap, count bytes of raw and are valid until the next call.
func (s *scrubber) scrub(raw []byte, m mode) []find {
	s.stays = s.stays[:0]
	if s.names.empty() && m != everyNumber {
		return nil
	}
	l := unquoteJSON(raw, s.plain)
	if l.from != nil {
		s.plain = l
	}
	g := s.look(l.text)
	least := s.names.minDigits
	if m == everyNumber {
		least = min(least, minPhoneDigits)
	}
	if g.digits < least && !g.encoded && !g.escapes && !s.names.letters {
		return nil
	}
	s.finds = s.finds[:0]
	s.readings(l, m, g.escapes)
	return s.settle()
}

// readings searches a text as it stands, and with its escapes undone again and
// again; every reading also as quoted-printable.
func (s *scrubber) readings(l layer, m mode, escapes bool) {
	s.search(l, m)
	for depth := 0; escapes && depth < maxEscapeDepth; depth++ {
		if quoted, ok := unquotePrintable(l); ok {
			s.search(quoted, m)
			if again, ok := unescape(quoted); ok {
				s.search(again, m)
			}
		}
		next, ok := unescape(l)
		if !ok {
			return
		}
		l = next
		s.search(l, m)
	}
}

// search looks through one reading.
func (s *scrubber) search(l layer, m mode) {
	s.searchEncoded(l)
	s.symbols.read(l.text)
	s.searchNames(l)
	if m == everyNumber {
		s.searchPhones(l)
	}
}

// add records a find given as a span of a layer.
func (s *scrubber) add(l layer, f find) {
	f.start, f.end = l.origin(f.start, f.end)
	s.finds = append(s.finds, f)
}

// settle sorts the finds and joins those that overlap; a longer reading of the
// same place wins. A find inside something that stays is dropped.
func (s *scrubber) settle() []find {
	if len(s.finds) == 0 {
		return nil
	}
	slices.SortStableFunc(s.finds, func(a, b find) int {
		if a.start != b.start {
			return int(a.start - b.start)
		}
		return int(b.end - a.end)
	})
	for _, f := range s.finds {
		if f.keep {
			s.stays = append(s.stays, f)
		}
	}
	kept := s.finds[:0]
	var stays find
	for _, f := range s.finds {
		if f.keep {
			if f.end > stays.end {
				stays = f
			}
			continue
		}
		if f.start >= stays.start && f.end <= stays.end || f.text == phoneMarker && s.touchesStay(f) {
			continue
		}
		if n := len(kept); n > 0 && f.start < kept[n-1].end {
			kept[n-1].end = max(kept[n-1].end, f.end)
			continue
		}
		kept = append(kept, f)
	}
	s.finds = kept
	return kept
}

// touchesStay tells that a number of nobody known has part of what stays in it: it
// is a reading in which an escape took the first digits of a handle, and what is
// left of them is no number.
func (s *scrubber) touchesStay(f find) bool {
	for _, k := range s.stays {
		if f.start < k.end && k.start < f.end {
			return true
		}
	}
	return false
}

// person returns the hidden person whom a text names, -1 if there is none.
func (s *scrubber) person(raw []byte) int32 {
	for _, f := range s.scrub(raw, namesOnly) {
		if f.person >= 0 {
			return f.person
		}
	}
	for _, f := range s.stays {
		if f.person >= 0 && !s.people[f.person].Shown.IsZero() {
			return f.person
		}
	}
	return -1
}

// clean returns the inside of a JSON string without what has to go, and whether
// anything did. What comes in the place of a name can make another name or number of
// what stands beside it, so it is searched again until nothing is left to find; of a
// text that would not come to an end nothing stays. It is valid until the next call.
func (s *scrubber) clean(raw []byte, m mode) (text []byte, changed bool) {
	const mostTimes = 8
	for times := range mostTimes {
		finds := s.scrub(raw, m)
		if len(finds) == 0 {
			return raw, times > 0
		}
		room := &s.cleaned[times%len(s.cleaned)]
		*room = appendSpliced((*room)[:0], raw, finds)
		raw = *room
	}
	return []byte(hiddenMarker), true
}

// appendSpliced writes the inside of a JSON string with the finds replaced.
func appendSpliced(out, raw []byte, finds []find) []byte {
	at := int32(0)
	for _, f := range finds {
		out = appendEscaped(append(out, raw[at:f.start]...), f.text)
		at = f.end
	}
	return append(out, raw[at:]...)
}

// leavesDigits tells that a text that was cleaned last has no handle, but digits
// outside of what may stay.
func (s *scrubber) leavesDigits(clean []byte) bool {
	text := unquoteJSON(clean, layer{}).text
	for _, handle := range s.names.shown {
		if handle != "" && bytes.Contains(text, []byte(handle)) {
			return false
		}
	}
	rest := bytes.Clone(clean)
	for _, f := range s.stays {
		for i := f.start; i < f.end; i++ {
			rest[i] = ' '
		}
	}
	return bytes.ContainsFunc(unquoteJSON(rest, layer{}).text, unicode.IsDigit)
}
