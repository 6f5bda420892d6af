package meta

import (
	"errors"
	"math"
	"slices"
	"strings"

	"bauta/masking"
	"bauta/masking/jsontree"
)

// ObjectName is the object of the bodies that WhatsApp accounts send.
const ObjectName = "whatsapp_business_account"

// maxParts bounds the events and rejects of one body. The platform sends up to
// 1000 updates (webhooks.md 1.4); an array with which a body would exceed this
// bound is set aside in one piece.
const maxParts = 20000

// ErrBodySize is returned for a body that is too large to be addressed.
var ErrBodySize = errors.New("the body is over 2 GiB: bound what is read")

// Split takes the body of one POST apart. Every element of every array of
// events is in exactly one Event or Reject; what cannot be read never hinders
// what can. The events refer to the body, which must not change afterwards. The
// only error is ErrBodySize.
func (c *Catalogue) Split(body []byte) (Batch, error) {
	if len(body) > math.MaxInt32 {
		return Batch{}, ErrBodySize
	}
	s := c.newSplitter(body)
	doc, err := c.parser.Parse(body)
	if err != nil {
		doc, s.blanked = salvage(body, err)
	}
	if doc == nil {
		reason, position := explain(err)
		s.rejectBody(body, reason, position)
		return s.batch, nil
	}
	s.doc = doc
	s.body(body)
	return s.batch, nil
}

// splitter takes one body apart.
type splitter struct {
	c   *Catalogue
	doc *jsontree.Doc
	// source is the body once more, so that texts are slices of it.
	source string
	// blanked are the elements that salvage took out, by their first byte, with
	// the reason.
	blanked map[int32]string
	batch   Batch

	nodes      arena[int32]
	onlys      arena[jsontree.Only]
	texts      arena[string]
	identities arena[masking.Identity]
	envelopes  arena[Envelope]
	// few is the arenas' first room: that of a body with one event.
	few struct {
		nodes      [16]int32
		onlys      [4]jsontree.Only
		texts      [8]string
		identities [usualNames]masking.Identity
		envelopes  [1]Envelope
	}
}

func (c *Catalogue) newSplitter(body []byte) *splitter {
	s := &splitter{c: c, source: string(body)}
	s.nodes.room, s.onlys.room, s.texts.room = s.few.nodes[:0], s.few.onlys[:0], s.few.texts[:0]
	s.identities.room, s.envelopes.room = s.few.identities[:0], s.few.envelopes[:0]
	return s
}

func (s *splitter) body(body []byte) {
	object, _ := s.stringAt(s.doc.Member(0, "object"))
	if object != ObjectName {
		s.rejectBody(body, WrongObject, "$")
		return
	}
	schema := s.c.unknown.schema
	s.each(level{}, 0, schema, "entry", func(l level, entry int32) {
		l.waba, _ = s.stringAt(s.doc.Member(entry, "id"))
		s.each(l, entry, schema.Member("entry").Elem(), "changes", s.change)
	})
}

// each visits the elements of an object's array, and of its namesakes: names
// can stand twice. What cannot be visited is set aside.
func (s *splitter) each(l level, object int32, schema *masking.Schema, name string, visit func(level, int32)) {
	before := s.mark()
	arrays, shared := s.members(object, schema, name)
	for _, array := range arrays {
		inner := l.without(others(arrays, array)...)
		if s.doc.Nodes[array].Kind != jsontree.Array {
			s.reject(inner, s.reasonOf(array), array)
			continue
		}
		for _, element := range s.objects(inner, array) {
			visit(inner.into(array, element), element)
		}
	}
	if s.mark() == before {
		s.reject(l, NoEvent, object)
		return
	}
	if len(shared) > 0 {
		s.share(before, l.without(arrays...), shared)
	}
}

// stringAt returns what Doc.String does, mostly without an allocation.
func (s *splitter) stringAt(n int32) (string, bool) {
	if n == jsontree.None || s.doc.Nodes[n].Kind != jsontree.String {
		return s.doc.String(n)
	}
	quoted := s.source[s.doc.Nodes[n].Start:s.doc.Nodes[n].End]
	if strings.IndexByte(quoted, '\\') >= 0 {
		return s.doc.String(n)
	}
	return quoted[1 : len(quoted)-1], true
}

// members returns the values under a name, and the members that may say
// something about one of the events below.
func (s *splitter) members(object int32, schema *masking.Schema, name string) (arrays, shared []int32) {
	arrays = s.nodes.take(1)
	for c := s.doc.Nodes[object].Child; c != jsontree.None; c = s.doc.Nodes[c].Next {
		if s.doc.KeyIs(c, name) {
			arrays = append(arrays, c)
		} else if !plain(s.doc, c, describe(s.doc, schema, c)) {
			shared = append(shared, c)
		}
	}
	return arrays, shared
}

// objects returns an array's elements that are objects and sets the others
// aside.
func (s *splitter) objects(l level, array int32) []int32 {
	count := 0
	for c := s.doc.Nodes[array].Child; c != jsontree.None; c = s.doc.Nodes[c].Next {
		count++
	}
	if s.mark().total()+count > maxParts {
		s.reject(l, TooLarge, array)
		return nil
	}
	objects := s.nodes.take(count)
	var rest []int32
	for c := s.doc.Nodes[array].Child; c != jsontree.None; c = s.doc.Nodes[c].Next {
		if s.doc.Nodes[c].Kind == jsontree.Object {
			objects = append(objects, c)
		} else {
			rest = append(rest, c)
		}
	}
	s.rejectElements(l, array, rest)
	return objects
}

// change reads one change: a field and its value.
func (s *splitter) change(l level, change int32) {
	name, ok := s.stringAt(s.doc.Member(change, "field"))
	values, shared := s.members(change, s.c.unknown.change, "value")
	if !ok || len(values) == 0 {
		s.reject(l, WrongType, change)
		return
	}
	l.field, l.name = s.c.field(name), name
	before := s.mark()
	for _, value := range values {
		inner := l.without(others(values, value)...)
		switch {
		case l.field.unknown:
			s.whole(inner, value, &source{kind: Unknown, dedupe: []string{columnBytes}})
		case l.field.account:
			s.whole(inner, value, l.field.whole)
		case s.doc.Nodes[value].Kind != jsontree.Object:
			s.reject(inner, s.reasonOf(value), value)
		case l.field.whole != nil:
			s.whole(inner, value, l.field.whole)
		default:
			s.value(inner, value)
		}
	}
	if len(shared) > 0 {
		s.share(before, l.without(values...), shared)
	}
}

// whole makes one event of a value.
func (s *splitter) whole(l level, value int32, src *source) {
	v := &valueReader{splitter: s, value: value, business: s.business(l, value), single: true}
	v.event(l, place{src: src, node: value, around: jsontree.None})
}

// mark is how far the splitter got.
type mark struct{ events, rejects int }

func (m mark) total() int { return m.events + m.rejects }

func (s *splitter) mark() mark {
	return mark{len(s.batch.Events), len(s.batch.Rejects)}
}

// share decides about members that stand beside several events: they stay with
// events that are all about the same customer in one scope, or with a single one. Otherwise
// they are set aside, since they may name somebody else whom the event would not
// be masked for.
func (s *splitter) share(from mark, l level, shared []int32) {
	events := s.batch.Events[from.events:]
	if len(events) == 0 {
		return // what was rejected was rejected with them
	}
	alone := s.mark().total()-from.total() == len(events)
	if alone && (len(events) == 1 || sameSubject(events)) {
		return
	}
	for i := range events {
		events[i].Drop = append(slices.Clip(events[i].Drop), shared...)
	}
	s.reject(l, SharedPart, shared[0])
}

func sameSubject(events []Event) bool {
	if events[0].Subject.IsZero() {
		return false
	}
	for _, e := range events {
		if e.Subject != events[0].Subject || e.Group != events[0].Group {
			return false
		}
	}
	return true
}

// others returns all nodes but one.
func others(nodes []int32, one int32) []int32 {
	if len(nodes) < 2 {
		return nil
	}
	var rest []int32
	for _, n := range nodes {
		if n != one {
			rest = append(rest, n)
		}
	}
	return rest
}
