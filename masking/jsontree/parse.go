package jsontree

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
)

// Parser reads JSON texts one after another and keeps what it needs for that.
// It is safe for concurrent use.
type Parser struct {
	spare sync.Pool // of *parser
}

// NewParser returns a Parser.
func NewParser() *Parser { return &Parser{} }

// Parse is like the function of that name, with fewer allocations.
func (p *Parser) Parse(source []byte) (*Doc, error) {
	one, ok := p.spare.Get().(*parser)
	if !ok {
		one = newParser()
	}
	defer p.spare.Put(one)
	return one.parse(source)
}

// Parse reads one JSON text (RFC 8259). Duplicate names are kept; invalid
// UTF-8, lone surrogates and anything behind the value are errors
// (*SyntaxError, ErrTooDeep, ErrTooLarge). The source is referred to, not
// copied: it must not change afterwards.
func Parse(source []byte) (*Doc, error) { return newParser().parse(source) }

type parser struct {
	doc  *Doc
	text bytes.Buffer
	dec  jsontext.Decoder
}

func newParser() *parser { return new(parser) }

func (p *parser) parse(source []byte) (*Doc, error) {
	p.doc = &Doc{Source: source, Nodes: make([]Node, 0, expected(source))}
	// The decoder uses the bytes of a *bytes.Buffer in place; clipping
	// keeps it from writing behind them.
	p.text = *bytes.NewBuffer(slices.Clip(source))
	p.dec.Reset(&p.text, jsontext.AllowDuplicateNames(true))
	defer p.release()
	if _, err := p.value(0, 0, 0); err != nil {
		return nil, p.explain(err)
	}
	if _, err := p.dec.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, &SyntaxError{Offset: p.dec.InputOffset(), Reason: "something follows the value"}
	}
	return p.doc, nil
}

// expected is about how many values a text has: one more than it has commas and
// opening brackets, unless strings are full of these.
func expected(source []byte) int {
	count := 1
	for _, mark := range []byte(",[{") {
		count += bytes.Count(source, []byte{mark})
	}
	return min(count, 8+len(source)/12)
}

// release lets go of the source and of the result.
func (p *parser) release() {
	p.doc = nil
	p.text = bytes.Buffer{}
	p.dec.Reset(&p.text)
}

// value reads the next value and returns its node.
func (p *parser) value(keyStart, keyEnd int32, depth int) (int32, error) {
	if depth > MaxDepth {
		return None, ErrTooDeep
	}
	if len(p.doc.Nodes) >= MaxNodes {
		return None, ErrTooLarge
	}
	kind := kindOf(p.dec.PeekKind())
	n := int32(len(p.doc.Nodes)) //nolint:gosec // bounded by MaxNodes
	node := Node{Kind: kind, KeyStart: keyStart, KeyEnd: keyEnd, Child: None, Next: None}
	if kind == Object || kind == Array {
		if _, err := p.dec.ReadToken(); err != nil {
			return None, err
		}
		node.Start = p.offset() - 1
		p.doc.Nodes = append(p.doc.Nodes, node)
		return n, p.children(n, kind, depth)
	}
	value, err := p.dec.ReadValue()
	if err != nil {
		return None, err
	}
	node.End = p.offset()
	node.Start = node.End - int32(len(value)) //nolint:gosec // no longer than the source
	p.doc.Nodes = append(p.doc.Nodes, node)
	return n, nil
}

// children reads up to the closing bracket of node n.
func (p *parser) children(n int32, kind Kind, depth int) error {
	last := None
	for {
		if k := p.dec.PeekKind(); k == '}' || k == ']' {
			break
		}
		var keyStart, keyEnd int32
		if kind == Object {
			name, err := p.dec.ReadValue()
			if err != nil {
				return err
			}
			keyEnd = p.offset()
			keyStart = keyEnd - int32(len(name)) //nolint:gosec // no longer than the source
		}
		child, err := p.value(keyStart, keyEnd, depth+1)
		if err != nil {
			return err
		}
		if last == None {
			p.doc.Nodes[n].Child = child
		} else {
			p.doc.Nodes[last].Next = child
		}
		last = child
	}
	if _, err := p.dec.ReadToken(); err != nil {
		return err
	}
	p.doc.Nodes[n].End = p.offset()
	return nil
}

func (p *parser) offset() int32 {
	return int32(p.dec.InputOffset()) //nolint:gosec // bodies are a few MiB, the receiver sees to it
}

// explain turns a reader's error into one of ours, which holds no input.
func (p *parser) explain(err error) error {
	if errors.Is(err, ErrTooDeep) || errors.Is(err, ErrTooLarge) {
		return err
	}
	at := p.dec.InputOffset()
	reason := "a value was expected here or cannot be read"
	if syntactic, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		at = syntactic.ByteOffset
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		reason = "the text ends too early"
	}
	return &SyntaxError{Offset: at, Reason: reason}
}

func kindOf(k jsontext.Kind) Kind {
	switch k {
	case jsontext.KindBeginObject:
		return Object
	case jsontext.KindBeginArray:
		return Array
	case jsontext.KindString:
		return String
	case jsontext.KindNumber:
		return Number
	case jsontext.KindNull, jsontext.KindFalse, jsontext.KindTrue,
		jsontext.KindInvalid, jsontext.KindEndObject, jsontext.KindEndArray:
	}
	return Literal // what is no value at all is found when it is read
}
