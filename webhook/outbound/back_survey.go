package outbound

import (
	"slices"

	"bauta/masking"
	"bauta/masking/jsontree"
)

// inputKey is where the platform repeats how it was told of somebody.
const inputKey = "input"

// survey is what one look over an answer finds.
type survey struct {
	// inputs are the values in which the platform repeats whom it was told of, in
	// order.
	inputs []int32
	// only and drop are what does not go to the business: elements of lists that
	// name nobody whom it knows, and members that join a plain number with more.
	only []jsontree.Only
	drop []int32
}

func (r *reading) survey() *survey {
	s := new(survey)
	r.look(s, 0, r.schema)
	return s
}

func (r *reading) look(s *survey, at int32, schema *masking.Schema) {
	if schema == nil {
		return
	}
	switch r.doc.Nodes[at].Kind {
	case jsontree.Object:
		r.lookInside(s, at, schema)
	case jsontree.Array:
		r.lookAlong(s, at, schema.Each)
	case jsontree.Literal, jsontree.String, jsontree.Number:
	}
}

func (r *reading) lookInside(s *survey, at int32, schema *masking.Schema) {
	apart := r.nameless && r.namesNameless(at, schema)
	torn := len(r.o.addressed) > 0 && r.torn(at, schema)
	for c := r.doc.Nodes[at].Child; c != jsontree.None; c = r.doc.Nodes[c].Next {
		member := describe(r.doc, schema, c)
		if isInput(r.doc, c, member) {
			s.inputs = append(s.inputs, c)
		}
		if apart && joins(member) || torn && identifies(member) && !isInput(r.doc, c, member) {
			s.drop = append(s.drop, c)
			continue
		}
		r.look(s, c, member)
	}
}

// lookAlong goes through a list. Where it is not about one addressee, an element
// that names only strangers is left out: what would stay of it says nothing. So is
// one that is torn.
func (r *reading) lookAlong(s *survey, at int32, each *masking.Schema) {
	if each == nil {
		return
	}
	var keep []int32
	dropped := false
	for c := r.doc.Nodes[at].Child; c != jsontree.None; c = r.doc.Nodes[c].Next {
		if len(r.o.addressed) != 1 && r.strangers(c, each) || len(r.o.addressed) == 0 && r.torn(c, each) {
			dropped = true
			continue
		}
		keep = append(keep, c)
		r.look(s, c, each)
	}
	if dropped {
		s.only = append(s.only, jsontree.Only{Array: at, Keep: keep})
	}
}

// strangers tells that a list's element names somebody, nobody of the crowd, and says
// nothing beside that.
func (r *reading) strangers(at int32, schema *masking.Schema) bool {
	if r.doc.Nodes[at].Kind != jsontree.Object {
		who, ok := r.identityAt(at, schema)
		return ok && !r.acquainted(who)
	}
	found := false
	for c := r.doc.Nodes[at].Child; c != jsontree.None; c = r.doc.Nodes[c].Next {
		member := describe(r.doc, schema, c)
		if !identifies(member) {
			if !joins(member) {
				return false
			}
			continue
		}
		who, ok := r.identityAt(c, member)
		if ok && r.acquainted(who) {
			return false
		}
		found = found || ok
	}
	return found
}

// torn tells that an object names people at once of whom the business sees more and
// less: two customers who are one person, of which nobody is told. In a list neither stays
// (which of them was blocked, say, would tell it too); of those whom the call names,
// what the business called them by stays.
func (r *reading) torn(at int32, schema *masking.Schema) bool {
	if r.doc.Nodes[at].Kind != jsontree.Object {
		return false
	}
	var seen openness
	for c := r.doc.Nodes[at].Child; c != jsontree.None; c = r.doc.Nodes[c].Next {
		who, ok := r.identityAt(c, describe(r.doc, schema, c))
		if !ok {
			continue
		}
		if i := r.place(who); i >= 0 {
			seen |= r.shows[i]
		}
	}
	return seen&(seen-1) != 0
}

func (r *reading) acquainted(who masking.Identity) bool { return r.place(who) >= 0 || r.own(who) }

// namesNameless tells that an object is about somebody who must stay without a name
// beside their number.
func (r *reading) namesNameless(at int32, schema *masking.Schema) bool {
	for c := r.doc.Nodes[at].Child; c != jsontree.None; c = r.doc.Nodes[c].Next {
		who, ok := r.identityAt(c, describe(r.doc, schema, c))
		if !ok {
			continue
		}
		if i := r.place(who); i >= 0 && r.customers[i] == nil {
			return true
		}
	}
	return false
}

// joins tells the members that say more of a person than the number does.
func joins(s *masking.Schema) bool {
	switch s.RoleOf() {
	case masking.RoleRemove, masking.RoleUsername, masking.RoleInviteLink, masking.RoleProfileName:
		return true
	case masking.RoleText, masking.RoleNumber, masking.RoleUserID, masking.RoleEither, masking.RoleMessageID,
		masking.RoleEcho, masking.RoleOpaque, masking.RoleJSON, masking.RoleCard, masking.RoleError, masking.RoleMedia:
	}
	return false
}

// identityAt reads the value at an identity position.
func (r *reading) identityAt(at int32, s *masking.Schema) (masking.Identity, bool) {
	if !identifies(s) {
		return masking.Identity{}, false
	}
	text, _ := r.doc.String(at)
	return masking.IdentityOf(text)
}

func identifies(s *masking.Schema) bool {
	return slices.Contains([]masking.Role{masking.RoleNumber, masking.RoleUserID, masking.RoleEither}, s.RoleOf())
}

// isInput tells a single value under the key input, which the rewriter never takes
// out.
func isInput(doc *jsontree.Doc, member int32, s *masking.Schema) bool {
	kind := doc.Nodes[member].Kind
	return s.RoleOf() == masking.RoleEither && doc.KeyIs(member, inputKey) && (kind == jsontree.String || kind == jsontree.Number)
}

func describe(doc *jsontree.Doc, s *masking.Schema, member int32) *masking.Schema {
	node := &doc.Nodes[member]
	raw := doc.Source[node.KeyStart+1 : node.KeyEnd-1]
	if m, ok := s.Members[string(raw)]; ok { // no allocation
		return m
	}
	return s.Member(doc.Key(member))
}
