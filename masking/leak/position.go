package leak

import (
	"bytes"
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// opaque tells that the digits which end at an offset of the text now scanned
// are, in the body itself, the whole value of an opaque key. It is judged on
// the body's bytes, where a quote that ends a string has no backslash: inside a
// string somebody else chooses the keys.
func (s *scratch) opaque(last, digits int) bool {
	if s.depth > 0 || len(s.check.opaque) == 0 {
		return false
	}
	end := s.where(last) + 1
	start := end - digits
	if start < 1 || end > len(s.body) {
		return false
	}
	for _, b := range s.body[start:end] {
		if b < '0' || b > '9' {
			return false
		}
	}
	before, after := s.body[:start], s.body[end:]
	if before[len(before)-1] == '"' {
		if len(after) == 0 || after[0] != '"' {
			return false
		}
		before = before[:len(before)-1]
	}
	key, ok := keyBefore(before)
	return ok && s.check.opaque[key]
}

// maxKey is the longest key looked at; no opaque key is longer.
const maxKey = 64

// keyBefore returns the key in front of a value: text that ends in "key": .
func keyBefore(text []byte) (string, bool) {
	const space = " \t\r\n"
	text = text[max(0, len(text)-maxKey-32):]
	text, ok := bytes.CutSuffix(bytes.TrimRight(text, space), []byte(":"))
	if !ok {
		return "", false
	}
	if text, ok = bytes.CutSuffix(bytes.TrimRight(text, space), []byte(`"`)); !ok {
		return "", false
	}
	open := bytes.LastIndexByte(text, '"')
	if open < 0 || open > 0 && text[open-1] == '\\' || bytes.IndexByte(text[open:], '\\') >= 0 {
		return "", false
	}
	return string(text[open+1:]), true
}

// report turns the hits into findings, in the order of the body.
func (s *scratch) report(body []byte) []Finding {
	if len(s.hits) == 0 {
		return nil
	}
	slices.SortStableFunc(s.hits, func(a, b hit) int { return cmp.Compare(a.offset, b.offset) })
	findings := make([]Finding, 0, len(s.hits))
	dec := jsontext.NewDecoder(bytes.NewBuffer(body), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	pointer, failed := "", false
	for _, h := range s.hits {
		for !failed && dec.InputOffset() <= int64(h.offset) {
			_, err := dec.ReadToken()
			failed = err != nil
			pointer = string(dec.StackPointer())
		}
		f := Finding{Position: s.path(pointer), Notation: h.notation}
		if failed || f.Position == "" {
			f.Position = "byte " + strconv.Itoa(h.offset)
		}
		if !slices.Contains(findings, f) {
			findings = append(findings, f)
		}
	}
	return findings
}

// path writes a JSON pointer as a path. Keys can hold anything, a number too:
// what is not written like the platform's own keys reads *.
func (s *scratch) path(pointer string) string {
	var out strings.Builder
	for _, part := range strings.Split(pointer, "/")[1:] {
		if isIndex(part) {
			out.WriteString("[" + part + "]")
			continue
		}
		if out.Len() > 0 {
			out.WriteByte('.')
		}
		if _, named := s.check.users.in([]byte(part), s.class); named || !plainWord(part) {
			part = "*"
		}
		out.WriteString(part)
	}
	return out.String()
}

// isIndex: up to 3 digits, which name nobody.
func isIndex(part string) bool {
	_, err := strconv.Atoi(part)
	return err == nil && len(part) <= 3
}

// plainWord: lower case and underscores, in which base64 writes no digits.
func plainWord(key string) bool {
	for _, c := range []byte(key) {
		if c != '_' && (c < 'a' || c > 'z') {
			return false
		}
	}
	return key != "" && len(key) <= 40
}
