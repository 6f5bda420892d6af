package manage

import (
	"encoding/base64"
	"net/url"
	"strconv"
	"strings"
)

const (
	// mostQuery bounds a query, in bytes.
	mostQuery = 8 << 10
	// usualPage and mostPage are how many things a page has.
	usualPage, mostPage = 100, 500
	// mostPlace is how long a cursor's place may be, in bytes.
	mostPlace = 64

	parameterAfter = "after"
	parameterLimit = "limit"
)

// page is which part of a list is asked for.
type page struct {
	// after is the place in the store's words, "" for the beginning.
	after string
	limit int
}

// readQuery holds the query against what the route takes.
func (r *request) readQuery(raw string) error {
	if len(raw) > mostQuery {
		return fail(problemParameter).saying("The query is longer than 8 KiB. Take after from next of an answer.")
	}
	query, err := url.ParseQuery(raw)
	if err != nil {
		return fail(problemParameter).saying("The query cannot be read. Escape it as URLs need it.")
	}
	for name, values := range query {
		if r.route.takes(name) && len(values) == 1 {
			continue
		}
		if r.route.spans {
			return fail(problemParameter).saying("The query has a parameter that this call does not take, or one twice. It takes from, to, by, after and limit, each once.")
		}
		if r.route.pages {
			return fail(problemParameter).saying("The query has a parameter that this call does not take, or one twice. It takes after and limit, each once.")
		}
		return fail(problemParameter).saying("This call takes no parameters. Leave the query out.")
	}
	if !r.route.pages {
		return nil
	}
	r.page.limit = usualPage
	if limits, given := query[parameterLimit]; given {
		limit, err := strconv.ParseUint(limits[0], 10, 16)
		if err != nil || limit < 1 || limit > mostPage {
			return fail(problemParameter).saying("The parameter limit is not a whole number from 1 to 500.")
		}
		r.page.limit = int(limit)
	}
	if cursors, given := query[parameterAfter]; given {
		place, ok := readCursor(r.route.name, cursors[0])
		if !ok {
			return fail(problemCursor)
		}
		r.page.after = place
	}
	if r.route.spans {
		return r.readSpan(query.Get)
	}
	return nil
}

// takes tells whether a route has a parameter.
func (rt *route) takes(name string) bool {
	switch name {
	case parameterAfter, parameterLimit:
		return rt.pages
	case parameterFrom, parameterTo, parameterBy:
		return rt.spans
	}
	return false
}

// writeCursor makes a cursor of a place in a list. It is opaque, not secret: whose
// list it is says the token.
func writeCursor(list, place string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(list + ":" + place))
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
	place, ok = strings.CutPrefix(string(text), list+":")
	return place, ok && isPlace(place)
}

// isPlace: 1 to 64 digits, letters, points, - and _.
func isPlace(text string) bool {
	if text == "" || len(text) > mostPlace {
		return false
	}
	for _, b := range []byte(text) {
		switch {
		case 'a' <= b && b <= 'z', 'A' <= b && b <= 'Z', '0' <= b && b <= '9', b == '-', b == '_', b == '.':
		default:
			return false
		}
	}
	return true
}
