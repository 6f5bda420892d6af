package masking

import (
	"bytes"

	"bauta/masking/jsontree"
)

// identify finds out whom the identity positions among an object's members
// name, and returns whose the object is: a hidden person's if it names one, else
// a visible one's, else nobody's if it names a stranger, else the owner's of what
// it stands in.
func (w *writer) identify(members []member, owner int32) int32 {
	found, stranger := nobody, false
	for i := range members {
		m := &members[i]
		if m.action == drop || m.given || !m.schema.RoleOf().names() {
			continue
		}
		m.class, m.person = w.classify(m.node)
		switch {
		case m.class.hides() && (found == nobody || w.job.People[found].Visible):
			found = m.person
		case m.class == namesVisible && found == nobody:
			found = m.person
		case m.class == namesUnknown:
			stranger = true
		}
	}
	if found == nobody && !stranger {
		return owner
	}
	return found
}

// hides tells that the value names somebody hidden.
func (c identityClass) hides() bool { return c == namesHidden || c == namesShared }

// names tells that a value of this role is somebody's number or user id.
func (r Role) names() bool { return r == RoleNumber || r == RoleUserID || r == RoleEither }

// decide sets what becomes of the members that an object's owner settles; outer is
// the owner of what the object stands in.
func (w *writer) decide(members []member, owner, outer int32) {
	hides := w.hides(owner)
	for i := range members {
		m := &members[i]
		if m.action == drop || m.given {
			continue
		}
		switch m.schema.RoleOf() {
		case RoleNumber, RoleUserID:
			m.action = w.place(m, owner, outer)
		case RoleEither:
			m.action = w.inPlace(m, hides)
		case RoleRemove:
			m.action = removeIf(hides)
		case RoleUsername:
			m.action = removeIf(hides && !w.job.View.KeepUsername)
		case RoleInviteLink:
			m.action = removeIf(hides && !w.job.View.KeepInviteLink)
		case RoleText, RoleMessageID, RoleEcho, RoleOpaque, RoleJSON, RoleCard, RoleProfileName, RoleError, RoleMedia:
		}
	}
	w.distinct(members)
	if w.sharing && w.job.View.Shape == ShapeUserID {
		w.share(members)
	}
}

func removeIf(condition bool) action {
	if condition {
		return remove
	}
	return write
}

// inPlace decides about a member that keeps its key.
func (w *writer) inPlace(m *member, hides bool) action {
	switch m.class {
	case namesHidden, namesShared:
		return hide
	case namesUnknown:
		return mark
	case words:
		if hides && !w.opaque(m.node) {
			return mark
		}
	case noIdentity, namesNobody, namesBusiness, namesVisible:
	}
	return write
}

// place decides about a number or a user id, of which a business gets only the
// one that its shape of handles is like.
func (w *writer) place(m *member, owner, outer int32) action {
	switch m.class {
	case namesNobody:
		// What the platform writes for a number that it hides: absent, as in its
		// newer shape, so that the handle is not written twice. A stranger, who goes
		// too, says nothing about it.
		if owner == nobody {
			owner = outer
		}
		return removeIf(owner != nobody && w.hides(owner))
	case namesUnknown:
		return remove
	case words:
		return removeIf(w.hides(owner) && !w.opaque(m.node))
	case noIdentity, namesBusiness, namesVisible:
		return write
	case namesHidden, namesShared:
	}
	home := RoleUserID
	if w.job.View.Shape == ShapePhone {
		home = RoleNumber
	}
	if m.schema.Role == home || m.schema.Pair == "" {
		return hide
	}
	return rename
}

// distinct sees to it that no member that is renamed gets a name that stands there
// already: in a place that holds a person its own is left out, and beside anything
// else it keeps its key.
func (w *writer) distinct(members []member) {
	for i := range members {
		m := &members[i]
		for k := range members {
			if other := &members[k]; m.action == rename {
				m.action = w.giveWay(m, other, k < i)
			}
		}
	}
}

// giveWay decides about a member that is renamed, as far as another one matters.
func (w *writer) giveWay(m, other *member, earlier bool) action {
	if other.action == rename {
		if earlier && other.schema.Pair == m.schema.Pair && !w.doc.KeyIs(m.node, w.doc.Key(other.node)) {
			return remove
		}
		return rename
	}
	if other.action == drop || !w.doc.KeyIs(other.node, m.schema.Pair) {
		return rename
	}
	switch other.class {
	case namesBusiness, namesVisible, namesHidden, namesShared:
		return remove
	case noIdentity, namesNobody, namesUnknown, words:
	}
	switch {
	case other.given:
		return remove
	case other.action == remove:
		return rename
	}
	return hide
}

// opaque tells that a value is a token of the platform's, such as a group id
// where a person's number stands otherwise: base64 letters, long, and without
// anything in it that looks like a number or that leaves texts here.
func (w *writer) opaque(n int32) bool {
	const shortest = 12
	node := &w.doc.Nodes[n]
	if node.Kind != jsontree.String || node.End-node.Start-2 < shortest {
		return false
	}
	run, letter := 0, false
	text := w.doc.Source[node.Start+1 : node.End-1]
	for _, c := range bytes.TrimRight(text, "=") {
		switch {
		case w.names.class[c]&classBase64 == 0:
			return false
		case asciiDigit(c):
			if run++; run >= minPhoneDigits {
				return false
			}
		default:
			run, letter = 0, true
		}
	}
	return letter && len(w.names.scrub(text, w.content)) == 0
}
