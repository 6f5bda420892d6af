package lanes

import (
	"crypto/rand"
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"bauta/redis/lanes/element"
)

// newToken is the part of a lease's token that Redis knows: 12 random bytes.
func newToken() string {
	var b [12]byte
	_, _ = rand.Read(b[:]) // never fails, as its documentation says
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// fence is a lease's whole token: what Redis knows, and of the head what must be
// known to name its counters and its dead letter before a script runs.
func fence(token string, accepted time.Time, id string) string {
	return token + ":" + element.Stamp(accepted) + ":" + id
}

// parseFence takes a token apart; ok is false for one that is not ours.
func parseFence(text string) (token string, accepted time.Time, id string, ok bool) {
	parts := strings.Split(text, ":")
	if len(parts) != 3 || parts[0] == "" || parts[2] == "" {
		return "", time.Time{}, "", false
	}
	at, err := strconv.ParseInt(parts[1], 10, 64)
	return parts[0], time.UnixMilli(at), parts[2], err == nil
}
