package outbound

import (
	"bytes"
	"slices"
	"strings"

	"bauta/masking"
	"bauta/masking/jsontree"
)

// walk reads one JSON document of a call.
type walk struct {
	r    *request
	d    *document
	root *masking.Schema
	// prefix is the position of the document itself: the name of a form's member.
	prefix string
	// top: the document's root is the body.
	top bool
}

// object reads an object's members. One that is described, or leads to one that is,
// stands there once: which of two a reader takes is anybody's guess.
func (w *walk) object(n int32, s *masking.Schema) error {
	var seen seenNames
	top := w.top && n == 0
	for c := w.d.Nodes[n].Child; c != jsontree.None; c = w.d.Nodes[c].Next {
		name := w.d.Key(c)
		if top {
			if drop, err := w.r.topMember(name); err != nil {
				return err
			} else if drop {
				w.d.lose(n, c)
				continue
			}
		}
		if err := w.once(&seen, n, c, s, name); err != nil {
			return err
		}
		if m := s.Member(name); m != nil {
			if err := w.member(n, c, name, m); err != nil {
				return err
			}
		}
	}
	return nil
}

// once refuses a member that another could be taken for.
func (w *walk) once(seen *seenNames, object, n int32, s *masking.Schema, name string) error {
	if right := misspelt(name, s); right != "" {
		return w.refuse(object, "has a member that could be taken for "+right+": write that")
	}
	m := s.Member(name)
	decides := m == nil && w.top && object == 0 && name == "recipient_type"
	if (m == nil && !decides) || !seen.add(name) || !decides && !guards(m, nil) {
		return nil
	}
	return w.refuse(n, "stands there more than once")
}

// seenNames are the described members that an object had so far.
type seenNames struct {
	few  [8]string
	n    int
	rest map[string]struct{}
}

// add tells that the name was there already.
func (s *seenNames) add(name string) bool {
	if slices.Contains(s.few[:s.n], name) {
		return true
	}
	if _, known := s.rest[name]; known {
		return true
	}
	if s.n < len(s.few) {
		s.few[s.n] = name
		s.n++
		return false
	}
	if s.rest == nil {
		s.rest = map[string]struct{}{}
	}
	s.rest[name] = struct{}{}
	return false
}

// member reads one described member.
func (w *walk) member(object, n int32, name string, s *masking.Schema) error {
	if !isGuarded(s.Role) {
		return w.value(n, s)
	}
	node := w.d.Nodes[n]
	text := ""
	switch null := w.isNull(n); {
	case null && (s.Role == masking.RoleMessageID || s.Role == masking.RoleMedia):
		return nil
	case null:
	case node.Kind == jsontree.String:
		text = w.d.Text(node.Start, node.End)
	case node.Kind == jsontree.Number && (s.Role == masking.RoleNumber || s.Role == masking.RoleEither || s.Role == masking.RoleMedia) && w.isDigits(n):
		text, _ = w.d.String(n)
	default:
		return w.refuse(n, "is no text")
	}
	at := spot{at: place{&w.d.sheet, n}, object: object, name: name, schema: s, text: text, top: w.top && object == 0}
	if s.Role != masking.RoleMessageID && s.Role != masking.RoleMedia {
		w.d.mayLose(object)
	}
	var err error
	if at.top {
		err = w.r.nameAtTop(at)
	} else {
		err = w.r.name(at)
	}
	if err != nil {
		return located(err, w.position(n))
	}
	return nil
}

// value reads what may hold described positions.
func (w *walk) value(n int32, s *masking.Schema) error {
	node := w.d.Nodes[n]
	switch {
	case node.Kind == jsontree.Object && s.Each == nil:
		return w.object(n, s)
	case node.Kind == jsontree.Array && s.Each != nil:
		return w.array(n, s.Each)
	case w.isNull(n), !guards(s, nil):
		return nil
	case s.Each != nil:
		return w.refuse(n, "is no array")
	}
	return w.refuse(n, "is no object")
}

func (w *walk) array(n int32, each *masking.Schema) error {
	people := directPeople(each)
	for c := w.d.Nodes[n].Child; c != jsontree.None; c = w.d.Nodes[c].Next {
		before := len(w.r.people)
		if isGuarded(each.RoleOf()) {
			return w.refuse(n, "is a list of names, which Bauta does not translate")
		}
		if err := w.value(c, each); err != nil {
			return err
		}
		if people && len(w.r.people) == before {
			return ErrNoRecipient
		}
	}
	return nil
}

func (w *walk) isNull(n int32) bool {
	node := w.d.Nodes[n]
	return node.Kind == jsontree.Literal && string(w.d.Source[node.Start:node.End]) == "null"
}

// isDigits tells that a JSON number is digits only: a reader makes something else of
// a fraction or an exponent.
func (w *walk) isDigits(n int32) bool {
	node := w.d.Nodes[n]
	return len(bytes.Trim(w.d.Source[node.Start:node.End], "0123456789")) == 0
}

// refuse says what is wrong at a value.
func (w *walk) refuse(n int32, reason string) error {
	return &BodyError{w.position(n), reason}
}

// position is the path of a value. Names that the schema does not have are written *:
// they are the caller's.
func (w *walk) position(n int32) string {
	var path []string
	if w.prefix != "" {
		path = append(path, w.prefix)
	}
	s, at, target := w.root, int32(0), w.d.Nodes[n]
	for at != n {
		i := 0
		c := w.d.Nodes[at].Child
		for ; c != jsontree.None && w.d.Nodes[c].End < target.End; c = w.d.Nodes[c].Next {
			i++
		}
		if c == jsontree.None {
			break
		}
		if w.d.Nodes[at].Kind == jsontree.Array {
			path, s = append(path, index(i)), s.Elem()
		} else {
			name := w.d.Key(c)
			path, s = append(path, shown(name, s)), s.Member(name)
		}
		at = c
	}
	if len(path) == 0 {
		return "the body"
	}
	return strings.Join(path, ".")
}

// shown is a member's name as an error may say it.
func shown(name string, s *masking.Schema) string {
	if s != nil {
		if _, described := s.Members[name]; described {
			return name
		}
	}
	// The platform's names (webhooks.md 6.1) on the way to what is refused where nothing is described.
	switch name {
	case "recipient_type", "interactive", "action", "buttons", "reply", "sections", "rows", "cards", "parameters", "flow_action_payload",
		"template", "components", "button", "id", "payload", "biz_opaque_callback_data", "flow_token":
		return name
	}
	return "*"
}

// text is a top-level member's text.
func (d *document) text(name string) string {
	n := d.Member(0, name)
	if n == jsontree.None || d.Nodes[n].Kind != jsontree.String {
		return ""
	}
	return d.Text(d.Nodes[n].Start, d.Nodes[n].End)
}

// template reads the name and language of a template (webhooks.md 6.1).
func (d *document) template() (name, language string) {
	return d.templateAt(d.Member(0, "template"))
}

func (d *document) templateAt(n int32) (name, language string) {
	name, _ = d.String(d.Member(n, "name"))
	language, _ = d.String(d.Member(d.Member(n, "language"), "code"))
	return name, language
}
