package simulator

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"time"
)

// oneIn is how many messages of a customer there are for a picture.
const oneIn = 8

// picture is a picture that a customer sends; false if the stand-in cannot keep it
// for download.
func (t *Traffic) picture(from Person, now time.Time) (Message, bool) {
	m, err := t.graph.Medium(t.business.PhoneNumberID, from, "image/png", t.paint())
	if err != nil {
		return Message{}, false
	}
	m.ID, m.At = t.messageID(from, false), now
	return m, true
}

// paint returns a PNG of one random colour.
func (t *Traffic) paint() []byte {
	c := color.RGBA{R: uint8(t.random.IntN(256)), G: uint8(t.random.IntN(256)), B: uint8(t.random.IntN(256)), A: 255} //nolint:gosec // below 256
	var out bytes.Buffer
	_ = png.Encode(&out, image.NewPaletted(image.Rect(0, 0, 64, 64), color.Palette{c})) // a buffer takes everything
	return out.Bytes()
}
