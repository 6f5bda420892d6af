package webhook

import "encoding/hex"

// hashSize is long enough that two lanes of a business do not have one hash, in bytes.
const hashSize = 8

// LaneHash names a lane in traces and lists, which are the operator's: a keyed hash, so
// that nobody without the key can tell which conversation it is. An event that stepped
// aside has the hash of a lane of its own.
func LaneHash(prf PRF, l Lane) string {
	sum := prf.PRF("lane", l.Business, l.Endpoint, string(l.Conversation))
	return hex.EncodeToString(sum[:hashSize])
}

// LoggedLane names a lane in logs, under the handle of the event that a line is about. It
// is another name for each handle, and for events with none, such as those that show a
// number: whoever reads the log beside a business's events learns of no two handles, and of
// no handle and number, that they are one person.
func LoggedLane(prf PRF, l Lane, handle string) string {
	sum := prf.PRF("lane in a log", l.Business, l.Endpoint, string(l.Conversation), handle)
	return hex.EncodeToString(sum[:hashSize])
}
