package app

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// maxInput bounds what is read from standard input, in bytes.
const maxInput = 256 << 20

// document is one JSON document of an input, or why it is none.
type document struct {
	// index counts from 1; line is where it begins.
	index, line int
	text        []byte
	err         error
}

// readDocuments splits an input: one document a line, or pretty-printed ones one
// after another. After a fault it goes on at the next line that begins with {.
func readDocuments(r io.Reader) ([]document, error) {
	input, err := io.ReadAll(io.LimitReader(r, maxInput+1))
	if err != nil {
		return nil, fmt.Errorf("read standard input: %w", err)
	}
	if len(input) > maxInput {
		return nil, usageError{fmt.Errorf("standard input is larger than %d MiB; give it in parts", maxInput>>20)}
	}
	// Editors of some systems begin a file with a byte order mark.
	input = bytes.TrimPrefix(input, []byte("\xef\xbb\xbf"))
	var all []document
	for at, line := 0, 1; ; {
		space := len(input[at:]) - len(bytes.TrimLeft(input[at:], " \t\r\n"))
		line += bytes.Count(input[at:at+space], []byte("\n"))
		at += space
		if at >= len(input) {
			return all, nil
		}
		d := document{index: len(all) + 1, line: line}
		var length int
		d.text, length, d.err = nextDocument(input[at:])
		if fault, ok := errors.AsType[jsonError](d.err); ok {
			d.err = fault.in(input, at, line)
		}
		line += bytes.Count(input[at:at+length], []byte("\n"))
		at += length
		all = append(all, d)
	}
}

// nextDocument returns a document and how much of the input is done with it.
func nextDocument(input []byte) ([]byte, int, error) {
	decoder := jsontext.NewDecoder(bytes.NewBuffer(input), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	value, err := decoder.ReadValue()
	if err == nil {
		return bytes.Clone(value), int(decoder.InputOffset()), nil
	}
	fault := jsonError{at: int(decoder.InputOffset()), short: errors.Is(err, io.ErrUnexpectedEOF)}
	if syntactic, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		fault.at = int(syntactic.ByteOffset)
	}
	end := bytes.Index(input, []byte("\n{"))
	if end < 0 {
		end = len(input)
	}
	return nil, max(end, 1), fault
}

// jsonError says at which byte of a document something else stands, or that it is short:
// the input ends within it.
type jsonError struct {
	at    int
	short bool
}

func (n jsonError) Error() string { return fmt.Sprintf("not JSON at its byte %d", n.at) }

// in says the same by line and column of the whole input, both from 1. The
// document starts at a byte of a line.
func (n jsonError) in(input []byte, start, line int) error {
	before := input[:min(start+n.at, len(input))]
	column := len(before) - bytes.LastIndexByte(before, '\n')
	says := "not JSON at"
	if n.short {
		says = "not whole JSON: it ends too early, at"
	}
	return fmt.Errorf("%s line %d, column %d", says, line+bytes.Count(before[start:], []byte("\n")), column)
}
