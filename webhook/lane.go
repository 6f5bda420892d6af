package webhook

import "encoding/hex"

// hashSize is long enough that two lanes of a business do not have one hash, in bytes.
const hashSize = 8

// LaneHash names a lane in logs, traces and lists: a keyed hash, so that nobody without
// the key can tell which conversation it is. An event that stepped aside has the hash
// of a lane of its own.
func LaneHash(prf PRF, l Lane) string {
	sum := prf.PRF("lane", l.Business, l.Endpoint, string(l.Conversation))
	return hex.EncodeToString(sum[:hashSize])
}
