package masking

import (
	"strconv"
	"strings"

	"bauta/masking/jsontree"
)

// step is one value on the path from the root.
type step struct {
	node  int32
	named bool
}

func (w *writer) enter(n int32, named bool) {
	if w.job.Trace && !w.inner {
		w.path = append(w.path, step{node: n, named: named})
	}
}

func (w *writer) leave() {
	if w.job.Trace && !w.inner {
		w.path = w.path[:len(w.path)-1]
	}
}

// masked records that the value on top of the path was masked.
func (w *writer) masked() {
	w.changed = true
	if !w.job.Trace || w.inner {
		return
	}
	w.places = append(w.places, w.pathTo(w.path))
}

// inserted records a member that the event did not have, beside the value on top of
// the path.
func (w *writer) inserted(name string) {
	w.changed = true
	if !w.job.Trace || w.inner {
		return
	}
	w.places = append(w.places, w.pathTo(w.path[:len(w.path)-1])+"."+name)
}

func (w *writer) pathTo(steps []step) string {
	var path strings.Builder
	path.WriteByte('$')
	parent := int32(0)
	for _, step := range steps {
		switch {
		case w.doc.Nodes[parent].Kind == jsontree.Array:
			path.WriteString("[" + strconv.Itoa(w.position(parent, step.node)) + "]")
		case step.named:
			path.WriteString("." + w.doc.Key(step.node))
		default:
			path.WriteString(".*")
		}
		parent = step.node
	}
	return path.String()
}

// position is the index of an element in its array.
func (w *writer) position(array, element int32) int {
	i := 0
	for c := w.doc.Nodes[array].Child; c != element && c != jsontree.None; c = w.doc.Nodes[c].Next {
		i++
	}
	return i
}
