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
	// byID is made when there are several: the last of the uses of each identity,
	// counted from 1.
	byID map[masking.Identity]int
	uses []use
	hits []int // of one event
}

// use of an identity by a contact; before is the use before it, 0 if none.
type use struct{ contact, before int }

// contact is one element of value.contacts.
type contact struct {
	array, node int32
	party       Party
}

// readContacts reads the contacts of a value and returns the members that are to
// be left out of all events. What is no contact is set aside.
func (v *valueReader) readContacts(l level, events, arrays []int32) []int32 {
	var broken []int32
	if len(arrays) == 0 {
		return nil
	}
	l = l.without(events...)
	v.contacts.arrays = v.nodes.take(len(arrays))
	for _, array := range arrays {
		inner := l.without(others(arrays, array)...)
		if v.doc.Nodes[array].Kind != jsontree.Array {
			v.reject(inner, v.reasonOf(array), array)
			broken = append(broken, array)
			continue
		}
		v.contacts.arrays = append(v.contacts.arrays, array)
		nodes := v.objects(inner, array)
		v.contacts.list = slices.Grow(v.contacts.list, len(nodes))
		for _, node := range nodes {
			p := v.party(node, jsontree.None, party{"wa_id", "user_id", "parent_user_id"}, "")
			v.contacts.list = append(v.contacts.list, contact{array, node, p})
		}
	}
	if len(v.contacts.list) > 1 {
		v.contacts.index()
	}
	return broken
}

func (c *contacts) index() {
	c.byID = make(map[masking.Identity]int, 2*len(c.list))
	c.uses = make([]use, 0, 2*len(c.list))
	for i := range c.list {
		ids, n := c.list[i].party.identities()
		for _, id := range ids[:n] {
			c.uses = append(c.uses, use{contact: i, before: c.byID[id]})
			c.byID[id] = len(c.uses)
		}
	}
}

// match returns the contacts that the parties are named by, in order. They are
// good until the next call.
func (c *contacts) match(parties ...Party) []int {
	hits := c.hits[:0]
	for _, p := range parties {
		ids, n := p.identities()
		for _, id := range ids[:n] {
			for at := c.byID[id]; at > 0; at = c.uses[at-1].before {
				hits = append(hits, c.uses[at-1].contact)
			}
			if len(c.list) == 1 && c.list[0].party.has(id) {
				hits = append(hits, 0)
			}
		}
	}
	slices.Sort(hits)
	c.hits = hits
	return slices.Compact(hits)
}

// only narrows the level's arrays, and those of contacts to some.
func (v *valueReader) only(l level, hits []int) []jsontree.Only {
	only := v.splitter.only(l, len(v.contacts.arrays))
	for _, array := range v.contacts.arrays {
		o := jsontree.Only{Array: array, Keep: v.nodes.take(len(hits))}
		for _, i := range hits {
			if v.contacts.list[i].array == array {
				o.Keep = append(o.Keep, v.contacts.list[i].node)
			}
		}
		only = append(only, o)
	}
	return only
}

// identities returns what a party is looked up by: the number in its canonical
// form, user id and parent id.
func (p Party) identities() (ids [3]masking.Identity, n int) {
	for _, id := range [...]masking.Identity{
		{Number: p.Number.Canonical()}, {UserID: p.UserID}, {UserID: p.Parent},
	} {
		if !id.IsZero() {
			ids[n] = id
			n++
		}
	}
	return ids, n
}

// has tells that one of the party's identities is this canonical one.
func (p Party) has(id masking.Identity) bool {
	ids, n := p.identities()
	return slices.Contains(ids[:n], id)
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
