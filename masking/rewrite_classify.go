package masking

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"bauta/masking/jsontree"
)

// identityClass says whom the value at an identity position names.
type identityClass uint8

const (
	noIdentity    identityClass = iota // not an identity position, or no single value
	namesNobody                        // empty or null
	namesBusiness                      // the business itself
	namesVisible                       // somebody visible
	namesHidden                        // somebody hidden
	namesShared                        // a hidden person, by the number that they share
	namesUnknown                       // somebody the event's people do not hold
	words                              // neither a number nor a user id
)

// business is the person index of the business's own numbers.
const business = int32(-2)

// known is one identity, or one form of a handle, and whose it is.
type known struct {
	text   string
	digits bool // a number; otherwise a user id
	long   bool // the digits of a handle in the shape of a user id
	shared bool // the number that a hidden person shares
	person int32
}

// learn lists the identities of everybody, the hidden people's first, so that
// what two people have is a hidden one's.
func (w *writer) learn() {
	w.known = w.known[:0]
	for _, own := range w.job.View.Own {
		forms, count := own.variants()
		for _, v := range forms[:count] {
			w.known = append(w.known, known{text: v.Reveal(), digits: true, person: business})
		}
	}
	for _, visible := range []bool{false, true} {
		for i := range w.job.People {
			if p := &w.job.People[i]; p.Visible == visible {
				w.learnPerson(p, int32(i))
			}
		}
		if !visible {
			w.learnShared()
		}
	}
}

// learnShared lists the numbers that hidden people share, behind those that hide:
// what another one hides is hidden.
func (w *writer) learnShared() {
	w.sharing = false
	for i := range w.job.People {
		p := &w.job.People[i]
		if !p.sharing() {
			continue
		}
		w.sharing = true
		forms, count := p.Shown.variants()
		for _, v := range forms[:count] {
			w.known = append(w.known, known{text: v.Reveal(), digits: true, shared: true, person: int32(i)})
		}
	}
}

func (w *writer) learnPerson(p *Person, i int32) {
	for _, number := range p.Numbers {
		if p.Shares(number) {
			continue
		}
		forms, count := number.variants()
		for _, v := range forms[:count] {
			w.known = append(w.known, known{text: v.Reveal(), digits: true, person: i})
		}
	}
	for _, id := range p.UserIDs {
		w.known = append(w.known, known{text: id.Reveal(), person: i})
	}
	w.known = append(w.known,
		known{text: p.Handle.Phone, digits: true, person: i},
		known{text: p.Handle.Long, long: true, person: i})
}

// classify says whom a single value names.
func (w *writer) classify(n int32) (identityClass, int32) {
	node := &w.doc.Nodes[n]
	raw := w.doc.Source[node.Start:node.End]
	switch node.Kind {
	case jsontree.Object, jsontree.Array:
		return noIdentity, nobody
	case jsontree.Literal:
		if string(raw) == "null" {
			return namesNobody, nobody
		}
		return noIdentity, nobody
	case jsontree.Number:
		return w.classOf(plainNumber(raw), raw)
	case jsontree.String:
	}
	raw = raw[1 : len(raw)-1]
	text := raw
	if bytes.IndexByte(raw, '\\') >= 0 {
		text = []byte(w.doc.Text(node.Start, node.End))
	}
	return w.classOf(text, raw)
}

// classOf says whom a decoded text names; raw is the inside of its JSON string.
func (w *writer) classOf(text, raw []byte) (identityClass, int32) {
	if len(bytes.TrimSpace(text)) == 0 {
		return namesNobody, nobody
	}
	var buffer [maxDigits + 3]byte
	digits := foldNumber(text, buffer[:0])
	if class, person := w.lookUp(text, digits); class != noIdentity {
		return class, person
	}
	if len(digits) >= minDigits || looksLikeUserID(text) {
		return namesUnknown, nobody
	}
	if person := w.names.person(raw); person != nobody {
		return namesHidden, person
	}
	return words, nobody
}

func (w *writer) lookUp(text, digits []byte) (identityClass, int32) {
	tail := text[bytes.LastIndexByte(text, '.')+1:]
	for i := range w.known {
		k := &w.known[i]
		switch {
		case k.text == "":
			continue
		case k.digits:
			if string(digits) != k.text {
				continue
			}
		case k.long:
			if string(tail) != k.text || len(tail) == len(text) {
				continue
			}
		case !strings.EqualFold(k.text, string(text)):
			continue
		}
		switch {
		case k.person == business:
			return namesBusiness, business
		case k.shared:
			return namesShared, k.person
		case w.hides(k.person):
			return namesHidden, k.person
		}
		return namesVisible, k.person
	}
	return noIdentity, nobody
}

// foldNumber returns the digits of a text that is a number in some notation,
// without dialled zeros, and nothing for any other text. It stops at a few more
// than a number has.
func foldNumber(text, digits []byte) []byte {
	for i := 0; i < len(text) && len(digits) < cap(digits); {
		r, size := utf8.DecodeRune(text[i:])
		i += size
		if d, ok := foldDigit(r); ok {
			digits = append(digits, d)
		} else if r != '+' && r != '\uff0b' && !isSeparator(r) {
			return nil
		}
	}
	if rest, ok := bytes.CutPrefix(digits, []byte("00")); ok {
		return rest
	}
	return digits
}

// looksLikeUserID is ParseUserID for people who do not mind capitals.
func looksLikeUserID(text []byte) bool {
	const longest = 3 + 4 + maxUserIDName
	if len(text) > longest {
		return false
	}
	_, ok := ParseUserID(strings.ToUpper(string(text)))
	return ok
}
