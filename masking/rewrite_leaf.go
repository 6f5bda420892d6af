package masking

import (
	"bytes"
	"math/big"

	"bauta/masking/jsontree"
)

// leaf writes a single value by its role. Identity positions come here only as
// elements of arrays; an object's members are settled together.
func (w *writer) leaf(n int32, s *Schema, owner int32) {
	switch s.RoleOf() {
	case RoleText, RoleProfileName:
		w.scrub(n, w.content)
	case RoleCard:
		w.card(n)
	case RoleError:
		w.explanation(n, owner)
	case RoleNumber, RoleUserID, RoleEither:
		w.element(n, s, owner)
	case RoleRemove:
		w.markIf(n, w.hides(owner))
	case RoleUsername:
		w.markIf(n, w.hides(owner) && !w.job.View.KeepUsername)
	case RoleInviteLink:
		w.markIf(n, w.hides(owner) && !w.job.View.KeepInviteLink)
	case RoleMessageID:
		w.messageID(n)
	case RoleJSON:
		w.json(n, s, owner)
	case RoleEcho, RoleOpaque, RoleMedia:
	}
}

// explanation writes a text that explains an error. Beside somebody who hides only
// plain words stay of it.
func (w *writer) explanation(n, owner int32) {
	node := &w.doc.Nodes[n]
	switch {
	case !w.hides(owner):
		w.scrub(n, w.content)
	case w.names.names.empty() || node.Kind == jsontree.Literal:
		w.scrub(n, everyNumber)
	default:
		text, _ := w.doc.String(n)
		if kept := plain(text, w.names.names.isOwn); kept != text {
			w.putString(node.Start, node.End, kept)
			w.masked()
		}
	}
}

// card writes a number inside content. Where numbers must not pass it goes as a
// whole if digits but no handle are left of it when everybody's numbers are taken out:
// what stands there is a number however few digits it has.
func (w *writer) card(n int32) {
	node := &w.doc.Nodes[n]
	if w.content == everyNumber && w.leavesDigits(n) {
		w.putString(node.Start, node.End, phoneMarker)
		w.masked()
		return
	}
	w.scrub(n, w.content)
}

// leavesDigits tells that of a single value, unless it is the business's number, digits
// are left that are no handle's and of no number that may stay.
func (w *writer) leavesDigits(n int32) bool {
	node := &w.doc.Nodes[n]
	raw := w.doc.Source[node.Start:node.End]
	switch node.Kind {
	case jsontree.String:
		raw = raw[1 : len(raw)-1]
	case jsontree.Number:
		raw = plainNumber(raw)
	case jsontree.Literal, jsontree.Object, jsontree.Array:
		return false
	}
	if class, _ := w.classify(n); class == namesBusiness {
		return false
	}
	clean, _ := w.names.clean(raw, everyNumber)
	return w.names.leavesDigits(clean)
}

// element writes a person as an array holds them, who cannot be left out.
func (w *writer) element(n int32, s *Schema, owner int32) {
	m := member{node: n, schema: s}
	m.class, m.person = w.classify(n)
	m.action = w.inPlace(&m, w.hides(owner))
	switch {
	case m.action != write:
		w.member(&m, owner)
	case m.class == words:
		w.words(n)
	}
}

// markIf replaces a value that an array holds, and that would be left out of an
// object; one that stays is still searched for hidden people.
func (w *writer) markIf(n int32, hides bool) {
	node := &w.doc.Nodes[n]
	if !hides || node.Kind == jsontree.Literal {
		w.scrub(n, namesOnly)
		return
	}
	if !w.doc.TextIs(node.Start, node.End, hiddenMarker) {
		w.putString(node.Start, node.End, hiddenMarker)
		w.masked()
	}
}

// words writes what stands at an identity position and is none.
func (w *writer) words(n int32) { w.scrub(n, w.content) }

// scrub writes a string or number without the names of hidden people.
func (w *writer) scrub(n int32, m mode) {
	node := &w.doc.Nodes[n]
	switch node.Kind {
	case jsontree.String:
		w.text(node.Start, node.End, m)
	case jsontree.Number:
		w.number(node, m)
	case jsontree.Literal, jsontree.Object, jsontree.Array:
	}
}

// text writes a JSON string, given with its quotes.
func (w *writer) text(start, end int32, m mode) {
	if clean, changed := w.names.clean(w.doc.Source[start+1:end-1], m); changed {
		w.putInside(start+1, end-1, clean)
		w.masked()
	}
}

// number writes a JSON number; what it becomes is a number again if it is digits.
func (w *writer) number(node *jsontree.Node, m mode) {
	source := w.doc.Source[node.Start:node.End]
	raw := plainNumber(source)
	clean, changed := w.names.clean(raw, m)
	if !changed && len(raw) != len(source) {
		clean, changed = w.names.clean(source, m)
	}
	if !changed {
		return
	}
	if text := string(clean); isDigits(text) && text[0] != '0' {
		w.put(node.Start, node.End, text)
	} else {
		w.putString(node.Start, node.End, text)
	}
	w.masked()
}

// plainNumber writes a JSON number without fraction and exponent if it is a
// whole one of at most 20 digits: 1.6505550142e10 is a phone number too.
func plainNumber(raw []byte) []byte {
	const longest = 40
	if !bytes.ContainsAny(raw, ".eE") || len(raw) > longest {
		return raw
	}
	float, _, err := big.ParseFloat(string(raw), 10, 128, big.ToNearestEven)
	if err != nil || !float.IsInt() || float.MantExp(nil) > 64 {
		return raw
	}
	whole, _ := float.Int(nil)
	return []byte(whole.String())
}

// messageID writes a message or call id, re-issued.
func (w *writer) messageID(n int32) {
	node := &w.doc.Nodes[n]
	if node.Kind != jsontree.String {
		w.scrub(n, w.content)
		return
	}
	raw := w.doc.Text(node.Start, node.End)
	if raw == "" {
		return
	}
	masked := hiddenMarker
	if w.job.IDs != nil {
		masked = w.job.IDs.Mask(raw, w.job.People)
	}
	if masked == raw {
		return
	}
	w.putString(node.Start, node.End, masked)
	w.masked()
}
