package meta

import (
	"slices"

	"bauta/masking"
	"bauta/masking/jsontree"
)

// Named lists whom an answer names at identity positions and in message ids, each
// once, and the envelopes of those ids. It is safe for concurrent use.
//
// Where a value has another type than the schema says, whatever in it is as a whole
// an identity or a message id counts: doubt names. Positions that nobody described
// are content and name nobody, so a nil schema (a passthrough) names nobody: what is
// in such an answer is for the rewriter's texts. The business's own numbers are the
// caller's to leave out.
func (a *API) Named(doc *jsontree.Doc, s *masking.Schema) ([]masking.Identity, []Envelope) {
	if doc == nil || len(doc.Nodes) == 0 {
		return nil, nil
	}
	n := answerNames{api: a, doc: doc, seen: map[masking.Identity]bool{}}
	n.collect(0, s)
	return n.identities, n.envelopes
}

// namesSomebody tells the positions at which an answer names a person. A parent's id
// is removed, and is one.
func namesSomebody(s *masking.Schema) bool {
	return isIdentity(s.Role) || s.Role == messageID || s.Role == removed
}

// answerNames collects whom one answer names.
type answerNames struct {
	api        *API
	doc        *jsontree.Doc
	identities []masking.Identity
	envelopes  []Envelope
	seen       map[masking.Identity]bool // canonical
}

// collect walks a value below positions that can name somebody.
func (n *answerNames) collect(at int32, s *masking.Schema) {
	if !n.api.guarded[s] {
		return
	}
	node := n.doc.Nodes[at]
	switch node.Kind {
	case jsontree.Object:
		n.inside(at, s, s.Members != nil || s.Any != nil)
	case jsontree.Array:
		n.inside(at, s, s.Each != nil)
	case jsontree.String, jsontree.Number:
		text := n.text(at)
		switch {
		case s.Role == messageID:
			n.message(text)
		case isIdentity(s.Role):
			n.identity(text)
		default: // a parent's id, or an object with identities is expected here
			n.guess(at)
		}
	case jsontree.Literal:
	}
}

func (n *answerNames) inside(at int32, s *masking.Schema, described bool) {
	for c := n.doc.Nodes[at].Child; c != jsontree.None; c = n.doc.Nodes[c].Next {
		if described {
			n.collect(c, describe(n.doc, s, c))
		} else {
			n.guess(c)
		}
	}
}

// guess takes whatever is as a whole an identity or a message id.
func (n *answerNames) guess(at int32) {
	switch n.doc.Nodes[at].Kind {
	case jsontree.Object, jsontree.Array:
		n.inside(at, nil, false)
	case jsontree.String, jsontree.Number:
		text := n.text(at)
		if !n.identity(text) {
			n.message(text)
		}
	case jsontree.Literal:
	}
}

func (n *answerNames) text(at int32) string {
	if text, ok := n.doc.String(at); ok {
		return text
	}
	node := n.doc.Nodes[at]
	return string(n.doc.Source[node.Start:node.End])
}

// identity adds whom a text names as a whole.
func (n *answerNames) identity(text string) bool {
	id, ok := masking.IdentityOf(text)
	if ok {
		n.add(id)
	}
	return ok
}

// message adds the person in a message id, and in which envelope it came.
func (n *answerNames) message(text string) {
	id, err := ParseID(text)
	if err != nil {
		return
	}
	person := id.Person()
	if person.IsZero() {
		return
	}
	n.add(person)
	envelope := Envelope{Person: person, Stanza: id.Stanza(), Form: id.Form(), FromBusiness: id.FromBusiness()}
	if !slices.Contains(n.envelopes, envelope) {
		n.envelopes = append(n.envelopes, envelope)
	}
}

// add keeps an identity once, in the notation in which it came first.
func (n *answerNames) add(id masking.Identity) {
	key := id.Canonical()
	if id.IsZero() || n.seen[key] {
		return
	}
	n.seen[key] = true
	n.identities = append(n.identities, id)
}
