package outbound

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"bauta/masking"
	"bauta/masking/jsontree"
)

// tokenMember is where clients put their token beside the Authorization header.
// Bauta's own token must not reach the platform.
const tokenMember = "access_token"

// hashMember says which device the platform may deliver to, by a hash that is the same
// for every business: sent to a handle, it would tell whether that is the person of
// whom the hash came.
const hashMember = "recipient_identity_key_hash"

// groupType is the recipient_type of a message to a group.
const groupType = "group"

// readBody reads the body and takes note of all that it names.
func (r *request) readBody() error {
	if len(r.call.Body) == 0 {
		return nil
	}
	if r.call.Form {
		f, err := readForm(r.call.Body)
		if err != nil {
			return err
		}
		r.body = f
		return f.collect(r)
	}
	doc, err := r.t.parser.Parse(r.call.Body)
	if err != nil {
		return unreadable(err, r.call.Body)
	}
	if doc.Nodes[0].Kind != jsontree.Object {
		return &BodyError{"the body", "is no JSON object"}
	}
	d := &document{Doc: doc}
	r.body = d
	w := walk{r: r, d: d, root: r.call.Route.Body, top: true}
	if err := w.reserved(); err != nil {
		return err
	}
	return w.object(0, w.root)
}

// unreadable says where and why a text is not JSON. It holds no part of it.
func unreadable(err error, text []byte) *BodyError {
	if syntax, ok := errors.AsType[*jsontree.SyntaxError](err); ok {
		return &BodyError{position(text, syntax.Offset), "is not JSON: " + syntax.Reason}
	}
	return &BodyError{"the body", "is " + err.Error()}
}

// position names a byte of a text as editors do too: line and column from 1, columns
// in bytes.
func position(text []byte, offset int64) string {
	before := text[:min(max(offset, 0), int64(len(text)))]
	line := 1 + bytes.Count(before, []byte("\n"))
	column := len(before) - bytes.LastIndexByte(before, '\n')
	return fmt.Sprintf("byte %d (line %d, column %d)", offset, line, column)
}

// topMember judges a member at the top of a body, where the platform also looks for
// parameters of the call. drop: it must not go out.
func (r *request) topMember(name string) (drop bool, err error) {
	switch name {
	case tokenMember:
		return true, nil
	case "ids", "batch", "method", "relative_url", "include_headers", "appsecret_proof", "fields":
		return false, &BodyError{name, "is not taken: Bauta makes one call at a time, to one object"}
	}
	if r.call.Route.Body == nil {
		return false, &BodyError{"the body", "this call takes none"}
	}
	if likeMember(name) == hashMember {
		r.hashed = true
	}
	if _, described := r.call.Route.Body.Members[name]; described {
		return false, nil
	}
	if q, ok := r.call.Route.Query[name]; ok && isGuarded(q.RoleOf()) {
		return false, &BodyError{name, "belongs into the query of this call"}
	}
	return false, nil
}

// toGroup tells that the call is a message to a group.
func (r *request) toGroup() bool { return r.body.text("recipient_type") == groupType }

// nameAtTop is name for a member at the top of a body: to is a group's id there if
// recipient_type says so.
func (r *request) nameAtTop(s spot) error {
	isPair := s.name == "to" || s.name == "recipient"
	if !isPair || !r.toGroup() {
		return r.name(s)
	}
	switch {
	case s.text == "":
		s.at.drop()
		return nil
	case s.name == "recipient":
		return &BodyError{Reason: "names a person; a group is named in to"}
	}
	return r.readGroup(s.text)
}

// readGroup takes a group's id, which goes out as it is. Nothing passes for one
// that the platform could read as a number or user id.
func (r *request) readGroup(text string) error {
	if _, ok := r.t.Handles.Parse(text); ok {
		return ErrGroupHandle
	}
	if _, ok := masking.IdentityOf(text); ok {
		return ErrRawRecipient
	}
	if _, declared := r.call.Business.Groups[text]; !declared && !isGroupID(text) {
		return &BodyError{Reason: "is no id of a group"}
	}
	r.group = text
	return nil
}

// isGroupID tells that a text has the looks of a group's id: more digits than a
// number has and nothing else (webhooks.md 4), or base64 of a word and an id, in
// which digits never stand five in a row.
func isGroupID(text string) bool {
	const most, fewest, longestNumber = 256, 8, 15
	if len(text) < fewest || len(text) > most {
		return false
	}
	letters, run, longest := 0, 0, 0
	for i := range len(text) {
		switch c := text[i]; {
		case '0' <= c && c <= '9':
			run++
			longest = max(longest, run)
			continue
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z':
			letters++
		case c != '_' && c != '-' && c != '=':
			return false
		}
		run = 0
	}
	if longest == len(text) {
		return longest > longestNumber && text[0] != '0'
	}
	return letters > 0 && longest < 5
}

// misspelt finds the described name that a reader less strict than Bauta could take
// another name for; "" if there is none. The platform reads forms as PHP does: dots
// and spaces become underscores, brackets make arrays.
func misspelt(name string, s *masking.Schema) string {
	if s == nil || strings.IndexFunc(name, func(c rune) bool { return !isMemberLetter(c) }) < 0 {
		return ""
	}
	name = likeMember(name)
	if m, ok := s.Members[name]; ok && guards(m, nil) {
		return name
	}
	return ""
}

// likeMember is the name that such a reader could take another for.
func likeMember(name string) string {
	if at := strings.IndexAny(name, "[\x00"); at >= 0 {
		name = name[:at]
	}
	name = strings.TrimFunc(name, func(c rune) bool { return unicode.IsSpace(c) || unicode.IsControl(c) })
	return strings.Map(func(c rune) rune {
		if isMemberLetter(c) {
			return c
		}
		return '_'
	}, strings.ToLower(name))
}

func isMemberLetter(c rune) bool { return c == '_' || 'a' <= c && c <= 'z' || '0' <= c && c <= '9' }

// guards tells that a schema describes an identity or a message id, at it or below.
func guards(s *masking.Schema, above []*masking.Schema) bool {
	if s == nil {
		return false
	}
	if slices.Contains(above, s) {
		return false
	}
	if isGuarded(s.Role) {
		return true
	}
	above = append(above, s)
	for _, m := range s.Members {
		if guards(m, above) {
			return true
		}
	}
	return guards(s.Any, above) || guards(s.Each, above)
}

// directPeople tells that a schema describes people among an object's own members.
func directPeople(s *masking.Schema) bool {
	if s == nil {
		return false
	}
	for _, m := range s.Members {
		if isGuarded(m.RoleOf()) && m.Role != masking.RoleMessageID {
			return true
		}
	}
	return false
}

// located gives a *BodyError its position.
func located(err error, position string) error {
	if bad, ok := errors.AsType[*BodyError](err); ok && bad.Position == "" {
		return &BodyError{position, bad.Reason}
	}
	return err
}

// index writes the place of an array's element.
func index(i int) string { return strconv.Itoa(i) }
