package meta

import (
	"slices"

	"bauta/masking/jsontree"
)

// Render returns the event's own envelope, unmasked, as the platform wrote it:
// what belongs to other events is left out, every other byte is copied. It is
// for what is held; nothing else may see it. Splitting it again gives the event.
func Render(e Event) []byte {
	return renderer{view{doc: e.Doc, only: e.Only, drop: e.Drop}}.render(0)
}

type renderer struct{ view }

func (r renderer) render(root int32) []byte {
	node := r.doc.Nodes[root]
	out := append(make([]byte, 0, min(len(r.doc.Source), 4096)), r.doc.Source[:node.Start]...)
	return append(r.value(out, root), r.doc.Source[node.End:]...)
}

// value appends a value. Where nothing below it is left out it is one copy.
func (r renderer) value(out []byte, n int32) []byte {
	node := r.doc.Nodes[n]
	if !r.touched(node.Start, node.End) {
		return append(out, r.doc.Source[node.Start:node.End]...)
	}
	if node.Kind == jsontree.Array {
		return r.array(out, n)
	}
	return r.object(out, n)
}

// array leaves out the space around elements, as the rewriter does, when one of
// them is left out.
func (r renderer) array(out []byte, n int32) []byte {
	keep, narrowed := r.kept(n)
	if narrowed {
		out = append(out, '[')
		for i, c := range keep {
			if i > 0 {
				out = append(out, ',')
			}
			out = r.value(out, c)
		}
		return append(out, ']')
	}
	at := r.doc.Nodes[n].Start
	for c := r.doc.Nodes[n].Child; c != jsontree.None; c = r.doc.Nodes[c].Next {
		out = append(out, r.doc.Source[at:r.doc.Nodes[c].Start]...)
		out = r.value(out, c)
		at = r.doc.Nodes[c].End
	}
	return append(out, r.doc.Source[at:r.doc.Nodes[n].End]...)
}

// object leaves members out together with one comma: the one before if a member
// before stays, otherwise the one behind. The space beside them goes, too.
func (r renderer) object(out []byte, n int32) []byte {
	node, source := r.doc.Nodes[n], r.doc.Source
	at := node.Start
	kept := false
	for c := node.Child; c != jsontree.None; c = r.doc.Nodes[c].Next {
		child := r.doc.Nodes[c]
		if !slices.Contains(r.drop, c) {
			out = append(out, source[at:child.Start]...)
			out = r.value(out, c)
			at, kept = child.End, true
			continue
		}
		before, behind := child.KeyStart-1, child.End
		for source[before] != ',' && source[before] != '{' {
			before--
		}
		for source[behind] != ',' && source[behind] != '}' {
			behind++
		}
		if !kept {
			before++
			if source[behind] == ',' {
				behind++
			}
		}
		if before > at {
			out = append(out, source[at:before]...)
		}
		at = behind
	}
	return append(out, source[at:node.End]...)
}

// kept returns the elements that stay of an array; false when all do.
func (r renderer) kept(n int32) ([]int32, bool) {
	for _, o := range r.only {
		if o.Array != n {
			continue
		}
		c := r.doc.Nodes[n].Child
		for _, keep := range o.Keep {
			if c != keep {
				return o.Keep, true
			}
			c = r.doc.Nodes[c].Next
		}
		return o.Keep, c != jsontree.None
	}
	return nil, false
}

// touched tells that something between two offsets is narrowed or left out.
func (r renderer) touched(start, end int32) bool {
	inside := func(n int32) bool {
		at := r.doc.Nodes[n].Start
		return start <= at && at < end
	}
	return slices.ContainsFunc(r.only, func(o jsontree.Only) bool { return inside(o.Array) }) ||
		slices.ContainsFunc(r.drop, inside)
}
