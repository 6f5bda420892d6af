package meta

import (
	"bytes"
	"errors"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"bauta/masking/jsontree"
)

// explain says why a body cannot be read at all.
func explain(err error) (reason, position string) {
	var syntax *jsontree.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return NotJSON, byteOffset(syntax.Offset)
	case errors.Is(err, jsontree.ErrTooDeep):
		return TooDeep, "$"
	}
	return TooLarge, "$"
}

// salvage reads a body of which only some strings are bad (invalid UTF-8, lone
// surrogates) or some parts are nested too deep: it takes out the elements of
// arrays in which they stand, so that the others go on. It returns nil when that
// is not what is wrong. The elements taken out are literals in the document, at
// their own offsets and with their own bytes, so that they can be set aside.
func salvage(body []byte, cause error) (*jsontree.Doc, map[int32]string) {
	if errors.Is(cause, jsontree.ErrTooLarge) {
		return nil, nil
	}
	faults := findFaults(body)
	if len(faults) == 0 {
		return nil, nil
	}
	patched := bytes.Clone(body)
	ends := make(map[int32]int32, len(faults))
	reasons := make(map[int32]string, len(faults))
	for _, f := range faults {
		for i := f.start; i < f.end; i++ {
			patched[i] = ' '
		}
		copy(patched[f.start:f.end], "0")          // the only value of one byte
		start, end := int32(f.start), int32(f.end) //nolint:gosec // bodies are under 2 GiB
		ends[start], reasons[start] = end, f.reason
	}
	doc, err := jsontree.Parse(patched)
	if err != nil {
		return nil, nil
	}
	doc.Source = body
	for i := range doc.Nodes {
		if end, ok := ends[doc.Nodes[i].Start]; ok {
			doc.Nodes[i].Kind, doc.Nodes[i].End = jsontree.Literal, end
		}
	}
	return doc, reasons
}

// fault is an element that cannot be read.
type fault struct {
	start, end int64
	reason     string
}

// maxNesting is how many arrays there are around an event: entry, changes and
// its own. What is inside of it goes or stays with it.
const maxNesting = 3

// findFaults walks the body without looking at strings, and returns the elements
// with something bad in them; nil when the body is no JSON text even so, or
// something bad stands in no element.
func findFaults(body []byte) []fault {
	f := faultFinder{body: body, dec: jsontext.NewDecoder(bytes.NewBuffer(body),
		jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))}
	for {
		start := f.dec.InputOffset()
		token, err := f.dec.ReadToken()
		if errors.Is(err, io.EOF) && f.dec.StackDepth() == 0 {
			return f.faults
		}
		if err != nil || f.lost {
			return nil
		}
		f.token(token.Kind(), f.skipSpace(start))
	}
}

type faultFinder struct {
	body   []byte
	dec    *jsontext.Decoder
	faults []fault
	lost   bool // something bad stands in no element
	// open are the elements of arrays around the reader, by nesting; depth is
	// that of the element itself.
	open [maxNesting]openElement
	held int // how many of open are in use
}

type openElement struct {
	start  int64
	depth  int
	reason string
}

func (f *faultFinder) token(kind jsontext.Kind, start int64) {
	depth := f.dec.StackDepth()
	switch kind {
	case jsontext.KindBeginObject, jsontext.KindBeginArray:
		parent, _ := f.dec.StackIndex(depth - 1)
		if parent == '[' && f.held < maxNesting {
			f.open[f.held] = openElement{start: start, depth: depth}
			f.held++
		}
		if depth > jsontree.MaxDepth {
			f.blame(TooDeep)
		}
	case jsontext.KindEndObject, jsontext.KindEndArray:
		if f.held > 0 && f.open[f.held-1].depth == depth+1 {
			f.close()
		}
	case jsontext.KindString:
		if raw := f.body[start:f.dec.InputOffset()]; !readable(raw) {
			f.blameString(start, depth)
		}
	case jsontext.KindInvalid, jsontext.KindNull, jsontext.KindFalse, jsontext.KindTrue, jsontext.KindNumber:
	}
}

// blameString blames the string itself when it is an element of an array, the
// element around it otherwise.
func (f *faultFinder) blameString(start int64, depth int) {
	parent, _ := f.dec.StackIndex(depth)
	if parent == '[' && f.held < maxNesting {
		f.faults = append(f.faults, fault{start, f.dec.InputOffset(), BadText})
		return
	}
	f.blame(BadText)
}

func (f *faultFinder) blame(reason string) {
	if f.held == 0 {
		f.lost = true
		return
	}
	if at := &f.open[f.held-1]; at.reason == "" {
		at.reason = reason
	}
}

// close ends the innermost open element, and makes a fault of it if it was
// blamed. A fault swallows those inside of it.
func (f *faultFinder) close() {
	f.held--
	done := f.open[f.held]
	if done.reason == "" {
		return
	}
	for len(f.faults) > 0 && f.faults[len(f.faults)-1].start > done.start {
		f.faults = f.faults[:len(f.faults)-1]
	}
	f.faults = append(f.faults, fault{done.start, f.dec.InputOffset(), done.reason})
}

// skipSpace returns where the token behind an offset begins.
func (f *faultFinder) skipSpace(at int64) int64 {
	for at < int64(len(f.body)) {
		switch f.body[at] {
		case ' ', '\t', '\n', '\r', ',', ':':
			at++
		default:
			return at
		}
	}
	return at
}

// readable tells that a quoted string is valid UTF-8 without lone surrogates.
func readable(quoted []byte) bool {
	_, err := jsontext.AppendUnquote(nil, quoted)
	return err == nil
}
