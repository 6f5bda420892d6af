package masking

import (
	"bytes"
	"slices"
	"unicode/utf16"
	"unicode/utf8"
)

// Texts are read again with their escapes undone, because what follows a
// number may undo them too. Escapes nest (%2531); nobody nests deeper than that.
const maxEscapeDepth = 4

// unescape undoes percent, backslash and character-reference escapes once.
// It is false if there is none.
func unescape(l layer) (layer, bool) {
	if bytes.IndexByte(l.text, '%') < 0 && bytes.IndexByte(l.text, '\\') < 0 && bytes.IndexByte(l.text, '&') < 0 {
		return l, false
	}
	return decode(l, layer{}, func(text []byte) (rune, int, bool) {
		switch text[0] {
		case '%':
			if len(text) > 1 && text[1]|0x20 == 'u' {
				return codePoint(text[2:], 4, 2)
			}
			return hexByte(text[1:], 1)
		case '\\':
			return backslash(text)
		case '&':
			return reference(text)
		}
		return 0, 0, false
	})
}

// unquotePrintable undoes the escapes of RFC 2045 section 6.7 (=31), which old
// vCards have. They are undone apart from the others: "phone=31612345678" is a
// number in its plain reading.
func unquotePrintable(l layer) (layer, bool) {
	if bytes.IndexByte(l.text, '=') < 0 {
		return l, false
	}
	return decode(l, layer{}, func(text []byte) (rune, int, bool) {
		if text[0] != '=' {
			return 0, 0, false
		}
		return hexByte(text[1:], 1)
	})
}

// unquoteJSON undoes the escapes of a valid JSON string's inside. What it
// returns uses the buffers of room, whose old content is lost, or raw itself.
func unquoteJSON(raw []byte, room layer) layer {
	if bytes.IndexByte(raw, '\\') < 0 {
		return layer{text: raw}
	}
	l, _ := decode(layer{text: raw}, room, func(text []byte) (rune, int, bool) {
		if text[0] != '\\' || len(text) < 2 {
			return 0, 0, false
		}
		switch text[1] {
		case 'b':
			return '\b', 2, true
		case 'f':
			return '\f', 2, true
		case 'n':
			return '\n', 2, true
		case 'r':
			return '\r', 2, true
		case 't':
			return '\t', 2, true
		}
		return backslash(text)
	})
	return l
}

// decode builds the layer that results from undoing the escapes that read
// recognises. Read gets a text that is not empty and returns what its first
// escape stands for (a byte as a negative number) and how long it is.
func decode(l, room layer, read func([]byte) (rune, int, bool)) (layer, bool) {
	out := layer{
		text: slices.Grow(room.text[:0], len(l.text)),
		from: slices.Grow(room.from[:0], len(l.text)+1),
	}
	found := false
	for i := 0; i < len(l.text); {
		at, _ := l.origin(int32(i), int32(i))
		r, size, ok := rune(0), 1, false
		if c := l.text[i]; c == '%' || c == '\\' || c == '&' || c == '=' {
			r, size, ok = read(l.text[i:])
		}
		switch {
		case !ok:
			size = 1
			out.text = append(out.text, l.text[i])
		case r < 0:
			out.text = append(out.text, byte(-r-1))
		default:
			out.text = utf8.AppendRune(out.text, r)
		}
		found = found || ok
		for len(out.from) < len(out.text) {
			out.from = append(out.from, at)
		}
		i += size
	}
	end, _ := l.origin(int32(len(l.text)), int32(len(l.text))) //nolint:gosec // bodies are a few MiB
	out.from = append(out.from, end)
	return out, found
}

// hexByte reads two hexadecimal digits as one byte, behind a mark of the given
// size.
func hexByte(text []byte, mark int) (rune, int, bool) {
	v, ok := hex(text, 2)
	if !ok {
		return 0, 0, false
	}
	return -v - 1, mark + 2, true
}

// backslash reads \xXX, \uXXXX (pairs of surrogates too), \u{X}, \UXXXXXXXX and a
// backslash before any sign that is not a letter or digit.
func backslash(text []byte) (rune, int, bool) {
	if len(text) < 2 {
		return 0, 0, false
	}
	switch c := text[1]; {
	case c == 'x':
		return hexByte(text[2:], 2)
	case c == 'U':
		return codePoint(text[2:], 8, 2)
	case c == 'u' && len(text) > 2 && text[2] == '{':
		end := bytes.IndexByte(text[:min(len(text), len("\\u{00000000}"))], '}')
		if end < 0 {
			return 0, 0, false
		}
		r, size, ok := codePoint(text[3:], end-3, 3)
		return r, size + 1, ok
	case c == 'u':
		return utf16Escape(text)
	case c < utf8.RuneSelf && !isAlphanumeric(c):
		return rune(c), 2, true
	}
	return 0, 0, false
}

// utf16Escape reads \uXXXX, or two of them that are one character.
func utf16Escape(text []byte) (rune, int, bool) {
	r, size, ok := codePoint(text[2:], 4, 2)
	if !ok || !utf16.IsSurrogate(r) || len(text) < 12 || text[6] != '\\' || text[7] != 'u' {
		return r, size, ok
	}
	if low, ok := hex(text[8:], 4); ok {
		if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
			return pair, 12, true
		}
	}
	return r, size, ok
}

// codePoint reads n hexadecimal digits as one character, behind a mark of the
// given size.
func codePoint(text []byte, n, mark int) (rune, int, bool) {
	r, ok := hex(text, n)
	if !ok || n == 0 || r < 0 || r > utf8.MaxRune {
		return 0, 0, false
	}
	return r, mark + n, true
}

// reference reads a numeric character reference of HTML: &#49; or &#x31;.
func reference(text []byte) (rune, int, bool) {
	if len(text) < 4 || text[1] != '#' {
		return 0, 0, false
	}
	i, base := 2, rune(10)
	if text[2]|0x20 == 'x' {
		i, base = 3, 16
	}
	value, first := rune(0), i
	for ; i < len(text) && i < first+7; i++ {
		d, ok := hex(text[i:], 1)
		if !ok || d >= base {
			break
		}
		value = value*base + d
	}
	if i == first || i == len(text) || text[i] != ';' || value > utf8.MaxRune {
		return 0, 0, false
	}
	return value, i + 1, true
}

// hex reads n hexadecimal digits.
func hex(text []byte, n int) (rune, bool) {
	if len(text) < n {
		return 0, false
	}
	value := rune(0)
	for _, c := range text[:n] {
		switch {
		case asciiDigit(c):
			value = value<<4 | rune(c-'0')
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			value = value<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return value, true
}
