// Package jsontree parses a JSON text into a flat tree that remembers where
// every value stands, so that a rewrite can copy all bytes it does not change.
package jsontree

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"
)

// Kind is the kind of a JSON value.
type Kind uint8

// The kinds. Literal is null, true or false.
const (
	Literal Kind = iota
	Number
	String
	Object
	Array
)

// None is the reference to no node.
const None = int32(-1)

// Limits of what is read: a deeper or larger text is refused, not truncated.
const (
	MaxDepth = 64
	MaxNodes = 1 << 20
)

// Node is one value. All offsets are byte offsets into Doc.Source.
type Node struct {
	Kind       Kind
	Start, End int32 // the value itself, quotes included
	// KeyStart, KeyEnd: the member's name, quotes included; both 0 for an
	// array's element and for the root.
	KeyStart, KeyEnd int32
	Child, Next      int32 // first child, next sibling; None if there is none
}

// Doc is a parsed text. Nodes[0] is the root. Read-only after Parse.
type Doc struct {
	Source []byte
	Nodes  []Node
}

// ErrTooDeep and ErrTooLarge are the bounds of what is read.
var (
	ErrTooDeep  = errors.New("nested beyond 64 levels")
	ErrTooLarge = errors.New("more than 1048576 values")
)

// SyntaxError says at which byte a text stops being JSON. It holds no part of
// the text.
type SyntaxError struct {
	Offset int64
	Reason string
}

// Error implements error.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("not JSON at byte %d: %s", e.Offset, e.Reason)
}

// Text returns a string value's or a member name's decoded text, given its
// quoted span. It allocates only when the text holds an escape.
func (d *Doc) Text(start, end int32) string {
	raw := d.Source[start:end]
	if len(raw) < 2 {
		return ""
	}
	if bytes.IndexByte(raw, '\\') >= 0 {
		return string(d.Decoded(start, end))
	}
	return string(raw[1 : len(raw)-1])
}

// Decoded is Text as bytes that the caller may keep and change.
func (d *Doc) Decoded(start, end int32) []byte {
	raw := d.Source[start:end]
	text, err := jsontext.AppendUnquote(make([]byte, 0, len(raw)), raw)
	if err != nil {
		return nil
	}
	return text
}

// Key returns the decoded name of a member.
func (d *Doc) Key(n int32) string { return d.Text(d.Nodes[n].KeyStart, d.Nodes[n].KeyEnd) }

// String returns a string node's decoded text; for a number its notation; ""
// and false for every other kind and for None.
func (d *Doc) String(n int32) (string, bool) {
	if n == None {
		return "", false
	}
	node := d.Nodes[n]
	switch node.Kind {
	case String:
		return d.Text(node.Start, node.End), true
	case Number:
		return string(d.Source[node.Start:node.End]), true
	case Literal, Object, Array:
		return "", false
	}
	return "", false
}

// Member returns the last member of that name (RFC 8259 readers take the last
// one), or None, also for a node that is not an object.
func (d *Doc) Member(n int32, name string) int32 {
	found := None
	if n == None || d.Nodes[n].Kind != Object {
		return None
	}
	for c := d.Nodes[n].Child; c != None; c = d.Nodes[c].Next {
		if d.KeyIs(c, name) {
			found = c
		}
	}
	return found
}

// KeyIs is TextIs for the name of a member.
func (d *Doc) KeyIs(n int32, name string) bool {
	return d.TextIs(d.Nodes[n].KeyStart, d.Nodes[n].KeyEnd, name)
}

// TextIs tells that Text is a text without backslashes. It allocates only for one that is
// written with escapes.
func (d *Doc) TextIs(start, end int32, text string) bool {
	if end-start < 2 {
		return text == ""
	}
	raw := d.Source[start+1 : end-1]
	if len(raw) == len(text) {
		return string(raw) == text
	}
	return len(raw) > len(text) && bytes.IndexByte(raw, '\\') >= 0 && d.Text(start, end) == text
}

// Only narrows an array to the elements of one event.
type Only struct {
	Array int32
	// Keep are the elements that stay, in order; none empties the array.
	Keep []int32
}
