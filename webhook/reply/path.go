package reply

import (
	"net/url"
	"strings"
)

// mostSegment bounds every part of a path, in bytes.
const mostSegment = 256

// mostSegments: version, object, and an edge of one or two.
const mostSegments = 4

// place is where a path leads: /{version}/{object}/{edge}, of which version and
// edge may be missing.
type place struct{ version, object, edge string }

// What is wrong with a path, in words, where it can be said.
const (
	pathEmptyPart    = "The path has an empty part (//). See that the base URL does not end in a slash, and that no id is empty."
	pathTwoVersions  = "The path has two versions. The base URL must not hold the version: the client adds it."
	pathNothingNamed = "The path names no object. Put a phone number id or the id of an account behind the version."
	pathManagement   = "This is the platform's API. The management API (/v1) is answered at admin_listen, by default http://127.0.0.1:9090/v1."
)

// splitPath reads an escaped path, or says what is wrong with it, "" where that is the
// usual. It takes no part that is empty, too long, a dot segment, or that has a letter
// which a proxy or the platform could read otherwise: a path means one thing only. One
// slash at the end means nothing.
func splitPath(escaped string) (p place, wrong string, ok bool) {
	rest, ok := strings.CutPrefix(escaped, "/")
	if !ok || len(rest) > mostSegments*(mostSegment+1) {
		return place{}, "", false
	}
	rest = strings.TrimSuffix(rest, "/")
	if strings.HasPrefix(escaped, "//") || strings.Contains(rest, "//") || strings.HasSuffix(rest, "/") {
		return place{}, pathEmptyPart, false
	}
	first, after, _ := strings.Cut(rest, "/")
	if first == "v1" {
		return place{}, pathManagement, false
	}
	if isVersion(first) {
		p.version, rest = first, after
		if second, _, _ := strings.Cut(after, "/"); isVersion(second) {
			return place{}, pathTwoVersions, false
		}
	}
	if rest == "" {
		return place{}, pathNothingNamed, false
	}
	var parts [mostSegments - 1]string
	n := 0
	for segment := range strings.SplitSeq(rest, "/") {
		if n == len(parts) {
			return place{}, "", false
		}
		if parts[n], ok = readSegment(segment); !ok {
			return place{}, "", false
		}
		n++
	}
	p.object, p.edge = parts[0], strings.Join(parts[1:n], "/")
	return p, "", true
}

// readSegment unescapes one part of a path.
func readSegment(escaped string) (string, bool) {
	if escaped == "" || len(escaped) > mostSegment {
		return "", false
	}
	segment, err := url.PathUnescape(escaped)
	if err != nil || strings.Trim(segment, ".") == "" {
		return "", false
	}
	for _, b := range []byte(segment) {
		switch {
		case 'a' <= b && b <= 'z', 'A' <= b && b <= 'Z', '0' <= b && b <= '9', strings.IndexByte("-_.=~:", b) >= 0:
		default:
			return "", false
		}
	}
	return segment, true
}

// isVersion: v, one to three digits, a dot, one or two digits.
func isVersion(segment string) bool {
	digits, ok := strings.CutPrefix(segment, "v")
	if !ok {
		return false
	}
	major, minor, ok := strings.Cut(digits, ".")
	return ok && isDigits(major, 3) && isDigits(minor, 2)
}

func isDigits(s string, most int) bool {
	return s != "" && len(s) <= most && strings.Trim(s, "0123456789") == ""
}
