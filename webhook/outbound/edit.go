package outbound

import (
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"bauta/masking/jsontree"
)

// sheet is what is to be changed in one part of a call: a JSON document, a form,
// the parameters. Nothing is written until all of it is settled.
type sheet struct {
	changes []change
	// kept are the changes that every writing has: the first so many.
	kept int
}

// change is one member (by its node, or its place in a form or query) that gets
// another text and perhaps another name, or goes.
type change struct {
	at   int32
	drop bool
	// name is the new name, "" leaves the old one.
	name, text string
}

// place is where a text stands in a request.
type place struct {
	on *sheet
	at int32
}

func (p place) put(name, text string) {
	p.on.changes = append(p.on.changes, change{at: p.at, name: name, text: text})
}

func (p place) drop() {
	p.on.changes = append(p.on.changes, change{at: p.at, drop: true})
}

// begin forgets the changes of an earlier writing.
func (s *sheet) begin() { s.changes = s.changes[:s.kept] }

// keep makes the changes so far part of every writing.
func (s *sheet) keep() { s.kept = len(s.changes) }

// document is a JSON text with what is to be changed in it.
type document struct {
	sheet

	*jsontree.Doc
	// objects are those that lose a member.
	objects []int32
}

// lose notes that a member of an object goes. It is for whoever reads the document;
// pairs lose theirs when they are written, and their object was noted before.
func (d *document) lose(object, member int32) {
	d.mayLose(object)
	place{&d.sheet, member}.drop()
}

// mayLose notes that members of an object may go.
func (d *document) mayLose(object int32) {
	if n := len(d.objects); n == 0 || d.objects[n-1] != object {
		d.objects = append(d.objects, object)
	}
}

// edit replaces the bytes of a span.
type edit struct {
	start, end int32
	text       []byte
}

// render returns the text with its changes. Every byte outside them is copied; the
// source itself is returned if nothing changes.
func (d *document) render() ([]byte, error) {
	edits, err := d.edits()
	if err != nil {
		return d.Source, err
	}
	return d.written(edits), nil
}

// written returns the text with some edits, itself without any.
func (d *document) written(edits []edit) []byte {
	if len(edits) == 0 {
		return d.Source
	}
	slices.SortFunc(edits, func(a, b edit) int { return int(a.start - b.start) })
	size := len(d.Source)
	for _, e := range edits {
		size += len(e.text) - int(e.end-e.start)
	}
	out := make([]byte, 0, size)
	at := int32(0)
	for _, e := range edits {
		out = append(append(out, d.Source[at:e.start]...), e.text...)
		at = e.end
	}
	return append(out, d.Source[at:]...)
}

func (d *document) edits() ([]edit, error) {
	var edits []edit
	var gone []bool
	for _, c := range d.changes {
		if c.drop {
			if gone == nil {
				gone = make([]bool, len(d.Nodes))
			}
			gone[c.at] = true
			continue
		}
		node := d.Nodes[c.at]
		var err error
		if edits, err = d.replace(edits, node.Start, node.End, c.text); err != nil {
			return nil, err
		}
		if c.name == "" {
			continue
		}
		if edits, err = d.replace(edits, node.KeyStart, node.KeyEnd, c.name); err != nil {
			return nil, err
		}
	}
	if gone == nil {
		return edits, nil
	}
	slices.Sort(d.objects)
	d.objects = slices.Compact(d.objects)
	for _, o := range d.objects {
		edits = d.remove(edits, o, gone)
	}
	return edits, nil
}

// replace writes a text as a JSON string over a span.
func (d *document) replace(edits []edit, start, end int32, text string) ([]edit, error) {
	quoted, err := jsontext.AppendQuote(make([]byte, 0, len(text)+2), text)
	if err != nil || string(quoted) == string(d.Source[start:end]) {
		return edits, err
	}
	return append(edits, edit{start, end, quoted}), nil
}

// remove takes members out of an object, each with one comma.
func (d *document) remove(edits []edit, object int32, gone []bool) []edit {
	before, first, last := jsontree.None, jsontree.None, jsontree.None
	for c := d.Nodes[object].Child; c != jsontree.None; c = d.Nodes[c].Next {
		switch {
		case gone[c] && first == jsontree.None:
			first, last = c, c
		case gone[c]:
			last = c
		case first != jsontree.None:
			edits = append(edits, edit{start: d.Nodes[first].KeyStart, end: d.Nodes[c].KeyStart})
			before, first = c, jsontree.None
		default:
			before = c
		}
	}
	if first == jsontree.None {
		return edits
	}
	start := d.Nodes[first].KeyStart
	if before != jsontree.None {
		start = d.Nodes[before].End
	}
	return append(edits, edit{start: start, end: d.Nodes[last].End})
}
