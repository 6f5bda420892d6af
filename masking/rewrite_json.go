package masking

import (
	"unicode/utf8"

	"bauta/masking/jsontree"
)

// json writes a string that holds JSON: text inside, names too, but for what the
// schema describes. What the business itself wrote in there is exempt as it is
// elsewhere, so its span is found again in the string as it is written.
func (w *writer) json(n int32, s *Schema, owner int32) {
	node := &w.doc.Nodes[n]
	if node.Kind != jsontree.String || w.names.names.empty() && w.content != everyNumber {
		w.scrub(n, w.content)
		return
	}
	inside, err := w.parser.Parse(w.doc.Decoded(node.Start, node.End))
	if err != nil {
		w.text(node.Start, node.End, w.content)
		return
	}
	if inside.Nodes[0].Kind != jsontree.Object {
		s = nil
	}
	outer, out, cursor, inner, changed := w.doc, w.out, w.cursor, w.inner, w.changed
	before := len(w.exempt)
	w.doc, w.out, w.cursor, w.inner, w.changed = inside, make([]byte, 0, len(inside.Source)), 0, true, false
	w.value(0, s, owner)
	w.copyTo(int32(len(inside.Source))) //nolint:gosec // part of a body of a few MiB
	body, masked := w.out, w.changed
	w.doc, w.out, w.cursor, w.inner, w.changed = outer, out, cursor, inner, changed
	w.copyTo(node.Start)
	start := len(w.out) + 1
	if masked {
		w.putString(node.Start, node.End, string(body))
		w.masked()
		place(w.exempt[before:], start, body, escapedUnit)
		return
	}
	place(w.exempt[before:], start, w.doc.Source[node.Start+1:node.End-1], sourceUnit)
}

// unit reads the first character of a text: how many bytes it takes there, how
// many it is when decoded, and how many when written.
type unit func(text []byte) (size, decoded, written int)

// place moves spans of a decoded text to where they stand in the output, which
// has the text from start on. The spans are in order.
func place(spans []Span, start int, text []byte, next unit) {
	at, decoded, written := 0, 0, start
	to := func(offset int) int {
		for decoded < offset && at < len(text) {
			size, d, w := next(text[at:])
			at, decoded, written = at+size, decoded+d, written+w
		}
		return written
	}
	for i := range spans {
		spans[i].Start = to(spans[i].Start)
		spans[i].End = to(spans[i].End)
	}
}

// escapedUnit is a character of a text that appendEscaped writes.
func escapedUnit(text []byte) (size, decoded, written int) {
	r, size := utf8.DecodeRune(text)
	return size, size, len(appendEscaped(nil, string(r)))
}

// sourceUnit is a character of a JSON string's inside, which is copied.
func sourceUnit(text []byte) (size, decoded, written int) {
	const escape, pair = 6, 12 // \u0041, \ud83d\ude00
	switch {
	case text[0] >= utf8.RuneSelf:
		r, size := utf8.DecodeRune(text)
		return size, size, len(appendRune(nil, r))
	case text[0] != '\\' || len(text) < 2:
		return 1, 1, 1
	case text[1] != 'u' || len(text) < escape:
		return 2, 1, 2
	}
	r := hexRune(text[2:escape])
	if r >= 0xd800 && r < 0xdc00 {
		return pair, utf8.UTFMax, pair
	}
	return escape, utf8.RuneLen(r), escape
}

// hexRune reads four hex digits, which the parser has seen.
func hexRune(digits []byte) rune {
	r := rune(0)
	for _, c := range digits {
		switch {
		case c >= 'a':
			c -= 'a' - 10
		case c >= 'A':
			c -= 'A' - 10
		default:
			c -= '0'
		}
		r = r<<4 | rune(c)
	}
	return r
}
