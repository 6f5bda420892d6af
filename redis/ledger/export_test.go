package ledger

import "bauta/webhook"

// Sources are the scripts, for the test of what they touch.
func Sources() []string { return []string{lookSource, appendSource, pageSource, pruneSource} }

// Seal encrypts a line for its place, as somebody with the keys can.
func Seal(key webhook.DataKey, text []byte, business string, seq int64) ([]byte, error) {
	return seal(key, text, business, seq)
}
