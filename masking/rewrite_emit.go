package masking

import (
	"slices"
	"unicode/utf16"
	"unicode/utf8"

	"bauta/masking/jsontree"
)

// keepBuffer is the largest buffer that is kept for the next event.
const keepBuffer = 1 << 20

// nobody is the owner of what belongs to no person.
const nobody = int32(-1)

// writer writes one event: it copies the source and puts in what differs.
type writer struct {
	job    Job
	doc    *jsontree.Doc
	out    []byte
	cursor int32 // up to here the source is written or left out
	// inner: the document is the text of a string, which is escaped when that
	// string is written.
	inner   bool
	subject int32
	content mode // what leaves texts besides names

	parser  *jsontree.Parser // of JSON in strings
	names   scrubber
	known   []known
	sharing bool     // somebody hidden shares their number
	members []member // of the objects that are open, one behind the other
	puts    []Put    // the job's, as they stand in the document
	exempt  []Span
	places  []string
	path    []step
	changed bool
}

func (w *writer) begin(job Job) {
	w.job, w.doc = job, job.Doc
	w.out, w.cursor, w.inner, w.changed = w.out[:0], 0, false, false
	w.members, w.path, w.exempt, w.places = w.members[:0], w.path[:0], w.exempt[:0], nil
	w.subject = int32(job.Subject) //nolint:gosec // an event names few people
	if w.puts = w.puts[:0]; len(job.Put) > 0 {
		w.setPuts()
	}
	w.names.ids, w.names.people = job.IDs, job.People
	w.names.names.set(job.People, job.View)
	w.learn()
	w.content = w.contentMode()
}

// setPuts takes in what the job puts into the document, as it stands there.
func (w *writer) setPuts() {
	for _, p := range w.job.Put {
		if p.Node >= 0 && int(p.Node) < len(w.doc.Nodes) {
			w.puts = append(w.puts, p)
		}
	}
	slices.SortStableFunc(w.puts, func(a, b Put) int { return int(a.Node - b.Node) })
}

// end lets go of everything that belongs to the event.
func (w *writer) end() {
	w.job, w.doc = Job{}, nil
	w.names.ids, w.names.people, w.names.plain = nil, nil, layer{}
	clear(w.names.names.list)
	clear(w.names.names.shown)
	clear(w.names.finds[:cap(w.names.finds)])
	clear(w.names.stays[:cap(w.names.stays)])
	clear(w.known)
	clear(w.puts[:cap(w.puts)])
	clear(w.members[:cap(w.members)])
	for _, buffer := range []*[]byte{&w.out, &w.names.cleaned[0], &w.names.cleaned[1]} {
		if cap(*buffer) > keepBuffer {
			*buffer = nil
		}
	}
}

// contentMode says whether numbers of people whom the event does not name have
// to leave its content: the view wants that, or the number of the hidden
// person who wrote it is unknown, so that any number may be theirs.
func (w *writer) contentMode() mode {
	unknown := false
	if w.subject == nobody {
		for i := range w.job.People {
			p := &w.job.People[i]
			unknown = unknown || !p.Visible && len(p.Numbers) == 0
		}
	} else {
		unknown = len(w.job.People[w.subject].Numbers) == 0
	}
	if w.hides(w.subject) && (unknown || !w.job.View.ForeignPass) {
		return everyNumber
	}
	return namesOnly
}

// hides tells that what belongs to a person must not be seen; what belongs to
// nobody known counts as a hidden person's.
func (w *writer) hides(person int32) bool {
	return person == nobody || !w.job.People[person].Visible
}

// copyTo writes the source up to an offset.
func (w *writer) copyTo(offset int32) {
	if offset <= w.cursor {
		return
	}
	part := w.doc.Source[w.cursor:offset]
	w.cursor = offset
	if w.inner {
		w.out = append(w.out, part...)
		return
	}
	w.out = appendASCII(w.out, part)
}

// skipTo leaves the source out up to an offset.
func (w *writer) skipTo(offset int32) { w.cursor = max(w.cursor, offset) }

// put writes text in place of a span of the source.
func (w *writer) put(start, end int32, text string) {
	w.copyTo(start)
	w.out = append(w.out, text...)
	w.skipTo(end)
}

// putString writes a JSON string in place of a span of the source.
func (w *writer) putString(start, end int32, text string) {
	w.copyTo(start)
	w.out = append(w.out, '"')
	w.out = appendEscaped(w.out, text)
	w.out = append(w.out, '"')
	w.skipTo(end)
}

// putInside writes the inside of a JSON string in place of a span of the source.
func (w *writer) putInside(start, end int32, text []byte) {
	w.copyTo(start)
	if w.inner {
		w.out = append(w.out, text...)
	} else {
		w.out = appendASCII(w.out, text)
	}
	w.skipTo(end)
}

// appendASCII copies valid UTF-8 with every character above ASCII as \uXXXX.
func appendASCII(out, text []byte) []byte {
	from := 0
	for i := 0; i < len(text); {
		if text[i] < utf8.RuneSelf {
			i++
			continue
		}
		out = append(out, text[from:i]...)
		r, size := utf8.DecodeRune(text[i:])
		out = appendRune(out, r)
		i += size
		from = i
	}
	return append(out, text[from:]...)
}

// appendEscaped writes text as the inside of a JSON string, in ASCII.
func appendEscaped(out []byte, text string) []byte {
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			out = append(out, '\\', byte(r))
		case r < ' ' || r >= utf8.RuneSelf:
			out = appendRune(out, r)
		default:
			out = append(out, byte(r))
		}
	}
	return out
}

func appendRune(out []byte, r rune) []byte {
	if high, low := utf16.EncodeRune(r); high != utf8.RuneError {
		return appendUnit(appendUnit(out, high), low)
	}
	return appendUnit(out, r)
}

func appendUnit(out []byte, unit rune) []byte {
	const digits = "0123456789abcdef"
	return append(out, '\\', 'u', digits[unit>>12&15], digits[unit>>8&15], digits[unit>>4&15], digits[unit&15])
}
