package meta

import (
	"slices"

	"bauta/masking"
	"bauta/masking/jsontree"
)

// contacts are those of one value.
type contacts struct {
	arrays []int32
	list   []contact
	// byID is made when there are several: where each identity stands in list.
	byID map[masking.Identity][]int
}

// contact is one element of value.contacts.
type contact struct {
	array, node int32
	party       Party
}

// readContacts reads the contacts of a value and returns the members that are to
// be left out of all events. What is no contact is set aside.
func (v *valueReader) readContacts(l level, arrays []int32) []int32 {
	var broken []int32
	for _, array := range arrays {
		inner := l.without(others(arrays, array)...)
		if v.doc.Nodes[array].Kind != jsontree.Array {
			v.reject(inner, v.reasonOf(array), array)
			broken = append(broken, array)
			continue
		}
		v.contacts.arrays = append(v.contacts.arrays, array)
		for _, node := range v.objects(inner, array) {
			p := v.party(node, jsontree.None, party{"wa_id", "user_id", "parent_user_id"}, "")
			v.contacts.list = append(v.contacts.list, contact{array, node, p})
		}
	}
	if len(v.contacts.list) > 1 {
		v.contacts.byID = map[masking.Identity][]int{}
		for i, c := range v.contacts.list {
			for _, id := range c.party.identities() {
				v.contacts.byID[id] = append(v.contacts.byID[id], i)
			}
		}
	}
	return broken
}

// match returns the contacts that the parties are named by, in order.
func (c *contacts) match(parties ...Party) []int {
	var hits []int
	for _, p := range parties {
		for _, id := range p.identities() {
			if c.byID != nil {
				hits = append(hits, c.byID[id]...)
			} else if len(c.list) == 1 && slices.Contains(c.list[0].party.identities(), id) {
				hits = append(hits, 0)
			}
		}
	}
	slices.Sort(hits)
	return slices.Compact(hits)
}

// only narrows the arrays of contacts to some.
func (c *contacts) only(hits []int) []jsontree.Only {
	only := make([]jsontree.Only, 0, len(c.arrays))
	for _, array := range c.arrays {
		o := jsontree.Only{Array: array}
		for _, i := range hits {
			if c.list[i].array == array {
				o.Keep = append(o.Keep, c.list[i].node)
			}
		}
		only = append(only, o)
	}
	return only
}

// identities returns what a party is looked up by: the number in its canonical
// form, user id and parent id.
func (p Party) identities() []masking.Identity {
	ids := make([]masking.Identity, 0, 3)
	if !p.Number.IsZero() {
		ids = append(ids, masking.Identity{Number: p.Number.Canonical()})
	}
	if !p.UserID.IsZero() {
		ids = append(ids, masking.Identity{UserID: p.UserID})
	}
	if !p.Parent.IsZero() {
		ids = append(ids, masking.Identity{UserID: p.Parent})
	}
	return ids
}

// join fills what a party lacks from another that one of its identities names.
// Where the two contradict each other nothing is taken.
func (p Party) join(other Party) Party {
	if !p.Number.IsZero() && !other.Number.IsZero() && p.Number.Canonical() != other.Number.Canonical() {
		return p
	}
	if !p.UserID.IsZero() && !other.UserID.IsZero() && p.UserID != other.UserID {
		return p
	}
	if p.Number.IsZero() {
		p.Number = other.Number
	}
	if p.UserID.IsZero() {
		p.UserID = other.UserID
	}
	if p.Parent.IsZero() {
		p.Parent = other.Parent
	}
	return p
}
