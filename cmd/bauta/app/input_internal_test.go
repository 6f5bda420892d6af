package app

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// Of a list of numbers every line is a number, bad, or says nothing.
func FuzzListsOfNumbers(f *testing.F) {
	for _, text := range []string{
		"+39 333 123 4567\n", "\ufeff393331234567,Ada\r\n# a comment\n\nnobody\n", "\"+1 650 555 0142\";x", "0333 1234567", "", "\x00\n\xff", "a#b", "٣٩٣٣٣١٢٣٤٥٦٧",
	} {
		f.Add([]byte(text), 1, "IT")
		f.Add([]byte(text), 2, "")
	}
	f.Fuzz(func(t *testing.T, data []byte, from int, country string) {
		steps := 0
		l := readList(data, from, country, func() { steps++ })
		if steps != l.lines || len(l.numbers)+len(l.bad) > l.lines {
			t.Errorf("%d lines, %d steps, %d numbers, %d bad", l.lines, steps, len(l.numbers), len(l.bad))
		}
		for _, n := range l.numbers {
			if n.number.IsZero() || n.line < from || n.line > l.lines {
				t.Errorf("line %d of %d", n.line, l.lines)
			}
		}
		if (l.hash != "") != (len(l.numbers) >= guessable) {
			t.Errorf("hash %q of %d numbers", l.hash, len(l.numbers))
		}
	})
}

// Whatever comes on standard input is taken apart to its end: documents are JSON, the
// rest are faults with their lines.
func FuzzDocuments(f *testing.F) {
	for _, text := range []string{"{}\n{}", "{\n \"a\": 1\n}\n{\"b\":2}", "\xef\xbb\xbf{}", "{\n{}", "x\n{}", "[1]", "", "{\"a\":\"\n\"}", "null 1"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, input []byte) {
		all, err := readDocuments(bytes.NewReader(input))
		if err != nil {
			t.Fatal(err)
		}
		for i, d := range all {
			if d.index != i+1 || d.line < 1 || d.line > 1+strings.Count(string(input), "\n") {
				t.Errorf("document %d has number %d and line %d", i+1, d.index, d.line)
			}
			if d.err == nil && !json.Valid(d.text) {
				t.Errorf("%q is no JSON", d.text)
			}
		}
	})
}
