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

// splitPath reads an escaped path. It takes no part that is empty, too long, a dot
// segment, or that has a letter which a proxy or the platform could read otherwise:
// a path means one thing only.
func splitPath(escaped string) (place, bool) {
	rest, ok := strings.CutPrefix(escaped, "/")
	if !ok || len(rest) > mostSegments*(mostSegment+1) {
		return place{}, false
	}
	var parts [mostSegments]string
	n := 0
	for segment := range strings.SplitSeq(rest, "/") {
		if n == mostSegments {
			return place{}, false
		}
		if parts[n], ok = readSegment(segment); !ok {
			return place{}, false
		}
		n++
	}
	var p place
	from := 0
	if isVersion(parts[0]) {
		p.version, from = parts[0], 1
	}
	if n-from < 1 || n-from > mostSegments-1 {
		return place{}, false
	}
	p.object = parts[from]
	p.edge = strings.Join(parts[from+1:n], "/")
	return p, true
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
