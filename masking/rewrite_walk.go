package masking

import (
	"bytes"
	"slices"

	"bauta/masking/jsontree"
)

// action is what becomes of a member.
type action uint8

const (
	write  action = iota // its value by its role
	drop                 // key, value and comma, since it is not of this event
	remove               // key, value and comma, since nobody may see it
	hide                 // the handle in place of the value
	rename               // and the pair's key in place of its own
	mark                 // a marker in place of the value
	fill                 // the number that the person shares in place of the value
)

// member is one member of an open object.
type member struct {
	node   int32
	person int32 // with hide, rename, fill and beside
	schema *Schema
	named  bool // the schema knows the name
	given  bool // its value is one of the job's Put
	beside bool // the person's other name follows under the pair's key
	action action
	class  identityClass
}

// value writes one value; owner is the person that it belongs to.
func (w *writer) value(n int32, s *Schema, owner int32) {
	node := &w.doc.Nodes[n]
	if len(w.puts) > 0 {
		if text, ok := w.given(n); ok {
			w.putString(node.Start, node.End, text)
			w.masked()
			return
		}
	}
	if s.RoleOf() == RoleEcho {
		w.echo(node)
		return
	}
	switch node.Kind {
	case jsontree.Object:
		w.object(n, s, owner)
	case jsontree.Array:
		w.array(n, s, owner)
	case jsontree.Literal, jsontree.String, jsontree.Number:
		w.leaf(n, s, owner)
	}
}

// echo copies what the business wrote itself, but for what the job puts into it.
func (w *writer) echo(node *jsontree.Node) {
	w.copyTo(node.Start)
	from := len(w.out)
	if !w.inner {
		for _, p := range w.puts {
			if inside := w.doc.Nodes[p.Node]; inside.Start >= max(node.Start, w.cursor) && inside.End <= node.End {
				w.putString(inside.Start, inside.End, p.Text)
				w.masked()
			}
		}
	}
	w.copyTo(node.End)
	w.exempt = append(w.exempt, Span{Start: from, End: len(w.out)})
}

// given returns what the job puts in the place of a value.
func (w *writer) given(n int32) (text string, ok bool) {
	if w.inner {
		return "", false
	}
	for _, p := range w.puts {
		if p.Node == n {
			return p.Text, true
		}
	}
	return "", false
}

func (w *writer) array(n int32, s *Schema, owner int32) {
	elem := s.Elem()
	if only := w.narrowed(n); only != nil {
		w.elements(n, only.Keep, elem, owner)
		return
	}
	for c := w.doc.Nodes[n].Child; c != jsontree.None; c = w.doc.Nodes[c].Next {
		w.enter(c, true)
		w.value(c, elem, owner)
		w.leave()
	}
}

// narrowed returns what stays of an array, nil if all of it does.
func (w *writer) narrowed(n int32) *jsontree.Only {
	if w.inner {
		return nil
	}
	for i := range w.job.Only {
		only := &w.job.Only[i]
		if only.Array != n {
			continue
		}
		c := w.doc.Nodes[n].Child
		for _, keep := range only.Keep {
			if c != keep {
				return only
			}
			c = w.doc.Nodes[c].Next
		}
		if c == jsontree.None {
			return nil
		}
		return only
	}
	return nil
}

// elements writes an array of some of its elements.
func (w *writer) elements(n int32, keep []int32, elem *Schema, owner int32) {
	node := &w.doc.Nodes[n]
	w.copyTo(node.Start + 1)
	for i, c := range keep {
		if i > 0 {
			w.out = append(w.out, ',')
		}
		w.cursor = w.doc.Nodes[c].Start
		w.enter(c, true)
		w.value(c, elem, owner)
		w.copyTo(w.doc.Nodes[c].End)
		w.leave()
	}
	w.cursor = node.End - 1
}

func (w *writer) object(n int32, s *Schema, owner int32) {
	base := len(w.members)
	w.gather(n, s)
	outer := owner
	owner = w.identify(w.members[base:], outer)
	w.decide(w.members[base:], owner, outer)
	count := len(w.members) - base
	kept := false
	var names keys
	for i := range count {
		m := w.members[base+i] // a copy: the slice grows below
		w.enter(m.node, m.named)
		switch m.action {
		case remove:
			w.masked()
			w.cut(m.node, n, kept)
		case drop:
			w.cut(m.node, n, kept)
		case write, hide, rename, mark, fill:
			kept = true
			if m.action == write && !m.named {
				w.key(&m, w.members[base:base+count], &names)
			}
			w.member(&m, owner)
			if m.beside {
				w.pair(&m)
			}
		}
		w.leave()
	}
	w.members = w.members[:base]
}

// gather lists the members of an object with their schemas.
func (w *writer) gather(n int32, s *Schema) {
	for c := w.doc.Nodes[n].Child; c != jsontree.None; c = w.doc.Nodes[c].Next {
		m := member{node: c, person: nobody}
		if s != nil {
			m.schema, m.named = w.schemaOf(c, s)
		}
		if !w.inner && slices.Contains(w.job.Drop, c) {
			m.action = drop
		}
		if len(w.puts) > 0 {
			_, m.given = w.given(c)
		}
		w.members = append(w.members, m)
	}
}

func (w *writer) schemaOf(n int32, s *Schema) (*Schema, bool) {
	node := &w.doc.Nodes[n]
	raw := w.doc.Source[node.KeyStart+1 : node.KeyEnd-1]
	if m, ok := s.Members[string(raw)]; ok { // no allocation
		return m, true
	}
	if bytes.IndexByte(raw, '\\') >= 0 {
		if m, ok := s.Members[w.doc.Key(n)]; ok {
			return m, true
		}
	}
	return s.Any, false
}

// member writes a member that stays.
func (w *writer) member(m *member, owner int32) {
	node := &w.doc.Nodes[m.node]
	switch m.action {
	case hide:
		w.putHandle(node, m.person)
	case rename:
		w.putString(node.KeyStart, node.KeyEnd, m.schema.Pair)
		w.putHandle(node, m.person)
	case mark:
		w.putString(node.Start, node.End, hiddenMarker)
		w.masked()
	case fill:
		w.putString(node.Start, node.End, w.job.People[m.person].Shown.Reveal())
		w.masked()
	case write, drop, remove:
		switch m.class {
		case namesNobody, namesBusiness, namesVisible, namesShared:
			// Stays as it is.
		case words:
			w.words(m.node)
		case noIdentity, namesHidden, namesUnknown:
			w.value(m.node, m.schema, owner)
		}
	}
}

// putHandle writes a person's handle in place of a value; as a JSON number if
// the value is one and the handle can be.
func (w *writer) putHandle(node *jsontree.Node, person int32) {
	handle := w.names.names.shown[person]
	if node.Kind == jsontree.Number && isDigits(handle) {
		if string(w.doc.Source[node.Start:node.End]) != handle {
			w.masked()
		}
		w.put(node.Start, node.End, handle)
		return
	}
	if !w.doc.TextIs(node.Start, node.End, handle) {
		w.masked()
	}
	w.putString(node.Start, node.End, handle)
}

// cut leaves a member out together with one comma: the one before it if a
// member before it stays, otherwise the one behind.
func (w *writer) cut(n, object int32, kept bool) {
	source := w.doc.Source
	behind := w.doc.Nodes[n].End
	for source[behind] != ',' && source[behind] != '}' {
		behind++
	}
	before := w.doc.Nodes[n].KeyStart - 1
	for before > w.doc.Nodes[object].Start && source[before] != ',' && source[before] != '{' {
		before--
	}
	if kept {
		w.copyTo(before)
		w.skipTo(behind)
		return
	}
	w.copyTo(before + 1)
	if source[behind] == ',' {
		behind++
	}
	w.skipTo(behind)
}
