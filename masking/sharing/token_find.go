package sharing

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

const (
	// begins is how every token begins: the header and {"b":".
	begins = header + "eyJiIjoi"
	// depth is how many encodings may lie over each other: a form (percent) that
	// holds JSON that holds JSON in a string.
	depth = 3
	// maxLookalikes is how many signatures are checked in one body. Nobody has to
	// send even one of what begins as a token and is none.
	maxLookalikes = 256
)

// In tells whether a token that Bauta signed stands anywhere in a body: as it is, in
// JSON strings with any escapes, percent-encoded, or in up to three of these over
// each other. Linear in the body: at most 15 readings of it, and 256 checks of a
// signature; a body with more that looks like tokens is taken to hold one.
func (t *Tokens) In(body []byte) bool {
	s := search{tokens: t, left: maxLookalikes}
	return s.under(body, depth)
}

type search struct {
	tokens *Tokens
	left   int
}

// under looks at a body as it is, and under each of the encodings. They are undone
// one at a time: what is no escape in one encoding must not be eaten by the other.
func (s *search) under(body []byte, depth int) bool {
	if s.plain(body) {
		return true
	}
	if depth == 0 {
		return false
	}
	for _, e := range encodings() {
		if decoded, changed := e.undo(body); changed && s.under(decoded, depth-1) {
			return true
		}
	}
	return false
}

// plain looks for a token as it is, also within longer text.
func (s *search) plain(body []byte) bool {
	for {
		at := bytes.Index(body, []byte(begins))
		if at < 0 {
			return false
		}
		body = body[at:]
		if token := candidate(body); token != "" {
			if s.left == 0 {
				return true
			}
			s.left--
			if _, ok := s.tokens.Read(token); ok {
				return true
			}
		}
		body = body[len(header):]
	}
}

// candidate is what has the form of a token at the beginning of a text, "" if
// nothing has: claims up to a dot, then a signature, whatever follows.
func candidate(text []byte) string {
	text = text[:min(len(text), MaxToken)]
	claims := len(header)
	for claims < len(text) && urlSafe(text[claims]) {
		claims++
	}
	end := claims + 1 + signatureLength
	if end > len(text) || text[claims] != '.' {
		return ""
	}
	return string(text[:end])
}

// encoding is one whose escapes begin with a mark. Escape reads one at the beginning
// of a text: the byte that it stands for, and its length; 0 if it is none.
type encoding struct {
	mark   byte
	escape func(text []byte) (meant byte, length int)
}

func encodings() [2]encoding {
	return [2]encoding{{'\\', jsonEscape}, {'%', percentEscape}}
}

// undo replaces every escape, once, from the left; changed is false if there is none.
func (e encoding) undo(body []byte) (decoded []byte, changed bool) {
	at := bytes.IndexByte(body, e.mark)
	if at < 0 {
		return nil, false
	}
	decoded = append(make([]byte, 0, len(body)), body[:at]...)
	for at < len(body) {
		meant, length := body[at], 1
		if meant == e.mark {
			if b, n := e.escape(body[at:]); n > 0 {
				meant, length, changed = b, n, true
			}
		}
		decoded = append(decoded, meant)
		at += length
	}
	return decoded, changed
}

// jsonEscape reads RFC 8259 section 7. What is in no token is not told apart.
func jsonEscape(text []byte) (meant byte, length int) {
	if len(text) < 2 {
		return 0, 0
	}
	switch c := text[1]; c {
	case '"', '\\', '/':
		return c, 2
	case 'b', 'f', 'n', 'r', 't':
		return ' ', 2
	case 'u':
		if c, ok := hexadecimal(text, 2, 6); ok {
			return c, 6
		}
	}
	return 0, 0
}

// percentEscape reads RFC 3986 section 2.1.
func percentEscape(text []byte) (meant byte, length int) {
	if c, ok := hexadecimal(text, 1, 3); ok {
		return c, 3
	}
	return 0, 0
}

// hexadecimal reads the digits from one offset to another; all that is beyond ASCII,
// and thereby in no token, is one value.
func hexadecimal(text []byte, from, to int) (c byte, ok bool) {
	if len(text) < to {
		return 0, false
	}
	code, err := strconv.ParseUint(string(text[from:to]), 16, 16)
	return byte(min(code, utf8.RuneSelf)), err == nil
}
