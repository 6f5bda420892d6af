package element

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"

	"bauta/webhook"
)

// Unreadable stands for an element that Parse cannot read, under an id made of its
// bytes, so that it can be put aside. It was accepted when its stamp says, or now.
func Unreadable(text string, now time.Time) webhook.Delivery {
	sum := sha256.Sum256([]byte(text))
	d := webhook.Delivery{ID: "unreadable_" + hex.EncodeToString(sum[:8]), Accepted: now, Unreadable: true}
	if len(text) < stampSize {
		return d
	}
	at, err := strconv.ParseInt(text[:stampSize], 10, 64)
	if err == nil && Stamp(time.UnixMilli(at)) == text[:stampSize] {
		d.Accepted = time.UnixMilli(at)
	}
	return d
}
