package audit

import (
	"encoding/binary"
	"strings"
	"time"

	"bauta/webhook"
)

// A block is a version and lines, each of: ms since the line before it (the first:
// since the day began), signed; handle; by; for. A text is a number and bytes: 0 is
// what the line before has in this place, 1 a handle of 13 bytes (the country, and
// 22 digits, two a byte), more is the length of the bytes plus 2.
const (
	blockVersion = 1

	textSame   = 0
	textHandle = 1
	textPlain  = 2

	handleDigits = 22
	handleBytes  = 2 + handleDigits/2
)

// encode writes lines of one business as a block.
func encode(lines []webhook.Reversal, day int64) []byte {
	out := make([]byte, 0, 1+32*len(lines))
	out = append(out, blockVersion)
	at, before := start(day).UnixMilli(), [3]string{}
	for _, line := range lines {
		ms := line.At.UnixMilli()
		out = binary.AppendVarint(out, ms-at)
		at = ms
		texts := [3]string{line.Handle, line.By, line.For}
		for i, text := range texts {
			out = appendText(out, text, before[i])
		}
		before = texts
	}
	return out
}

func appendText(out []byte, text, before string) []byte {
	if text == before {
		return append(out, textSame)
	}
	if packed, ok := pack(text); ok {
		return append(append(out, textHandle), packed...)
	}
	out = binary.AppendUvarint(out, uint64(len(text))+textPlain)
	return append(out, text...)
}

// pack writes a handle in its long form, "IT.9041174520836617350284", in 13 bytes.
func pack(handle string) ([]byte, bool) {
	country, digits, ok := strings.Cut(handle, ".")
	if !ok || len(country) != 2 || len(digits) != handleDigits || strings.Trim(digits, "0123456789") != "" {
		return nil, false
	}
	out := append(make([]byte, 0, handleBytes), country...)
	for i := 0; i < handleDigits; i += 2 {
		out = append(out, (digits[i]-'0')<<4|(digits[i+1]-'0'))
	}
	return out, true
}

// decode reads a block, or fails with ErrUnreadable.
func decode(block []byte, business string, day int64) ([]webhook.Reversal, error) {
	if len(block) == 0 || block[0] != blockVersion {
		return nil, ErrUnreadable
	}
	r := reader{left: block[1:]}
	var out []webhook.Reversal
	at, texts := start(day).UnixMilli(), [3]string{}
	for len(r.left) > 0 {
		ms, n := binary.Varint(r.left)
		if n <= 0 {
			return nil, ErrUnreadable
		}
		r.left = r.left[n:]
		at += ms
		for i := range texts {
			texts[i] = r.text(texts[i])
		}
		if r.failed {
			return nil, ErrUnreadable
		}
		out = append(out, webhook.Reversal{
			At: time.UnixMilli(at).UTC(), Business: business, Handle: texts[0], By: texts[1], For: texts[2],
		})
	}
	return out, nil
}

type reader struct {
	left   []byte
	failed bool
}

func (r *reader) text(before string) string {
	kind, n := binary.Uvarint(r.left)
	if n <= 0 {
		r.failed = true
		return ""
	}
	r.left = r.left[n:]
	switch kind {
	case textSame:
		return before
	case textHandle:
		return unpack(r.take(handleBytes))
	}
	return string(r.take(kind - textPlain))
}

func (r *reader) take(n uint64) []byte {
	if n > uint64(len(r.left)) {
		r.failed = true
		return nil
	}
	out := r.left[:n]
	r.left = r.left[n:]
	return out
}

func unpack(packed []byte) string {
	if len(packed) != handleBytes {
		return ""
	}
	out := append(make([]byte, 0, 3+handleDigits), packed[0], packed[1], '.')
	for _, b := range packed[2:] {
		out = append(out, '0'+b>>4, '0'+b&15)
	}
	return string(out)
}

// associated binds a block to its book, business and day; lengths keep the parts apart.
func (l *Log) associated(business string, day int64) []byte {
	book := "audit"
	if l.book == Actions {
		book = "actions"
	}
	out := append(make([]byte, 0, 32), book...)
	out = binary.AppendUvarint(out, uint64(len(business)))
	out = append(out, business...)
	return binary.AppendVarint(out, day)
}
