package meta

import (
	"slices"
	"strings"

	"bauta/masking"
	"bauta/masking/jsontree"
)

// find returns the value at a path of the field table, None if there is none or
// it is null or empty text: the platform has left out, and once emptied, what
// it hides (identity.md 2.2).
func (v *valueReader) find(at, around int32, path string) int32 {
	for rest := path; rest != ""; {
		var one string
		one, rest, _ = strings.Cut(rest, "|")
		n := at
		if up, ok := strings.CutPrefix(one, "^"); ok {
			n, one = around, up
		}
		for one != "" && n != jsontree.None {
			var name string
			name, one, _ = strings.Cut(one, ".")
			n = v.doc.Member(n, name)
		}
		if n == jsontree.None || v.doc.Nodes[n].Kind == jsontree.Literal {
			continue
		}
		if v.doc.Nodes[n].Kind != jsontree.String || v.doc.Nodes[n].End-v.doc.Nodes[n].Start > 2 {
			return n
		}
	}
	return jsontree.None
}

// text returns the text or number at a path, "" if there is none.
func (v *valueReader) text(at, around int32, path string) string {
	t, _ := v.stringAt(v.find(at, around, path))
	return t
}

// party reads who stands at the positions of p, the group and the business
// itself left out. A user id where a number is expected is a user id.
func (v *valueReader) party(at, around int32, p party, group string) Party {
	var out Party
	for _, path := range [...]string{p.number, p.userID, p.parent} {
		if path == "" {
			continue
		}
		t := v.text(at, around, path)
		if t == "" || t == group {
			continue
		}
		id, ok := masking.IdentityOf(t)
		if !ok {
			continue
		}
		if v.isBusiness(id, t) {
			return Party{} // the user ids beside it are the business's, too
		}
		out.add(id)
	}
	return out
}

// add puts an identity into its place, if that is free.
func (p *Party) add(id masking.Identity) {
	switch {
	case !id.Number.IsZero():
		if p.Number.IsZero() {
			p.Number = id.Number
		}
	case id.UserID.IsParent():
		if p.Parent.IsZero() {
			p.Parent = id.UserID
		}
	case p.UserID.IsZero():
		p.UserID = id.UserID
	}
}

// isBusiness compares with the business's numbers and its phone number id, which
// the platform puts where a number belongs at times (webhooks.md 3, "context").
func (v *valueReader) isBusiness(id masking.Identity, text string) bool {
	if id.Number.IsZero() {
		return false
	}
	isID := text != "" && text == v.business.phoneNumberID
	return isID || slices.Contains(v.business.numbers, id.Number.Canonical())
}

// subject returns whom the event is about: the first of the source's positions
// that is not the business, and its index; -1 if there is none.
func (v *valueReader) subject(p place, group string) (Party, int) {
	for i, who := range p.src.who {
		if found := v.party(p.node, p.around, who, group); !found.IsZero() {
			return found, i
		}
	}
	return Party{}, -1
}

// groupOf returns the group an event happened in, "" for the direct chat. Where
// a group's id stands at a recipient's place, the recipient's type tells; without
// a type, what is no identity is a group. A message id of a group without any of
// these gives the group's jid: another scope at least than the direct chat.
func (v *valueReader) groupOf(p place, id ID) string {
	if p.src.group == "" {
		return id.Group()
	}
	group := v.text(p.node, p.around, p.src.group)
	if p.src.groupIf != "" && v.text(p.node, p.around, p.src.groupIf) != "group" {
		if _, ok := masking.IdentityOf(group); ok {
			group = ""
		}
	}
	if group == "" {
		return id.Group()
	}
	return group
}

// changeOf reads the identity change that a system message or a user_id_update
// announces; nil when it does not say from what to what.
func (v *valueReader) changeOf(p place, typ string) *Change {
	var c Change
	switch {
	case p.src.kind == IDUpdate:
		c.From = v.party(p.node, p.around, party{"wa_id", "user_id.previous", "parent_user_id.previous"}, "")
		c.To = v.party(p.node, p.around, party{"wa_id", "user_id.current", "parent_user_id.current"}, "")
	case p.src.kind == Message && typ == "system":
		c = v.systemChange(p)
	}
	if c.From.IsZero() || c.To.IsZero() || c.From == c.To {
		return nil
	}
	found := c // c itself stays off the heap where there is no change
	return &found
}

// systemChange reads user_changed_number and user_changed_user_id (identity.md
// 2.7 g). Implementers differ on whether from_user_id is the old or the new id:
// it counts as the old one only if it is not the new one.
func (v *valueReader) systemChange(p place) Change {
	var c Change
	switch v.text(p.node, p.around, "system.type") {
	case "user_changed_number":
		c.From = v.party(p.node, p.around, party{"from|system.customer", "system.previous_user_id", "system.previous_parent_user_id"}, "")
		c.To = v.party(p.node, p.around, party{"system.wa_id|system.new_wa_id", "system.user_id", "system.parent_user_id"}, "")
	case "user_changed_user_id":
		c.From = v.party(p.node, p.around, party{"from", "system.previous_user_id", "system.previous_parent_user_id"}, "")
		c.To = v.party(p.node, p.around, party{"system.wa_id", "system.user_id", "system.parent_user_id"}, "")
	default:
		return c
	}
	sender, ok := masking.ParseUserID(v.text(p.node, p.around, "from_user_id"))
	if ok && !c.To.UserID.IsZero() && sender != c.To.UserID {
		c.From.add(masking.Identity{UserID: sender})
	}
	return c
}
