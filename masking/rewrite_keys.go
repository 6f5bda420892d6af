package masking

import "strconv"

// keys are what is put behind the names of an object's members that are written
// without somebody's names. Two of those may become one text, or one that stands
// there: then they are counted, so that no member hides another one. Names that are
// one in the source stay one.
type keys struct {
	behind map[string]string // by the name in the source
	times  map[string]int    // how often a text was wanted
}

// key writes the name of a member that the schema does not know; members are all of
// its object.
func (w *writer) key(m *member, members []member, k *keys) {
	node := &w.doc.Nodes[m.node]
	clean, changed := w.names.clean(w.doc.Source[node.KeyStart+1:node.KeyEnd-1], w.content)
	if !changed {
		return
	}
	w.putInside(node.KeyStart+1, node.KeyEnd-1, clean)
	w.masked()
	if k.behind == nil {
		k.behind, k.times = map[string]string{}, map[string]int{}
		for i := range members {
			k.times[w.doc.Key(members[i].node)] = 1
		}
	}
	name := w.doc.Key(m.node)
	behind, ok := k.behind[name]
	if !ok {
		behind = k.distinct(string(unquoteJSON(clean, layer{}).text))
		k.behind[name] = behind
	}
	w.out = append(w.out, behind...)
}

// distinct returns what makes a text one that no other name has. Its letters keep its
// digits apart from those of the text.
func (k *keys) distinct(text string) (behind string) {
	for k.times[text+behind] > 0 {
		k.times[text]++
		behind = ", no. " + strconv.Itoa(k.times[text])
	}
	k.times[text+behind]++
	return behind
}
