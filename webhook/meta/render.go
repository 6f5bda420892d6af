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
	return r.value(make([]byte, 0, min(int(node.End-node.Start), 4096)), root)
}

// value appends a value. Where nothing below it is left out it is one copy.
func (r renderer) value(out []byte, n int32) []byte {
	node := r.doc.Nodes[n]
	if !r.touched(node.Start, node.End) {
		return append(out, r.doc.Source[node.Start:node.End]...)
	}
	out = append(out, r.doc.Source[node.Start])
	keep, narrowed := r.kept(n)
	at := node.Start + 1 // behind the last child seen, left out or not
	written := 0
	for c := node.Child; c != jsontree.None; c = r.doc.Nodes[c].Next {
		child := r.doc.Nodes[c]
		begin := child.Start
		if child.KeyEnd != 0 {
			begin = child.KeyStart
		}
		stays := !slices.Contains(r.drop, c)
		if narrowed {
			stays = len(keep) > 0 && keep[0] == c
		}
		if stays {
			if narrowed {
				keep = keep[1:]
			}
			if written > 0 {
				out = append(out, ',')
			}
			written++
			out = appendSpace(out, r.doc.Source[at:begin])
			out = append(out, r.doc.Source[begin:child.Start]...)
			out = r.value(out, c)
		}
		at = child.End
	}
	out = appendSpace(out, r.doc.Source[at:node.End-1])
	return append(out, r.doc.Source[node.End-1])
}

// kept returns the elements that stay of a narrowed array.
func (r renderer) kept(n int32) ([]int32, bool) {
	for _, o := range r.only {
		if o.Array == n {
			return o.Keep, true
		}
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

// appendSpace copies what stands between two values, but for the comma.
func appendSpace(out, between []byte) []byte {
	for _, c := range between {
		if c != ',' {
			out = append(out, c)
		}
	}
	return out
}
