package masking

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of what an error's text may say beside words.
const (
	// plainDigits is how many digits may stand in it: fewer than name anybody.
	plainDigits = 3
	// plainLetters is the longest word. Below plainMixed letters, capitals may stand
	// anywhere: base64 that short names nobody.
	plainLetters = 24
	plainMixed   = shortestBody
	// plainGap is how much may stand between two pieces that go together.
	plainGap = 4
)

// plain reduces a text that explains an error to plain words. The business chooses
// some of what the platform quotes there (the name of a template, a wrong value), so
// what goes must not depend on whose number or id it is: a marker that stands only
// for the customer's own would tell by trial who they are. The platform's code in
// front and the business's own numbers stay. Doing it again changes nothing.
func plain(text string, own func(digits string) bool) string {
	start := codeEnd(text)
	pieces := piecesOf(text, start, own)
	if !slices.ContainsFunc(pieces, func(p piece) bool { return p.marker != "" }) {
		return text
	}
	var out strings.Builder
	at := 0
	for i := 0; i < len(pieces); i++ {
		p := pieces[i]
		if p.marker == "" {
			continue
		}
		for i+1 < len(pieces) && pieces[i+1].marker != "" && pieces[i+1].start-p.end <= plainGap {
			i++
			p.end = pieces[i].end
			if pieces[i].marker == hiddenMarker {
				p.marker = hiddenMarker
			}
		}
		before := strings.TrimSuffix(strings.TrimSuffix(text[at:p.start], "+"), "\uff0b")
		out.WriteString(before + p.marker)
		at = p.end
	}
	out.WriteString(text[at:])
	return out.String()
}

// codeEnd is where the platform's code in front of a text ends, "(#131056)".
func codeEnd(text string) int {
	const most = 6
	rest, ok := strings.CutPrefix(text, "(#")
	end := strings.IndexByte(rest, ')')
	if !ok || end < 1 || end > most || !isDigits(rest[:end]) {
		return 0
	}
	return len("(#)") + end
}

// piece is a run of letters and digits, and what is written instead of it, "" for
// itself.
type piece struct {
	start, end int
	marker     string
}

func piecesOf(text string, start int, own func(string) bool) []piece {
	var pieces []piece
	var numbers []int
	digits := 0
	for i := start; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if !isPart(r) {
			i += size
			continue
		}
		p := piece{start: i}
		for i < len(text) && isPart(r) {
			i += size
			r, size = utf8.DecodeRuneInString(text[i:])
		}
		p.end = i
		switch word := text[p.start:p.end]; {
		case isDigits(word):
			if !own(word) {
				numbers = append(numbers, len(pieces))
				digits += len(word)
			}
		case !isPlainWord(word):
			p.marker = hiddenMarker
		}
		pieces = append(pieces, p)
	}
	if digits > plainDigits {
		for _, i := range numbers {
			pieces[i].marker = phoneMarker
		}
	}
	for i := 1; i < len(pieces); i++ { // the country of a user id goes with it
		country := text[pieces[i-1].start:pieces[i-1].end]
		if text[pieces[i-1].end:pieces[i].start] == "." && len(country) == 2 && strings.Trim(country, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" {
			pieces[i-1].marker, pieces[i].marker = hiddenMarker, hiddenMarker
		}
	}
	return pieces
}

func isPart(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) }

// isPlainWord: letters, as they are written in words, so that no notation of a
// number or id is among them.
func isPlainWord(word string) bool {
	switch word {
	case "WhatsApp", "OAuthException", "GraphMethodException":
		return true
	}
	upper, lower, first := 0, 0, false
	for i, r := range word {
		switch {
		case unicode.IsNumber(r):
			return false
		case unicode.IsUpper(r):
			upper++
			first = first || i == 0
		default:
			lower++
		}
	}
	return upper+lower <= plainLetters && (upper+lower < plainMixed || upper == 0 || lower == 0 || upper == 1 && first)
}
