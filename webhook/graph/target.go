package graph

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Bounds of what a path is built of.
const (
	maxObject = 128
	maxEdge   = 64
	maxToken  = 4096
)

// mayCall refuses what no request may be built of. Other than by what a caller
// holds against its routes, nothing gets into a URL here by its meaning alone: no
// dot, slash, percent, query or fragment sign, no node that has a name of its own
// ("me"), and no parameter that would change the method, the object or the token.
func mayCall(r *Request) *Error {
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodPost && r.Method != http.MethodDelete,
		r.Version != "" && !isVersion(r.Version), !isObject(r.Object), r.Edge != "" && !isEdge(r.Edge),
		!isHeader(r.ContentType, maxObject*2):
		return &Error{Kind: Refused}
	case r.Token == "" || !isHeader(r.Token, maxToken):
		return &Error{Kind: TokenRefused}
	}
	if slices.ContainsFunc([]string{"access_token", "appsecret_proof", "batch", "ids", "method"}, r.Query.Has) {
		return &Error{Kind: Refused}
	}
	return nil
}

// url builds the URL of a call that mayCall lets pass.
func (c *Client) url(r *Request) *url.URL {
	u := *c.base
	version := r.Version
	if version == "" {
		version = c.version
	}
	u.Path += "/" + version + "/" + r.Object
	if r.Edge != "" {
		u.Path += "/" + r.Edge
	}
	u.RawQuery = r.Query.Encode()
	return &u
}

// isVersion: v25.0.
func isVersion(v string) bool {
	major, minor, ok := strings.Cut(strings.TrimPrefix(v, "v"), ".")
	return ok && v[0] == 'v' && isDigits(major, 3) && isDigits(minor, 2)
}

// isObject: digits (phone numbers, WABAs, media), or base64 as in the ids of
// groups. At least one digit: the API's named nodes have none.
func isObject(id string) bool {
	digit := false
	for _, c := range []byte(id) {
		switch {
		case c >= '0' && c <= '9':
			digit = true
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '_', c == '-', c == '=':
		default:
			return false
		}
	}
	return digit && len(id) <= maxObject
}

// isEdge: words of a-z and _, with single slashes between.
func isEdge(edge string) bool {
	before := byte('/')
	for _, c := range []byte(edge) {
		if c != '_' && c != '/' && (c < 'a' || c > 'z') || c == '/' && before == '/' {
			return false
		}
		before = c
	}
	return before != '/' && len(edge) <= maxEdge
}

// isHeader: printable ASCII, which no header line can be broken with.
func isHeader(value string, limit int) bool {
	for _, c := range []byte(value) {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return len(value) <= limit
}

// isObjectID: ids of the Graph API's own objects are digits. Anything else does
// not get into a URL.
func isObjectID(id string) bool { return isDigits(id, 32) }

func isDigits(text string, limit int) bool {
	for _, c := range []byte(text) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return text != "" && len(text) <= limit
}

// isWord: what names of templates are made of.
func isWord(text string, limit int) bool {
	for _, c := range []byte(text) {
		if c != '_' && (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return text != "" && len(text) <= limit
}
