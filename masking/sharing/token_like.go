package sharing

import "strings"

// Resembles tells that a text begins as tokens do, whoever wrote it: a forged one, or
// one that was changed.
func Resembles(text string) bool { return strings.HasPrefix(text, begins) }

// Plainly is In for text that nobody had a reason to escape: one reading.
func (t *Tokens) Plainly(body []byte) bool {
	s := search{tokens: t, left: maxLookalikes}
	return s.plain(body)
}
