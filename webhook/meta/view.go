package meta

import (
	"slices"

	"bauta/masking"
	"bauta/masking/jsontree"
)

// maxSteps is the most arrays there are around an event: entry, changes, the
// event's own array and one nested in it.
const maxSteps = 4

// level is the way down to a part of the body: the element taken of each array
// on it, and the members left out on the side. It is a value; going down makes
// a new one.
type level struct {
	steps [maxSteps]step
	depth int
	drop  []int32 // never appended to in place
	field *compiledField
	waba  string
	name  string // the field as it was written
}

type step struct{ array, element int32 }

// into narrows the level to one element of an array.
func (l level) into(array, element int32) level {
	l.steps[l.depth] = step{array, element}
	l.depth++
	return l
}

// without leaves members out, given by the nodes of their values.
func (l level) without(nodes ...int32) level {
	if len(nodes) > 0 {
		l.drop = append(slices.Clip(l.drop), nodes...)
	}
	return l
}

// only returns the narrowed arrays, with room for more of them.
func (s *splitter) only(l level, more int) []jsontree.Only {
	only := s.onlys.take(l.depth + more)
	for _, step := range l.steps[:l.depth] {
		only = append(only, jsontree.Only{Array: step.array, Keep: append(s.nodes.take(1), step.element)})
	}
	return only
}

// view is a document seen through an event's Only and Drop.
type view struct {
	doc  *jsontree.Doc
	only []jsontree.Only
	drop []int32
}

// children visits the children that stay: of a narrowed array, what was kept.
func (v view) children(n int32, visit func(child int32)) {
	for _, o := range v.only {
		if o.Array == n {
			for _, c := range o.Keep {
				visit(c)
			}
			return
		}
	}
	for c := v.doc.Nodes[n].Child; c != jsontree.None; c = v.doc.Nodes[c].Next {
		if len(v.drop) == 0 || !slices.Contains(v.drop, c) {
			visit(c)
		}
	}
}

// describe returns the schema of a child, as the catalogue has it.
func describe(doc *jsontree.Doc, parent *masking.Schema, child int32) *masking.Schema {
	if parent == nil {
		return nil
	}
	node := doc.Nodes[child]
	if node.KeyEnd == 0 {
		return parent.Each
	}
	key := doc.Source[node.KeyStart+1 : node.KeyEnd-1]
	if s, ok := parent.Members[string(key)]; ok {
		return s
	}
	if slices.Contains(key, '\\') {
		return parent.Member(doc.Key(child))
	}
	return parent.Any
}

// plain tells that a member can be shared by events about different people:
// nothing in it but literals and values that the catalogue knows to name nobody.
func plain(doc *jsontree.Doc, n int32, s *masking.Schema) bool {
	node := doc.Nodes[n]
	switch node.Kind {
	case jsontree.Literal:
		return true
	case jsontree.String, jsontree.Number:
		return s != nil && (s.Role == opaque || s.Role == errorText || s.Role == echoed)
	case jsontree.Object, jsontree.Array:
		for c := node.Child; c != jsontree.None; c = doc.Nodes[c].Next {
			if !plain(doc, c, describe(doc, s, c)) {
				return false
			}
		}
		return true
	}
	return false
}
