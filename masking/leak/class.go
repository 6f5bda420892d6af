package leak

// The kinds of a byte in the digit stream. Separators are the zero value: what
// is neither letter nor digit nor part of a longer character separates.
const (
	separator uint8 = iota
	digit
	letter
	high // part of a character beyond ASCII
)

// none marks a byte outside an alphabet.
const none = 0xFF

// breakByte stands for what must not be joined over (an exempt span).
const breakByte = 0x01

// classes are lookup tables by byte.
type classes struct {
	kind   [256]uint8
	sextet [256]uint8
	hex    [256]uint8
	lower  [256]uint8
	gate   [256]uint32
}

func newClasses() *classes {
	c := new(classes)
	for i := range 256 {
		b := byte(i)
		c.lower[i], c.sextet[i], c.hex[i] = b, none, none
		switch {
		case b >= '0' && b <= '9':
			c.kind[i] = digit
			c.hex[i] = b - '0'
			c.sextet[i] = b - '0' + 52
		case b >= 'a' && b <= 'z':
			c.kind[i] = letter
			c.sextet[i] = b - 'a' + 26
		case b >= 'A' && b <= 'Z':
			c.kind[i] = letter
			c.lower[i] = b + 'a' - 'A'
			c.sextet[i] = b - 'A'
		case b == '+' || b == '-':
			c.sextet[i] = 62
		case b == '/' || b == '_':
			c.sextet[i] = 63
		case b >= 0x80:
			c.kind[i] = high
		case b == breakByte:
			c.kind[i] = letter
		}
		if l := c.lower[i]; l >= 'a' && l <= 'f' {
			c.hex[i] = l - 'a' + 10
		}
	}
	for i := range 256 {
		c.gate[i] = c.gateEntry(byte(i))
	}
	return c
}
