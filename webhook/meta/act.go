package meta

import "bauta/masking/jsontree"

// maxActText bounds a text that can be a decision, in bytes: a longer one is none.
const maxActText = 256

// act reads what of a message that its sender wrote can be a decision of theirs
// (webhooks.md 3, "interactive", "button", "context", "contacts").
func (v *valueReader) act(p place, typ string) Act {
	var a Act
	if context := v.doc.Member(p.node, "context"); context != jsontree.None {
		quoted, _ := ParseID(v.text(context, jsontree.None, "id"))
		a.Quoted = quoted.Stanza()
		a.Forwarded = v.holds(context, "forwarded") || v.holds(context, "frequently_forwarded")
	}
	switch typ {
	case "interactive":
		a.Reply, a.ReplyNode = v.textIn(p.node, "interactive.button_reply.id|interactive.list_reply.id")
	case "button":
		a.Reply, a.ReplyNode = v.textIn(p.node, "button.payload")
	case "text":
		if body, _ := v.textIn(p.node, "text.body"); len(body) <= maxActText {
			a.Text = body
		}
	case "contacts":
		a.Cards = v.cards(p)
	}
	return a
}

// textIn returns the text at the first of the paths that holds something, and its
// node; "" if that is no text.
func (v *valueReader) textIn(at int32, paths string) (text string, node int32) {
	n := v.find(at, jsontree.None, paths)
	if n == jsontree.None || v.doc.Nodes[n].Kind != jsontree.String {
		return "", 0
	}
	text, _ = v.stringAt(n)
	return text, n
}

// holds tells that a flag is set: anything there but false and null.
func (v *valueReader) holds(at int32, flag string) bool {
	n := v.doc.Member(at, flag)
	if n == jsontree.None {
		return false
	}
	written := v.source[v.doc.Nodes[n].Start:v.doc.Nodes[n].End]
	return written != "false" && written != "null"
}

// passing fills in what only some kinds have: a message's own id, a status's callback
// data, a participant's move.
func (v *valueReader) passing(e *Event, p place) {
	if e.Kind == Message || e.Kind == Status || e.Kind == Echo {
		e.Stanza = p.id.Stanza()
	}
	if e.Kind == Status {
		e.Callback, _ = v.textIn(p.node, "biz_opaque_callback_data")
	}
	if e.Kind == Participant {
		e.Move = p.moveOf(e)
	}
}

// moveOf tells where a participant went: by the array in which they stand, or where
// a group names nobody but them, by its type. Whoever failed to be removed stays,
// and a join request is no move (webhooks.md 2.11).
func (p place) moveOf(e *Event) Move {
	switch {
	case e.Subject.IsZero():
		return NoMove
	case p.src.nested != "":
		return p.src.move
	case e.Type == "group_participants_add":
		return Joined
	case e.Type == "group_participants_remove":
		return Left
	}
	return NoMove
}
