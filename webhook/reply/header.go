package reply

import (
	"net/http"
	"strings"
)

// The headers of the platform that a caller gets.
const (
	headerRetryAfter = "Retry-After"
	headerAppUsage   = "X-App-Usage"
	headerUsage      = "X-Business-Use-Case-Usage"
)

// passable tells that a header of the platform looks like what it is documented to
// be. It is held back otherwise: it could name anybody.
func passable(name, value string) bool {
	if name != headerRetryAfter {
		return isUsage(value)
	}
	if _, err := http.ParseTime(value); err == nil {
		return true
	}
	return len(value) <= mostSeconds && strings.Trim(value, "0123456789") == ""
}

const (
	// mostSeconds are the digits of a wait: some eleven days.
	mostSeconds = 6
	// phoneDigits is the shortest run of digits that could be somebody's number.
	phoneDigits = 7
	// accountDigits is the shortest id of an account by which usage is listed; numbers
	// of that length are rare, and no key.
	accountDigits = 14
	// mostLetters is longer than every word of the usage headers.
	mostLetters = 48
)

// isUsage tells that a value is JSON of words and small numbers, listed by ids of
// accounts: {"102290129340398":[{"type":"messaging","call_count":1}]}.
func isUsage(value string) bool {
	for i := 0; i < len(value); i++ {
		c := value[i]
		switch {
		case isWord(c):
			end := i + 1
			for end < len(value) && (isWord(value[end]) || joins(value, end)) {
				end++
			}
			if !harmless(value[i:end], isKey(value, i, end)) {
				return false
			}
			i = end - 1
		case c == ' ':
			if i == 0 || value[i-1] != ':' && value[i-1] != ',' {
				return false
			}
		case !strings.ContainsRune(`{}[]":,`, rune(c)):
			return false
		}
	}
	return true
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// joins tells that a point or comma stands between two digits, which make one number
// for whoever reads it.
func joins(value string, at int) bool {
	return (value[at] == '.' || value[at] == ',') && isDigit(value[at-1]) && at+1 < len(value) && isDigit(value[at+1])
}

// isKey tells that a part of a value is the name of a member.
func isKey(value string, start, end int) bool {
	return start > 0 && value[start-1] == '"' && strings.HasPrefix(value[end:], `":`)
}

func harmless(word string, key bool) bool {
	digits := 0
	for i := range len(word) {
		if isDigit(word[i]) {
			digits++
		}
	}
	switch {
	case digits == len(word) && key:
		return digits < phoneDigits || digits >= accountDigits
	case digits > 0 && digits < len(word):
		return digits < phoneDigits && len(word) <= 2*phoneDigits
	case digits > 0:
		return digits < phoneDigits
	}
	return len(word) <= mostLetters
}
