package meta

import (
	"slices"

	"bauta/masking"
	"bauta/masking/jsontree"
)

// business is the business's side of a value.
type business struct {
	phoneNumberID string
	own           masking.Number   // as metadata gives it
	numbers       []masking.Number // canonical, own included
}

// business reads the business's number and id from where the field has them.
func (s *splitter) business(l level, value int32) business {
	node := s.doc.Member(value, l.field.business)
	if l.field.account || l.field.unknown {
		node = value
	}
	if node == jsontree.None {
		node = s.doc.Member(s.doc.Member(value, "standby"), l.field.business)
	}
	var b business
	b.phoneNumberID, _ = s.stringAt(s.doc.Member(node, "phone_number_id"))
	display, _ := s.stringAt(s.doc.Member(node, "display_phone_number"))
	if own, ok := masking.ParseNumber(display); ok {
		b.own = own
		b.numbers = append(b.numbers, own.Canonical())
	}
	return b
}

// valueReader reads the events of one value.
type valueReader struct {
	*splitter
	value    int32
	business business
	contacts contacts
	names    names
	// Where the arrays and contacts of most values are kept.
	fewArrays   [2]found
	fewContacts [1]contact
	fewHits     [4]int
	// single: there is exactly one event in the value.
	single bool
}

// found is an array of events that stands in a value.
type found struct {
	compiled *compiledArray
	node     int32
}

// place is where one event stands.
type place struct {
	src    *source
	node   int32 // the event's own object
	around int32 // the object around it when it is nested, None otherwise
	// idText is the event's own id, id what it says; both zero without one.
	idText string
	id     ID
}

// value reads a value with arrays of events.
func (s *splitter) value(l level, value int32) {
	v := &valueReader{splitter: s, value: value, business: s.business(l, value)}
	v.contacts.list, v.contacts.hits = v.fewContacts[:0], v.fewHits[:0]
	before := s.mark()
	inside := members{arrays: v.fewArrays[:0], contacts: s.nodes.take(1)}
	for _, in := range l.field.places {
		for _, object := range s.placeNodes(l, value, in) {
			s.scan(&inside, l.field, object, in)
		}
	}
	nodes := s.nodes.take(len(inside.arrays))
	for _, a := range inside.arrays {
		nodes = append(nodes, a.node)
	}
	l = l.without(v.readContacts(l, nodes, inside.contacts)...)
	v.single = s.countEvents(inside.arrays) == 1
	for _, a := range inside.arrays {
		v.array(l.without(others(nodes, a.node)...), a)
	}
	if s.mark() == before {
		s.reject(l, NoEvent, value)
		return
	}
	if len(inside.shared) > 0 {
		s.share(before, l.without(nodes...), inside.shared)
	}
}

// members are those of a value, filed.
type members struct {
	arrays           []found
	contacts, shared []int32
}

// placeNodes returns the objects in which a field's arrays stand.
func (s *splitter) placeNodes(l level, value int32, in string) []int32 {
	if in == "" {
		return append(s.nodes.take(1), value)
	}
	var objects []int32
	for c := s.doc.Nodes[value].Child; c != jsontree.None; c = s.doc.Nodes[c].Next {
		if !s.doc.KeyIs(c, in) {
			continue
		}
		if s.doc.Nodes[c].Kind == jsontree.Object {
			objects = append(objects, c)
		} else if s.doc.Nodes[c].Kind != jsontree.Literal {
			s.reject(l, WrongType, c)
		}
	}
	return objects
}

// scan files the members of a value (or of standby in it).
func (s *splitter) scan(into *members, f *compiledField, object int32, in string) {
	schema := f.value
	if in != "" {
		schema = schema.Member(in)
	}
	for c := s.doc.Nodes[object].Child; c != jsontree.None; c = s.doc.Nodes[c].Next {
		compiled := f.arrayNamed(s.doc, c, in)
		switch {
		case s.doc.Nodes[c].Kind == jsontree.Literal && !s.isBlanked(c):
		case compiled != nil:
			into.arrays = append(into.arrays, found{compiled, c})
		case s.doc.KeyIs(c, "contacts"):
			into.contacts = append(into.contacts, c)
		case in == "" && slices.ContainsFunc(f.places, func(p string) bool { return p != "" && s.doc.KeyIs(c, p) }):
		case !plain(s.doc, c, describe(s.doc, schema, c)):
			into.shared = append(into.shared, c)
		}
	}
}

func (s *splitter) isBlanked(n int32) bool {
	_, ok := s.blanked[s.doc.Nodes[n].Start]
	return ok
}

func (f *compiledField) arrayNamed(doc *jsontree.Doc, n int32, in string) *compiledArray {
	for i := range f.arrays {
		if f.arrays[i].in == in && doc.KeyIs(n, f.arrays[i].name) {
			return &f.arrays[i]
		}
	}
	return nil
}

func (a *compiledArray) nestedNamed(doc *jsontree.Doc, n int32) *source {
	for i := range a.nested {
		if doc.KeyIs(n, a.nested[i].nested) {
			return &a.nested[i]
		}
	}
	return nil
}

// isEmpty tells that a member says nothing: null, true, false, or an array or
// object without anything in it.
func (s *splitter) isEmpty(n int32) bool {
	node := s.doc.Nodes[n]
	isScalar := node.Kind == jsontree.String || node.Kind == jsontree.Number
	return node.Child == jsontree.None && !isScalar && !s.isBlanked(n)
}

// countEvents counts up to two: what matters is whether there is exactly one.
func (s *splitter) countEvents(arrays []found) int {
	count := 0
	for _, a := range arrays {
		for c := s.doc.Nodes[a.node].Child; c != jsontree.None && count < 2; c = s.doc.Nodes[c].Next {
			inner := 0
			for m := s.doc.Nodes[c].Child; m != jsontree.None && len(a.compiled.nested) > 0; m = s.doc.Nodes[m].Next {
				if s.doc.Nodes[c].Kind == jsontree.Object && a.compiled.nestedNamed(s.doc, m) != nil {
					inner += s.length(m)
				}
			}
			count += max(inner, 1)
		}
	}
	return count
}

func (s *splitter) length(array int32) int {
	if array == jsontree.None || s.doc.Nodes[array].Kind != jsontree.Array {
		return 0
	}
	count := 0
	for c := s.doc.Nodes[array].Child; c != jsontree.None; c = s.doc.Nodes[c].Next {
		count++
	}
	return count
}

// array reads one array of events.
func (v *valueReader) array(l level, a found) {
	if v.doc.Nodes[a.node].Kind != jsontree.Array {
		v.reject(l, v.reasonOf(a.node), a.node)
		return
	}
	elements := v.objects(l, a.node)
	v.batch.Events = slices.Grow(v.batch.Events, len(elements))
	for _, element := range elements {
		inner := l.into(a.node, element)
		if len(a.compiled.nested) == 0 || !v.nested(inner, a.compiled, element) {
			v.self(inner, a.compiled.self, element)
		}
	}
}

// self reads an element that is an event itself.
func (v *valueReader) self(l level, src *source, element int32) {
	if src == nil {
		v.reject(l, NoEvent, element)
		return
	}
	v.event(l, place{src: src, node: element, around: jsontree.None})
}

// nested reads the events inside an element; false if there is none.
func (v *valueReader) nested(l level, a *compiledArray, element int32) bool {
	var inside []int32
	var sources []*source
	var shared []int32
	schema := a.schema.Elem()
	for c := v.doc.Nodes[element].Child; c != jsontree.None; c = v.doc.Nodes[c].Next {
		src := a.nestedNamed(v.doc, c)
		switch {
		case src != nil && !v.isEmpty(c):
			inside, sources = append(inside, c), append(sources, src)
		case src == nil && !plain(v.doc, c, describe(v.doc, schema, c)):
			shared = append(shared, c)
		}
	}
	if len(inside) == 0 {
		return false
	}
	before := v.mark()
	for i, array := range inside {
		inner := l.without(others(inside, array)...)
		if v.doc.Nodes[array].Kind != jsontree.Array {
			v.reject(inner, v.reasonOf(array), array)
			continue
		}
		for _, child := range v.objects(inner, array) {
			v.event(inner.into(array, child), place{src: sources[i], node: child, around: element})
		}
	}
	if len(shared) > 0 {
		v.share(before, l.without(inside...), shared)
	}
	return true
}
