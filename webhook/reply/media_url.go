package reply

import (
	"encoding/base64"
	"encoding/binary"
	"strings"
	"time"
)

// urlLife is how long a URL of a medium works: as long as the platform's own
// (webhooks.md 6.5).
const urlLife = 5 * time.Minute

// mostSealed bounds the text that a URL ends in, in bytes.
const mostSealed = 12 << 10

// leadsTo is what the URL of a medium says.
type leadsTo struct {
	// url is the platform's, kind what the look-up said of its type.
	url, kind string
	until     time.Time
}

// sealURL makes the last part of a medium's URL. Only the business it is made for can
// use it; nobody reads from it where it leads.
func (h *Handler) sealURL(business string, to leadsTo) (string, error) {
	plain := binary.BigEndian.AppendUint64(nil, uint64(to.until.Unix())) //nolint:gosec // after 1970
	plain = append(append(append(plain, to.kind...), 0), to.url...)
	sealed, err := h.Sealer.Seal(plain, urlPlace(business))
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(sealed), nil
}

// openURL is the way back; false for what is somebody else's, changed or too old.
func (h *Handler) openURL(business, text string) (leadsTo, bool) {
	if len(text) > mostSealed {
		return leadsTo{}, false
	}
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return leadsTo{}, false
	}
	plain, err := h.Sealer.Open(sealed, urlPlace(business))
	if err != nil || len(plain) < 8 {
		return leadsTo{}, false
	}
	kind, url, ok := strings.Cut(string(plain[8:]), "\x00")
	to := leadsTo{url: url, kind: kind, until: time.Unix(int64(binary.BigEndian.Uint64(plain)), 0)} //nolint:gosec // as it was sealed
	return to, ok && h.Now().Before(to.until)
}

func urlPlace(business string) []byte { return append([]byte("media:"), business...) }
