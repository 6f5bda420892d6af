package manage

import (
	"encoding/base64"
	"regexp"
	"strings"
)

const (
	// usualPage and mostPage are how many things a page has.
	usualPage, mostPage = 100, 500
	// mostPlace is how long a cursor's place may be, in bytes: that of a dead letter names
	// business, endpoint, event and shard.
	mostPlace = 512
)

// page is which part of a list is asked for.
type page struct {
	// after is the place in the store's words, "" for the beginning.
	after string
	limit int
}

// readCursor reads where the page begins.
func (r *request) readCursor() error {
	if !r.query.Has(parameterAfter) {
		return nil
	}
	place, ok := readCursor(r.listed(), r.query.Get(parameterAfter))
	if !ok {
		return fail(problemCursor)
	}
	r.page.after = place
	return nil
}

// next is the cursor of a place, nil for none.
func (r *request) next(place string) *string {
	if place == "" {
		return nil
	}
	cursor := writeCursor(r.listed(), place)
	return &cursor
}

// listed names the list: what it lists, of whom, and in which order.
func (r *request) listed() string {
	return strings.Join([]string{r.route.name, r.of, r.named["endpoint"] + r.query.Get(parameterOrder)}, "/")
}

// writeCursor makes a cursor of a place in a list. It is opaque, not secret: whose
// list it is says the token, and a place is no more than where to begin.
func writeCursor(list, place string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(list + "\n" + place))
}

// readCursor is the way back; false for what is no cursor of that list.
func readCursor(list, cursor string) (place string, ok bool) {
	if len(cursor) > base64.RawURLEncoding.EncodedLen(len(list)+1+mostPlace) {
		return "", false
	}
	text, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil || strings.ContainsAny(cursor, "\r\n") {
		return "", false
	}
	place, ok = strings.CutPrefix(string(text), list+"\n")
	return place, ok && isPlace(place)
}

// isPlace: 1 to 512 digits, letters, spaces, points, colons, - and _.
func isPlace(text string) bool {
	return text != "" && len(text) <= mostPlace && !strings.ContainsFunc(text, func(c rune) bool { return c != ' ' && !named(c) })
}

// isID tells what may be the id of a dead letter or a held event: within it stand the 13
// digits of a time and a dash, and it has at most 256 digits, letters, points, colons, -
// and _. What is none names nothing, and is in no log.
func isID(text string) bool {
	const most = 256
	return len(text) <= most && !strings.ContainsFunc(text, func(c rune) bool { return !named(c) }) && regexp.MustCompile(`(^|:)[0-9]{13}-.`).MatchString(text)
}

func named(c rune) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.ContainsRune("-_.:", c)
}
