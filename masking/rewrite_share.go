package masking

import "strings"

// share gives those who share their number both of their names, under the two keys
// of a pair: the number where the platform puts numbers, the handle where it puts
// user ids. It comes after place, which hides them. What is in doubt stays hidden: a
// pair that holds anything but one person's names would join the number to what is
// not theirs.
func (w *writer) share(members []member) {
	for i := range members {
		m := &members[i]
		role := m.schema.RoleOf()
		if m.action == drop || m.given || role != RoleNumber && role != RoleUserID {
			continue
		}
		person := m.person
		if m.class == namesNobody && role == RoleNumber {
			person = w.across(m, members)
		}
		if person < 0 || !w.job.People[person].sharing() || !w.alone(m, members, person) {
			continue
		}
		if role == RoleNumber {
			w.shareNumber(m, members, person)
		} else {
			m.beside = m.schema.Pair != "" && w.isUserID(m.node, person) && !w.hasNumber(m, members)
		}
	}
	w.single(members)
}

// shareNumber decides about the place of a number. A user id there, or nothing, says
// that the platform has none.
func (w *writer) shareNumber(m *member, members []member, person int32) {
	switch {
	case m.class == namesShared:
		m.action = write
	case m.class == namesNobody || w.isUserID(m.node, person):
		m.action = fill
	default:
		return
	}
	m.person = person
	m.beside = m.schema.Pair != "" && !w.hasUserID(m, members)
}

// single sees to it that no member is written twice: what is put beside one goes
// before what another is renamed to.
func (w *writer) single(members []member) {
	for i := range members {
		if !members[i].beside {
			continue
		}
		for k := range members {
			other := &members[k]
			if k == i || other.schema.RoleOf() != members[i].schema.Role || other.schema.Pair != members[i].schema.Pair {
				continue
			}
			if other.beside = other.beside && k < i; other.action == rename {
				other.action = remove
			}
		}
	}
}

// across returns the person whose user id stands in the pair of an empty number,
// nobody for none.
func (w *writer) across(m *member, members []member) int32 {
	for i := range members {
		other := &members[i]
		if w.partners(m, other) && other.class == namesHidden && w.isUserID(other.node, other.person) {
			return other.person
		}
	}
	return nobody
}

// alone tells that nothing in a member's pair is anybody else's name.
func (w *writer) alone(m *member, members []member, person int32) bool {
	key := w.doc.Key(m.node)
	for i := range members {
		other := &members[i]
		if other.action == drop || !w.partners(m, other) && !w.doc.KeyIs(other.node, key) {
			continue
		}
		switch {
		case other.given:
			return false
		case !other.schema.RoleOf().names():
			if !w.isUserID(other.node, person) && !w.isHandle(other.node, person) {
				return false
			}
		case other.class != namesNobody && (!other.class.hides() || other.person != person):
			return false
		}
	}
	return true
}

// partners tells that one of two members has the other's key as its pair.
func (w *writer) partners(a, b *member) bool {
	if b.action == drop {
		return false
	}
	return a.schema.Pair != "" && w.doc.KeyIs(b.node, a.schema.Pair) ||
		b.schema != nil && b.schema.Pair != "" && w.doc.KeyIs(a.node, b.schema.Pair)
}

// hasUserID tells that the pair of a number has its user id's key already.
func (w *writer) hasUserID(m *member, members []member) bool {
	for i := range members {
		if a := members[i].action; a != drop && a != remove && w.doc.KeyIs(members[i].node, m.schema.Pair) {
			return true
		}
	}
	return false
}

// hasNumber tells that a number stands in the pair of a user id, or will.
func (w *writer) hasNumber(m *member, members []member) bool {
	for i := range members {
		if w.partners(m, &members[i]) {
			return true
		}
	}
	return false
}

// isUserID tells that a value is one of a person's user ids, and no handle.
func (w *writer) isUserID(n, person int32) bool {
	text, _ := w.doc.String(n)
	for _, id := range w.job.People[person].UserIDs {
		if strings.EqualFold(id.Reveal(), text) {
			return true
		}
	}
	return false
}

// isHandle tells that a value is a person's handle as the business gets it.
func (w *writer) isHandle(n, person int32) bool {
	text, _ := w.doc.String(n)
	return text == w.names.names.shown[person]
}

// pair writes a member's other name behind it.
func (w *writer) pair(m *member) {
	name := w.names.names.shown[m.person]
	if m.schema.Role == RoleUserID {
		name = w.job.People[m.person].Shown.Reveal()
	}
	w.copyTo(w.doc.Nodes[m.node].End)
	w.out = append(w.out, ',', '"')
	w.out = appendEscaped(w.out, m.schema.Pair)
	w.out = append(w.out, '"', ':', '"')
	w.out = appendEscaped(w.out, name)
	w.out = append(w.out, '"')
	w.inserted(m.schema.Pair)
}
