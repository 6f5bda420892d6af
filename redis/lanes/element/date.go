package element

import (
	"encoding/binary"
	"time"

	"bauta/webhook"
	"bauta/webhook/meta"
)

// dateSize is what a dated element has beyond a plain one: its stage, the message's
// keyed number, and when it happened in Unix ms (0: not known).
const dateSize = 1 + 8 + 8

func appendDate(out []byte, d *webhook.Delivery) []byte {
	out = append(out, byte(d.Stage))
	out = binary.BigEndian.AppendUint64(out, d.Message)
	ms := int64(0)
	if !d.At.IsZero() {
		ms = d.At.UnixMilli()
	}
	return binary.BigEndian.AppendUint64(out, uint64(ms))
}

// readDate reads dateSize bytes.
func (e *Element) readDate(b []byte) {
	e.Stage, e.Message = meta.Stage(b[0]), binary.BigEndian.Uint64(b[1:])
	if ms := int64(binary.BigEndian.Uint64(b[9:])); ms != 0 { //nolint:gosec // written the same way
		e.At = time.UnixMilli(ms)
	}
}
