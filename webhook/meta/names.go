package meta

import (
	"slices"

	"bauta/masking"
	"bauta/masking/jsontree"
)

// usualNames is how many identities most events have: number, user id, parent.
const usualNames = 3

// linearNames is how many identities are searched one by one.
const linearNames = 16

// names collects whom an event names: at identity positions and in message ids.
type names struct {
	view
	reader     *valueReader
	at         place
	group      string
	identities []masking.Identity
	envelopes  []Envelope
	media      []string
	seen       map[masking.Identity]bool // canonical; nil while there are few
	// broken is the first value of another type than the catalogue says, None
	// if there is none.
	broken int32
}

// collectNames returns names that are good until the next call, but for the
// lists in them.
func (v *valueReader) collectNames(l level, p place, e *Event) *names {
	n := &v.names
	*n = names{
		view: view{doc: e.Doc, only: e.Only, drop: e.Drop}, reader: v, at: p, group: e.Group, broken: jsontree.None,
		identities: v.identities.take(usualNames), envelopes: v.envelopes.take(1),
	}
	if l.field.unknown {
		n.guess(v.value)
		return n
	}
	n.collect(v.value, l.field.value)
	return n
}

// mostGuessed bounds whom a field that nobody described can name: an event with
// more is set aside.
const mostGuessed = 256

// guess collects from a field that the catalogue does not have: whatever is as a
// whole an identity, or an id with one in it, may name a customer who is known.
func (n *names) guess(at int32) {
	node := n.doc.Nodes[at]
	if node.KeyEnd > 0 {
		n.guessText(n.doc.Key(at))
	}
	switch node.Kind {
	case jsontree.Object, jsontree.Array:
		n.children(at, n.guess)
	case jsontree.String, jsontree.Number:
		text, _ := n.reader.stringAt(at)
		n.guessText(text)
	case jsontree.Literal:
	}
	if len(n.identities) > mostGuessed {
		n.breakAt(at)
	}
}

func (n *names) guessText(text string) {
	who, ok := masking.IdentityOf(text)
	if !ok {
		id, err := ParseID(text)
		if err != nil {
			return
		}
		who = id.Person()
	}
	if !n.reader.isBusiness(who, text) {
		n.add(who)
	}
}

// collect walks what stays of a value, below positions that can name somebody.
func (n *names) collect(at int32, s *masking.Schema) {
	if s == nil {
		return
	}
	if !n.reader.c.guarded[s] && s.Role != removed {
		n.collectMedia(at, s)
		return
	}
	node := n.doc.Nodes[at]
	switch node.Kind {
	case jsontree.Object, jsontree.Array:
		n.collectInside(at, s)
	case jsontree.String, jsontree.Number:
		n.leaf(at, s)
	case jsontree.Literal:
	}
}

// collectMedia looks for media where nobody can be named. It objects to nothing.
func (n *names) collectMedia(at int32, s *masking.Schema) {
	switch {
	case s == n.reader.c.medium:
		if id, ok := n.doc.String(n.doc.Member(at, "id")); ok && id != "" {
			n.media = append(n.media, id)
		}
	case n.reader.c.towards[s]:
		n.children(at, func(child int32) { n.collect(child, describe(n.doc, s, child)) })
	}
}

func (n *names) collectInside(at int32, s *masking.Schema) {
	described := len(s.Members) > 0 || s.Any != nil
	if n.doc.Nodes[at].Kind == jsontree.Array {
		described = s.Each != nil
	}
	if !described && s.Role != removed {
		n.breakAt(at)
		return
	}
	n.children(at, func(child int32) { n.collect(child, describe(n.doc, s, child)) })
}

// leaf reads a text or number. A parent id is the one removed value that names
// somebody whom the vault may know.
func (n *names) leaf(at int32, s *masking.Schema) {
	text, _ := n.reader.stringAt(at)
	switch {
	case text == "": // emptied where the platform leaves out by now
	case s.Role == messageID:
		n.message(text)
	case s.Role == removed:
		if id, ok := masking.ParseUserID(text); ok && id.IsParent() {
			n.add(masking.Identity{UserID: id})
		}
	case !isIdentity(s.Role):
		n.breakAt(at) // an object or array with identities is expected here
	case n.doc.Nodes[at].Kind == jsontree.Number && !allDigits(text):
		n.breakAt(at)
	case text != n.group:
		if id, ok := masking.IdentityOf(text); ok && !n.reader.isBusiness(id, text) {
			n.add(id)
		}
	}
}

func (n *names) breakAt(at int32) {
	if n.broken == jsontree.None {
		n.broken = at
	}
}

// message adds the person in a message id, and in which envelope it came.
func (n *names) message(text string) {
	id := n.at.id
	if text != n.at.idText {
		id, _ = ParseID(text)
	}
	person := id.Person()
	if person.IsZero() || n.reader.isBusiness(person, person.Number.Reveal()) {
		return
	}
	n.add(person)
	envelope := Envelope{Person: person, Stanza: id.Stanza(), Form: id.Form(), FromBusiness: id.FromBusiness()}
	if len(n.envelopes) > linearNames || !slices.Contains(n.envelopes, envelope) {
		n.envelopes = append(n.envelopes, envelope)
	}
}

// add keeps an identity once, in the notation in which it came first.
func (n *names) add(id masking.Identity) {
	if id.IsZero() {
		return
	}
	key := id.Canonical()
	if n.seen == nil && len(n.identities) >= linearNames {
		n.seen = make(map[masking.Identity]bool, 2*linearNames)
		for _, known := range n.identities {
			n.seen[known.Canonical()] = true
		}
	}
	if n.seen != nil {
		if n.seen[key] {
			return
		}
		n.seen[key] = true
	} else if slices.ContainsFunc(n.identities, func(k masking.Identity) bool { return k.Canonical() == key }) {
		return
	}
	n.identities = append(n.identities, id)
}

func allDigits(text string) bool {
	for _, c := range []byte(text) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return text != ""
}
