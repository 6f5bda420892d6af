package meta

import (
	"fmt"
	"strconv"

	"bauta/masking"
	"bauta/masking/jsontree"
)

// The reasons of a Reject, a closed set: they are metric labels.
const (
	// NotJSON: the body is no JSON text. Position is the byte.
	NotJSON = "not_json"
	// BadText: a string with invalid UTF-8 or a lone surrogate.
	BadText = "bad_text"
	// TooDeep and TooLarge: beyond what is read (jsontree, maxParts).
	TooDeep  = "too_deep"
	TooLarge = "too_large"
	// WrongObject: not an object of the platform's, or not a JSON object.
	WrongObject = "wrong_object"
	// WrongType: a value that has another type than the catalogue says, where
	// an event or an identity could be overlooked.
	WrongType = "wrong_type"
	// NoEvent: an envelope without any event.
	NoEvent = "no_event"
	// SharedPart: something beside several events about different people, of
	// which nobody can tell whom it is about. The events go on without it.
	SharedPart = "shared_part"
)

// reject sets a part of the body aside: what the level leads to. The position
// is that of node n, which is in it.
func (s *splitter) reject(l level, reason string, n int32) {
	s.rejectView(l, s.only(l, 0), reason, n)
}

// rejectElements sets elements of one array aside that cannot be events.
func (s *splitter) rejectElements(l level, array int32, elements []int32) {
	if len(elements) > 0 {
		only := append(s.only(l, 1), jsontree.Only{Array: array, Keep: elements})
		s.rejectView(l, only, s.reasonOf(elements[0]), elements[0])
	}
}

func (s *splitter) rejectView(l level, only []jsontree.Only, reason string, n int32) {
	schema := s.c.unknown.schema
	if l.field != nil {
		schema = l.field.schema
	}
	raw := renderer{view{doc: s.doc, only: only, drop: l.drop}}.render(0)
	s.batch.Rejects = append(s.batch.Rejects, Reject{
		Reason: reason, Position: position(s.doc, schema, n), WABA: l.waba, Field: l.name, Raw: raw,
	})
}

// rejectBody sets the whole body aside.
func (s *splitter) rejectBody(body []byte, reason, position string) {
	s.batch.Rejects = append(s.batch.Rejects, Reject{Reason: reason, Position: position, Raw: body})
}

// reasonOf says why an element that is not an object cannot be an event.
func (s *splitter) reasonOf(n int32) string {
	if reason, ok := s.blanked[s.doc.Nodes[n].Start]; ok {
		return reason
	}
	return WrongType
}

// blankedIn returns an element taken out by salvage that an event would carry,
// None if there is none.
func (s *splitter) blankedIn(v view, n int32) int32 {
	if len(s.blanked) == 0 {
		return jsontree.None
	}
	if s.doc.Nodes[n].Kind == jsontree.Literal && s.isBlanked(n) {
		return n
	}
	found := jsontree.None
	v.children(n, func(child int32) {
		if found == jsontree.None {
			found = s.blankedIn(v, child)
		}
	})
	return found
}

// position returns the JSON path of a node, such as
// $.entry[0].changes[0].value.messages[3]. Names that the catalogue does not
// have are written as *: a name can hold a number, too.
func position(doc *jsontree.Doc, schema *masking.Schema, n int32) string {
	path, at := "$", int32(0)
	target := doc.Nodes[n].Start
	for at != n {
		index, next := 0, jsontree.None
		for c := doc.Nodes[at].Child; c != jsontree.None; c = doc.Nodes[c].Next {
			if doc.Nodes[c].Start <= target && target < doc.Nodes[c].End {
				next = c
				break
			}
			index++
		}
		if next == jsontree.None {
			return path
		}
		path += stepName(doc, schema, next, index)
		schema, at = describe(doc, schema, next), next
	}
	return path
}

func stepName(doc *jsontree.Doc, parent *masking.Schema, n int32, index int) string {
	if doc.Nodes[n].KeyEnd == 0 {
		return fmt.Sprintf("[%d]", index)
	}
	if parent != nil {
		if name := doc.Key(n); parent.Members[name] != nil {
			return "." + name
		}
	}
	return ".*"
}

func byteOffset(offset int64) string { return "byte " + strconv.FormatInt(offset, 10) }
